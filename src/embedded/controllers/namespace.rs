//! A namespace that goes takes along what is in it; one that is there has the account that
//! every namespace has.

use serde_json::json;

use super::super::kinds;
use super::super::lifecycle;
use super::super::store::{Key, Store, text};

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let all: Vec<(Key, bool)> = store
        .of_kind(kinds::known("namespaces"))
        .map(|(key, object)| (key.clone(), text(object, "/metadata/deletionTimestamp").is_some()))
        .collect();
    let mut changed = false;
    for (key, going) in all {
        changed |= if going {
            empty(store, &key)
        } else {
            furnish(store, &key.name, now_ms)
        };
    }
    changed
}

fn empty(store: &mut Store, namespace: &Key) -> bool {
    let inside: Vec<Key> = store
        .iter()
        .filter(|(key, _)| key.namespace == namespace.name)
        .map(|(key, _)| key.clone())
        .collect();
    for key in &inside {
        store.remove(key);
    }
    store.remove(namespace).is_some()
}

fn furnish(store: &mut Store, namespace: &str, now_ms: i64) -> bool {
    let kind = kinds::known("serviceaccounts");
    let key = Key::new(kind, namespace, "default");
    if store.get(&key).is_some() {
        return false;
    }
    let account = json!({"metadata": {"name": "default"}});
    let account = lifecycle::created(store, kind, namespace, account, now_ms);
    store.put(key, account);
    true
}
