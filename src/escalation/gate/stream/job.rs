//! What every stream goes through: the check, the intent, the request, the outcome. Sends nothing
//! without a durable intent, and leaves no intent without an outcome.

use std::sync::Arc;
use std::time::Duration;

use super::open::{Entered, Over};
use super::socket::{self, Refusal, Socket};
use crate::audit::{Event, Intent, Outcome as Recorded, Refused, Sent, StreamOpened, Streamed, Target};
use crate::escalation::gate::Gate;
use crate::escalation::gate::base::agent;
use crate::escalation::gate::clock::boot_ms;
use crate::escalation::gate::petition::{conclude, intend, unrecorded, unwritten};
use crate::escalation::gate::session::Live;
use crate::escalation::{GateError, GateEvent, StreamEvent, StreamFact};
use crate::model::{ObjectRef, TermSafe};

/// An API server accepts a stream well below this.
const PATIENCE: Duration = Duration::from_secs(15);

/// One stream with everything it needs.
pub(super) struct Job<'g> {
    pub(super) gate: &'g Gate,
    pub(super) live: &'g Arc<Live>,
    pub(super) entered: &'g Entered<'g>,
    pub(super) action: u64,
    pub(super) words: String,
    pub(super) pod: ObjectRef,
}

/// An open socket with what its outcome needs.
pub(super) struct Connected {
    pub(super) socket: Socket,
    pub(super) request: Request,
}

/// A request that was accepted and whose outcome is still to be recorded.
pub(super) struct Request {
    sent: Sent,
    pub(super) intent: u64,
    pub(super) since: u64,
}

impl Job<'_> {
    /// Checked, recorded, sent. An error means that there is no stream, and that it is recorded.
    pub(super) async fn connect(&self, subresource: &str, query: &str, words: &str) -> Result<Connected, GateError> {
        let _working = match self.live.work(&self.pod).await {
            Ok(working) => working,
            Err(error) => return Err(self.refuse(error).await),
        };
        if let Err(error) = self.gate.within_bound(self.live) {
            return Err(self.refuse(error).await);
        }
        let path = format!("{}/{subresource}?{query}", self.pod.path());
        let journal = &self.live.petitions.journal;
        let receipt = intend(journal, self.intent(subresource, &path, words), words)
            .await
            .map_err(|error| self.gate.record_failed(self.live, error))?;
        let audit_id = receipt.audit_id();
        self.gate.tell(GateEvent::Marker {
            audit_id: audit_id.clone(),
            label: words.to_owned(),
        });
        let request = Request {
            intent: receipt.seq(),
            sent: receipt.spend(),
            since: boot_ms(),
        };
        // An fsync and a sink can take long; what came meanwhile still counts.
        let pass = match self.gate.intent_is_remote(self.live, request.intent).await {
            Ok(()) => self.live.pass(&self.pod).await,
            Err(error) => Err(error),
        };
        let pass = match pass {
            Ok(pass) => pass,
            Err(error) => {
                self.live.counts.refused();
                self.conclude(request, 0, format!("not sent: {error}"), None).await?;
                return Err(error);
            }
        };
        self.live.counts.sent();
        let agent = agent(Some(journal.session()));
        let opening = socket::connect(&self.gate.settings.endpoint, pass.token(), &path, &audit_id, &agent);
        let result = tokio::select! {
            biased;
            over = self.entered.over() => Err(Refusal::Failed(match over {
                Over::Cut => "the escalation ended while it was opening".into(),
                Over::Closed => "it was closed while it was opening".into(),
            })),
            result = tokio::time::timeout(PATIENCE, opening) => result.unwrap_or_else(|_| {
                Err(Refusal::Failed(format!("no answer within {} s", PATIENCE.as_secs())))
            }),
        };
        drop(pass);
        match &result {
            Ok(_) => self.live.counts.answered(true),
            Err(Refusal::Answered { .. }) => self.live.counts.answered(false),
            Err(Refusal::Failed(_)) => {}
        }
        match result {
            Ok(socket) => Ok(Connected { socket, request }),
            Err(refusal) => Err(self.refused(request, refusal, words).await?),
        }
    }

    async fn refused(&self, request: Request, refusal: Refusal, words: &str) -> Result<GateError, GateError> {
        let what = words.to_owned();
        let (status, message) = match refusal {
            Refusal::Answered { status, message } => (status, TermSafe::new(&message).to_string()),
            Refusal::Failed(cause) => {
                let message = format!("not opened: {cause}");
                self.conclude(request, 0, message, None).await?;
                return Ok(GateError::NoAnswer { what, cause });
            }
        };
        self.conclude(request, status, message.clone(), None).await?;
        if status == 401 && self.live.stop_accepting() {
            self.gate.tell(GateEvent::LostAuth);
        }
        Ok(GateError::Refused {
            what,
            status,
            message,
            cure: "look at the role's rights and at the pod".into(),
        })
    }

    /// The outcome, on disk; if it cannot be written the escalation ends.
    pub(super) async fn conclude(
        &self,
        request: Request,
        status: u16,
        message: String,
        stream: Option<Streamed>,
    ) -> Result<(), GateError> {
        let outcome = Recorded {
            status,
            message,
            took_ms: boot_ms().saturating_sub(request.since),
            stream,
            ..Recorded::default()
        };
        let recorded = conclude(&self.live.petitions.journal, request.sent, outcome, &self.words).await;
        recorded.map_err(|error| self.gate.record_failed(self.live, error))
    }

    /// Records that a stream is there, or that it is gone; without the record it must not be.
    pub(super) async fn record(&self, event: Event) -> Result<(), GateError> {
        let recorded = self.live.petitions.journal.append(event).await;
        recorded.map(drop).map_err(|error| {
            let error = unrecorded(&self.words, &error);
            self.gate.record_failed(self.live, error)
        })
    }

    pub(super) fn opened(&self, subresource: &str, intent: Option<u64>, local: Option<String>) -> Event {
        Event::StreamOpened(StreamOpened {
            action: self.action,
            words: self.words.clone(),
            intent,
            local,
            target: Some(self.target(subresource)),
        })
    }

    pub(super) async fn refuse(&self, error: GateError) -> GateError {
        self.live.counts.refused();
        let event = Event::Refused(Refused {
            action: self.action,
            words: self.words.clone(),
            target: Some(self.target("")),
            why: error.to_string(),
        });
        match self.live.petitions.journal.append(event).await {
            Ok(_) => error,
            // Nothing is accepted any more, and why is told already.
            Err(_) if !self.live.is_accepting() => error,
            Err(failed) => self.gate.record_failed(self.live, unwritten(&self.words, &failed)),
        }
    }

    pub(super) fn tell(&self, fact: StreamFact) {
        self.gate.tell(GateEvent::Stream(StreamEvent {
            action: self.action,
            fact,
        }));
    }

    fn target(&self, subresource: &str) -> Target {
        Target {
            object: self.pod.clone(),
            subresource: Some(subresource.to_owned()).filter(|s| !s.is_empty()),
        }
    }

    fn intent(&self, subresource: &str, path: &str, words: &str) -> Intent {
        Intent {
            action: self.action,
            words: words.to_owned(),
            petition: None,
            identity: "elevated".into(),
            // What a websocket's GET is to the server; since 1.35 it asks for `create` as well.
            verb: "get".into(),
            method: "GET".into(),
            path: path.to_owned(),
            target: Some(self.target(subresource)),
            dry_run: false,
            body_sha256: None,
            confirmed: None,
        }
    }
}
