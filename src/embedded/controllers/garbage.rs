//! Garbage collection: what has owners, and none of them is there any more, goes; an owner that
//! waits for its dependents goes after them.

use serde_json::Value;

use super::super::kinds;
use super::super::lifecycle::{Dependents, FOREGROUND, Fate, deleted, finalizers, owners};
use super::super::store::{Key, Store, text, uid};

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let garbage: Vec<Key> = store
        .iter()
        .filter(|(_, object)| text(object, "/metadata/deletionTimestamp").is_none() && is_garbage(store, object))
        .map(|(key, _)| key.clone())
        .collect();
    let how = Fate {
        dependents: Dependents::Background,
        grace_seconds: None,
        now_ms,
    };
    for key in &garbage {
        deleted(store, key, &how);
    }
    let waiting: Vec<Key> = store
        .iter()
        .filter(|(_, object)| finalizers(object).any(|f| f == FOREGROUND) && !has_dependents(store, object))
        .map(|(key, _)| key.clone())
        .collect();
    for key in &waiting {
        let_go(store, key);
    }
    !garbage.is_empty() || !waiting.is_empty()
}

fn let_go(store: &mut Store, key: &Key) {
    let Some(mut object) = store.get(key).cloned() else {
        return;
    };
    if let Some(list) = object.pointer_mut("/metadata/finalizers").and_then(Value::as_array_mut) {
        list.retain(|f| f.as_str() != Some(FOREGROUND));
    }
    if finalizers(&object).next().is_none() {
        store.remove(key);
    } else {
        store.put(key.clone(), object);
    }
}

fn has_dependents(store: &Store, owner: &Value) -> bool {
    store
        .iter()
        .any(|(_, object)| owners(object).any(|o| text(o, "/uid") == Some(uid(owner))))
}

/// None of its owners is there any more under the same uid, or those that are wait for it to go.
fn is_garbage(store: &Store, object: &Value) -> bool {
    let mut owners = owners(object).peekable();
    owners.peek().is_some() && !owners.any(|owner| holds(store, object, owner))
}

fn holds(store: &Store, object: &Value, owner: &Value) -> bool {
    let (Some(api_version), Some(kind), Some(name)) =
        (text(owner, "/apiVersion"), text(owner, "/kind"), text(owner, "/name"))
    else {
        return false;
    };
    // A kind that is not served here cannot be looked up; its dependents stay, as on a real
    // server whose discovery of a group fails.
    let Some(kind) = kinds::of_manifest(api_version, kind) else {
        return true;
    };
    let namespace = text(object, "/metadata/namespace").unwrap_or_default();
    store.get(&Key::new(kind, namespace, name)).is_some_and(|found| {
        let waits = text(found, "/metadata/deletionTimestamp").is_some() && finalizers(found).any(|f| f == FOREGROUND);
        Some(uid(found)) == text(owner, "/uid") && !waits
    })
}
