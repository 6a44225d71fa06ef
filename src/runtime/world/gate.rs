//! What is asked of the gate, beside the loop, and the one authority from its grant to its end.

use std::sync::Arc;

use super::World;
use super::connecting::connect_failed;
use crate::app::Fact;
use crate::escalation::{Drain, EndReason, EscalationRequest, Gate, GateError};
use crate::model::ObjectRef;
use crate::runtime::happened::Happened;
use crate::runtime::held::{Held, Work};
use crate::runtime::{clock, connection};

impl World {
    pub(super) fn offers(&self) {
        let Some(gate) = self.gate() else {
            let error = "the policy file is broken; :messages says where".to_owned();
            self.post(Happened::Fact(Fact::OffersFailed { error }));
            return;
        };
        let mail = self.mail.clone();
        tokio::spawn(async move {
            let fact = match gate.offers().await {
                Ok(offers) => Fact::Offers(Arc::new(offers)),
                Err(error) => Fact::OffersFailed {
                    error: error.to_string(),
                },
            };
            mail.send(Happened::Fact(fact)).await;
        });
    }

    pub(super) fn ask(&mut self, request: EscalationRequest) {
        let Some(gate) = self.gate() else { return };
        if let Some(context) = self.give_up_connecting() {
            let why = "break-glass is asked for on the context that was open";
            self.post(Happened::Fact(connect_failed(context, &why)));
        }
        let (mail, asked) = (self.mail.clone(), Arc::clone(&gate));
        let task = tokio::spawn(async move {
            let happened = match asked.ask(request).await {
                Ok(escalation) => Happened::Granted(Held {
                    escalation,
                    gate: asked,
                }),
                Err(GateError::Withdrawn) => Happened::GateDone(Fact::Withdrawn),
                Err(error) => Happened::GateDone(Fact::AskFailed {
                    error: error.to_string(),
                }),
            };
            mail.send(happened).await;
            None
        });
        self.at_the_gate = Some(Work { gate, task });
    }

    /// What runs on a node, for the question before a drain.
    pub(super) fn survey(&self, node: ObjectRef) {
        let Some(gate) = self.gate() else { return };
        let mail = self.mail.clone();
        tokio::spawn(async move {
            let found = gate
                .survey(&node)
                .await
                .map(Arc::new)
                .map_err(|error| error.to_string());
            mail.send(Happened::Fact(Fact::Surveyed { node, found })).await;
        });
    }

    /// Beside the queue of writes: it may wait for minutes, and the end cuts it.
    pub(super) fn drain(&self, drain: Drain) {
        let Some(gate) = self.gate() else { return };
        let mail = self.mail.clone();
        tokio::spawn(async move {
            let action = drain.action();
            if let Err(error) = gate.drain(drain).await {
                connection::did_not_begin(action, &error, &mail).await;
            }
        });
    }

    /// The gate of the context that is looked at.
    pub(super) fn gate(&self) -> Option<Arc<Gate>> {
        self.connection.as_ref().and_then(|connection| connection.gate.clone())
    }

    /// The gate of what lives, else of the context that is looked at.
    pub(super) fn gate_in_use(&self) -> Option<Arc<Gate>> {
        let held = self.held.as_ref().map(|held| &held.gate);
        let in_use = held.or_else(|| self.at_the_gate.as_ref().map(|work| &work.gate));
        in_use.cloned().or_else(|| self.gate())
    }

    /// Keeps the authority. The facts for the screen follow by themselves.
    pub fn granted(&mut self, held: Held) -> Fact {
        let grant = held.escalation.grant().clone();
        let is_over = !held.gate.is_accepting();
        self.broken.push(grant.session.clone());
        self.held = Some(held);
        self.at_the_gate = None;
        if is_over {
            // The journal failed before the grant was here, and was told of when nothing was held.
            self.end(EndReason::RecordFailed);
        }
        Fact::Granted(grant)
    }

    pub(super) fn warned(&self, seconds_left: u32) {
        if let Some(gate) = self.gate_in_use() {
            tokio::spawn(async move { gate.warned(seconds_left).await });
        }
    }

    /// What the gate was working on has been taken.
    pub fn gate_done(&mut self, fact: &Fact) {
        self.at_the_gate = None;
        if let Fact::Ended(ended) = fact {
            self.left.extend(ended.left.iter().cloned());
        }
    }

    /// Ends the live escalation; asked again while it is ending, the wait is cut short.
    pub(super) fn end(&mut self, reason: EndReason) {
        if matches!(reason, EndReason::Signal(_)) {
            // Two seconds are left: `leave` ends it the fast way.
            self.quit = true;
            return;
        }
        let Some(Held { escalation, gate }) = self.held.take() else {
            self.with_gate(Gate::hurry);
            return;
        };
        let (mail, ending) = (self.mail.clone(), Arc::clone(&gate));
        let task = tokio::spawn(async move {
            // Told beside the end, never before it: the mail may be full, and then who ends would
            // wait for a screen.
            let ending = ending.end(escalation, reason);
            let (ended, ()) = tokio::join!(ending, mail.send(Happened::Fact(Fact::Ending)));
            mail.send(Happened::GateDone(Fact::Ended(ended.clone()))).await;
            Some(ended)
        });
        self.at_the_gate = Some(Work { gate, task });
    }

    /// For what the gate finds: an end that runs already is not hurried by it.
    pub(super) fn end_if_held(&mut self, reason: EndReason) {
        if self.held.is_some() {
            self.end(reason);
        }
    }

    /// To be called at least once a second: ends the escalation at its deadline by the boot clock,
    /// which goes on in suspend where tokio's timers stop.
    pub fn expire(&mut self) {
        let now = clock::now();
        if self
            .authority()
            .is_some_and(|e| e.grant().deadline.boot_ms <= now.boot_ms)
        {
            self.end(EndReason::Expired);
        }
    }

    /// Milliseconds to the deadline of the live escalation.
    pub fn deadline_in(&self) -> Option<u64> {
        self.authority().map(|e| e.grant().deadline.since(clock::now()))
    }
}
