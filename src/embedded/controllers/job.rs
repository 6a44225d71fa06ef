//! Jobs: started when seen, failed at their deadline, removed when their time after the end is
//! over.

use serde_json::{Value, json};

use super::super::clock::{parse_ms, rfc3339};
use super::super::kinds;
use super::super::store::{Key, Store, text};

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let jobs: Vec<(Key, Value)> = store
        .of_kind(kinds::known("jobs"))
        .map(|(key, job)| (key.clone(), job.clone()))
        .collect();
    let mut changed = false;
    for (key, job) in jobs {
        if removed_at(&job).is_some_and(|at| at <= now_ms) {
            changed |= store.remove(&key).is_some();
        } else if let Some(next) = next_state(&job, now_ms) {
            store.put(key, next);
            changed = true;
        }
    }
    changed
}

pub(super) fn due_ms(job: &Value) -> Option<i64> {
    removed_at(job).or_else(|| fails_at(job))
}

fn next_state(job: &Value, now_ms: i64) -> Option<Value> {
    let mut after = job.clone();
    if text(job, "/status/startTime").is_none() && !ended(job) {
        // Set even where parallelism is 0, and the deadline runs from it.
        after["status"]["startTime"] = json!(rfc3339(now_ms));
        after["status"]["ready"] = json!(0);
        after["status"]["terminating"] = json!(0);
        return Some(after);
    }
    let at = fails_at(job).filter(|at| *at <= now_ms)?;
    let when = rfc3339(at);
    let condition = |kind: &str| {
        json!({
            "type": kind, "status": "True", "lastProbeTime": when, "lastTransitionTime": when,
            "reason": "DeadlineExceeded", "message": "Job was active longer than specified deadline",
        })
    };
    after["status"]["conditions"] = json!([condition("FailureTarget"), condition("Failed")]);
    Some(after)
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

fn ended(job: &Value) -> bool {
    end(job).is_some()
}

fn end(job: &Value) -> Option<&Value> {
    let conditions = job.pointer("/status/conditions")?.as_array()?;
    conditions
        .iter()
        .find(|c| matches!(text(c, "/type"), Some("Complete" | "Failed")) && c["status"] == json!("True"))
}
