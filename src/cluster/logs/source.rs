//! One container whose log is read, and how it is: running, waiting to be restarted, ended.

use std::sync::Arc;

use serde_json::Value;

use crate::cluster::fault::Fault;
use crate::cluster::query::{LogLine, ReadError, ReadErrorKind};
use crate::cluster::reader::Reader;
use crate::model::{LogText, ObjectRef};

#[derive(Clone)]
pub(super) struct Source {
    pub pod: ObjectRef,
    pub pod_name: Arc<str>,
    pub container: Arc<str>,
}

/// What a container does, as its pod tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Running {
        restarts: u64,
    },
    /// Between two runs, or before the first; in words.
    Waiting {
        restarts: u64,
        how: String,
    },
    /// It will not run again; its log is still there.
    Ended {
        restarts: u64,
        how: String,
    },
    /// Its pod is not there any more, and no log either.
    Gone(&'static str),
}

/// The containers of `pod`, or the one that is named.
pub(super) async fn sources(
    reader: &Reader,
    pod: &ObjectRef,
    container: Option<&str>,
) -> Result<Vec<Source>, ReadError> {
    let source = |name: &str| Source {
        pod: pod.clone(),
        pod_name: pod.name.as_str().into(),
        container: name.into(),
    };
    if let Some(name) = container {
        return Ok(vec![source(name)]);
    }
    let value: Value = reader
        .get_json(&pod.path())
        .await
        .map_err(|fault| fault.read_error(&format!("get {pod}"), false))?;
    let names = ["initContainers", "containers", "ephemeralContainers"]
        .iter()
        .flat_map(|field| value["spec"][field].as_array().into_iter().flatten())
        .filter_map(|spec| spec["name"].as_str());
    let sources: Vec<_> = names.map(source).collect();
    if sources.is_empty() {
        return Err(ReadError {
            kind: ReadErrorKind::NotFound,
            cause: format!("logs of {pod}: it has no containers"),
            cure: "look at its YAML".into(),
            retrying: false,
        });
    }
    Ok(sources)
}

impl Source {
    /// A line of ours among theirs, at the present time.
    pub fn note(&self, text: &str) -> LogLine {
        LogLine {
            pod: Arc::clone(&self.pod_name),
            container: Arc::clone(&self.container),
            time: jiff::Timestamp::now().to_string().into(),
            text: LogText::parse(text),
            note: true,
        }
    }

    /// Asks the pod how the container is.
    pub async fn condition(&self, reader: &Reader) -> Result<Condition, Fault> {
        match reader.get_json::<Value>(&self.pod.path()).await {
            Ok(pod) if self.pod.uid.as_deref().is_some_and(|uid| pod["metadata"]["uid"] != uid) => {
                Ok(Condition::Gone("the pod was deleted; another has its name now"))
            }
            Ok(pod) => Ok(condition(&pod, &self.container)),
            Err(fault) if fault.code() == Some(404) => Ok(Condition::Gone("the pod was deleted")),
            Err(fault) => Err(fault),
        }
    }
}

fn condition(pod: &Value, container: &str) -> Condition {
    let find = |field: &str| {
        let statuses = pod["status"][field].as_array().into_iter().flatten();
        statuses.into_iter().find(|status| status["name"] == container)
    };
    let fields = [
        "containerStatuses",
        "initContainerStatuses",
        "ephemeralContainerStatuses",
    ];
    let field = fields.into_iter().find(|field| find(field).is_some());
    let status = field.and_then(find).unwrap_or(&Value::Null);
    let restarts = status["restartCount"].as_u64().unwrap_or(0);
    let state = &status["state"];
    if !state["running"].is_null() {
        return Condition::Running { restarts };
    }
    let terminated = &state["terminated"];
    if !terminated.is_null() && !runs_again(pod, field.unwrap_or_default(), container, terminated) {
        let how = ending(terminated);
        return Condition::Ended { restarts, how };
    }
    if matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) {
        let how = "the pod has ended".to_owned();
        return Condition::Ended { restarts, how };
    }
    let last = [terminated, &status["lastState"]["terminated"]];
    let ended = last.into_iter().find(|t| !t.is_null()).map(ending);
    let how = ended.unwrap_or_else(|| {
        let reason = state["waiting"]["reason"].as_str().unwrap_or("not started");
        format!("container is waiting: {reason}")
    });
    Condition::Waiting { restarts, how }
}

/// Whether the kubelet will start it again.
fn runs_again(pod: &Value, field: &str, container: &str, terminated: &Value) -> bool {
    if !pod["metadata"]["deletionTimestamp"].is_null() || field == "ephemeralContainerStatuses" {
        return false;
    }
    let failed = terminated["exitCode"] != 0;
    if field == "initContainerStatuses" {
        let specs = pod["spec"]["initContainers"].as_array().into_iter().flatten();
        let sidecar = specs
            .into_iter()
            .any(|spec| spec["name"] == container && spec["restartPolicy"] == "Always");
        return sidecar || (failed && pod["spec"]["restartPolicy"] != "Never");
    }
    match pod["spec"]["restartPolicy"].as_str() {
        Some("Never") => false,
        Some("OnFailure") => failed,
        _ => true,
    }
}

/// `container ended: Error, exit code 3, at 2026-01-01T00:00:00Z`.
fn ending(terminated: &Value) -> String {
    let reason = terminated["reason"].as_str().unwrap_or("terminated");
    let code = terminated["exitCode"].as_i64();
    let code = code.map_or_else(String::new, |code| format!(", exit code {code}"));
    let at = terminated["finishedAt"].as_str();
    let at = at.map_or_else(String::new, |at| format!(", at {at}"));
    format!("container ended: {reason}{code}{at}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(policy: &str, state: &Value) -> Value {
        json!({
            "metadata": {},
            "spec": {"restartPolicy": policy},
            "status": {"containerStatuses": [{"name": "web", "restartCount": 2, "state": state}]},
        })
    }

    #[test]
    fn a_container_that_runs_again_is_waited_for() {
        let failed = json!({"terminated": {"exitCode": 3, "reason": "Error"}});
        let well = json!({"terminated": {"exitCode": 0, "reason": "Completed"}});
        for (policy, state, waits) in [
            ("Always", &failed, true),
            ("Always", &well, true),
            ("OnFailure", &failed, true),
            ("OnFailure", &well, false),
            ("Never", &failed, false),
        ] {
            let condition = condition(&pod(policy, state), "web");
            assert_eq!(
                matches!(condition, Condition::Waiting { .. }),
                waits,
                "{policy} {state}"
            );
        }
        let mut leaving = pod("Always", &failed);
        leaving["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert_eq!(
            condition(&leaving, "web"),
            Condition::Ended {
                restarts: 2,
                how: "container ended: Error, exit code 3".into()
            }
        );
    }

    #[test]
    fn a_crash_loop_says_how_the_last_run_ended() {
        let mut pod = pod("Always", &json!({"waiting": {"reason": "CrashLoopBackOff"}}));
        pod["status"]["containerStatuses"][0]["lastState"] = json!({"terminated": {"exitCode": 3, "reason": "Error"}});
        assert_eq!(
            condition(&pod, "web"),
            Condition::Waiting {
                restarts: 2,
                how: "container ended: Error, exit code 3".into(),
            }
        );
    }
}
