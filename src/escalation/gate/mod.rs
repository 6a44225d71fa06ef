//! The one door. Petitions, acquire, execute, end.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::policy::{Offers, Policy};
use super::{EndReason, Ended, Escalation, EscalationRequest, GateError, GateEvent, Mutation};
use crate::cluster::Endpoint;

/// What a gate is made of.
pub struct GateSettings {
    pub endpoint: Arc<dyn Endpoint>,
    pub policy: Arc<Policy>,
    pub provider: Arc<dyn super::CredentialProvider>,
    /// The folder that holds one folder per session.
    pub sessions: PathBuf,
    pub events: UnboundedSender<GateEvent>,
}

/// The gate of one context. Shared by `Arc`; every method takes `&self`.
pub struct Gate {
    settings: GateSettings,
}

/// A request as an approver reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRequest {
    pub hash: String,
    pub requester: String,
    pub role: String,
    pub namespace: Option<String>,
    pub ttl_seconds: u32,
    pub ticket: String,
    pub trigger: String,
    pub reason: String,
    pub age_seconds: u64,
    pub rights: Vec<String>,
}

/// Consent given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The approver's own session.
    pub session: String,
    pub grant: String,
    /// Epoch seconds on the server's clock.
    pub deadline: u64,
}

/// A session that was found unfinished, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    pub session: String,
    pub text: String,
    pub is_error: bool,
}

impl Gate {
    pub fn new(settings: GateSettings) -> Self {
        Self { settings }
    }

    /// What the pane offers to the base identity on this cluster.
    pub async fn offers(&self) -> Result<Offers, GateError> {
        Ok(self.settings.policy.offers("", &[], true))
    }

    /// Records, requests, waits for consent, acquires. Progress comes as events.
    pub async fn ask(&self, _request: EscalationRequest) -> Result<Escalation, GateError> {
        Err(GateError::Busy)
    }

    /// Gives up an ask that is waiting: the request object is deleted and `ask` returns `Withdrawn`.
    pub fn withdraw(&self) {}

    /// One write. Each request's result comes as `GateEvent::Outcome`; an error says why the rest
    /// was not sent.
    pub async fn execute(&self, _mutation: Mutation) -> Result<(), GateError> {
        Err(GateError::Closed)
    }

    /// Ends the escalation and waits until the server refuses the credential (10 s and more).
    pub async fn end(&self, escalation: Escalation, reason: EndReason) -> Ended {
        self.end_fast(escalation, reason).await
    }

    /// Makes a running `end` leave its wait; the end is then unconfirmed.
    pub fn hurry(&self) {}

    /// For signals: delete the grant, record, seal, within two seconds and unconfirmed.
    pub async fn end_fast(&self, escalation: Escalation, reason: EndReason) -> Ended {
        Ended {
            session: escalation.grant().session.clone(),
            reason,
            revocation: super::Revocation::Unconfirmed { why: String::new() },
            writes: 0,
            refused: 0,
        }
    }

    /// Reads a request, as an approver: name, key and age are checked.
    pub async fn pending(&self, _hash: &str) -> Result<PendingRequest, GateError> {
        Err(GateError::Closed)
    }

    /// Consents to a request, with a journal of its own.
    pub async fn approve(&self, _request: &PendingRequest, _reason: &str) -> Result<Approval, GateError> {
        Err(GateError::Closed)
    }

    /// Closes sessions of this cluster that a killed process left open, and confirms ends that had
    /// to leave without confirmation.
    pub async fn recover(&self) -> Vec<Recovery> {
        Vec::new()
    }
}
