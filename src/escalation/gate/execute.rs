//! Writes: checked, recorded, sent once, recorded. Each target is a request of its own, with the
//! uid and resourceVersion that the operator saw as preconditions. Nothing is ever retried.

use std::sync::Arc;

use super::Gate;
use super::base::silent;
use super::petition::{conclude, intend, not_sent, unwritten};
use super::said::{recorded, words};
use super::session::{Live, Pass};
use super::wire::{Answer, Silence};
use super::write::Write;
use crate::audit::{Event, Receipt, Refused, Warned};
use crate::escalation::live::Mutation;
use crate::escalation::{GateError, GateEvent, Outcome};

/// The server's answer, or why none came.
pub(super) type Answered = Result<Answer, Silence>;
/// Audit-ID, answer, and whether the outcome is recorded.
type Exchanged = (String, Answered, Result<(), GateError>);

impl Gate {
    /// One write. Each request's result comes as `GateEvent::Outcome`; an error says why the rest
    /// was not sent.
    pub async fn execute(&self, mutation: Mutation) -> Result<(), GateError> {
        let live = self.live()?;
        for target in &mutation.targets {
            let write = Write::new(mutation.act, target, mutation.confirmed);
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
        let _working = match live.work(&write.target.object).await {
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
        let receipt = intend(journal, write.intent(action), &write.words)
            .await
            .map_err(|error| self.record_failed(live, error))?;
        let audit_id = receipt.audit_id();
        self.tell(GateEvent::Marker {
            audit_id: audit_id.clone(),
            label: write.words.clone(),
        });
        let (receipt, pass) = self.cleared(live, receipt, write).await?;
        let sent = receipt.spend();
        let result = answered(live, pass, write, &audit_id).await;
        let recorded = conclude(journal, sent, recorded(write, &result), &write.words).await;
        match result {
            Err(silence) if !silence.was_sent => {
                recorded.map_err(|error| self.record_failed(live, error))?;
                Err(silent(silence, &write.words))
            }
            result => Ok((audit_id, result, recorded)),
        }
    }

    /// An fsync and a sink can take long; what came meanwhile still counts. An error means that nothing
    /// was sent, and that the intent's outcome says so.
    async fn cleared<'live>(
        &self,
        live: &'live Live,
        receipt: Receipt,
        write: &Write,
    ) -> Result<(Receipt, Pass<'live>), GateError> {
        let pass = match self.intent_is_remote(live, receipt.seq()).await {
            Ok(()) => live.pass(&write.target.object).await,
            Err(error) => Err(error),
        };
        let error = match pass {
            Ok(pass) => return Ok((receipt, pass)),
            Err(error) if write.is_cut_by(&error) => GateError::CutShort,
            Err(error) => {
                live.counts.refused();
                error
            }
        };
        self.not_sent(live, receipt, write, &error).await?;
        Err(error)
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

/// Sends it over the pass, which is given back with the answer; the end waits for none.
async fn answered(live: &Live, pass: Pass<'_>, write: &Write, audit_id: &str) -> Answered {
    live.counts.sent();
    let result = tokio::select! {
        biased;
        result = pass.wire().send(write.call(audit_id)) => result,
        () = live.cut.cancelled() => Err(Silence::unknown("the escalation ended before one came")),
    };
    match &result {
        Ok(answer) => live.counts.answered(answer.is_ok()),
        Err(silence) if !silence.was_sent => live.counts.kept_back(),
        Err(_) => {}
    }
    result
}
