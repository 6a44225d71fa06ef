//! The petitions tried dry: request, Job and grant must pass, a mint must be refused in the mint
//! policy's own words, the end is asked for by access review alone. Goes over the petition
//! transport in its dry form, which lets nothing through that could stay.

use std::sync::Arc;

use serde_json::{Value, json};

use super::check::KitReport;
use crate::audit::Person;
use crate::cluster::{Endpoint, Identity};
use crate::escalation::gate::base::{Base, agent, no_answer};
use crate::escalation::gate::consent::{Asked, grant_object, job, request_object};
use crate::escalation::gate::rights::allowed;
use crate::escalation::gate::rules::{PetitionRules, Place, collection, jobs, token};
use crate::escalation::gate::wire::{Answer, Call, Wire};
use crate::escalation::policy::{KIT_NAMESPACE, Policy, Role};
use crate::escalation::{GateError, names};

/// A session that never was; the key is 32 zero bytes.
const HASH: &str = "mzuhvlpymk6xo3ep";
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NOBODYS_UID: &str = "00000000-0000-0000-0000-000000000000";
const TTL: u32 = 30;

/// One identity that rehearses.
struct Player {
    base: Base,
    dry: Wire,
    who: Person,
}

impl Player {
    async fn open(endpoint: &Arc<dyn Endpoint>, policy: &Policy) -> Result<Self, GateError> {
        let base = Base::open(endpoint, &Arc::default()).await?;
        let identities = policy
            .kit_identities()
            .into_iter()
            .map(|(identity, _)| identity)
            .collect();
        let rules = PetitionRules {
            place: Place::Kit { identities },
            hash: HASH.into(),
            dry_run: true,
        };
        let check = Box::new(move |parts: &_| rules.check(parts));
        let dry = Wire::open(endpoint.as_ref(), Identity::Base, check, &base.clock, &agent(None)).await?;
        let who = base.who().await?;
        Ok(Self { base, dry, who })
    }

    async fn post(&self, path: &str, body: &Value, what: &str) -> Result<Answer, GateError> {
        let call = Call::post(format!("{path}?dryRun=All"), body);
        no_answer(self.dry.send(call).await, what)
    }

    async fn must_pass(&self, path: &str, body: &Value, what: String, report: &mut KitReport) -> Result<(), GateError> {
        let answer = self.post(path, body, &what).await?;
        if answer.is_ok() {
            report.good(what);
        } else {
            report.bad(what, format!("{}: {}", answer.status, answer.message()));
        }
        Ok(())
    }

    /// Deadline and grant for `requester`, whose owner never was.
    async fn consent(&self, identity: &str, requester: &str, report: &mut KitReport) -> Result<(), GateError> {
        let id = names::grant_id(self.base.clock.at_least_s().unwrap_or_default() + u64::from(TTL), HASH);
        let by = &self.who.username;
        let what = format!("{by} could set a deadline");
        self.must_pass(&jobs(), &job(&names::job_name(&id), TTL), what, report)
            .await?;
        let what = format!("{by} could consent to {identity} for {requester}");
        match names::grant_name(identity, requester, &id) {
            Ok(name) => {
                let object = grant_object(&asked(identity, requester), by, None, &name, NOBODYS_UID, &id);
                self.must_pass(&collection("secrets"), &object, what, report).await
            }
            Err(cause) => {
                report.bad(what, cause);
                Ok(())
            }
        }
    }

    async fn request(&self, identity: &str, report: &mut KitReport) -> Result<(), GateError> {
        let what = format!("{} could ask for {identity}", self.who.username);
        let object = request_object(&asked(identity, &self.who.username), KEY);
        self.must_pass(&collection("configmaps"), &object, what, report).await
    }

    /// Refused, and by the policy that is there for it: any other refusal proves nothing.
    async fn mint(
        &self,
        identity: &str,
        policy: &Policy,
        context: &str,
        report: &mut KitReport,
    ) -> Result<(), GateError> {
        let what = format!("no token of {identity} without a grant");
        let body = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": {"audiences": [policy.audience(context)], "expirationSeconds": 600},
        });
        let answer = self.post(&token(KIT_NAMESPACE, identity), &body, &what).await?;
        let message = answer.message();
        if answer.is_ok() {
            report.bad(
                what,
                "a token was given: the kit's policies do not answer; take the rights away at once",
            );
        } else if message.contains("'kglass-mint'") && message.contains("bound to a grant by name and uid") {
            report.good(what);
        } else {
            report.bad(what, format!("refused, but not by kglass-mint: {message}"));
        }
        Ok(())
    }

    async fn end(&self, report: &mut KitReport) -> Result<(), GateError> {
        for plural in ["configmaps", "secrets"] {
            let what = format!("{} could end {plural} of their own", self.who.username);
            let attributes = json!({"verb": "delete", "resource": plural, "namespace": KIT_NAMESPACE});
            if allowed(&self.base.reads, attributes).await? {
                report.good(what);
            } else {
                report.bad(what, "RBAC refuses it; print and install the kit again");
            }
        }
        Ok(())
    }
}

fn asked<'a>(identity: &'a str, requester: &'a str) -> Asked<'a> {
    Asked {
        hash: HASH,
        identity,
        requester,
        reason: "a dry run of kglass kit check, which makes nothing",
        ticket: "CHECK-1",
        trigger: "manual:kit check",
        ttl_seconds: TTL,
    }
}

pub(super) async fn rehearse(
    endpoint: &Arc<dyn Endpoint>,
    approver: Option<&Arc<dyn Endpoint>>,
    policy: &Policy,
    report: &mut KitReport,
) -> Result<(), GateError> {
    let requester = Player::open(endpoint, policy).await?;
    let theirs: Vec<(String, &Role)> = policy
        .kit_identities()
        .into_iter()
        .filter(|(_, role)| role.requesters.contains(&requester.who.username, &requester.who.groups))
        .collect();
    if theirs.is_empty() {
        let what = format!("petitions of {}", requester.who.username);
        report.not_checked(what, "this person may ask for no role; check as somebody on call");
    }
    for (identity, role) in &theirs {
        requester.request(identity, report).await?;
        if role.self_approve {
            requester.consent(identity, &requester.who.username, report).await?;
        }
        requester
            .mint(identity, policy, &endpoint.facts().context, report)
            .await?;
    }
    if !theirs.is_empty() {
        requester.end(report).await?;
    }
    let Some(approver) = approver else {
        report.not_checked(
            "consent of another person",
            "name an approver's context with --approver-context",
        );
        return Ok(());
    };
    let approver = Player::open(approver, policy).await?;
    for (identity, role) in policy.kit_identities() {
        if role.approvers.contains(&approver.who.username, &approver.who.groups) {
            approver.consent(&identity, &requester.who.username, report).await?;
        }
    }
    Ok(())
}
