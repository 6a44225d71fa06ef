//! Jobs: started when seen, complete when enough of their pods are, failed at their deadline or
//! after too many tries, removed when their time after the end is over.

use serde_json::{Value, json};

use super::super::clock::{parse_ms, rfc3339};
use super::super::events::{self, Told};
use super::super::kinds;
use super::super::store::{Key, Store, text};
use super::pods::{self, number};

/// The wait before a second try; doubled for each further one, as the real controller does.
const RETRY_MS: i64 = 10_000;
const LONGEST_RETRY_MS: i64 = 600_000;

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let mut changed = false;
    for (key, job) in pods::all(store, "jobs") {
        let before = store.revision();
        if removed_at(&job).is_some_and(|at| at <= now_ms) {
            store.remove(&key);
        } else if text(&job, "/status/startTime").is_none() && !ended(&job) {
            // Set even where parallelism is 0, and the deadline runs from it.
            let status = json!({"startTime": rfc3339(now_ms), "ready": 0, "terminating": 0});
            pods::put_status(store, &key, &job, status);
        } else if !ended(&job) {
            advance(store, &key, &job, now_ms);
        }
        changed |= store.revision() != before;
    }
    changed
}

pub(super) fn due_ms(store: &Store, job: &Value) -> Option<i64> {
    if let Some(at) = removed_at(job) {
        return Some(at);
    }
    if ended(job) {
        return None;
    }
    [fails_at(job), retry_at(&Pods::of(store, job))]
        .into_iter()
        .flatten()
        .min()
}

/// The pods of a job, by how they are.
struct Pods {
    active: Vec<(Key, Value)>,
    succeeded: i64,
    failed: i64,
    /// When the last one failed.
    last_failure_ms: Option<i64>,
    restarts: i64,
}

impl Pods {
    fn of(store: &Store, job: &Value) -> Self {
        let all = pods::controlled(store, kinds::known("pods"), job);
        let phase = |wanted: &str| {
            all.iter()
                .filter(|(_, p)| text(p, "/status/phase") == Some(wanted))
                .count() as i64
        };
        let restarts = |pod: &Value| -> i64 {
            let statuses = pod.pointer("/status/containerStatuses").and_then(Value::as_array);
            statuses.into_iter().flatten().map(|c| number(c, "/restartCount")).sum()
        };
        let finished = |pod: &Value| {
            let at = text(pod, "/status/containerStatuses/0/state/terminated/finishedAt");
            at.and_then(parse_ms)
        };
        let failed = all.iter().filter(|(_, p)| text(p, "/status/phase") == Some("Failed"));
        Self {
            succeeded: phase("Succeeded"),
            failed: phase("Failed"),
            last_failure_ms: failed.filter_map(|(_, p)| finished(p)).max(),
            restarts: all.iter().map(|(_, p)| restarts(p)).sum(),
            active: all.into_iter().filter(|(_, p)| pods::is_active(p)).collect(),
        }
    }
}

/// When a failed job tries again; none if it has a pod, or never failed.
fn retry_at(pods: &Pods) -> Option<i64> {
    if !pods.active.is_empty() {
        return None;
    }
    let wait = RETRY_MS << (pods.failed - 1).clamp(0, 6);
    Some(pods.last_failure_ms? + wait.min(LONGEST_RETRY_MS))
}

fn advance(store: &mut Store, key: &Key, job: &Value, now_ms: i64) {
    let pods = Pods::of(store, job);
    let wanted = job.pointer("/spec/completions").and_then(Value::as_i64).unwrap_or(1);
    let limit = job.pointer("/spec/backoffLimit").and_then(Value::as_i64).unwrap_or(6);
    let runs = number(job, "/spec/parallelism") > 0;
    if fails_at(job).is_some_and(|at| at <= now_ms) {
        let at = fails_at(job).unwrap_or(now_ms);
        return fail(store, key, job, &pods, "DeadlineExceeded", at);
    }
    if runs && pods.succeeded >= wanted {
        return complete(store, key, job, &pods, now_ms);
    }
    if pods.failed > limit || pods.restarts > limit {
        return fail(store, key, job, &pods, "BackoffLimitExceeded", now_ms);
    }
    let suspended = job.pointer("/spec/suspend") == Some(&json!(true));
    if !suspended && retry_at(&pods).is_none_or(|at| at <= now_ms) {
        fill(store, job, &pods, wanted, now_ms);
    }
    let present = Pods::of(store, job);
    let status = counted(job, &present);
    pods::put_status(store, key, job, status);
}

fn fill(store: &mut Store, job: &Value, pods: &Pods, wanted: i64, now_ms: i64) {
    let room = number(job, "/spec/parallelism").min(wanted - pods.succeeded) - pods.active.len() as i64;
    let name = text(job, "/metadata/name").unwrap_or_default();
    for _ in 0..room {
        let pod = format!("{name}-{}", store.next_suffix());
        pods::make_pod(store, job, &pod, |_| {}, now_ms);
    }
}

fn counted(job: &Value, pods: &Pods) -> Value {
    let mut status = job["status"].clone();
    for (field, count) in [
        ("active", pods.active.len() as i64),
        ("succeeded", pods.succeeded),
        ("failed", pods.failed),
    ] {
        if count > 0 {
            status[field] = json!(count);
        } else if let Some(fields) = status.as_object_mut() {
            fields.remove(field);
        }
    }
    status["ready"] = json!(pods::ready_count(&pods.active));
    status
}

fn complete(store: &mut Store, key: &Key, job: &Value, pods: &Pods, now_ms: i64) {
    let mut status = counted(job, pods);
    status["completionTime"] = json!(rfc3339(now_ms));
    let conditions = [("SuccessCriteriaMet", now_ms), ("Complete", now_ms)];
    let message = "Reached expected number of succeeded pods";
    status["conditions"] = ended_by(&conditions, "CompletionsReached", message);
    pods::put_status(store, key, job, status);
    events::tell(
        store,
        job,
        None,
        &Told::normal("Completed", "Job completed".to_owned()),
        now_ms,
    );
}

fn fail(store: &mut Store, key: &Key, job: &Value, pods: &Pods, reason: &'static str, at_ms: i64) {
    for (pod, _) in &pods.active {
        pods::end_pod(store, job, pod, at_ms);
    }
    let message = match reason {
        "DeadlineExceeded" => "Job was active longer than specified deadline",
        _ => "Job has reached the specified backoff limit",
    };
    let mut status = counted(job, pods);
    status["conditions"] = ended_by(&[("FailureTarget", at_ms), ("Failed", at_ms)], reason, message);
    status["ready"] = json!(0);
    if let Some(fields) = status.as_object_mut() {
        fields.remove("active");
    }
    pods::put_status(store, key, job, status);
    events::tell(store, job, None, &Told::warning(reason, message.to_owned()), at_ms);
}

fn ended_by(conditions: &[(&str, i64)], reason: &str, message: &str) -> Value {
    let all = conditions.iter().map(|(kind, at)| {
        json!({
            "type": kind, "status": "True", "reason": reason, "message": message,
            "lastProbeTime": rfc3339(*at), "lastTransitionTime": rfc3339(*at),
        })
    });
    all.collect()
}

fn fails_at(job: &Value) -> Option<i64> {
    if ended(job) {
        return None;
    }
    let deadline = job.pointer("/spec/activeDeadlineSeconds")?.as_i64()?;
    Some(parse_ms(text(job, "/status/startTime")?)? + deadline * 1000)
}

fn removed_at(job: &Value) -> Option<i64> {
    let after = job.pointer("/spec/ttlSecondsAfterFinished")?.as_i64()?;
    let end = end(job)?;
    Some(parse_ms(text(end, "/lastTransitionTime")?)? + after * 1000)
}

pub(super) fn ended(job: &Value) -> bool {
    end(job).is_some()
}

fn end(job: &Value) -> Option<&Value> {
    let conditions = job.pointer("/status/conditions")?.as_array()?;
    conditions
        .iter()
        .find(|c| matches!(text(c, "/type"), Some("Complete" | "Failed")) && c["status"] == json!("True"))
}
