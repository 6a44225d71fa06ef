//! DaemonSets: a pod on each node that takes it.

use serde_json::{Value, json};

use super::super::store::{Key, Store, text};
use super::pods;
use super::scheduler::fits_selector;

const HASH: &str = "controller-revision-hash";

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let mut changed = false;
    for (key, set) in pods::all(store, "daemonsets") {
        let before = store.revision();
        let hash = pods::template_hash(&set["spec"]["template"]);
        let spec = set["spec"]["template"]["spec"].clone();
        let nodes: Vec<String> = pods::all(store, "nodes")
            .into_iter()
            .filter(|(_, node)| fits_selector(&spec, node))
            .map(|(key, _)| key.name)
            .collect();
        place(store, &key, &set, &nodes, &hash, now_ms);
        let owned = pods::active(store, &set);
        let status = status(&set, &owned, nodes.len());
        pods::put_status(store, &key, &set, status);
        changed |= store.revision() != before;
    }
    changed
}

fn place(store: &mut Store, key: &Key, set: &Value, nodes: &[String], hash: &str, now_ms: i64) {
    let owned = pods::controlled(store, super::super::kinds::known("pods"), set);
    let on = |pod: &Value| text(pod, "/spec/nodeName").unwrap_or_default().to_owned();
    for node in nodes {
        if owned.iter().any(|(_, pod)| on(pod) == *node) {
            continue;
        }
        let name = format!("{}-{}", key.name, store.next_suffix());
        let bind = |pod: &mut Value| {
            pod["metadata"]["labels"][HASH] = json!(hash);
            pod["spec"]["nodeName"] = json!(node);
        };
        pods::make_pod(store, set, &name, bind, now_ms);
    }
    let steady = owned.iter().all(|(_, pod)| pods::is_active(pod) && pods::is_ready(pod));
    for (key, pod) in owned.iter().filter(|(_, pod)| pods::is_active(pod)) {
        let stale = text(pod, "/metadata/labels/controller-revision-hash").is_some_and(|h| h != hash);
        if !nodes.contains(&on(pod)) {
            pods::end_pod(store, set, key, now_ms);
        } else if stale && steady {
            // One at a time: the next look finds it not steady.
            return pods::end_pod(store, set, key, now_ms);
        }
    }
}

fn status(set: &Value, owned: &[(Key, Value)], nodes: usize) -> Value {
    let mut status = set["status"].clone();
    let ready = pods::ready_count(owned);
    status["observedGeneration"] = set["metadata"]["generation"].clone();
    for (field, count) in [
        ("desiredNumberScheduled", nodes as i64),
        ("currentNumberScheduled", owned.len() as i64),
        ("updatedNumberScheduled", owned.len() as i64),
        ("numberReady", ready),
        ("numberAvailable", ready),
        ("numberMisscheduled", 0),
    ] {
        status[field] = json!(count);
    }
    status
}
