//! What came of a write, in the operator's words: what was done, or the server's words with what they
//! mean. Reads the answer only.

use serde_json::Value;

use super::execute::Answered;
use super::petition::outcome;
use super::wire::Answer;
use super::write::Write;
use crate::audit::Outcome as Recorded;
use crate::escalation::contract::BEGUN;
use crate::escalation::live::Act;
use crate::model::TermSafe;

/// As the journal has it.
pub(super) fn recorded(write: &Write, result: &Answered) -> Recorded {
    Recorded {
        message: words(write, result),
        ..outcome(result)
    }
}

/// What was done, or the server's words with what they mean.
pub(super) fn words(write: &Write, result: &Answered) -> String {
    match result {
        Err(silence) if !silence.was_sent => format!("not sent: {}", silence.cause),
        Err(silence) => format!("no answer: {}; whether it happened is unknown", silence.cause),
        Ok(answer) if answer.is_ok() => done(write.act, answer),
        Ok(answer) if answer.status == 409 => {
            format!("the object changed since you saw it: {}", answer.message())
        }
        Ok(answer) if answer.status == 404 => "the object is gone".into(),
        Ok(answer) => answer.message(),
    }
}

fn done(act: Act, answer: &Answer) -> String {
    match act {
        Act::Delete => deleted(&answer.body),
        Act::Restart => "restarted".into(),
        Act::Cordon { unschedulable: true } => "no new pods come".into(),
        Act::Cordon { unschedulable: false } => "new pods may come".into(),
        Act::Evict => "evicted".into(),
        // As many as there were when the server took the order.
        Act::Scale { replicas } => match answer.body.pointer("/status/replicas").and_then(Value::as_u64) {
            Some(were) if were != u64::from(replicas) => format!("{were} → {replicas}"),
            // Pods that a rollout has not replaced yet are counted too: `3 → 3` would say that nothing was done.
            _ => format!("→ {replicas}"),
        },
    }
}

/// Gone, or on its way: then the server answers with the object, and that says what it waits for.
fn deleted(object: &Value) -> String {
    let begun = object
        .pointer("/metadata/deletionTimestamp")
        .is_some_and(Value::is_string);
    let seconds = object
        .pointer("/metadata/deletionGracePeriodSeconds")
        .and_then(Value::as_u64);
    let holders = holders(object);
    if begun && !holders.is_empty() {
        format!("{BEGUN}; held by {}", holders.join(", "))
    } else if begun && object.pointer("/status/phase").and_then(Value::as_str) == Some("Terminating") {
        // A namespace, which has its finalizers elsewhere.
        format!("{BEGUN}; what is in it goes first")
    } else if let Some(seconds) = seconds.filter(|seconds| begun && *seconds > 0) {
        format!("ends within {seconds} s")
    } else {
        "deleted".into()
    }
}

/// Finalizers of an object, safe for a terminal: anybody who may write it chooses them.
fn holders(object: &Value) -> Vec<String> {
    const MOST: usize = 3;
    let all = object.pointer("/metadata/finalizers").and_then(Value::as_array);
    let names = all.into_iter().flatten().filter_map(Value::as_str);
    let mut shown: Vec<String> = names.map(|name| TermSafe::new(name).to_string()).collect();
    if shown.len() > MOST {
        let more = shown.len() - MOST;
        shown.truncate(MOST);
        shown.push(format!("{more} more"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_deletion_waits_for_is_said() {
        let at = "2026-11-24T02:15:40Z";
        for (object, said) in [
            (json!({"kind": "Status", "status": "Success"}), "deleted"),
            (json!({"metadata": {"name": "a"}}), "deleted"),
            (
                json!({"metadata": {"deletionTimestamp": at, "deletionGracePeriodSeconds": 0}}),
                "deleted",
            ),
            (
                json!({"metadata": {"deletionTimestamp": at, "deletionGracePeriodSeconds": 30}}),
                "ends within 30 s",
            ),
            (
                json!({"metadata": {"deletionTimestamp": at, "deletionGracePeriodSeconds": 0,
                    "finalizers": ["kubernetes.io/pvc-protection"]}}),
                "deletion begun; held by kubernetes.io/pvc-protection",
            ),
            (
                json!({"metadata": {"deletionTimestamp": at, "deletionGracePeriodSeconds": 30,
                    "finalizers": ["a", "foregroundDeletion", "c\u{1b}[2J", "d", "e"]}}),
                "deletion begun; held by a, foregroundDeletion, c␛[2J, 2 more",
            ),
            // Not deleted yet: finalizers hold nothing.
            (json!({"metadata": {"finalizers": ["a"]}}), "deleted"),
            (
                json!({"metadata": {"deletionTimestamp": at}, "status": {"phase": "Terminating"}}),
                "deletion begun; what is in it goes first",
            ),
        ] {
            assert_eq!(deleted(&object), said, "{object}");
        }
    }
}
