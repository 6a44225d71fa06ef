//! Events that the server's own controllers and kubelets tell. The same thing told again is one
//! object with a higher count; after an hour without being told it is forgotten, as on a real server.

use serde_json::{Value, json};

use super::clock::{parse_ms, rfc3339};
use super::kinds;
use super::lifecycle;
use super::store::{Key, Store, text, uid};

const KEPT_MS: i64 = 3_600_000;

/// What is told of an object.
#[derive(Clone, Debug)]
pub(super) struct Told {
    kind: &'static str,
    reason: &'static str,
    message: String,
}

impl Told {
    pub fn normal(reason: &'static str, message: String) -> Self {
        let kind = "Normal";
        Self { kind, reason, message }
    }

    pub fn warning(reason: &'static str, message: String) -> Self {
        let kind = "Warning";
        Self { kind, reason, message }
    }
}

pub(super) fn tell(store: &mut Store, about: &Value, container: Option<&str>, told: &Told, at_ms: i64) {
    let kind = kinds::known("events");
    let name = text(about, "/metadata/name").unwrap_or_default();
    let namespace = text(about, "/metadata/namespace").unwrap_or("default");
    let what = format!("{} {} {}", uid(about), told.reason, told.message);
    let hash = what.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    let key = Key::new(kind, namespace, &format!("{name}.{hash:016x}"));
    let when = rfc3339(at_ms);
    if let Some(mut again) = store.get(&key).cloned() {
        again["count"] = json!(again["count"].as_i64().unwrap_or(1) + 1);
        again["lastTimestamp"] = json!(when);
        store.put(key, again);
        return;
    }
    let mut involved = json!({
        "apiVersion": about["apiVersion"], "kind": about["kind"], "name": name, "uid": uid(about),
        "resourceVersion": about["metadata"]["resourceVersion"],
    });
    if let Some(namespace) = about["metadata"].get("namespace") {
        involved["namespace"] = namespace.clone();
    }
    if let Some(container) = container {
        involved["fieldPath"] = json!(format!("spec.containers{{{container}}}"));
    }
    let component = component(about, told.reason);
    let event = json!({
        "metadata": {"name": key.name}, "involvedObject": involved, "type": told.kind, "reason": told.reason,
        "message": told.message, "count": 1, "firstTimestamp": when, "lastTimestamp": when, "eventTime": null,
        "source": {"component": component}, "reportingComponent": component, "reportingInstance": "",
    });
    let event = lifecycle::created(store, kind, namespace, event, at_ms);
    store.put(key, event);
}

fn component(about: &Value, reason: &str) -> &'static str {
    match (text(about, "/kind"), reason) {
        (Some("Pod"), "Scheduled" | "FailedScheduling") => "default-scheduler",
        (Some("Pod"), _) => "kubelet",
        (Some("Deployment"), _) => "deployment-controller",
        (Some("ReplicaSet"), _) => "replicaset-controller",
        (Some("StatefulSet"), _) => "statefulset-controller",
        (Some("DaemonSet"), _) => "daemonset-controller",
        (Some("Job"), _) => "job-controller",
        (Some("CronJob"), _) => "cronjob-controller",
        _ => "controller-manager",
    }
}

/// Forgets what was told too long ago. Only events of the server's own are known by their count.
pub(super) fn forget(store: &mut Store, now_ms: i64) {
    let old: Vec<Key> = store
        .of_kind(kinds::known("events"))
        .filter(|(_, event)| {
            let time = |pointer| text(event, pointer).and_then(parse_ms);
            let last = time("/lastTimestamp").max(time("/metadata/creationTimestamp"));
            last.is_some_and(|at| at + KEPT_MS <= now_ms)
        })
        .map(|(key, _)| key.clone())
        .collect();
    for key in old {
        store.remove(&key);
    }
}
