//! The `/scale` subresource: replicas seen and set, with the workload's uid and resourceVersion as
//! its own.

use serde_json::{Value, json};

use super::admission::Operation;
use super::answer::{Answer, Outcome};
use super::kinds::Kind;
use super::lifecycle;
use super::object::{check_sent, found};
use super::patch;
use super::refusal::Refusal;
use super::store::{Key, Store};
use super::writer::Writer;

pub(super) fn get(store: &Store, kind: &Kind, key: &Key) -> Outcome {
    Ok(Answer::ok(of(found(store, kind, key)?)))
}

/// Any patch, or a whole Scale.
pub(super) fn set(writer: &mut Writer<'_>, kind: &'static Kind) -> Outcome {
    let key = writer.asked.key(kind);
    let before = found(writer.store, kind, &key)?.clone();
    let seen = of(&before);
    let scale = if writer.asked.at.verb == "patch" {
        patch::of_body(writer.asked, &seen)?
    } else {
        writer.asked.json()?
    };
    let named = format!("{}/scale", kind.plural);
    check_sent((kind.group, &named, kind.plural), &before, &scale)?;
    let replicas = scale.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(0);
    if replicas < 0 {
        let why = format!("Invalid value: {replicas}: must be greater than or equal to 0");
        return Err(Refusal::invalid(
            "autoscaling",
            "Scale",
            &key.name,
            "spec.replicas",
            &why,
        ));
    }
    let mut after = before.clone();
    after["spec"]["replicas"] = json!(replicas);
    let after = lifecycle::updated(kind, &before, after);
    let objects = (Some(&of(&after)), Some(&seen));
    writer.admit(Operation::Update, ("autoscaling", "v1", "Scale"), objects, &Value::Null)?;
    if after == before {
        return Ok(Answer::ok(seen));
    }
    Ok(Answer::ok(of(&writer.put(key, after))))
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
    let wanted = workload.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    // None wanted is not told, as Go's `omitempty` has it.
    let spec = if wanted == 0 {
        json!({})
    } else {
        json!({"replicas": wanted})
    };
    json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": metadata["name"], "namespace": metadata["namespace"], "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"], "creationTimestamp": metadata["creationTimestamp"],
        },
        "spec": spec,
        "status": {
            "replicas": workload.pointer("/status/replicas").cloned().unwrap_or_else(|| json!(0)),
            "selector": selector.join(","),
        },
    })
}
