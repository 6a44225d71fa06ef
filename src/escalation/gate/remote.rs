//! Where the gate waits for the remote log: before anybody is asked, before the glass opens, before
//! each request, as far as the policy says. Whatever is not acknowledged in time is not done.

use std::pin::pin;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Gate;
use super::clock::boot_ms;
use super::session::Live;
use crate::audit::Journal;
use crate::audit::sinks::{Outbox, Unsent};
use crate::escalation::GateError;
use crate::escalation::policy::RemoteRequired;

/// How often a wait looks whether the escalation still lives.
const LOOK: Duration = Duration::from_millis(50);

/// For intents that must be elsewhere before their requests are sent.
#[derive(Clone)]
pub(super) struct Ahead {
    outbox: Outbox,
    within: Duration,
}

impl Ahead {
    pub(super) async fn wait(&self, session: &str, seq: u64) -> Result<(), GateError> {
        let acknowledged = self.outbox.acknowledged(session, seq, self.within).await;
        acknowledged.map_err(GateError::NotAcknowledged)
    }
}

impl Gate {
    /// Hands the journal to the sinks. Refuses where the policy wants some and this program ships
    /// nothing.
    pub(super) fn take_up(&self, journal: &Journal) -> Result<(), GateError> {
        match &self.settings.outbox {
            Some(outbox) => outbox.take_up(journal),
            None if self.settings.policy.remote.needs_sinks() => return Err(GateError::NoSinks),
            None => {}
        }
        Ok(())
    }

    /// What each intent waits for, if the policy says so.
    pub(super) fn ahead_of_each(&self) -> Option<Ahead> {
        self.ahead_from(RemoteRequired::EachAction)
    }

    fn ahead_from(&self, least: RemoteRequired) -> Option<Ahead> {
        let remote = &self.settings.policy.remote;
        let outbox = self.settings.outbox.clone().filter(|_| remote.required >= least)?;
        Some(Ahead {
            outbox,
            within: Duration::from_secs(remote.deadline_seconds.into()),
        })
    }

    /// Before entry: record `seq` and all before it are acknowledged, or the glass stays shut.
    pub(super) async fn entry_is_remote(
        &self,
        session: &str,
        seq: u64,
        cancel: &CancellationToken,
    ) -> Result<(), GateError> {
        let Some(ahead) = self.ahead_from(RemoteRequired::AtEntry) else {
            return Ok(());
        };
        let within = tokio::select! {
            waited = ahead.outbox.acknowledged(session, seq, ahead.within) => waited,
            () = cancel.cancelled() => return Err(GateError::Withdrawn),
        };
        within.map_err(GateError::EntryNotAcknowledged)
    }

    /// Before an intent is even written: no required sink lacks more than the policy bears.
    pub(super) fn within_bound(&self, live: &Live) -> Result<(), GateError> {
        let over = self
            .settings
            .outbox
            .as_ref()
            .and_then(|outbox| outbox.over_bound(&live.grant.session));
        over.map_or(Ok(()), |over| Err(GateError::Behind(over)))
    }

    /// Before a request is sent: its intent is acknowledged. Ends early when the escalation does.
    pub(super) async fn intent_is_remote(&self, live: &Live, seq: u64) -> Result<(), GateError> {
        let Some(ahead) = self.ahead_of_each() else {
            return Ok(());
        };
        let mut waiting = pin!(ahead.wait(&live.grant.session, seq));
        loop {
            if let Ok(waited) = tokio::time::timeout(LOOK, &mut waiting).await {
                return waited;
            }
            if !live.is_accepting() {
                return Err(GateError::Closed);
            }
            if boot_ms() >= live.grant.deadline.boot_ms {
                return Err(GateError::Expired);
            }
        }
    }

    /// The last records too; what is not acknowledged in time is said, and sent at the next start.
    pub(super) async fn flush(&self, session: &str, within: Duration) -> Vec<Unsent> {
        match &self.settings.outbox {
            Some(outbox) => outbox.flush(session, within).await,
            None => Vec::new(),
        }
    }
}
