//! The hand with which a world acts on the cluster: as its owner, without authentication, admission
//! or audit.

use serde_json::Value;

use super::admission::Sight;
use super::kinds;
use super::lifecycle::{self, Dependents, Fate};
use super::server::InstallError;
use super::store::{Key, Store, text};

pub struct Touch<'a> {
    store: &'a mut Store,
    now_ms: i64,
}

impl<'a> Touch<'a> {
    pub(super) fn new(store: &'a mut Store, now_ms: i64) -> Self {
        Self { store, now_ms }
    }

    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    pub fn see(&self) -> Sight<'_> {
        Sight::new(self.store)
    }

    /// Puts an object in place; what is there already is replaced, and keeps its uid and birth.
    pub fn put(&mut self, object: &Value) -> Result<(), InstallError> {
        place(self.store, object, self.now_ms).map_err(|cause| InstallError::of(0, object, cause))
    }

    /// Changes an object that is there; nothing is written if nothing changed.
    pub fn change(&mut self, plural: &str, namespace: &str, name: &str, change: impl FnOnce(&mut Value)) -> bool {
        let Some(kind) = kinds::by_plural(plural) else {
            return false;
        };
        let key = Key::new(kind, namespace, name);
        let Some(before) = self.store.get(&key).cloned() else {
            return false;
        };
        let mut after = before.clone();
        change(&mut after);
        if after != before {
            let after = lifecycle::updated(kind, &before, after);
            self.store.put(key, after);
        }
        true
    }

    /// Deletes as a request would: pods take their time, dependents follow.
    pub fn delete(&mut self, plural: &str, namespace: &str, name: &str) -> bool {
        let Some(kind) = kinds::by_plural(plural) else {
            return false;
        };
        let how = Fate {
            dependents: Dependents::Background,
            grace_seconds: None,
            now_ms: self.now_ms,
        };
        lifecycle::deleted(self.store, &Key::new(kind, namespace, name), &how).is_some()
    }
}

/// Stores an object as the owner of the cluster. An owner reference without a uid gets that of the
/// owner named; a birth and a status that stand in it are kept.
pub(super) fn place(store: &mut Store, object: &Value, now_ms: i64) -> Result<(), String> {
    let (version, kind) = (text(object, "/apiVersion"), text(object, "/kind"));
    let served = kinds::of_manifest(version.unwrap_or_default(), kind.unwrap_or_default())
        .ok_or_else(|| "this kind is not served".to_owned())?;
    let name = text(object, "/metadata/name").ok_or_else(|| "it has no name".to_owned())?;
    let namespace = text(object, "/metadata/namespace").unwrap_or("default");
    let key = Key::new(served, namespace, name);
    let owned = lifecycle::with_owner_uids(store, namespace, object.clone());
    let mut made = lifecycle::created(store, served, namespace, owned, now_ms);
    if let Some(born) = object.pointer("/metadata/creationTimestamp").filter(|t| t.is_string()) {
        made["metadata"]["creationTimestamp"] = born.clone();
    }
    if let Some(before) = store.get(&key).cloned() {
        for kept in ["uid", "creationTimestamp", "generation"] {
            made["metadata"][kept] = before["metadata"][kept].clone();
        }
        made = lifecycle::updated(served, &before, made);
    }
    store.put(key, made);
    Ok(())
}
