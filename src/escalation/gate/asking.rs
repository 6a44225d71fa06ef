//! One ask on its way: what is sent for it, and what is taken back when it fails.

use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;

use super::base::Base;
use super::consent::{self, Asked, Granting};
use super::end;
use super::grants::grants_of;
use super::petition::{Petition, PetitionName, Petitions, core_object};
use super::rules;
use super::take_back;
use super::taken::MORE_GRANTS;
use super::wait::Wanted;
use crate::audit::{self, Person, Target};
use crate::escalation::policy::{KIT_NAMESPACE, Role, ServiceAccountRef};
use crate::escalation::{EscalationRequest, GateError, names};

/// One ask on its way.
pub(super) struct Asking<'a> {
    pub(super) base: &'a Base,
    pub(super) petitions: Petitions,
    pub(super) request: &'a EscalationRequest,
    pub(super) role: &'a Role,
    pub(super) who: &'a Person,
    pub(super) identity: String,
    pub(super) trigger: String,
    pub(super) account: Option<ServiceAccountRef>,
    /// The first thing to be made was certainly not, so nothing is there to be taken back.
    pub(super) is_unmade: AtomicBool,
}

impl Asking<'_> {
    pub(super) fn hash(&self) -> &str {
        self.petitions.journal.session()
    }

    pub(super) fn account(&self) -> (String, String) {
        match &self.account {
            Some(account) => (account.namespace.clone(), account.name.clone()),
            None => (KIT_NAMESPACE.into(), self.identity.clone()),
        }
    }

    pub(super) fn asked(&self) -> Asked<'_> {
        Asked {
            hash: self.hash(),
            identity: &self.identity,
            requester: &self.who.username,
            reason: self.request.reason.trim(),
            ticket: &self.request.ticket,
            trigger: &self.trigger,
            ttl_seconds: self.request.ttl_seconds,
        }
    }

    pub(super) fn wanted(&self) -> Result<Wanted, GateError> {
        let who = names::encode_user(&self.who.username).map_err(|cause| GateError::Unacceptable {
            what: "name the grant".into(),
            cause,
            cure: "the kit cannot serve this user name".into(),
        })?;
        Ok(Wanted {
            prefix: format!("{}.{who}.", self.identity),
            hash: self.hash().into(),
        })
    }

    pub(super) async fn send_request(&self) -> Result<(), GateError> {
        let petition = Petition {
            name: PetitionName::Request,
            words: format!("ask for {}", self.identity),
            method: Method::POST,
            path: rules::collection("configmaps"),
            body: consent::request_object(&self.asked(), self.petitions.journal.session_key()),
            target: Target {
                object: core_object("ConfigMap", "configmaps", KIT_NAMESPACE, self.hash()),
                subresource: None,
            },
        };
        let cure = "look at the kit with kglass kit check";
        let made = self.petitions.must(petition, cure).await;
        made.map(drop).map_err(|error| self.unmade(error))
    }

    /// Behind a 409 may stand the same request, sent twice by somebody between.
    fn unmade(&self, error: GateError) -> GateError {
        let is_refused = matches!(&error, GateError::Refused { status, .. } if *status != 409);
        if is_refused || matches!(error, GateError::Unsendable { .. }) {
            self.is_unmade.store(true, Ordering::SeqCst);
        }
        error
    }

    /// Without the kit an empty Secret is the grant; that it ends at the deadline is up to us.
    pub(super) async fn client_only_grant(&self, account: &ServiceAccountRef) -> Result<Granting, GateError> {
        let what = "make the Secret that ends the token";
        let name = format!("kglass-{}", self.hash());
        let body = serde_json::json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kglass.dev/grant",
            "metadata": {"name": name, "namespace": account.namespace},
        });
        let petition = Petition {
            name: PetitionName::Grant,
            words: what.into(),
            method: Method::POST,
            path: format!("/api/v1/namespaces/{}/secrets", account.namespace),
            body,
            target: Target {
                object: core_object("Secret", "secrets", &account.namespace, &name),
                subresource: None,
            },
        };
        let cure = "the glass stays shut: without the Secret nothing could end the token";
        let answer = self.petitions.must(petition, cure).await;
        let answer = answer.map_err(|error| self.unmade(error))?;
        let now = self.base.clock.at_least_s().ok_or(GateError::Expired)?;
        Ok(Granting {
            namespace: account.namespace.clone(),
            uid: answer.text("/metadata/uid").to_owned(),
            approved_by: self.who.username.clone(),
            deadline: now + u64::from(self.request.ttl_seconds),
            name,
        })
    }

    /// What was made, known or not: an answer that never came may have made a grant all the same, and
    /// an approver may have consented at the very moment of the withdrawal.
    async fn take_back(&self, granting: Option<&Granting>) -> Vec<String> {
        if self.is_unmade.load(Ordering::SeqCst) {
            return Vec::new();
        }
        // The request first: nobody can consent to what is gone.
        let taken = take_back::take_back(&self.petitions, granting, self.account.is_none()).await;
        let mut notes = taken.notes();
        let unknown = match (granting, &self.account) {
            (Some(_), Some(_)) => Vec::new(),
            (None, Some(account)) => vec![Granting::unseen(&account.namespace, format!("kglass-{}", self.hash()))],
            // Also those that others consented to at the same moment.
            (known, None) => match grants_of(self.base, self.hash()).await {
                Ok(grants) => {
                    let is_known = |grant: &Granting| known.is_some_and(|known| known.uid == grant.uid);
                    let own =
                        |grant: &Granting| names::encode_user(&self.who.username).is_ok_and(|who| grant.is_for(&who));
                    grants
                        .into_iter()
                        .filter(|grant| own(grant) && !is_known(grant))
                        .collect()
                }
                // The deadline ends them, as everything else.
                Err(error) => {
                    notes.push(format!("{MORE_GRANTS}: {error}"));
                    Vec::new()
                }
            },
        };
        for grant in &unknown {
            notes.extend(take_back::delete_grant(&self.petitions, grant).await.note());
        }
        notes
    }

    /// Seals a session that nobody was asked about.
    pub(super) async fn never_sent(&self, error: &GateError) {
        self.seal(error, "not needed", Vec::new()).await;
    }

    /// Takes back what was made, and seals the session. The error is told to whoever asked; here
    /// only the end is recorded, and what cannot be ended ends by itself at the deadline.
    pub(super) async fn give_up(&self, granting: Option<&Granting>, error: GateError) -> GateError {
        let cut = self.take_back(granting).await;
        // The next start looks again where there was a grant, or where something may have stayed.
        // So may what got no answer: it can still arrive.
        let is_open = matches!(error, GateError::NoAnswer { .. } | GateError::Unrecorded { .. });
        let revocation = if granting.is_some() || is_open || !cut.is_empty() {
            "unconfirmed"
        } else {
            "not needed"
        };
        self.seal(&error, revocation, cut.clone()).await;
        if cut.is_empty() {
            return error;
        }
        GateError::LeftBehind {
            error: Box::new(error),
            left: cut.join("; "),
        }
    }

    async fn seal(&self, error: &GateError, revocation: &str, cut: Vec<String>) {
        let reason = match error {
            GateError::Withdrawn => "withdrawn".to_owned(),
            other => format!("not opened: {other}"),
        };
        let ended = audit::Ended {
            reason,
            revocation: revocation.into(),
            cut,
            ..audit::Ended::default()
        };
        // The error is in the log; who asked is told why the glass stays shut.
        let _ = end::seal(&self.petitions.journal, ended).await;
    }
}
