//! The end: stop accepting, cut streams, let what is in flight be answered and recorded, delete grant and
//! request, see the server refuse the credential, drop the client, record, seal. The order is the
//! promise: nothing is accepted after the first step, whatever the later ones do.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use secrecy::SecretString;

use super::base::{SELF_REVIEW, agent};
use super::clock::boot_ms;
use super::consent::Granting;
use super::petition::{Petition, PetitionName, Petitions, core_object, delete_options};
use super::rules;
use super::session::Live;
use super::wire::{Call, Wire};
use super::{Gate, Timing};
use crate::audit::{self, Event, Journal, Probe, Target};
use crate::cluster::Identity;
use crate::escalation::policy::KIT_NAMESPACE;
use crate::escalation::{EndReason, Ended, Escalation, Revocation};

/// Every API server behind one address has its own cache of successful authentications.
const PROBES: usize = 3;
/// How long an end waits until streams that are cut have their outcomes on disk.
const CUTTING: Duration = Duration::from_millis(900);
/// How long an end waits for requests in flight before it deletes the grant under them.
const FLIGHT: Duration = Duration::from_secs(3);
/// How long the last records may take to the sinks; the rest is sent at the next start.
pub(super) const FLUSH: Duration = Duration::from_secs(3);
/// And after a signal.
const FAST_FLUSH: Duration = Duration::from_millis(250);
/// A signal leaves no more time than this for all petitions together.
const FAST: Duration = Duration::from_millis(1200);
/// And this for a request that is in flight.
const FAST_FLIGHT: Duration = Duration::from_millis(300);

impl Gate {
    /// Ends the escalation and waits until the server refuses the credential (10 s and more).
    pub async fn end(&self, escalation: Escalation, reason: EndReason) -> Ended {
        let Some((live, hurry)) = self.begin_ending(&escalation.grant().session) else {
            return already_over(&escalation, reason);
        };
        // Streams are cut already; a request that hangs must not keep the grant alive, nor may its
        // outcome be lost.
        let deleting = async {
            drop(tokio::time::timeout(CUTTING, live.streams.idle()).await);
            drop(tokio::time::timeout(FLIGHT, live.idle()).await);
            let cut = take_back(&live.petitions, Some(&live.granting), live.account.is_none()).await;
            (cut, boot_ms())
        };
        let ((cut, deleted), elevated) = tokio::join!(deleting, live.take_elevated());
        // Nothing is in flight any more: a drain has only to write what it left.
        live.drains.idle().await;
        let (revocation, probes) = match &elevated {
            Some(elevated) => {
                tokio::select! {
                    confirmed = self.confirm(&elevated.token, deleted) => confirmed,
                    () = hurry.cancelled() => (unconfirmed("the operator did not wait"), Vec::new()),
                }
            }
            None => (unconfirmed("the credential was gone already"), Vec::new()),
        };
        // Client, pool and token go now; SecretString zeroes what it held.
        drop(elevated);
        let ended = self.finish(&live, reason, revocation, probes, cut).await;
        self.flushed(ended, FLUSH).await
    }

    /// Makes a running `end` leave its wait; the end is then unconfirmed.
    pub fn hurry(&self) {
        self.hurry_up();
    }

    /// For signals: delete the grant, record, seal, within two seconds and unconfirmed.
    pub async fn end_fast(&self, escalation: Escalation, reason: EndReason) -> Ended {
        match self.begin_ending(&escalation.grant().session) {
            Some((live, _)) => self.cut_short(&live, reason).await,
            None => already_over(&escalation, reason),
        }
    }

    /// The same for whatever is live. For a program that leaves: an ask may have been answered while
    /// nobody was there any more to take the escalation.
    pub async fn end_whatever_lives(&self, reason: EndReason) -> Option<Ended> {
        let session = self.live().ok()?.grant.session.clone();
        let (live, _) = self.begin_ending(&session)?;
        Some(self.cut_short(&live, reason).await)
    }

    async fn cut_short(&self, live: &Arc<Live>, reason: EndReason) -> Ended {
        drop(tokio::time::timeout(FAST_FLIGHT, live.streams.idle()).await);
        let elevated = tokio::time::timeout(FAST_FLIGHT, live.take_elevated()).await;
        drop(tokio::time::timeout(FAST_FLIGHT, live.drains.idle()).await);
        let taken = take_back(&live.petitions, Some(&live.granting), live.account.is_none());
        let cut = match tokio::time::timeout(FAST, taken).await {
            Ok(cut) => cut,
            Err(_) => vec!["the server did not answer in time; the grant ends at its deadline".into()],
        };
        drop(elevated);
        let revocation = unconfirmed("a signal left no time to wait for the server");
        let ended = self.finish(live, reason, revocation, Vec::new(), cut).await;
        self.flushed(ended, FAST_FLUSH).await
    }

    async fn flushed(&self, ended: Ended, within: Duration) -> Ended {
        let unsent = self.flush(&ended.session, within).await;
        Ended { unsent, ..ended }
    }

    async fn finish(
        &self,
        live: &Arc<Live>,
        reason: EndReason,
        revocation: Revocation,
        probes: Vec<Probe>,
        cut: Vec<String>,
    ) -> Ended {
        let writes = live.writes.load(Ordering::SeqCst);
        let refused = live.refused.load(Ordering::SeqCst);
        let detail = match &reason {
            EndReason::Signal(name) => format!("signal {name}"),
            other => other.as_str().to_owned(),
        };
        let streams = live.streams.were_cut();
        let ended = audit::Ended {
            reason: detail,
            revocation: match &revocation {
                Revocation::Confirmed { .. } => "confirmed".into(),
                Revocation::Unconfirmed { .. } => "unconfirmed".into(),
            },
            probes,
            writes,
            refused,
            cut: streams
                .iter()
                .cloned()
                .chain(live.drains.were_cut())
                .chain(cut)
                .collect(),
        };
        seal(&live.petitions.journal, ended).await;
        self.closed();
        Ended {
            session: live.grant.session.clone(),
            reason,
            revocation,
            writes,
            refused,
            unsent: Vec::new(),
            cut: streams,
        }
    }

    /// 401 on three new connections, no sooner than the caches can have forgotten.
    async fn confirm(&self, token: &SecretString, deleted: u64) -> (Revocation, Vec<Probe>) {
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
                return (
                    unconfirmed(&format!("the server answered {last} instead of 401")),
                    probes,
                );
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
        wire.send(Call::post(SELF_REVIEW, &review))
            .await
            .map_or(0, |answer| answer.status)
    }
}

pub(super) async fn sleep_until(boot: u64) {
    // In short steps: tokio's clock stops in suspend, the boot clock does not.
    while boot_ms() < boot {
        let left = boot.saturating_sub(boot_ms()).min(250);
        tokio::time::sleep(Duration::from_millis(left.max(1))).await;
    }
}

fn unconfirmed(why: &str) -> Revocation {
    Revocation::Unconfirmed { why: why.into() }
}

fn already_over(escalation: &Escalation, reason: EndReason) -> Ended {
    Ended {
        session: escalation.grant().session.clone(),
        reason,
        revocation: unconfirmed("the session was over already"),
        writes: 0,
        refused: 0,
        unsent: Vec::new(),
        cut: Vec::new(),
    }
}

/// Deletes grant and request with the base identity; says what could not be.
pub(super) async fn take_back(petitions: &Petitions, granting: Option<&Granting>, has_request: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(granting) = granting {
        notes.extend(delete_grant(petitions, granting).await);
    }
    if has_request {
        let hash = petitions.journal.session().to_owned();
        notes.extend(delete(petitions, "configmaps", "ConfigMap", KIT_NAMESPACE, &hash, None).await);
    }
    notes
}

pub(super) async fn delete_grant(petitions: &Petitions, granting: &Granting) -> Option<String> {
    let uid = Some(granting.uid.as_str()).filter(|uid| !uid.is_empty());
    delete(petitions, "secrets", "Secret", &granting.namespace, &granting.name, uid).await
}

pub(super) async fn delete(
    petitions: &Petitions,
    plural: &str,
    kind: &str,
    namespace: &str,
    name: &str,
    uid: Option<&str>,
) -> Option<String> {
    let petition = Petition {
        name: PetitionName::End,
        words: format!("end {plural}/{name}"),
        method: Method::DELETE,
        path: format!("/api/v1/namespaces/{namespace}/{plural}/{name}"),
        body: delete_options(uid),
        target: Target {
            object: core_object(kind, plural, namespace, name),
            subresource: None,
        },
    };
    match petitions.send(petition).await {
        // Gone already: ended by the server at its deadline, or by an approver.
        Ok(answer) if answer.is_ok() || answer.status == 404 => None,
        Ok(answer) => Some(format!("{plural}/{name} stays: {}", answer.message())),
        Err(error) => Some(format!("{plural}/{name}: {error}")),
    }
}

/// The last two records. What cannot be written here is found by the next start, which sees an
/// unclosed journal and says so; there is nobody left to refuse anything to.
pub(super) async fn seal(journal: &Journal, ended: audit::Ended) {
    if let Err(error) = journal.append(Event::Ended(ended)).await {
        tracing::error!(%error, "the end is not recorded");
    }
    if let Err(error) = journal.close().await {
        tracing::error!(%error, "the journal is not sealed");
    }
}
