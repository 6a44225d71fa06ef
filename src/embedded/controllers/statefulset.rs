//! StatefulSets: pods with numbers, one after another, each with the present template.

use serde_json::{Value, json};

use super::super::store::{Key, Store, text};
use super::pods::{self, number};

const HASH: &str = "controller-revision-hash";

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let mut changed = false;
    for (key, set) in pods::all(store, "statefulsets") {
        let before = store.revision();
        let hash = format!("{}-{}", key.name, pods::template_hash(&set["spec"]["template"]));
        order(store, &key, &set, &hash, now_ms);
        let owned = pods::active(store, &set);
        let status = status(&set, &owned, &hash);
        pods::put_status(store, &key, &set, status);
        changed |= store.revision() != before;
    }
    changed
}

/// One step at a time: make the first that is missing, end the last that is too many or out of date.
fn order(store: &mut Store, key: &Key, set: &Value, hash: &str, now_ms: i64) {
    let wanted = number(set, "/spec/replicas");
    let parallel = set.pointer("/spec/podManagementPolicy") == Some(&json!("Parallel"));
    let pods_kind = super::super::kinds::known("pods");
    let mut all_ready = true;
    for n in 0..wanted {
        let name = format!("{}-{n}", key.name);
        let pod = store.get(&Key::new(pods_kind, &key.namespace, &name)).cloned();
        match pod {
            None => {
                let number = |pod: &mut Value| {
                    pod["metadata"]["labels"][HASH] = json!(hash);
                    pod["metadata"]["labels"]["apps.kubernetes.io/pod-index"] = json!(n.to_string());
                    pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = json!(name);
                    pod["spec"]["hostname"] = json!(name);
                    add_claims(pod, set, &name);
                };
                pods::make_pod(store, set, &name, number, now_ms);
                all_ready = false;
            }
            Some(pod) => all_ready &= pods::is_active(&pod) && pods::is_ready(&pod),
        }
        if !all_ready && !parallel {
            return;
        }
    }
    let owned = pods::active(store, set);
    let last = |test: &dyn Fn(&Value, i64) -> bool| {
        let chosen = owned.iter().filter(|(key, pod)| test(pod, ordinal(&key.name)));
        chosen
            .max_by_key(|(key, _)| ordinal(&key.name))
            .map(|(key, _)| key.clone())
    };
    let surplus = last(&|_, n| n >= wanted);
    // Pods without the label are a seed's own: they count as made from the present template.
    let stale = || last(&|pod, _| text(pod, "/metadata/labels/controller-revision-hash").is_some_and(|h| h != hash));
    if let Some(key) = surplus.or_else(|| stale().filter(|_| all_ready)) {
        pods::end_pod(store, set, &key, now_ms);
    }
}

/// Each pod has a claim of its own for each template of one.
fn add_claims(pod: &mut Value, set: &Value, name: &str) {
    let templates = set.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
    let volumes = templates.into_iter().flatten().filter_map(|claim| {
        let volume = text(claim, "/metadata/name")?;
        Some(json!({"name": volume, "persistentVolumeClaim": {"claimName": format!("{volume}-{name}")}}))
    });
    let volumes: Vec<Value> = volumes.collect();
    if !volumes.is_empty() {
        let given = pod.pointer("/spec/volumes").and_then(Value::as_array).cloned();
        pod["spec"]["volumes"] = json!([volumes, given.unwrap_or_default()].concat());
    }
}

fn ordinal(name: &str) -> i64 {
    name.rsplit('-').next().and_then(|n| n.parse().ok()).unwrap_or(-1)
}

fn status(set: &Value, owned: &[(Key, Value)], hash: &str) -> Value {
    let mut status = set["status"].clone();
    let ready = pods::ready_count(owned);
    status["observedGeneration"] = set["metadata"]["generation"].clone();
    for (field, count) in [
        ("replicas", owned.len() as i64),
        ("readyReplicas", ready),
        ("availableReplicas", ready),
        ("currentReplicas", owned.len() as i64),
        ("updatedReplicas", owned.len() as i64),
    ] {
        status[field] = json!(count);
    }
    status["currentRevision"] = json!(hash);
    status["updateRevision"] = json!(hash);
    status
}
