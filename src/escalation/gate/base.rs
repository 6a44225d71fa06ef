//! The base identity as the gate sees it: who it is, whether the kit is there, and the ways to send
//! as it: reads behind the Reader's own allow-list, petitions behind theirs.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::clock::ServerClock;
use super::petition::{Petitions, refused};
use super::rules::PetitionRules;
use super::wire::{Answer, Call, Silence, Wire};
use crate::audit::{Cluster, Journal, Person};
use crate::cluster::guard::read_rules;
use crate::cluster::{Endpoint, Identity};
use crate::escalation::GateError;
use crate::escalation::policy::KIT_NAMESPACE;

pub(in crate::escalation) const SELF_REVIEW: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

pub(in crate::escalation) struct Base {
    endpoint: Arc<dyn Endpoint>,
    pub(in crate::escalation) reads: Wire,
    pub(in crate::escalation) clock: Arc<ServerClock>,
}

impl Base {
    pub(in crate::escalation) async fn open(
        endpoint: &Arc<dyn Endpoint>,
        clock: &Arc<ServerClock>,
    ) -> Result<Self, GateError> {
        let rules = Box::new(read_rules);
        let reads = Wire::open(endpoint.as_ref(), Identity::Base, rules, clock, &agent(None)).await?;
        Ok(Self {
            endpoint: Arc::clone(endpoint),
            reads,
            clock: Arc::clone(clock),
        })
    }

    /// The door for the petitions of one session.
    pub(super) async fn petitions(&self, rules: PetitionRules, journal: Journal) -> Result<Petitions, GateError> {
        let agent = agent(Some(journal.session()));
        let check = Box::new(move |parts: &_| rules.check(parts));
        let wire = Wire::open(self.endpoint.as_ref(), Identity::Base, check, &self.clock, &agent).await?;
        Ok(Petitions {
            wire,
            journal,
            ahead: None,
            haste: CancellationToken::new(),
            at_disk: AtomicUsize::new(0),
        })
    }

    pub(in crate::escalation) async fn read(&self, path: &str, what: &str) -> Result<Answer, GateError> {
        no_answer(self.reads.send(Call::get(path)).await, what)
    }

    pub(in crate::escalation) async fn who(&self) -> Result<Person, GateError> {
        let (person, _) = who(&self.reads, "ask who we are").await?;
        Ok(person)
    }

    /// Whether the kit's namespace is there. Whoever takes part may read it (the kit says so), so a
    /// refusal means that there is no kit, or none for this person.
    pub(in crate::escalation) async fn has_kit(&self) -> Result<bool, GateError> {
        let what = "look for the kit";
        let answer = self.read(&format!("/api/v1/namespaces/{KIT_NAMESPACE}"), what).await?;
        match answer.status {
            200 => Ok(answer.body.pointer("/metadata/labels/kglass.dev~1kit").is_some()),
            403 | 404 => Ok(false),
            _ => Err(refused(what, &answer, "try again when the server is well")),
        }
    }

    /// What records say about the cluster.
    pub(in crate::escalation) async fn cluster(&self) -> Cluster {
        let facts = self.endpoint.facts();
        // A base identity that may not read it is no reason to refuse: the field is a convenience.
        let uid = match self.read("/api/v1/namespaces/kube-system", "name the cluster").await {
            Ok(answer) if answer.is_ok() => Some(answer.text("/metadata/uid").to_owned()),
            _ => None,
        };
        Cluster {
            context: facts.context.clone(),
            name: facts.cluster.clone(),
            server: facts.server.clone(),
            ca_sha256: facts.ca_sha256.clone(),
            uid: uid.filter(|uid| !uid.is_empty()),
        }
    }
}

/// What the server takes the sender for, and the ids of the credential it came with.
pub(in crate::escalation) async fn who(wire: &Wire, what: &str) -> Result<(Person, Vec<String>), GateError> {
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let answer = no_answer(wire.send(Call::post(SELF_REVIEW, &review)).await, what)?;
    if !answer.is_ok() {
        return Err(refused(what, &answer, "check the credential"));
    }
    let list = |pointer: &str| -> Vec<String> {
        let items = answer.body.pointer(pointer).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(Into::into)
            .collect()
    };
    let person = Person {
        username: answer.text("/status/userInfo/username").to_owned(),
        uid: Some(answer.text("/status/userInfo/uid").to_owned()).filter(|uid| !uid.is_empty()),
        groups: list("/status/userInfo/groups"),
    };
    Ok((
        person,
        list("/status/userInfo/extra/authentication.kubernetes.io~1credential-id"),
    ))
}

pub(in crate::escalation) fn no_answer(result: Result<Answer, Silence>, what: &str) -> Result<Answer, GateError> {
    result.map_err(|silence| silent(silence, what))
}

pub(in crate::escalation) fn silent(silence: Silence, what: &str) -> GateError {
    let (what, cause) = (what.to_owned(), silence.cause);
    if silence.was_sent {
        GateError::NoAnswer { what, cause }
    } else {
        GateError::Unsendable { what, cause }
    }
}

/// For people who search the server's log.
pub(in crate::escalation) fn agent(session: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    session.map_or_else(
        || format!("kglass/{version}"),
        |s| format!("kglass/{version} (session={s})"),
    )
}
