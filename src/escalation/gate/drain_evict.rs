//! One eviction, as often as it takes: a disruption budget that allows nothing now is waited for,
//! everything else is final. Each try is a request of its own, with intent and outcome.

use std::time::Duration;

use serde_json::Value;

use super::drain::Run;
use super::wire::Answer;
use super::write::Write;
use crate::escalation::GateEvent;
use crate::escalation::drain::{NodePod, PodNote};
use crate::escalation::live::Act;

/// Longer than this nobody wants to wait for a try, whatever the server says.
const LONGEST_RETRY: u64 = 30;

/// What one try means.
enum Tried {
    Evicted,
    /// A budget allows nothing now.
    Blocked {
        why: String,
        retry: Duration,
    },
    Failed(String),
    /// Nothing was sent, or nothing may be sent any more.
    Stopped(String),
}

impl Run<'_> {
    /// True if it is evicted, or gone already.
    pub(super) async fn evict(&self, pod: &NodePod) -> bool {
        let spelt = pod.spelt();
        let note = |why: String| PodNote {
            pod: spelt.clone(),
            why,
        };
        let mut last = "not tried".to_owned();
        loop {
            let tried = if self.stop.is_cancelled() {
                Tried::Stopped(last)
            } else {
                self.try_to_evict(pod).await
            };
            match tried {
                Tried::Evicted => {
                    self.tell(|p| {
                        p.blocked.retain(|blocked| blocked.pod != spelt);
                        p.evicted += 1;
                    });
                    return true;
                }
                Tried::Blocked { why, retry } => {
                    self.tell(|p| {
                        p.blocked.retain(|blocked| blocked.pod != spelt);
                        p.blocked.push(note(why.clone()));
                    });
                    last = why;
                    self.pause(retry).await;
                }
                Tried::Failed(why) => {
                    self.tell(|p| {
                        p.blocked.retain(|blocked| blocked.pod != spelt);
                        p.failed.push(note(why));
                    });
                    return false;
                }
                Tried::Stopped(why) => {
                    self.tell(|p| {
                        p.blocked.retain(|blocked| blocked.pod != spelt);
                        p.left.push(note(why));
                    });
                    return false;
                }
            }
        }
    }

    async fn try_to_evict(&self, pod: &NodePod) -> Tried {
        let sent = self
            .gate
            .send(
                self.live,
                self.drain.action,
                &Write::new(Act::Evict, &pod.object, self.drain.confirmed),
            )
            .await;
        let answer = match sent {
            Err(error) => return Tried::Stopped(error.to_string()),
            Ok(Err(silence)) => {
                let cause = silence.cause;
                return Tried::Failed(format!("no answer: {cause}; whether it happened is unknown"));
            }
            Ok(Ok(answer)) => answer,
        };
        match answer.status {
            // Gone is as good.
            200..300 | 404 => Tried::Evicted,
            // Another pod of that name by now: the one that was seen is gone.
            409 if answer.message().contains("UID in precondition") => Tried::Evicted,
            409 | 429 => Tried::Blocked {
                why: blocker(&answer),
                retry: retry_after(&answer).unwrap_or(self.gate.settings.timing.eviction),
            },
            401 => {
                if self.live.stop_accepting() {
                    self.gate.tell(GateEvent::LostAuth);
                }
                Tried::Stopped(answer.message())
            }
            _ => Tried::Failed(answer.message()),
        }
    }
}

/// Which budget it is, in the server's words.
fn blocker(answer: &Answer) -> String {
    let causes = answer.body.pointer("/details/causes").and_then(Value::as_array);
    let budget = causes
        .into_iter()
        .flatten()
        .find(|cause| cause["reason"] == "DisruptionBudget");
    match budget.and_then(|cause| cause["message"].as_str()) {
        Some(message) => crate::model::TermSafe::new(message).to_string(),
        None => answer.message(),
    }
}

/// The time that the server names.
fn retry_after(answer: &Answer) -> Option<Duration> {
    let seconds = answer
        .body
        .pointer("/details/retryAfterSeconds")
        .and_then(Value::as_u64)?;
    (seconds > 0).then(|| Duration::from_secs(seconds.min(LONGEST_RETRY)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(details: Value) -> Answer {
        Answer {
            status: 429,
            body: json!({"message": "Cannot evict pod", "details": details}),
            audit_id: None,
            took_ms: 1,
        }
    }

    #[test]
    fn the_budget_that_blocks_is_named_in_the_servers_words() {
        let words = "The disruption budget web needs 2 healthy pods and has 2 currently";
        let causes =
            json!({"causes": [{"reason": "Other", "message": "x"}, {"reason": "DisruptionBudget", "message": words}]});
        assert_eq!(blocker(&answer(causes)), words);
        assert_eq!(blocker(&answer(json!({}))), "Cannot evict pod");
    }

    #[test]
    fn the_servers_time_is_waited_but_not_for_ever() {
        let after = |seconds: Value| retry_after(&answer(json!({"retryAfterSeconds": seconds})));
        assert_eq!(retry_after(&answer(json!({}))), None);
        assert_eq!(after(json!(0)), None);
        assert_eq!(after(json!(10)), Some(Duration::from_secs(10)));
        assert_eq!(after(json!(4000)), Some(Duration::from_secs(30)));
    }
}
