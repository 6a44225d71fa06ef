//! The scheduler: a node for each pod that has none, where one has room; otherwise the pod says why
//! it waits.

use serde_json::{Value, json};

use super::super::events::{self, Told};
use super::super::quantity::{bytes, millis};
use super::super::store::{Key, Store, text};
use super::super::{kinds, kubelet};
use super::pods;

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let mut changed = false;
    let waiting: Vec<(Key, Value)> = store
        .of_kind(kinds::known("pods"))
        .filter(|(_, pod)| text(pod, "/spec/nodeName").is_none() && pods::is_active(pod))
        .map(|(key, pod)| (key.clone(), pod.clone()))
        .collect();
    for (key, pod) in waiting {
        changed |= match choose(store, &pod) {
            Ok(node) => bind(store, key, pod, &node, now_ms),
            Err(why) => wait(store, key, pod, &why, now_ms),
        };
    }
    changed
}

fn bind(store: &mut Store, key: Key, mut pod: Value, node: &str, now_ms: i64) -> bool {
    pod["spec"]["nodeName"] = json!(node);
    kubelet::condition(&mut pod["status"], "PodScheduled", true, None, now_ms);
    let why = format!("Successfully assigned {}/{} to {node}", key.namespace, key.name);
    let pod = store.put(key, pod);
    events::tell(store, &pod, None, &Told::normal("Scheduled", why), now_ms);
    true
}

fn wait(store: &mut Store, key: Key, pod: Value, why: &str, now_ms: i64) -> bool {
    let mut after = pod.clone();
    kubelet::condition(
        &mut after["status"],
        "PodScheduled",
        false,
        Some("Unschedulable"),
        now_ms,
    );
    if let Some(told) = after["status"]["conditions"]
        .as_array_mut()
        .and_then(|all| all.last_mut())
    {
        told["message"] = json!(why);
    }
    if after == pod {
        return false;
    }
    let pod = store.put(key, after);
    events::tell(
        store,
        &pod,
        None,
        &Told::warning("FailedScheduling", why.to_owned()),
        now_ms,
    );
    true
}

/// The node with the fewest pods of those that take it, or why none does.
fn choose(store: &Store, pod: &Value) -> Result<String, String> {
    let nodes = pods::all(store, "nodes");
    let mut best: Option<(usize, String)> = None;
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for (key, node) in &nodes {
        match refuses(store, &key.name, node, pod) {
            None => {
                let load = on_node(store, &key.name).count();
                if best.as_ref().is_none_or(|(least, _)| load < *least) {
                    best = Some((load, key.name.clone()));
                }
            }
            Some(why) => match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, count)) => *count += 1,
                None => reasons.push((why, 1)),
            },
        }
    }
    best.map(|(_, name)| name).ok_or_else(|| {
        let told: Vec<String> = reasons.iter().map(|(why, count)| format!("{count} {why}")).collect();
        format!("0/{} nodes are available: {}.", nodes.len(), told.join(", "))
    })
}

fn on_node<'a>(store: &'a Store, node: &'a str) -> impl Iterator<Item = &'a Value> {
    store
        .of_kind(kinds::known("pods"))
        .map(|(_, pod)| pod)
        .filter(move |pod| text(pod, "/spec/nodeName") == Some(node) && pods::is_active(pod))
}

fn refuses(store: &Store, name: &str, node: &Value, pod: &Value) -> Option<&'static str> {
    if text(node, "/status/nodeInfo/kubeletVersion").is_none() {
        // It never reported, so it has room for none.
        return Some("Too many pods");
    }
    if node.pointer("/spec/unschedulable") == Some(&json!(true)) {
        return Some("node(s) were unschedulable");
    }
    if !fits_selector(&pod["spec"], node) {
        return Some("node(s) didn't match Pod's node affinity/selector");
    }
    for (resource, read, why) in [
        ("cpu", millis as fn(&str) -> i64, "Insufficient cpu"),
        ("memory", bytes, "Insufficient memory"),
    ] {
        let Some(room) = node["status"]["allocatable"][resource].as_str().map(read) else {
            continue;
        };
        let used: i64 = on_node(store, name).map(|other| requested(other, resource, read)).sum();
        if used + requested(pod, resource, read) > room {
            return Some(why);
        }
    }
    None
}

fn requested(pod: &Value, resource: &str, read: fn(&str) -> i64) -> i64 {
    let containers = pod.pointer("/spec/containers").and_then(Value::as_array);
    containers
        .into_iter()
        .flatten()
        .filter_map(|c| c["resources"]["requests"][resource].as_str().map(read))
        .sum()
}

/// Every label that the pod asks for is the node's.
pub(super) fn fits_selector(pod_spec: &Value, node: &Value) -> bool {
    let wanted = pod_spec.get("nodeSelector").and_then(Value::as_object);
    let labels = &node["metadata"]["labels"];
    wanted
        .into_iter()
        .flatten()
        .all(|(key, value)| labels.get(key) == Some(value))
}
