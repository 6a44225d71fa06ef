//! A pod's status as its kubelet reports it.

use serde_json::{Value, json};

use super::super::clock::rfc3339;
use super::super::store::{Store, text, uid};
use super::address;
use super::container::{Container, Past, Phase};

pub(super) fn names(pod: &Value) -> impl Iterator<Item = &str> {
    let containers = pod.pointer("/spec/containers").and_then(Value::as_array);
    containers.into_iter().flatten().filter_map(|c| text(c, "/name"))
}

pub(super) fn status(store: &Store, pod: &Value, containers: &[Container], now_ms: i64) -> Value {
    let mut after = pod.clone();
    let restarts = text(pod, "/spec/restartPolicy").unwrap_or("Always");
    let ready = containers.iter().all(is_ready);
    let phase = phase(containers, restarts);
    let started = containers.iter().all(|c| !matches!(c.phase, Phase::Creating { .. }));
    let status = &mut after["status"];
    status["phase"] = json!(phase);
    let statuses: Vec<Value> = containers.iter().map(|c| container(pod, c)).collect();
    status["containerStatuses"] = json!(statuses);
    if status.get("startTime").is_none() {
        status["startTime"] = json!(rfc3339(now_ms));
    }
    if started {
        let host = address::of_host(store, pod);
        let ip = text(pod, "/status/podIP").map_or_else(|| address::of_pod(store, pod, &host), ToOwned::to_owned);
        status["hostIP"] = json!(host);
        status["hostIPs"] = json!([{"ip": host}]);
        status["podIPs"] = json!([{"ip": ip}]);
        status["podIP"] = json!(ip);
    }
    let done = matches!(phase, "Succeeded" | "Failed");
    let why = if done { "PodCompleted" } else { "ContainersNotReady" };
    for (name, holds) in [
        ("PodReadyToStartContainers", started && !done),
        ("Initialized", true),
        ("Ready", ready && !done),
        ("ContainersReady", ready && !done),
        ("PodScheduled", true),
    ] {
        let why = (!holds && name.ends_with("Ready")).then_some(why);
        condition(status, name, holds, why, now_ms);
    }
    after
}

/// Sets a condition; its time moves only when it turns.
pub(in crate::embedded) fn condition(status: &mut Value, name: &str, holds: bool, reason: Option<&str>, now_ms: i64) {
    if !status["conditions"].is_array() {
        status["conditions"] = json!([]);
    }
    let list = status["conditions"].as_array_mut().expect("made a list above");
    let wanted = if holds { "True" } else { "False" };
    let mut new = json!({
        "type": name, "status": wanted, "lastProbeTime": null, "lastTransitionTime": rfc3339(now_ms),
    });
    if let Some(reason) = reason {
        new["reason"] = json!(reason);
    }
    match list.iter_mut().find(|c| text(c, "/type") == Some(name)) {
        Some(old) if text(old, "/status") == Some(wanted) => {
            new["lastTransitionTime"] = old["lastTransitionTime"].clone();
            *old = new;
        }
        Some(old) => *old = new,
        None => list.push(new),
    }
}

fn phase(containers: &[Container], restarts: &str) -> &'static str {
    let unstarted = |c: &Container| matches!(c.phase, Phase::Creating { .. } | Phase::NoImage { .. });
    if containers.iter().any(unstarted) {
        return "Pending";
    }
    let ended = containers.iter().all(|c| matches!(c.phase, Phase::Ended));
    let failed = |c: &Container| c.last.as_ref().is_some_and(|p| p.exit_code != 0);
    match (ended, containers.iter().any(failed)) {
        (true, true) if restarts != "Always" => "Failed",
        (true, false) if restarts != "Always" => "Succeeded",
        _ => "Running",
    }
}

fn is_ready(container: &Container) -> bool {
    matches!(container.phase, Phase::Running { ready: true, .. })
}

fn container(pod: &Value, container: &Container) -> Value {
    let specs = pod.pointer("/spec/containers").and_then(Value::as_array);
    let spec = specs.and_then(|all| all.iter().find(|c| text(c, "/name") == Some(&container.name)));
    let image = spec.and_then(|s| text(s, "/image")).unwrap_or_default();
    let ran = container.phase.is_running() || container.last.is_some();
    let last = match container.phase {
        Phase::Ended => json!({}),
        _ => container
            .last
            .as_ref()
            .map_or_else(|| json!({}), |p| terminated(p, pod)),
    };
    json!({
        "name": container.name,
        "image": image,
        "imageID": if ran { format!("{image}@sha256:{:064x}", image.len()) } else { String::new() },
        "ready": is_ready(container),
        "started": container.phase.is_running(),
        "restartCount": container.attempt.saturating_sub(u32::from(matches!(container.phase, Phase::BackingOff { .. }))),
        "state": state(pod, container),
        "lastState": last,
    })
}

fn state(pod: &Value, container: &Container) -> Value {
    let waiting = |reason: &str, message: Option<String>| match message {
        Some(message) => json!({"waiting": {"reason": reason, "message": message}}),
        None => json!({"waiting": {"reason": reason}}),
    };
    match &container.phase {
        Phase::Creating { .. } => waiting("ContainerCreating", None),
        Phase::Running { since_ms, .. } => json!({"running": {"startedAt": rfc3339(*since_ms)}}),
        Phase::BackingOff { until_ms } => {
            let ended = container.last.as_ref().map_or(0, |p| p.ended_ms);
            let wait = go_duration((until_ms - ended) / 1000);
            let pod = full_name(pod);
            let message = format!(
                "back-off {wait} restarting failed container={} pod={pod}",
                container.name
            );
            waiting("CrashLoopBackOff", Some(message))
        }
        Phase::NoImage { message, gave_up, .. } => {
            let reason = if *gave_up { "ImagePullBackOff" } else { "ErrImagePull" };
            waiting(reason, Some(message.clone()))
        }
        Phase::Ended => container
            .last
            .as_ref()
            .map_or_else(|| json!({}), |p| terminated(p, pod)),
    }
}

/// As a kubelet calls a pod in its messages.
pub(super) fn full_name(pod: &Value) -> String {
    let name = |pointer| text(pod, pointer).unwrap_or_default();
    format!(
        "{}_{}({})",
        name("/metadata/name"),
        name("/metadata/namespace"),
        uid(pod)
    )
}

fn terminated(past: &Past, pod: &Value) -> Value {
    json!({"terminated": {
        "exitCode": past.exit_code, "reason": past.reason,
        "startedAt": rfc3339(past.started_ms), "finishedAt": rfc3339(past.ended_ms),
        "containerID": format!("containerd://{:0>64}", uid(pod).replace('-', "")),
    }})
}

/// `10s`, `1m20s`, `5m0s`.
fn go_duration(seconds: i64) -> String {
    if seconds < 60 {
        format!("{seconds}s")
    } else {
        format!("{}m{}s", seconds / 60, seconds % 60)
    }
}
