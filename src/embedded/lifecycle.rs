//! What the API server itself does to an object at its creation, its change and its deletion. What
//! follows later is the controllers'.

use serde_json::{Value, json};

use super::clock::rfc3339;
use super::defaults;
use super::kinds::{self, Kind};
use super::store::{Key, Store, at, text, uid};

/// Kinds with a spec whose changes are not counted.
const UNCOUNTED: &[&str] = &[
    "Lease",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "ResourceQuota",
    "Service",
    "HorizontalPodAutoscaler",
];

/// Fields that the server sets, whatever the client sent.
pub(super) fn created(store: &mut Store, kind: &Kind, namespace: &str, mut object: Value, now_ms: i64) -> Value {
    object["apiVersion"] = Value::String(kind.api_version());
    object["kind"] = Value::String(kind.name.to_owned());
    let uid = store.next_uid();
    let metadata = &mut object["metadata"];
    metadata["uid"] = Value::String(uid);
    metadata["creationTimestamp"] = Value::String(rfc3339(now_ms));
    if kind.namespaced {
        metadata["namespace"] = Value::String(namespace.to_owned());
    }
    if let Some(fields) = metadata.as_object_mut() {
        for never in [
            "resourceVersion",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
        ] {
            fields.remove(never);
        }
    }
    let counted = object.get("spec").is_some() && !UNCOUNTED.contains(&kind.name);
    if counted || matches!(kind.name, "EndpointSlice" | "PriorityClass") {
        object["metadata"]["generation"] = json!(1);
    }
    defaults::fill(kind, &mut object);
    object
}

/// Owner references that name their owner get its uid, so that a seed need not know uids.
pub(super) fn with_owner_uids(store: &Store, namespace: &str, mut object: Value) -> Value {
    let list = object
        .pointer_mut("/metadata/ownerReferences")
        .and_then(Value::as_array_mut);
    for owner in list.into_iter().flatten().filter(|o| o.get("uid").is_none()) {
        let kind = kinds::of_manifest(
            text(owner, "/apiVersion").unwrap_or_default(),
            text(owner, "/kind").unwrap_or_default(),
        );
        let name = text(owner, "/name").unwrap_or_default();
        if let Some(found) = kind.and_then(|kind| store.get(&Key::new(kind, namespace, name))) {
            owner["uid"] = json!(uid(found));
        }
    }
    object
}

/// A change of the spec is a new generation; the controllers see it at the next look.
pub(super) fn updated(kind: &Kind, before: &Value, mut after: Value) -> Value {
    if before.get("spec") == after.get("spec") || UNCOUNTED.contains(&kind.name) {
        return after;
    }
    let generation = before.pointer("/metadata/generation").and_then(Value::as_i64);
    after["metadata"]["generation"] = json!(generation.unwrap_or(0) + 1);
    after
}

/// Being deleted, and nobody holds it any more: the last finalizer was taken away.
pub(super) fn released(object: &Value) -> bool {
    text(object, "/metadata/deletionTimestamp").is_some()
        && object
            .pointer("/metadata/deletionGracePeriodSeconds")
            .and_then(Value::as_i64)
            .unwrap_or(0)
            == 0
        && finalizers(object).next().is_none()
}

pub(super) fn finalizers(object: &Value) -> impl Iterator<Item = &str> {
    let list = object.pointer("/metadata/finalizers").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

/// What becomes of what an object owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dependents {
    Background,
    Foreground,
    Orphan,
}

/// How an object goes.
pub(super) struct Fate {
    pub dependents: Dependents,
    pub grace_seconds: Option<i64>,
    pub now_ms: i64,
}

pub(super) const FOREGROUND: &str = "foregroundDeletion";

/// Deletes, or marks as going what cannot go at once: a running pod, a namespace, whatever has a
/// finalizer. Returns the object as the answer shows it, and whether it is gone already.
pub(super) fn deleted(store: &mut Store, key: &Key, how: &Fate) -> Option<(Value, bool)> {
    let object = store.get(key)?.clone();
    if how.dependents == Dependents::Orphan {
        orphan(store, uid(&object));
    }
    let grace = grace_of(key, &object, how.grace_seconds);
    let mut going = object.clone();
    if how.dependents == Dependents::Foreground && key.plural != "pods" {
        let list = &mut going["metadata"]["finalizers"];
        let mut all: Vec<Value> = list.as_array().cloned().unwrap_or_default();
        if !all.contains(&json!(FOREGROUND)) {
            all.push(json!(FOREGROUND));
        }
        *list = json!(all);
    }
    let held = key.plural == "namespaces" || grace > 0 || finalizers(&going).next().is_some();
    if !held {
        return store.remove(key).map(|mut gone| {
            if key.plural == "pods" {
                gone["metadata"]["deletionTimestamp"] = json!(rfc3339(how.now_ms));
                gone["metadata"]["deletionGracePeriodSeconds"] = json!(0);
            }
            (gone, true)
        });
    }
    let already = text(&object, "/metadata/deletionTimestamp").is_some();
    let shorter = already && grace < object.pointer("/metadata/deletionGracePeriodSeconds")?.as_i64()?;
    if already && !shorter && going == object {
        return Some((object, false));
    }
    going["metadata"]["deletionTimestamp"] = json!(rfc3339(how.now_ms + grace * 1000));
    if key.plural == "namespaces" {
        going["status"]["phase"] = json!("Terminating");
    } else {
        going["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
    }
    Some((store.put(key.clone(), going), false))
}

/// Only a pod that a kubelet has is given time.
fn grace_of(key: &Key, object: &Value, asked: Option<i64>) -> i64 {
    let ended = matches!(text(object, "/status/phase"), Some("Succeeded" | "Failed"));
    if key.plural != "pods" || text(object, "/spec/nodeName").is_none() || ended {
        return 0;
    }
    let own = object
        .pointer("/spec/terminationGracePeriodSeconds")
        .and_then(Value::as_i64);
    asked.or(own).unwrap_or(30).max(0)
}

/// `Orphan`: what the object owned stays, without an owner.
fn orphan(store: &mut Store, owner: &str) {
    let owned: Vec<_> = store
        .iter()
        .filter(|(_, object)| owners(object).any(|o| text(o, "/uid") == Some(owner)))
        .map(|(key, object)| (key.clone(), object.clone()))
        .collect();
    for (key, mut object) in owned {
        if let Some(list) = object
            .pointer_mut("/metadata/ownerReferences")
            .and_then(Value::as_array_mut)
        {
            list.retain(|o| text(o, "/uid") != Some(owner));
        }
        store.put(key, object);
    }
}

pub(super) fn owners(object: &Value) -> impl Iterator<Item = &Value> {
    at(object, "/metadata/ownerReferences")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
