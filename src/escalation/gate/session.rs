//! The one live session: what it may do, until when, and the client that can. The client leaves
//! this file only under a guard that `end` must wait for.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use secrecy::SecretString;
use tokio::sync::{RwLock, RwLockReadGuard};

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
    /// None once the end has taken it. A write lock is had only when no request is in flight.
    elevated: RwLock<Option<Elevated>>,
    pub(super) writes: AtomicU32,
    pub(super) refused: AtomicU32,
}

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
            writes: AtomicU32::new(0),
            refused: AtomicU32::new(0),
        }
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
    pub(super) fn stop_accepting(&self) {
        self.accepting.store(false, Ordering::SeqCst);
        self.streams.cut();
        self.drains.cut();
    }

    /// Returns when no request is in flight.
    pub(super) async fn idle(&self) {
        drop(self.elevated.write().await);
    }

    /// Takes the client away, when the requests in flight are answered and recorded.
    pub(super) async fn take_elevated(&self) -> Option<Elevated> {
        self.elevated.write().await.take()
    }
}
