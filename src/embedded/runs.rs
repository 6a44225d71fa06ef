//! Which run of which container a log, a shell or a forwarded port is about, and the refusals where
//! there is none.

use serde_json::Value;

use super::clock::parse_ms;
use super::kubelet::Kubelet;
use super::refusal::Refusal;
use super::store::text;

/// A run of a container, present or past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub container: String,
    pub attempt: u32,
    pub started_ms: i64,
    /// None while it runs.
    pub ended_ms: Option<i64>,
}

/// The container that was asked for, or the only one.
pub(super) fn container(pod: &Value, asked: Option<&str>) -> Result<String, Refusal> {
    let name = text(pod, "/metadata/name").unwrap_or_default();
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    let names = |list: &str| -> Vec<&str> {
        let all = pod["spec"][list].as_array();
        all.into_iter().flatten().filter_map(|c| text(c, "/name")).collect()
    };
    let Some(asked) = asked else {
        let main = names("containers");
        return match main.as_slice() {
            [only] => Ok((*only).to_owned()),
            _ => Err(Refusal::bad_request(&format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                main.join(" ")
            ))),
        };
    };
    if lists.iter().any(|list| names(list).contains(&asked)) {
        return Ok(asked.to_owned());
    }
    Err(Refusal::bad_request(&format!(
        "container {asked} is not valid for pod {name}"
    )))
}

/// The run whose log is read.
pub(super) fn of_log(kubelet: &Kubelet, pod: &Value, container: &str, previous: bool) -> Result<Found, Refusal> {
    if let Some(found) = find(kubelet, pod, container, previous) {
        return Ok(found);
    }
    let name = text(pod, "/metadata/name").unwrap_or_default();
    if previous {
        let why = format!("previous terminated container \"{container}\" in pod \"{name}\" not found");
        return Err(Refusal::bad_request(&why));
    }
    let reason = status(pod, container).and_then(|s| text(s, "/state/waiting/reason"));
    let why = match reason {
        Some("ErrImagePull" | "ImagePullBackOff") => "trying and failing to pull image",
        Some(reason) => reason,
        None => "ContainerCreating",
    };
    let why = format!("container \"{container}\" in pod \"{name}\" is waiting to start: {why}");
    Err(Refusal::bad_request(&why))
}

/// The run that a shell or a forwarded port goes into.
pub(super) fn present(kubelet: &Kubelet, pod: &Value, container: &str) -> Option<Found> {
    find(kubelet, pod, container, false).filter(|found| found.ended_ms.is_none())
}

fn find(kubelet: &Kubelet, pod: &Value, container: &str, previous: bool) -> Option<Found> {
    let (attempt, started_ms, ended_ms) = match kubelet.container(pod, container) {
        Some(here) => here.run(previous),
        None => told(pod, container, previous),
    }?;
    Some(Found {
        container: container.to_owned(),
        attempt,
        started_ms,
        ended_ms,
    })
}

fn status<'a>(pod: &'a Value, container: &str) -> Option<&'a Value> {
    let all = pod.pointer("/status/containerStatuses").and_then(Value::as_array)?;
    all.iter().find(|s| text(s, "/name") == Some(container))
}

/// As the statuses of a pod tell it that no kubelet here runs.
fn told(pod: &Value, container: &str, previous: bool) -> Option<(u32, i64, Option<i64>)> {
    let status = status(pod, container)?;
    let restarts = status["restartCount"].as_u64().unwrap_or(0) as u32;
    let running = text(status, "/state/running/startedAt").and_then(parse_ms);
    if let (Some(at), false) = (running, previous) {
        return Some((restarts, at, None));
    }
    let present = status.pointer("/state/terminated").filter(|_| !previous);
    let ended = present.or_else(|| status.pointer("/lastState/terminated"))?;
    let from = text(ended, "/startedAt").and_then(parse_ms)?;
    let to = text(ended, "/finishedAt").and_then(parse_ms)?;
    Some((restarts.saturating_sub(1), from, Some(to)))
}
