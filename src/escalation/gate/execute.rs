//! Writes: checked, recorded, sent once, recorded. Each target is a request of its own, with the
//! uid and resourceVersion that the operator saw as preconditions. Nothing is ever retried.

use std::sync::Arc;

use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Gate;
use super::base::silent;
use super::petition::{conclude, digest, intend, not_sent, outcome, unwritten};
use super::session::Live;
use super::wire::{Answer, Call, Silence};
use crate::audit::{Event, Intent, Outcome as Recorded, Receipt, Refused, Target, Warned};
use crate::escalation::contract::BEGUN;
use crate::escalation::live::{Act, Mutation};
use crate::escalation::{Confirmed, GateError, GateEvent, Outcome};
use crate::model::{ObjectRef, TermSafe};

const MERGE_PATCH: &str = "application/merge-patch+json";
const STRATEGIC_PATCH: &str = "application/strategic-merge-patch+json";

/// The server's answer, or why none came.
pub(super) type Answered = Result<Answer, Silence>;
/// Audit-ID, answer, and whether the outcome is recorded.
type Exchanged = (String, Answered, Result<(), GateError>);

/// One request of a mutation.
pub(super) struct Write {
    act: Act,
    verb: &'static str,
    pub(super) words: String,
    method: Method,
    path: String,
    content_type: &'static str,
    body: Vec<u8>,
    target: Target,
    confirmed: Option<Confirmed>,
}

impl Gate {
    /// One write. Each request's result comes as `GateEvent::Outcome`; an error says why the rest
    /// was not sent.
    pub async fn execute(&self, mutation: Mutation) -> Result<(), GateError> {
        let live = self.live()?;
        for target in &mutation.targets {
            let write = write(mutation.act, target, mutation.confirmed);
            if live.grant.session != mutation.session {
                return Err(self.refuse(&live, mutation.action, &write, GateError::Stale).await);
            }
            self.send_one(&live, mutation.action, write).await?;
        }
        Ok(())
    }

    async fn send_one(&self, live: &Arc<Live>, action: u64, write: Write) -> Result<(), GateError> {
        self.send_told(live, action, write).await.map(drop)
    }

    /// Sends it, and tells what came of it.
    pub(super) async fn send_told(&self, live: &Arc<Live>, action: u64, write: Write) -> Result<Answered, GateError> {
        let (audit_id, result, recorded) = self.exchange(live, action, &write).await?;
        self.report(live, action, audit_id, &write, &result);
        recorded.map_err(|error| self.record_failed(live, error))?;
        Ok(result)
    }

    /// Sends it; what came of it is the caller's to tell.
    pub(super) async fn send(&self, live: &Arc<Live>, action: u64, write: &Write) -> Result<Answered, GateError> {
        let (_, result, recorded) = self.exchange(live, action, write).await?;
        recorded.map_err(|error| self.record_failed(live, error))?;
        Ok(result)
    }

    /// Check, intent, request, outcome. An error means that nothing was sent.
    async fn exchange(&self, live: &Arc<Live>, action: u64, write: &Write) -> Result<Exchanged, GateError> {
        let target = write.target.object.clone();
        let _working = match live.work(&target).await {
            Ok(working) => working,
            // The order was taken and is recorded as cut, with what was left: this is no refusal.
            Err(error) if write.is_cut_by(&error) => return Err(GateError::CutShort),
            Err(error) => return Err(self.refuse(live, action, write, error).await),
        };
        if let Err(error) = self.within_bound(live) {
            return Err(self.refuse(live, action, write, error).await);
        }
        let journal = &live.petitions.journal;
        // A journal that takes no intent takes none any more: what is left of the grant is no use.
        let receipt = intend(journal, intent(action, write), &write.words)
            .await
            .map_err(|error| self.record_failed(live, error))?;
        let audit_id = receipt.audit_id();
        self.tell(GateEvent::Marker {
            audit_id: audit_id.clone(),
            label: write.words.clone(),
        });
        // An fsync and a sink can take long; what came meanwhile still counts.
        let pass = match self.intent_is_remote(live, receipt.seq()).await {
            Ok(()) => live.pass(&target).await,
            Err(error) => Err(error),
        };
        let pass = match pass {
            Ok(pass) => pass,
            Err(error) => {
                let error = if write.is_cut_by(&error) {
                    GateError::CutShort
                } else {
                    live.counts.refused();
                    error
                };
                self.not_sent(live, receipt, write, &error).await?;
                return Err(error);
            }
        };
        let call = Call {
            method: write.method.clone(),
            path: write.path.clone(),
            content_type: write.content_type,
            body: write.body.clone(),
            audit_id: Some(audit_id.clone()),
        };
        let sent = receipt.spend();
        live.counts.sent();
        let result = tokio::select! {
            biased;
            result = pass.wire().send(call) => result,
            () = live.cut.cancelled() => Err(Silence::unknown("the escalation ended before one came")),
        };
        drop(pass);
        match &result {
            Ok(answer) => live.counts.answered(answer.is_ok()),
            Err(silence) if !silence.was_sent => live.counts.kept_back(),
            Err(_) => {}
        }
        let recorded = conclude(journal, sent, recorded(write, &result), &write.words).await;
        match result {
            Err(silence) if !silence.was_sent => {
                recorded.map_err(|error| self.record_failed(live, error))?;
                Err(silent(silence, &write.words))
            }
            result => Ok((audit_id, result, recorded)),
        }
    }

    fn report(&self, live: &Live, action: u64, audit_id: String, write: &Write, result: &Answered) {
        let status = result.as_ref().map_or(0, |answer| answer.status);
        let took_ms = result.as_ref().map_or(0, |answer| answer.took_ms);
        self.tell(GateEvent::Outcome(Outcome {
            action,
            audit_id,
            verb: write.verb.into(),
            target: write.target.object.clone(),
            status,
            message: words(write, result),
            took_ms,
        }));
        if status == 401 && live.stop_accepting() {
            self.tell(GateEvent::LostAuth);
        }
    }

    /// The intent's outcome says so, lest it count as unknown.
    async fn not_sent(&self, live: &Live, receipt: Receipt, write: &Write, why: &GateError) -> Result<(), GateError> {
        let outcome = not_sent(why);
        match conclude(&live.petitions.journal, receipt.spend(), outcome, &write.words).await {
            Ok(()) => Ok(()),
            // The journal is closed by now.
            Err(_) if !live.is_accepting() => Ok(()),
            Err(error) => Err(self.record_failed(live, unwritten(&write.words, &error))),
        }
    }

    pub(super) async fn refuse(&self, live: &Live, action: u64, write: &Write, error: GateError) -> GateError {
        live.counts.refused();
        let event = Event::Refused(Refused {
            action,
            words: write.words.clone(),
            target: Some(write.target.clone()),
            why: error.to_string(),
        });
        match live.petitions.journal.append(event).await {
            Ok(_) => error,
            // Nothing is accepted any more, and why is told already.
            Err(_) if !live.is_accepting() => error,
            Err(failed) => self.record_failed(live, unwritten(&write.words, &failed)),
        }
    }

    /// Records that the operator was told of the end. Nothing was sent for it, yet a journal that
    /// takes no more records ends the escalation here as everywhere.
    pub async fn warned(&self, seconds_left: u32) {
        let Ok(live) = self.live() else { return };
        let event = Event::Warned(Warned {
            seconds_left: seconds_left.into(),
        });
        match live.petitions.journal.append(event).await {
            Err(failed) if live.is_accepting() => {
                self.record_failed(&live, super::petition::unwritten("a warning", &failed));
            }
            _ => {}
        }
    }

    pub(super) fn record_failed(&self, live: &Live, error: GateError) -> GateError {
        if live.stop_accepting() {
            self.tell(GateEvent::RecordFailed {
                cause: error.to_string(),
            });
        }
        error
    }
}

impl Write {
    /// One of many of a drain that the end has cut.
    fn is_cut_by(&self, error: &GateError) -> bool {
        matches!(self.act, Act::Evict) && matches!(error, GateError::Closed | GateError::Expired)
    }
}

pub(super) fn write(act: Act, target: &ObjectRef, confirmed: Option<Confirmed>) -> Write {
    let (verb, method, content_type, body) = match act {
        Act::Delete => ("delete", Method::DELETE, "application/json", delete_body(target)),
        Act::Scale { replicas } => (
            "scale",
            Method::PATCH,
            MERGE_PATCH,
            patch(target, &json!({"replicas": replicas})),
        ),
        Act::Restart => (
            "restart",
            Method::PATCH,
            STRATEGIC_PATCH,
            patch(target, &restart_spec()),
        ),
        Act::Cordon { unschedulable } => (
            if unschedulable { "cordon" } else { "uncordon" },
            Method::PATCH,
            MERGE_PATCH,
            // Null takes the field away, as it was before.
            patch(target, &json!({"unschedulable": unschedulable.then_some(true)})),
        ),
        Act::Evict => ("evict", Method::POST, "application/json", eviction(target)),
    };
    let subresource = match act {
        Act::Scale { .. } => Some("scale"),
        Act::Evict => Some("eviction"),
        Act::Delete | Act::Restart | Act::Cordon { .. } => None,
    };
    let place = target
        .namespace
        .as_ref()
        .map(|ns| format!(" in {ns}"))
        .unwrap_or_default();
    let amount = match act {
        Act::Scale { replicas } => format!(" to {replicas}"),
        _ => String::new(),
    };
    Write {
        act,
        verb,
        words: format!("{verb} {target}{place}{amount}"),
        method,
        path: match subresource {
            Some(subresource) => format!("{}/{subresource}", target.path()),
            None => target.path(),
        },
        content_type,
        body: body.to_string().into_bytes(),
        target: Target {
            object: target.clone(),
            subresource: subresource.map(str::to_owned),
        },
        confirmed,
    }
}

/// The uid alone is its precondition: a pod's version changes with each probe, and whatever it is
/// by then, it is the pod that was seen.
fn eviction(target: &ObjectRef) -> Value {
    json!({
        "apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": {"name": target.name, "namespace": target.namespace},
        "deleteOptions": {"preconditions": {"uid": target.uid}},
    })
}

fn delete_body(target: &ObjectRef) -> Value {
    json!({
        "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
        "preconditions": {"uid": target.uid, "resourceVersion": target.resource_version},
    })
}

/// The API server answers 409 if either is not what the object has.
fn patch(target: &ObjectRef, spec: &Value) -> Value {
    json!({"metadata": {"uid": target.uid, "resourceVersion": target.resource_version}, "spec": spec})
}

fn restart_spec() -> Value {
    let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}})
}

fn intent(action: u64, write: &Write) -> Intent {
    Intent {
        action,
        words: write.words.clone(),
        petition: None,
        identity: "elevated".into(),
        verb: match write.method {
            Method::DELETE => "delete",
            Method::POST => "create",
            _ => "patch",
        }
        .into(),
        method: write.method.to_string(),
        path: write.path.clone(),
        target: Some(write.target.clone()),
        dry_run: false,
        body_sha256: Some(digest(&write.body)),
        confirmed: write.confirmed.map(|how| how.as_str().into()),
    }
}

fn recorded(write: &Write, result: &Answered) -> Recorded {
    Recorded {
        message: words(write, result),
        ..outcome(result)
    }
}

/// What was done, or the server's words with what they mean.
fn words(write: &Write, result: &Answered) -> String {
    match result {
        Err(silence) if !silence.was_sent => format!("not sent: {}", silence.cause),
        Err(silence) => format!("no answer: {}; whether it happened is unknown", silence.cause),
        Ok(answer) if answer.is_ok() => done(write.act, answer),
        Ok(answer) if answer.status == 409 => {
            format!(
                "the object changed since you saw it, nothing was done: {}",
                answer.message()
            )
        }
        Ok(answer) if answer.status == 404 => "the object is gone, nothing was done".into(),
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
