//! The pods of one owner, as every workload's controller counts, makes and ends them.

use serde_json::{Value, json};

use super::super::events::{self, Told};
use super::super::kinds::{self, Kind};
use super::super::lifecycle::{self, Dependents, Fate, owners};
use super::super::store::{Key, Store, at, text, uid};

/// All objects of a kind that `owner` controls.
pub(super) fn controlled(store: &Store, kind: &'static Kind, owner: &Value) -> Vec<(Key, Value)> {
    let namespace = text(owner, "/metadata/namespace").unwrap_or_default();
    store
        .in_namespace(kind, namespace)
        .filter(|(_, object)| is_controlled(object, owner))
        .map(|(key, object)| (key.clone(), object.clone()))
        .collect()
}

fn is_controlled(object: &Value, owner: &Value) -> bool {
    owners(object).any(|o| text(o, "/uid") == Some(uid(owner)) && o["controller"] == true)
}

/// Those that have not ended and are not ending.
pub(super) fn active(store: &Store, owner: &Value) -> Vec<(Key, Value)> {
    let mut pods = controlled(store, kinds::known("pods"), owner);
    pods.retain(|(_, pod)| is_active(pod));
    pods
}

pub(super) fn is_active(pod: &Value) -> bool {
    text(pod, "/metadata/deletionTimestamp").is_none()
        && !matches!(text(pod, "/status/phase"), Some("Succeeded" | "Failed"))
}

pub(super) fn is_ready(pod: &Value) -> bool {
    let conditions = at(pod, "/status/conditions").and_then(Value::as_array);
    let told = conditions.and_then(|all| all.iter().find(|c| text(c, "/type") == Some("Ready")));
    if let Some(told) = told {
        return text(told, "/status") == Some("True");
    }
    let statuses = at(pod, "/status/containerStatuses").and_then(Value::as_array);
    statuses.is_some_and(|all| !all.is_empty() && all.iter().all(|c| c["ready"] == json!(true)))
}

pub(super) fn ready_count(pods: &[(Key, Value)]) -> i64 {
    pods.iter().filter(|(_, pod)| is_ready(pod)).count() as i64
}

pub(super) fn owner_reference(owner: &Value) -> Value {
    json!([{
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"],
        "uid": uid(owner), "controller": true, "blockOwnerDeletion": true,
    }])
}

/// Makes an object that `owner` controls.
pub(super) fn make(store: &mut Store, plural: &str, owner: &Value, mut object: Value, now_ms: i64) -> Value {
    let kind = kinds::known(plural);
    let namespace = text(owner, "/metadata/namespace").unwrap_or_default();
    object["metadata"]["ownerReferences"] = owner_reference(owner);
    let made = lifecycle::created(store, kind, namespace, object, now_ms);
    let key = Key::new(kind, namespace, text(&made, "/metadata/name").unwrap_or_default());
    store.put(key, made)
}

/// A pod from the owner's template, which the owner tells.
pub(super) fn make_pod(store: &mut Store, owner: &Value, name: &str, change: impl FnOnce(&mut Value), now_ms: i64) {
    let template = owner.pointer("/spec/template").cloned().unwrap_or_default();
    let mut pod = json!({"metadata": template["metadata"], "spec": template["spec"]});
    if !pod["metadata"].is_object() {
        pod["metadata"] = json!({});
    }
    pod["metadata"]["name"] = json!(name);
    change(&mut pod);
    make(store, "pods", owner, pod, now_ms);
    events::tell(
        store,
        owner,
        None,
        &Told::normal("SuccessfulCreate", format!("Created pod: {name}")),
        now_ms,
    );
}

pub(super) fn end_pod(store: &mut Store, owner: &Value, key: &Key, now_ms: i64) {
    end(store, key, now_ms);
    let told = Told::normal("SuccessfulDelete", format!("Deleted pod: {}", key.name));
    events::tell(store, owner, None, &told, now_ms);
}

pub(super) fn end(store: &mut Store, key: &Key, now_ms: i64) {
    let how = Fate {
        dependents: Dependents::Background,
        grace_seconds: None,
        now_ms,
    };
    lifecycle::deleted(store, key, &how);
}

/// Stores a status if it says something new; true if so.
pub(super) fn put_status(store: &mut Store, key: &Key, owner: &Value, status: Value) -> bool {
    if owner["status"] == status {
        return false;
    }
    let mut after = owner.clone();
    after["status"] = status;
    store.put(key.clone(), after);
    true
}

pub(super) fn number(object: &Value, pointer: &str) -> i64 {
    at(object, pointer).and_then(Value::as_i64).unwrap_or(0)
}

/// All of a kind that are not being deleted.
pub(super) fn all(store: &Store, plural: &str) -> Vec<(Key, Value)> {
    store
        .of_kind(kinds::known(plural))
        .filter(|(_, object)| text(object, "/metadata/deletionTimestamp").is_none())
        .map(|(key, object)| (key.clone(), object.clone()))
        .collect()
}

/// Ten characters of the API server's alphabet that stand for a template.
pub(in crate::embedded) fn template_hash(template: &Value) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut hash = template.to_string().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    (0..10)
        .map(|_| {
            let at = (hash % ALPHABET.len() as u64) as usize;
            hash = hash.rotate_right(7) ^ 0x9e37_79b9;
            char::from(ALPHABET[at])
        })
        .collect()
}
