//! A workload whose spec its controller has not seen: the status follows, and with it the
//! resourceVersion.

use serde_json::{Value, json};

use super::super::store::Store;

pub(super) fn run(store: &mut Store, _now_ms: i64) -> bool {
    let seen: Vec<_> = store
        .iter()
        .filter_map(|(key, object)| Some((key.clone(), observed(object)?)))
        .collect();
    let changed = !seen.is_empty();
    for (key, workload) in seen {
        store.put(key, workload);
    }
    changed
}

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
