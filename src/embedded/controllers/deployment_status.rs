//! A deployment's status: counts, and the two conditions that say whether it gets anywhere.

use serde_json::{Value, json};

use super::super::clock::{parse_ms, rfc3339};
use super::super::store::text;
use super::deployment::Set;
use super::pods::number;

pub(super) fn of(deployment: &Value, new: Option<&Set>, old: &[Set], now_ms: i64) -> Value {
    let sum = |pointer: &str| -> i64 {
        let of_new = new.map_or(0, |(_, set)| number(set, pointer));
        of_new + old.iter().map(|(_, set)| number(set, pointer)).sum::<i64>()
    };
    let wanted = number(deployment, "/spec/replicas");
    let updated = new.map_or(0, |(_, set)| number(set, "/status/replicas"));
    let available = sum("/status/availableReplicas");
    let total = sum("/status/replicas");
    let mut status = deployment["status"].clone();
    status["observedGeneration"] = deployment["metadata"]["generation"].clone();
    for (field, count) in [
        ("replicas", total),
        ("updatedReplicas", updated),
        ("readyReplicas", sum("/status/readyReplicas")),
        ("availableReplicas", available),
        ("unavailableReplicas", (wanted.max(total) - available).max(0)),
    ] {
        // Nothing is not told, as Go's `omitempty` has it.
        if count > 0 {
            status[field] = json!(count);
        } else if let Some(fields) = status.as_object_mut() {
            fields.remove(field);
        }
    }
    let complete = updated == wanted && total == wanted && available == wanted;
    let name = new.map_or("", |(key, _)| key.name.as_str());
    let moved = status["replicas"] != deployment["status"]["replicas"]
        || status["updatedReplicas"] != deployment["status"]["updatedReplicas"]
        || status["availableReplicas"] != deployment["status"]["availableReplicas"];
    available_condition(&mut status, deployment, available, wanted, now_ms);
    progress(&mut status, deployment, name, complete, moved, now_ms);
    status
}

/// When the wait for progress is over.
pub(super) fn due_ms(deployment: &Value) -> Option<i64> {
    let told = find(&deployment["status"], "Progressing")?;
    if text(told, "/reason") != Some("ReplicaSetUpdated") {
        return None;
    }
    let wait = deployment.pointer("/spec/progressDeadlineSeconds")?.as_i64()?;
    Some(parse_ms(text(told, "/lastUpdateTime")?)? + wait * 1000)
}

fn available_condition(status: &mut Value, deployment: &Value, available: i64, wanted: i64, now_ms: i64) {
    let percent = deployment
        .pointer("/spec/strategy/rollingUpdate/maxUnavailable")
        .and_then(Value::as_str)
        .and_then(|t| t.strip_suffix('%')?.parse::<i64>().ok());
    let spare = percent.map_or_else(
        || number(deployment, "/spec/strategy/rollingUpdate/maxUnavailable"),
        |percent| percent * wanted / 100,
    );
    if available >= wanted - spare {
        let message = "Deployment has minimum availability.";
        set(
            status,
            ("Available", true, "MinimumReplicasAvailable", message),
            false,
            now_ms,
        );
    } else {
        let message = "Deployment does not have minimum availability.";
        set(
            status,
            ("Available", false, "MinimumReplicasUnavailable", message),
            false,
            now_ms,
        );
    }
}

fn progress(status: &mut Value, deployment: &Value, name: &str, complete: bool, moved: bool, now_ms: i64) {
    let over = due_ms(deployment).is_some_and(|at| at <= now_ms);
    let told = find(&deployment["status"], "Progressing").and_then(|c| text(c, "/reason"));
    let stuck = told == Some("ProgressDeadlineExceeded");
    if complete {
        let message = format!("ReplicaSet \"{name}\" has successfully progressed.");
        set(
            status,
            ("Progressing", true, "NewReplicaSetAvailable", &message),
            false,
            now_ms,
        );
    } else if (over || stuck) && !moved {
        let message = format!("ReplicaSet \"{name}\" has timed out progressing.");
        set(
            status,
            ("Progressing", false, "ProgressDeadlineExceeded", &message),
            false,
            now_ms,
        );
    } else if told == Some("NewReplicaSetAvailable")
        && status["observedGeneration"] == deployment["status"]["observedGeneration"]
    {
        // A pod that falls ill after a finished rollout does not make it unfinished.
    } else {
        let message = format!("ReplicaSet \"{name}\" is progressing.");
        set(
            status,
            ("Progressing", true, "ReplicaSetUpdated", &message),
            moved,
            now_ms,
        );
    }
}

fn find<'a>(status: &'a Value, name: &str) -> Option<&'a Value> {
    let all = status.get("conditions")?.as_array()?;
    all.iter().find(|c| text(c, "/type") == Some(name))
}

fn set(status: &mut Value, (name, holds, reason, message): (&str, bool, &str, &str), touch: bool, now_ms: i64) {
    let wanted = if holds { "True" } else { "False" };
    let now = rfc3339(now_ms);
    let (mut updated, mut turned) = (now.clone(), now.clone());
    if let Some(old) = find(status, name) {
        let same = text(old, "/status") == Some(wanted);
        if same {
            text(old, "/lastTransitionTime").unwrap_or(&now).clone_into(&mut turned);
        }
        if same && text(old, "/reason") == Some(reason) && !touch {
            text(old, "/lastUpdateTime").unwrap_or(&now).clone_into(&mut updated);
        }
    }
    let new = json!({
        "type": name, "status": wanted, "reason": reason, "message": message,
        "lastUpdateTime": updated, "lastTransitionTime": turned,
    });
    if !status["conditions"].is_array() {
        status["conditions"] = json!([]);
    }
    let list = status["conditions"].as_array_mut().expect("made a list above");
    match list.iter_mut().find(|c| text(c, "/type") == Some(name)) {
        Some(old) => *old = new,
        None => list.push(new),
    }
}
