//! The one live session: what it may do, until when, and the client that can. The client leaves
//! this file only under a guard that `end` must wait for.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use secrecy::SecretString;
use tokio::sync::{RwLock, RwLockReadGuard};
use tokio_util::sync::CancellationToken;

use super::clock::boot_ms;
use super::consent::Granting;
use super::drains::Drains;
use super::petition::Petitions;
use super::stream::OpenStreams;
use super::wire::Wire;
use crate::escalation::policy::ServiceAccountRef;
use crate::escalation::{GateError, Grant};
use crate::model::ObjectRef;

pub(super) struct Live {
    pub(super) grant: Grant,
    pub(super) petitions: Petitions,
    pub(super) granting: Granting,
    pub(super) account: Option<ServiceAccountRef>,
    accepting: AtomicBool,
    /// Open shells and port-forwards.
    pub(super) streams: OpenStreams,
    pub(super) drains: Drains,
    /// Held for reading by each write from its check to the record of its outcome.
    working: RwLock<()>,
    /// Cancelled when the end waits for answers no longer.
    pub(super) cut: CancellationToken,
    /// None once the end has taken it. A write lock is had only when no request is on its way.
    elevated: RwLock<Option<Elevated>>,
    pub(super) counts: Counts,
}

/// Requests of this session, petitions not counted.
#[derive(Default)]
pub(super) struct Counts {
    /// Sent, whatever came of it.
    pub(super) writes: AtomicU32,
    /// Of those: the server said no.
    pub(super) declined: AtomicU32,
    /// Of those: no answer, or none yet.
    pub(super) unknown: AtomicU32,
    /// Not sent: refused by the gate.
    pub(super) refused: AtomicU32,
}

impl Counts {
    /// Before it leaves: what is cut on its way counts too.
    pub(super) fn sent(&self) {
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.unknown.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn answered(&self, is_ok: bool) {
        self.unknown.fetch_sub(1, Ordering::SeqCst);
        self.declined.fetch_add(u32::from(!is_ok), Ordering::SeqCst);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::SeqCst);
    }

    /// It was to be sent, and certainly was not: the guard did not let it, or there was no connection.
    pub(super) fn kept_back(&self) {
        self.writes.fetch_sub(1, Ordering::SeqCst);
        self.unknown.fetch_sub(1, Ordering::SeqCst);
        self.refused();
    }
}

/// A write at work. The end waits for it, but not for ever.
pub(super) struct Working<'a>(#[expect(dead_code, reason = "held")] RwLockReadGuard<'a, ()>);

pub(super) struct Elevated {
    pub(super) wire: Wire,
    pub(super) token: SecretString,
}

/// The right to send one request now. The end waits until it is dropped.
pub(super) struct Pass<'a>(RwLockReadGuard<'a, Option<Elevated>>);

impl Pass<'_> {
    pub(super) fn wire(&self) -> &Wire {
        let elevated = self
            .0
            .as_ref()
            .expect("a pass is made only over Some, and the lock is held");
        &elevated.wire
    }

    /// For a connection of its own, as each stream has one.
    pub(super) fn token(&self) -> &SecretString {
        let elevated = self
            .0
            .as_ref()
            .expect("a pass is made only over Some, and the lock is held");
        &elevated.token
    }
}

impl Live {
    pub(super) fn new(
        grant: Grant,
        petitions: Petitions,
        granting: Granting,
        account: Option<ServiceAccountRef>,
        elevated: Elevated,
    ) -> Self {
        Self {
            grant,
            petitions,
            granting,
            account,
            accepting: AtomicBool::new(true),
            streams: OpenStreams::default(),
            drains: Drains::default(),
            elevated: RwLock::new(Some(elevated)),
            working: RwLock::new(()),
            cut: CancellationToken::new(),
            counts: Counts::default(),
        }
    }

    /// Before the intent. A disk that hangs then holds this, and not the client.
    pub(super) async fn work(&self, target: &ObjectRef) -> Result<Working<'_>, GateError> {
        self.check(target)?;
        let held = self.working.read().await;
        // Waiting for the lock takes time, and the end may have come meanwhile.
        self.check(target)?;
        Ok(Working(held))
    }

    /// The moment-of-send check: still accepting, still in time, in scope, and identified.
    pub(super) async fn pass(&self, target: &ObjectRef) -> Result<Pass<'_>, GateError> {
        self.check(target)?;
        let held = self.elevated.read().await;
        // Waiting for the lock takes time, and the end may have come meanwhile.
        self.check(target)?;
        if held.is_none() {
            return Err(GateError::Closed);
        }
        Ok(Pass(held))
    }

    pub(super) fn check(&self, target: &ObjectRef) -> Result<(), GateError> {
        if boot_ms() >= self.grant.deadline.boot_ms {
            return Err(GateError::Expired);
        }
        if !self.is_accepting() {
            return Err(GateError::Closed);
        }
        if self.grant.namespace.is_some() && target.namespace != self.grant.namespace {
            return Err(GateError::OutOfScope {
                target: target.to_string(),
                scope: self.grant.namespace.clone().unwrap_or_default(),
            });
        }
        for (missing, value) in [("uid", &target.uid), ("resourceVersion", &target.resource_version)] {
            if value.is_none() {
                let target = target.to_string();
                return Err(GateError::Unidentified { target, missing });
            }
        }
        Ok(())
    }

    pub(super) fn is_accepting(&self) -> bool {
        self.accepting.load(Ordering::SeqCst)
    }

    /// From here on nothing is accepted, and every stream and drain is cut.
    /// True for the first who says so.
    pub(super) fn stop_accepting(&self) -> bool {
        let was = self.accepting.swap(false, Ordering::SeqCst);
        self.streams.cut();
        self.drains.cut();
        was
    }

    /// Returns when what is in flight is answered and recorded.
    pub(super) async fn idle(&self) {
        drop(self.working.write().await);
    }

    /// Takes the client away, when no request is on its way.
    pub(super) async fn take_elevated(&self) -> Option<Elevated> {
        self.elevated.write().await.take()
    }
}
