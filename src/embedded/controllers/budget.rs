//! Disruption budgets: how many of the chosen pods are well, and how many of them may be evicted.

use serde_json::{Value, json};

use super::super::kinds;
use super::super::lifecycle::owners;
use super::super::selector::labels_match;
use super::super::store::{Key, Store, text};

pub(super) fn run(store: &mut Store, _now_ms: i64) -> bool {
    let budgets: Vec<(Key, Value)> = store
        .of_kind(kinds::known("poddisruptionbudgets"))
        .map(|(key, budget)| (key.clone(), budget.clone()))
        .collect();
    let mut changed = false;
    for (key, budget) in budgets {
        let after = counted(store, &key, &budget);
        if after != budget {
            store.put(key, after);
            changed = true;
        }
    }
    changed
}

fn counted(store: &Store, key: &Key, budget: &Value) -> Value {
    let chosen: Vec<&Value> = store
        .of_kind(kinds::known("pods"))
        .filter(|(pod, object)| pod.namespace == key.namespace && is_chosen(budget, object))
        .map(|(_, object)| object)
        .collect();
    let healthy = chosen.iter().filter(|pod| is_healthy(pod)).count() as i64;
    let expected = expected(store, &chosen);
    let desired = desired(budget, expected);
    let allowed = (healthy - desired).max(0);
    let mut after = budget.clone();
    let status = &mut after["status"];
    status["currentHealthy"] = json!(healthy);
    status["desiredHealthy"] = json!(desired);
    status["expectedPods"] = json!(expected);
    status["disruptionsAllowed"] = json!(allowed);
    status["observedGeneration"] = budget["metadata"]["generation"].clone();
    if let Some(fields) = status.as_object_mut() {
        fields.remove("disruptedPods");
    }
    after
}

fn is_chosen(budget: &Value, pod: &Value) -> bool {
    let ended = matches!(text(pod, "/status/phase"), Some("Succeeded" | "Failed"));
    let selector = budget.pointer("/spec/selector");
    !ended && selector.is_some_and(|selector| labels_match(selector, &pod["metadata"]["labels"]))
}

fn is_healthy(pod: &Value) -> bool {
    let statuses = pod.pointer("/status/containerStatuses").and_then(Value::as_array);
    text(pod, "/metadata/deletionTimestamp").is_none()
        && statuses.is_some_and(|all| !all.is_empty() && all.iter().all(|c| c["ready"] == json!(true)))
}

/// As many as the pods' controllers want.
fn expected(store: &Store, pods: &[&Value]) -> i64 {
    let mut seen: Vec<Key> = Vec::new();
    let mut sum = 0;
    for pod in pods {
        let owner = owners(pod).find(|o| o["controller"] == json!(true));
        let found = owner.and_then(|owner| {
            let kind = kinds::of_manifest(text(owner, "/apiVersion")?, text(owner, "/kind")?)?;
            let namespace = text(pod, "/metadata/namespace")?;
            let key = Key::new(kind, namespace, text(owner, "/name")?);
            let wanted = store.get(&key)?.pointer("/spec/replicas")?.as_i64()?;
            Some((key, wanted))
        });
        match found {
            Some((key, wanted)) if !seen.contains(&key) => {
                seen.push(key);
                sum += wanted;
            }
            Some(_) => {}
            None => sum += 1,
        }
    }
    sum
}

fn desired(budget: &Value, expected: i64) -> i64 {
    let bound = |field: &str| budget.pointer(field).and_then(|value| amount(value, expected));
    if let Some(unavailable) = bound("/spec/maxUnavailable") {
        return (expected - unavailable).max(0);
    }
    bound("/spec/minAvailable").unwrap_or(0)
}

/// A number, or a percentage rounded up.
fn amount(value: &Value, of: i64) -> Option<i64> {
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let percent: i64 = value.as_str()?.strip_suffix('%')?.parse().ok()?;
    Some((percent * of + 99) / 100)
}
