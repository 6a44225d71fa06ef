//! Consent given as an approver, in a session of its own. Never consents to a request whose name
//! does not commit to its key, that is old, or that is one's own.

use data_encoding::BASE64;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::ask::FIRST;
use super::base::Base;
use super::consent::Asked;
use super::consenting::{Consenting, Given};
use super::end::FLUSH;
use super::grants::grants_of;
use super::petition::refused;
use super::rules::{self, PetitionRules, Place};
use super::{Approval, Gate, PendingRequest};
use crate::audit::{self, Approving, Event, session_hash};
use crate::escalation::policy::rights;
use crate::escalation::{GateError, names};

const OLDEST_S: u64 = 3600;

impl Gate {
    /// Reads a request, as an approver: name, key and age are checked.
    pub async fn pending(&self, hash: &str) -> Result<PendingRequest, GateError> {
        let base = self.base().await?;
        self.read_pending(&base, hash).await
    }

    async fn read_pending(&self, base: &Base, hash: &str) -> Result<PendingRequest, GateError> {
        if !names::is_session_hash(hash) {
            let cause = "it is not 16 letters a-z and digits 2-7".into();
            return Err(unacceptable(hash, cause, "copy the name from the requester's screen"));
        }
        let what = format!("read the request {hash}");
        let answer = base
            .read(&format!("{}/{hash}", rules::collection("configmaps")), &what)
            .await?;
        if !answer.is_ok() {
            return Err(refused(&what, &answer, "ask the requester whether it was withdrawn"));
        }
        let now = base.clock.at_least_s().unwrap_or_default();
        self.check_pending(&answer.body, hash, now)
    }

    fn check_pending(&self, object: &Value, hash: &str, now_s: u64) -> Result<PendingRequest, GateError> {
        let field = |key: &str| {
            object
                .pointer(&format!("/data/{key}"))
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let key = BASE64.decode(field("sessionKey").as_bytes()).unwrap_or_default();
        if !<[u8; 32]>::try_from(key).is_ok_and(|key| session_hash(&key) == hash) {
            let cause = "its name does not commit to its sessionKey".to_owned();
            return Err(unacceptable(hash, cause, "do not approve it; tell your security team"));
        }
        let made = object.pointer("/metadata/creationTimestamp").and_then(Value::as_str);
        let made = made
            .and_then(|t| t.parse::<jiff::Timestamp>().ok())
            .map_or(0, |t| t.as_second() as u64);
        let age_seconds = now_s.saturating_sub(made);
        if age_seconds > OLDEST_S {
            let cause = format!("it is {} minutes old", age_seconds / 60);
            return Err(unacceptable(hash, cause, "let the requester ask again"));
        }
        let Some((role, namespace)) = self.settings.policy.role_of(field("role")) else {
            let cause = format!("your policy knows no role {:?}", field("role"));
            return Err(unacceptable(hash, cause, "use the same policy as the requester"));
        };
        let ttl_seconds = field("ttlSeconds").parse().unwrap_or_default();
        if ttl_seconds == 0 || ttl_seconds > role.max_ttl_seconds {
            let cause = format!("it asks for {ttl_seconds} s");
            return Err(unacceptable(
                hash,
                cause,
                "the role allows less; let the requester ask again",
            ));
        }
        Ok(PendingRequest {
            hash: hash.into(),
            uid: object
                .pointer("/metadata/uid")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .into(),
            requester: field("requester").into(),
            role: role.name.clone(),
            namespace: namespace.map(Into::into),
            ttl_seconds,
            ticket: field("ticket").into(),
            trigger: field("trigger").into(),
            reason: field("reason").into(),
            age_seconds,
            rights: rights::describe(&role.rules)
                .into_iter()
                .chain(rights::reach(role).map(|reach| format!("reaches {reach}")))
                .collect(),
        })
    }

    /// Consents to a request, with a journal of its own. The request is read again: what was shown
    /// must be what is granted.
    pub async fn approve(&self, request: &PendingRequest, reason: &str) -> Result<Approval, GateError> {
        if self.settings.endpoint.facts().insecure {
            return Err(GateError::Insecure);
        }
        let base = self.base().await?;
        let current = self.read_pending(&base, &request.hash).await?;
        if !current.is_same(request) {
            let cause = "it changed since it was shown".into();
            return Err(unacceptable(&request.hash, cause, "read it again"));
        }
        let who = base.who().await?;
        if who.username == request.requester {
            let cause = "it is your own".into();
            return Err(unacceptable(&request.hash, cause, "another person must consent"));
        }
        let identity = match &request.namespace {
            Some(namespace) => format!("{}--{namespace}", request.role),
            None => request.role.clone(),
        };
        not_granted_yet(&base, request, &identity).await?;
        let first = Event::Approving(approving(request, who.clone(), reason));
        let journal = self.new_journal(&base, &first).await?;
        let rules = PetitionRules {
            place: Place::Kit { identities: Vec::new() },
            hash: request.hash.clone(),
            dry_run: false,
        };
        let mut petitions = base.petitions(rules, journal).await?;
        petitions.ahead = self.ahead_of_each();
        let asked = Asked {
            hash: &request.hash,
            identity: &identity,
            requester: &request.requester,
            reason: &request.reason,
            ticket: &request.ticket,
            trigger: &request.trigger,
            ttl_seconds: request.ttl_seconds,
        };
        let remark = Some(reason.trim()).filter(|r| !r.is_empty());
        let session = petitions.journal.session();
        let given = match self.entry_is_remote(session, FIRST, &CancellationToken::new()).await {
            Ok(()) => {
                let consenting = Consenting {
                    base: &base,
                    petitions: &petitions,
                    asked,
                    approver: &who.username,
                    remark,
                    request_uid: &current.uid,
                };
                consenting.give().await
            }
            Err(error) => Given {
                consent: Err(error),
                may_stand: false,
            },
        };
        let reason = given
            .consent
            .as_ref()
            .map_or_else(|error| format!("not approved: {error}"), |_| "approved".into());
        let ended = audit::Ended {
            reason,
            revocation: if given.may_stand { "unconfirmed" } else { "not needed" }.into(),
            ..audit::Ended::default()
        };
        let _ = super::end::seal(&petitions.journal, ended).await;
        let unsent = self.flush(petitions.journal.session(), FLUSH).await;
        given.consent.map(|grant| Approval {
            session: petitions.journal.session().into(),
            grant: grant.name,
            deadline: grant.deadline,
            unsent,
        })
    }
}

/// One consent is enough: each would be one more grant that a token can be minted from.
async fn not_granted_yet(base: &Base, request: &PendingRequest, identity: &str) -> Result<(), GateError> {
    let who = names::encode_user(&request.requester)
        .map_err(|cause| unacceptable(&request.hash, cause, "the kit cannot serve this user name"))?;
    let prefix = format!("{identity}.{who}.");
    let grants = grants_of(base, &request.hash).await?;
    match grants.iter().find(|grant| grant.name.starts_with(&prefix)) {
        Some(given) => {
            let cause = format!("it is granted already, by {}", given.approved_by);
            Err(unacceptable(&request.hash, cause, "nothing is left to do"))
        }
        None => Ok(()),
    }
}

impl PendingRequest {
    /// Equal but for its age.
    fn is_same(&self, other: &Self) -> bool {
        let aged = Self {
            age_seconds: other.age_seconds,
            ..self.clone()
        };
        aged == *other
    }
}

fn approving(request: &PendingRequest, approver: audit::Person, remark: &str) -> Approving {
    Approving {
        approver,
        request: request.hash.clone(),
        requester: request.requester.clone(),
        role: request.role.clone(),
        namespace: request.namespace.clone(),
        ticket: request.ticket.clone(),
        reason: request.reason.clone(),
        ttl_seconds: request.ttl_seconds,
        decision: "approve".into(),
        remark: remark.trim().into(),
    }
}

fn unacceptable(hash: &str, cause: String, cure: &str) -> GateError {
    GateError::Unacceptable {
        what: format!("the request {hash}"),
        cause,
        cure: cure.into(),
    }
}
