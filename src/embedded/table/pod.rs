//! Pods, with the status that kubectl's users know: not the phase, but what the containers make of
//! it.

use serde_json::{Value, json};

use super::super::clock::parse_ms;
use super::super::store::text;
use super::age;
use super::column::{Column, count, list, or_none};

pub(super) fn columns(plural: &str) -> Option<Vec<Column>> {
    (plural == "pods").then(|| {
        vec![
            Column::name(),
            Column::text("Ready", |o, _| ready(o)),
            Column::text("Status", |o, _| json!(status(o))),
            Column::text("Restarts", restarts),
            Column::age(),
            Column::text("IP", |o, _| or_none(text(o, "/status/podIP"))).wide(),
            Column::text("Node", |o, _| or_none(text(o, "/spec/nodeName"))).wide(),
            Column::text("Nominated Node", |o, _| or_none(text(o, "/status/nominatedNodeName"))).wide(),
            Column::text("Readiness Gates", |_, _| json!("<none>")).wide(),
        ]
    })
}

fn statuses(pod: &Value) -> impl Iterator<Item = &Value> {
    list(pod, "/status/containerStatuses")
}

fn ready(pod: &Value) -> Value {
    let all = list(pod, "/spec/containers").count();
    let ready = statuses(pod).filter(|c| c["ready"] == json!(true)).count();
    json!(format!("{ready}/{all}"))
}

fn status(pod: &Value) -> String {
    let phase = text(pod, "/status/phase").unwrap_or_default();
    let mut reason = text(pod, "/status/reason").unwrap_or(phase).to_owned();
    let mut running = false;
    for container in statuses(pod) {
        let waiting = text(container, "/state/waiting/reason").filter(|r| !r.is_empty());
        let ended = container.pointer("/state/terminated");
        if let Some(waiting) = waiting {
            waiting.clone_into(&mut reason);
        } else if let Some(ended) = ended {
            reason = match text(ended, "/reason").filter(|r| !r.is_empty()) {
                Some(told) => told.to_owned(),
                None => format!("ExitCode:{}", count(ended, "/exitCode")),
            };
        } else if container["ready"] == json!(true) {
            running = true;
        }
    }
    if reason == "Completed" && running {
        let well = list(pod, "/status/conditions")
            .any(|c| text(c, "/type") == Some("Ready") && text(c, "/status") == Some("True"));
        (if well { "Running" } else { "NotReady" }).clone_into(&mut reason);
    }
    let ended = matches!(phase, "Succeeded" | "Failed");
    if text(pod, "/metadata/deletionTimestamp").is_some() && !ended {
        return "Terminating".to_owned();
    }
    reason
}

/// With the time since the last one: `3 (12s ago)`.
fn restarts(pod: &Value, now_ms: i64) -> Value {
    let sum: i64 = statuses(pod).map(|c| count(c, "/restartCount")).sum();
    let last = statuses(pod)
        .filter_map(|c| text(c, "/lastState/terminated/finishedAt").and_then(parse_ms))
        .max();
    match last {
        Some(at) if sum > 0 => json!(format!("{sum} ({} ago)", age::span((now_ms - at) / 1000))),
        _ => json!(sum.to_string()),
    }
}
