//! What the server and its controllers do to objects by themselves: fields set at creation,
//! deadlines of Jobs, garbage collection of owned objects, the end of pods being deleted.
//!
//! Nothing runs in the background. Whatever is due is done before the next look at the store, and
//! an open watch wakes for it; so the embedded server needs no task, and a test that moves the
//! clock sees the result at once.

use serde_json::{Value, json};

use super::clock::{parse_ms, rfc3339};
use super::kinds::{self, Kind};
use super::store::{Key, Store, text, uid};

/// A kubelet needs about this long to stop a pod's containers that do not dawdle.
const POD_STOPS_MS: i64 = 1000;

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
    if object.get("spec").is_some() {
        object["metadata"]["generation"] = json!(1);
    }
    if kind.name == "Secret" && object.get("type").is_none() {
        object["type"] = json!("Opaque");
    }
    if kind.name == "Job" {
        // The controller sets it even where parallelism is 0, and the deadline runs from it.
        object["status"] = json!({"startTime": rfc3339(now_ms), "ready": 0});
    }
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
pub(super) fn updated(before: &Value, mut after: Value) -> Value {
    if before.get("spec") == after.get("spec") {
        return after;
    }
    let generation = before
        .pointer("/metadata/generation")
        .and_then(Value::as_i64)
        .unwrap_or(1);
    after["metadata"]["generation"] = json!(generation + 1);
    after
}

/// What the controllers make of a workload whose spec they have not seen: the status follows, and
/// with it the resourceVersion. Pods are not played.
fn observed(workload: &Value) -> Option<Value> {
    let generation = workload.pointer("/metadata/generation")?.as_i64()?;
    if workload.pointer("/status/observedGeneration")?.as_i64()? >= generation {
        return None;
    }
    let mut after = workload.clone();
    after["status"]["observedGeneration"] = json!(generation);
    if let Some(replicas) = after.pointer("/spec/replicas").cloned() {
        for field in ["replicas", "readyReplicas", "updatedReplicas", "availableReplicas"] {
            after["status"][field] = replicas.clone();
        }
    }
    Some(after)
}

/// Deletes, or marks a running pod as terminating. Returns the object as the answer shows it, and
/// whether it is gone already.
pub(super) fn deleted(store: &mut Store, key: &Key, grace_seconds: Option<i64>, now_ms: i64) -> Option<(Value, bool)> {
    let object = store.get(key)?.clone();
    let runs = text(&object, "/spec/nodeName").is_some() && grace_seconds != Some(0);
    if key.plural != "pods" || !runs {
        return store.remove(key).map(|gone| (gone, true));
    }
    if text(&object, "/metadata/deletionTimestamp").is_some() {
        return Some((object, false));
    }
    let grace = grace_seconds
        .or_else(|| {
            object
                .pointer("/spec/terminationGracePeriodSeconds")
                .and_then(Value::as_i64)
        })
        .unwrap_or(30);
    let mut ending = object;
    ending["metadata"]["deletionTimestamp"] = json!(rfc3339(now_ms + grace * 1000));
    ending["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
    Some((store.put(key.clone(), ending), false))
}

/// `Orphan`: what the object owned stays, without an owner.
pub(super) fn orphan(store: &mut Store, owner: &str) {
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

/// Does everything that is due at `now_ms`.
pub(super) fn settle(store: &mut Store, now_ms: i64) {
    let seen: Vec<_> = store
        .iter()
        .filter_map(|(key, object)| Some((key.clone(), observed(object)?)))
        .collect();
    for (key, workload) in seen {
        store.put(key, workload);
    }
    loop {
        let due: Vec<Key> = store
            .iter()
            .filter(|(key, object)| ends_at(key, object).is_some_and(|at| at <= now_ms) || is_garbage(store, object))
            .map(|(key, _)| key.clone())
            .collect();
        if due.is_empty() {
            return;
        }
        for key in due {
            store.remove(&key);
        }
    }
}

/// When something is due next, if anything is.
pub(super) fn next_due_ms(store: &Store) -> Option<i64> {
    store.iter().filter_map(|(key, object)| ends_at(key, object)).min()
}

fn ends_at(key: &Key, object: &Value) -> Option<i64> {
    match key.plural {
        // The Job fails at its deadline, and `ttlSecondsAfterFinished: 0` deletes it there and then.
        "jobs" if object.pointer("/spec/ttlSecondsAfterFinished") == Some(&json!(0)) => {
            let deadline = object.pointer("/spec/activeDeadlineSeconds")?.as_i64()?;
            Some(parse_ms(text(object, "/status/startTime")?)? + deadline * 1000)
        }
        "pods" => {
            let last = parse_ms(text(object, "/metadata/deletionTimestamp")?)?;
            let grace = object.pointer("/metadata/deletionGracePeriodSeconds")?.as_i64()? * 1000;
            Some(last - grace + grace.min(POD_STOPS_MS))
        }
        _ => None,
    }
}

/// None of its owners is there any more, under the same uid.
fn is_garbage(store: &Store, object: &Value) -> bool {
    let mut owners = owners(object).peekable();
    owners.peek().is_some() && !owners.any(|owner| owner_lives(store, object, owner))
}

fn owner_lives(store: &Store, object: &Value, owner: &Value) -> bool {
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
    store
        .get(&Key::new(kind, namespace, name))
        .is_some_and(|found| Some(uid(found)) == text(owner, "/uid"))
}

fn owners(object: &Value) -> impl Iterator<Item = &Value> {
    object
        .pointer("/metadata/ownerReferences")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
