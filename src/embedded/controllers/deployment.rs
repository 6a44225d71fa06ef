//! Deployments: one ReplicaSet for each template, and the way from the old one to the new within
//! surge and unavailability.

use serde_json::{Value, json};

use super::super::events::{self, Told};
use super::super::kinds;
use super::super::lifecycle;
use super::super::store::{Key, Store, text};
use super::deployment_status;
use super::pods::{self, number};

const REVISION: &str = "deployment.kubernetes.io/revision";
const HASH: &str = "pod-template-hash";

pub(super) type Set = (Key, Value);

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let mut changed = false;
    for (key, deployment) in pods::all(store, "deployments") {
        let before = store.revision();
        let (new, old) = sets(store, &deployment);
        if deployment.pointer("/spec/paused") == Some(&json!(true)) {
            scale_alone(store, &deployment, new.as_ref().or(old.last()), now_ms);
        } else if let Some(new) = new {
            roll(store, &deployment, &new, &old, now_ms);
            forget_history(store, &deployment, &old);
        } else {
            make_set(store, &key, &deployment, &old, now_ms);
        }
        if let Some(present) = store.get(&key).cloned() {
            let (new, old) = sets(store, &present);
            let status = deployment_status::of(&present, new.as_ref(), &old, now_ms);
            pods::put_status(store, &key, &present, status);
        }
        changed |= store.revision() != before;
    }
    changed
}

/// The set of the present template, and the others, oldest first.
fn sets(store: &Store, deployment: &Value) -> (Option<Set>, Vec<Set>) {
    let mut all = pods::controlled(store, kinds::known("replicasets"), deployment);
    all.sort_by_key(|(_, set)| revision(set));
    let wanted = unhashed(&deployment["spec"]["template"]);
    let at = all
        .iter()
        .position(|(_, set)| unhashed(&set["spec"]["template"]) == wanted);
    let new = at.map(|at| all.remove(at));
    (new, all)
}

fn unhashed(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove(HASH);
    }
    if let Some(metadata) = template.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|_, value| !value.is_null());
    }
    template
}

fn revision(set: &Value) -> i64 {
    let text = set["metadata"]["annotations"][REVISION].as_str();
    text.and_then(|t| t.parse().ok()).unwrap_or(0)
}

fn make_set(store: &mut Store, key: &Key, deployment: &Value, old: &[Set], now_ms: i64) {
    let template = &deployment["spec"]["template"];
    let hash = pods::template_hash(template);
    let next = old.iter().map(|(_, set)| revision(set)).max().unwrap_or(0) + 1;
    let mut template = template.clone();
    template["metadata"]["labels"][HASH] = json!(hash);
    let mut selector = deployment["spec"]["selector"].clone();
    selector["matchLabels"][HASH] = json!(hash);
    let name = format!("{}-{hash}", key.name);
    let set = json!({
        "metadata": {
            "name": name, "labels": template["metadata"]["labels"],
            "annotations": {
                REVISION: next.to_string(),
                "deployment.kubernetes.io/desired-replicas": number(deployment, "/spec/replicas").to_string(),
            },
        },
        "spec": {"replicas": 0, "selector": selector, "template": template},
    });
    pods::make(store, "replicasets", deployment, set, now_ms);
    let mut after = deployment.clone();
    after["metadata"]["annotations"][REVISION] = json!(next.to_string());
    store.put(key.clone(), after);
}

/// Paused: the count is followed, the template is not.
fn scale_alone(store: &mut Store, deployment: &Value, set: Option<&Set>, now_ms: i64) {
    if let Some(set) = set {
        scale(store, deployment, set, number(deployment, "/spec/replicas"), now_ms);
    }
}

fn roll(store: &mut Store, deployment: &Value, new: &Set, old: &[Set], now_ms: i64) {
    let wanted = number(deployment, "/spec/replicas");
    let of = |set: &Set, pointer: &str| number(&set.1, pointer);
    if deployment.pointer("/spec/strategy/type") == Some(&json!("Recreate")) {
        for set in old {
            scale(store, deployment, set, 0, now_ms);
        }
        let left = old.iter().any(|(_, set)| {
            let pods = pods::controlled(store, kinds::known("pods"), set);
            !pods.is_empty()
        });
        if !left {
            scale(store, deployment, new, wanted, now_ms);
        }
        return;
    }
    let (surge, unavailable) = bounds(deployment, wanted);
    let total: i64 = of(new, "/spec/replicas") + old.iter().map(|s| of(s, "/spec/replicas")).sum::<i64>();
    let room = (wanted + surge - total).max(0);
    let present = of(new, "/spec/replicas");
    let next = if present > wanted || old.iter().all(|s| of(s, "/spec/replicas") == 0) {
        wanted
    } else {
        present + room.min(wanted - present)
    };
    scale(store, deployment, new, next, now_ms);
    shrink_old(store, deployment, new, old, wanted - unavailable, now_ms);
}

/// Takes from old sets what is not ready first, then what readiness of the new allows.
fn shrink_old(store: &mut Store, deployment: &Value, new: &Set, old: &[Set], floor: i64, now_ms: i64) {
    if old.iter().all(|(_, set)| number(set, "/spec/replicas") == 0) {
        return;
    }
    let ready = |set: &Set| pods::ready_count(&pods::active(store, &set.1));
    let available: i64 = ready(new) + old.iter().map(ready).sum::<i64>();
    let counts: Vec<(i64, i64)> = old.iter().map(|s| (number(&s.1, "/spec/replicas"), ready(s))).collect();
    let mut spare = (available - floor).max(0);
    for (set, (replicas, ready)) in old.iter().zip(counts) {
        let unready = replicas - ready.min(replicas);
        let taken = ready.min(replicas).min(spare);
        spare -= taken;
        scale(store, deployment, set, replicas - unready - taken, now_ms);
    }
}

fn scale(store: &mut Store, deployment: &Value, (key, set): &Set, replicas: i64, now_ms: i64) {
    let present = number(set, "/spec/replicas");
    if present == replicas {
        return;
    }
    let mut after = set.clone();
    after["spec"]["replicas"] = json!(replicas);
    let kind = kinds::known("replicasets");
    store.put(key.clone(), lifecycle::updated(kind, set, after));
    let way = if replicas > present { "up" } else { "down" };
    let why = format!("Scaled {way} replica set {} from {present} to {replicas}", key.name);
    events::tell(store, deployment, None, &Told::normal("ScalingReplicaSet", why), now_ms);
}

/// How many more, and how many fewer, than wanted there may be meanwhile.
fn bounds(deployment: &Value, wanted: i64) -> (i64, i64) {
    let of = |field: &str, up: bool| {
        let value = &deployment["spec"]["strategy"]["rollingUpdate"][field];
        let percent = value.as_str().and_then(|t| t.strip_suffix('%')?.parse::<i64>().ok());
        match (value.as_i64(), percent) {
            (Some(number), _) => number,
            (None, Some(percent)) if up => (percent * wanted + 99) / 100,
            (None, Some(percent)) => percent * wanted / 100,
            (None, None) => 0,
        }
    };
    let (surge, unavailable) = (of("maxSurge", true), of("maxUnavailable", false));
    if surge == 0 && unavailable == 0 {
        (0, 1)
    } else {
        (surge, unavailable)
    }
}

fn forget_history(store: &mut Store, deployment: &Value, old: &[Set]) {
    let kept = deployment
        .pointer("/spec/revisionHistoryLimit")
        .and_then(Value::as_i64)
        .unwrap_or(10) as usize;
    let idle: Vec<&Set> = old
        .iter()
        .filter(|(_, set)| number(set, "/spec/replicas") == 0 && number(set, "/status/replicas") == 0)
        .collect();
    for (key, set) in idle.iter().take(idle.len().saturating_sub(kept)) {
        if text(set, "/metadata/deletionTimestamp").is_none() {
            store.remove(key);
        }
    }
}
