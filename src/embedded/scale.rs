//! The `/scale` subresource: replicas seen and set, with the workload's uid and resourceVersion as
//! its own.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::kinds::Kind;
use super::lifecycle;
use super::object;
use super::request::Params;
use super::store::{Key, Store};

pub(super) fn get(store: &Store, kind: &Kind, key: &Key) -> Outcome {
    Ok(Answer::ok(of(object::found(store, kind, key)?)))
}

/// `change` is a merge patch, or a whole Scale.
pub(super) fn set(store: &mut Store, kind: &Kind, key: &Key, query: &Params, change: &Value) -> Outcome {
    let before = object::found(store, kind, key)?.clone();
    object::check_patch(kind, &before, change)?;
    let mut scale = of(&before);
    object::merge(&mut scale, change);
    let replicas = scale.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(0);
    if replicas < 0 {
        let why = format!("spec.replicas: Invalid value: {replicas}: must be greater than or equal to 0");
        return Err(Refusal::invalid("Scale.autoscaling", &key.name, &why));
    }
    let mut after = before.clone();
    after["spec"]["replicas"] = json!(replicas);
    let after = lifecycle::updated(&before, after);
    if query.is_dry_run() || after == before {
        return Ok(Answer::ok(of(&after)));
    }
    Ok(Answer::ok(of(&store.put(key.clone(), after))))
}

fn of(workload: &Value) -> Value {
    let metadata = &workload["metadata"];
    let labels = workload
        .pointer("/spec/selector/matchLabels")
        .and_then(Value::as_object);
    let selector: Vec<String> = labels
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": metadata["name"], "namespace": metadata["namespace"], "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"], "creationTimestamp": metadata["creationTimestamp"],
        },
        "spec": {"replicas": workload.pointer("/spec/replicas").cloned().unwrap_or_else(|| json!(1))},
        "status": {
            "replicas": workload.pointer("/status/replicas").cloned().unwrap_or_else(|| json!(0)),
            "selector": selector.join(","),
        },
    })
}
