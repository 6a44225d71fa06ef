//! `metrics.k8s.io`: what containers use, asked of the world at each look. Nothing is stored and
//! nothing can be watched, as with the real one.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome};
use super::asked::Asked;
use super::clock::rfc3339;
use super::kinds::{self, Kind};
use super::refusal::Refusal;
use super::runs;
use super::selector::Selector;
use super::server::State;
use super::store::text;
use super::table::Form;
use super::world::{Run, Usage};

pub(super) fn read(state: &State, kind: &'static Kind, asked: &Asked, form: &Form, now_ms: i64) -> Outcome {
    let selector = Selector::parse(kind, &asked.query)?;
    let mut measured: Vec<Value> = of(state, kind, now_ms)
        .into_iter()
        .filter(|m| asked.at.namespace.is_none() || text(m, "/metadata/namespace") == asked.at.namespace.as_deref())
        .filter(|m| selector.matches(m))
        .collect();
    if asked.at.verb == "list" {
        return Ok(Answer::ok(form.list(kind, &measured, json!({}), now_ms)));
    }
    let name = asked.at.name.as_deref().unwrap_or_default();
    measured.retain(|m| text(m, "/metadata/name") == Some(name));
    let one = measured.pop().ok_or_else(|| Refusal::not_found(kind, name))?;
    Ok(Answer::ok(form.one(&one, true, now_ms)))
}

fn of(state: &State, kind: &'static Kind, now_ms: i64) -> Vec<Value> {
    if kind.plural == "pods" {
        return state
            .store
            .of_kind(kinds::known("pods"))
            .filter_map(|(_, pod)| pod_metrics(state, kind, pod, now_ms))
            .collect();
    }
    let nodes = state.store.of_kind(kinds::known("nodes"));
    nodes
        .map(|(key, node)| node_metrics(state, kind, &key.name, node, now_ms))
        .collect()
}

fn shell(kind: &Kind, object: &Value, now_ms: i64) -> Value {
    let mut metadata = json!({"name": object["metadata"]["name"], "creationTimestamp": rfc3339(now_ms)});
    for field in ["namespace", "labels"] {
        if let Some(value) = object["metadata"].get(field) {
            metadata[field] = value.clone();
        }
    }
    json!({
        "kind": kind.name, "apiVersion": kind.api_version(), "metadata": metadata,
        "timestamp": rfc3339(now_ms), "window": "15s",
    })
}

/// Of the containers that run; a pod without one is not measured.
fn used(state: &State, pod: &Value, now_ms: i64) -> Vec<(String, Usage)> {
    let containers = pod.pointer("/spec/containers").and_then(Value::as_array);
    containers
        .into_iter()
        .flatten()
        .filter_map(|container| {
            let name = text(container, "/name")?;
            let found = runs::present(&state.kubelet, pod, name)?;
            let run = Run {
                pod,
                container: name,
                attempt: found.attempt,
                started_ms: found.started_ms,
            };
            Some((name.to_owned(), state.world.usage(&run, now_ms)))
        })
        .collect()
}

fn quantities(usage: Usage) -> Value {
    json!({
        "cpu": format!("{}n", usage.cpu_nanocores),
        "memory": format!("{}Ki", usage.memory_bytes / 1024),
    })
}

fn pod_metrics(state: &State, kind: &Kind, pod: &Value, now_ms: i64) -> Option<Value> {
    let used = used(state, pod, now_ms);
    if used.is_empty() {
        return None;
    }
    let mut shown = shell(kind, pod, now_ms);
    let containers = used
        .into_iter()
        .map(|(name, usage)| json!({"name": name, "usage": quantities(usage)}));
    shown["containers"] = containers.collect();
    Some(shown)
}

/// Its pods, and a little for the machine itself.
fn node_metrics(state: &State, kind: &Kind, name: &str, node: &Value, now_ms: i64) -> Value {
    let mut sum = Usage {
        cpu_nanocores: 60_000_000,
        memory_bytes: 512 << 20,
    };
    let pods = state.store.of_kind(kinds::known("pods"));
    for (_, pod) in pods.filter(|(_, pod)| text(pod, "/spec/nodeName") == Some(name)) {
        for (_, usage) in used(state, pod, now_ms) {
            sum.cpu_nanocores += usage.cpu_nanocores;
            sum.memory_bytes += usage.memory_bytes;
        }
    }
    let mut shown = shell(kind, node, now_ms);
    shown["usage"] = quantities(sum);
    shown
}
