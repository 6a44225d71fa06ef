//! Is the credential refused? Asked on connections of its own, no sooner than the servers' caches can
//! have forgotten it, and never for ever.

use std::time::Duration;

use secrecy::SecretString;

use super::base::{SELF_REVIEW, agent};
use super::clock::boot_ms;
use super::end::unconfirmed;
use super::rules;
use super::wire::{Call, Wire};
use super::{Gate, Timing};
use crate::audit::Probe;
use crate::cluster::Identity;
use crate::escalation::Revocation;

/// Every API server behind one address has its own cache of successful authentications.
const PROBES: usize = 3;
/// For one question.
const PATIENCE: Duration = Duration::from_secs(5);

impl Gate {
    /// 401 on three new connections, no sooner than the caches can have forgotten.
    pub(super) async fn confirm(&self, token: &SecretString, deleted: u64) -> (Revocation, Vec<Probe>) {
        let Timing { settle, patience, .. } = self.settings.timing;
        let mut probes = Vec::new();
        sleep_until(deleted + settle.as_millis() as u64).await;
        let give_up = deleted + (settle + patience).as_millis() as u64;
        loop {
            let mut round = Vec::with_capacity(PROBES);
            for _ in 0..PROBES {
                let status = self.probe(token).await;
                round.push(Probe {
                    status,
                    after_ms: boot_ms().saturating_sub(deleted),
                });
            }
            let refused = round.iter().all(|probe| probe.status == 401);
            probes.extend(round);
            let after_ms = boot_ms().saturating_sub(deleted);
            if refused {
                return (Revocation::Confirmed { after_ms }, probes);
            }
            if boot_ms() >= give_up {
                let last = probes.last().map_or(0, |probe| probe.status);
                return (unconfirmed(&not_refused(last)), probes);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// One question on a connection of its own; 0 if no answer came.
    async fn probe(&self, token: &SecretString) -> u16 {
        let endpoint = self.settings.endpoint.as_ref();
        let rules = Box::new(rules::elevated);
        let Ok(wire) = Wire::open(endpoint, Identity::Bearer(token), rules, &self.clock, &agent(None)).await else {
            return 0;
        };
        let review = serde_json::json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let asking = tokio::time::timeout(PATIENCE, wire.send(Call::post(SELF_REVIEW, &review)));
        match asking.await {
            Ok(Ok(answer)) => answer.status,
            _ => 0,
        }
    }
}

fn not_refused(last: u16) -> String {
    match last {
        0 => "the server does not answer".into(),
        status => format!("the server answered {status} instead of 401"),
    }
}

pub(super) async fn sleep_until(boot: u64) {
    // In short steps: tokio's clock stops in suspend, the boot clock does not.
    while boot_ms() < boot {
        let left = boot.saturating_sub(boot_ms()).min(250);
        tokio::time::sleep(Duration::from_millis(left.max(1))).await;
    }
}
