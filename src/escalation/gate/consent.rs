//! How a request becomes a grant: by oneself where the role allows it, or by waiting for somebody
//! else's. Never adopts a Job: a name that is taken means another second as deadline.

use http::Method;
use serde_json::{Value, json};

use super::base::Base;
use super::petition::{Petition, PetitionName, Petitions, core_object, refused};
use super::rules;
use crate::audit::Target;
use crate::escalation::policy::KIT_NAMESPACE;
use crate::escalation::{GateError, names};
use crate::model::{Gvk, ObjectRef};

/// The type of a Secret that is a grant.
pub(super) const GRANT_TYPE: &str = "kglass.dev/grant";
/// How often another second is tried when the Job's name is taken.
const TRIES: u64 = 5;

/// What a grant repeats of the request.
pub(in crate::escalation) struct Asked<'a> {
    pub(in crate::escalation) hash: &'a str,
    pub(in crate::escalation) identity: &'a str,
    pub(in crate::escalation) requester: &'a str,
    pub(in crate::escalation) reason: &'a str,
    pub(in crate::escalation) ticket: &'a str,
    pub(in crate::escalation) trigger: &'a str,
    pub(in crate::escalation) ttl_seconds: u32,
}

/// A grant as it is on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::escalation) struct Granting {
    pub(in crate::escalation) namespace: String,
    pub(in crate::escalation) name: String,
    pub(in crate::escalation) uid: String,
    pub(in crate::escalation) approved_by: String,
    /// Epoch seconds on the server's clock.
    pub(in crate::escalation) deadline: u64,
}

impl Granting {
    /// Whom it is for, as its name says: nobody else can mint from it.
    pub(super) fn who(&self) -> Option<&str> {
        self.name.split('.').nth(1)
    }

    /// Whether it is for the same person. Anybody who approves can make grants that carry somebody else's hash.
    pub(super) fn is_for(&self, who: &str) -> bool {
        self.who() == Some(who)
    }

    /// One that may exist, without having been seen.
    pub(super) fn unseen(namespace: &str, name: String) -> Self {
        Self {
            namespace: namespace.into(),
            name,
            uid: String::new(),
            approved_by: String::new(),
            deadline: 0,
        }
    }
}

/// Makes deadline and grant as `consenter`.
pub(super) async fn give(
    base: &Base,
    petitions: &Petitions,
    asked: &Asked<'_>,
    consenter: &str,
    remark: Option<&str>,
) -> Result<Granting, GateError> {
    let what = "set the deadline";
    let now = base.clock.at_least_s().ok_or_else(|| GateError::Unacceptable {
        what: what.into(),
        cause: "the server's answers carry no Date, so no deadline can be named".into(),
        cure: "look at what stands between kglass and the API server".into(),
    })?;
    for extra in 0..TRIES {
        let deadline = now + u64::from(asked.ttl_seconds) + extra;
        let id = names::grant_id(deadline, asked.hash);
        let answer = petitions.send(job_petition(&id, asked.ttl_seconds)).await?;
        match answer.status {
            409 => {}
            200..300 => {
                let job_uid = answer.text("/metadata/uid").to_owned();
                return grant(petitions, asked, consenter, remark, &job_uid, deadline).await;
            }
            _ => return Err(refused(what, &answer, "ask somebody who may consent to this role")),
        }
    }
    Err(GateError::Unacceptable {
        what: what.into(),
        cause: format!("{TRIES} names of deadline Jobs are taken"),
        cure: "somebody makes Jobs for requests of others: look at the kit's namespace, then ask again".into(),
    })
}

async fn grant(
    petitions: &Petitions,
    asked: &Asked<'_>,
    consenter: &str,
    remark: Option<&str>,
    job_uid: &str,
    deadline: u64,
) -> Result<Granting, GateError> {
    let id = names::grant_id(deadline, asked.hash);
    let name = names::grant_name(asked.identity, asked.requester, &id).map_err(|cause| GateError::Unacceptable {
        what: "name the grant".into(),
        cause,
        cure: "the kit cannot serve this user name".into(),
    })?;
    let object = grant_object(asked, consenter, remark, &name, job_uid, &id);
    let petition = Petition {
        name: PetitionName::Grant,
        words: format!("consent to {} for {}", asked.identity, asked.requester),
        method: Method::POST,
        path: rules::collection("secrets"),
        target: Target {
            object: core_object("Secret", "secrets", KIT_NAMESPACE, &name),
            subresource: None,
        },
        body: object,
    };
    let answer = petitions
        .must(petition, "ask somebody who may consent to this role")
        .await?;
    Ok(Granting {
        namespace: KIT_NAMESPACE.into(),
        uid: answer.text("/metadata/uid").to_owned(),
        approved_by: consenter.into(),
        name,
        deadline,
    })
}

fn job_petition(id: &str, ttl_seconds: u32) -> Petition {
    let name = names::job_name(id);
    let object = ObjectRef {
        gvk: Gvk::new("batch", "v1", "Job"),
        resource: "jobs".into(),
        namespace: Some(KIT_NAMESPACE.into()),
        name: name.clone(),
        ..ObjectRef::default()
    };
    Petition {
        name: PetitionName::Grant,
        words: format!("set the deadline {name}"),
        method: Method::POST,
        path: rules::jobs(),
        body: job(&name, ttl_seconds),
        target: Target {
            object,
            subresource: None,
        },
    }
}

/// A Job that runs nothing; the Job controller fails it when its time is up.
pub(in crate::escalation) fn job(name: &str, ttl_seconds: u32) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": name, "namespace": KIT_NAMESPACE},
        "spec": {
            "parallelism": 0,
            "activeDeadlineSeconds": ttl_seconds,
            "ttlSecondsAfterFinished": 0,
            "backoffLimit": 0,
            "template": {"spec": {
                "restartPolicy": "Never",
                "automountServiceAccountToken": false,
                "containers": [{"name": "none", "image": "kglass.invalid/none"}],
            }},
        },
    })
}

pub(in crate::escalation) fn grant_object(
    asked: &Asked<'_>,
    consenter: &str,
    remark: Option<&str>,
    name: &str,
    job_uid: &str,
    id: &str,
) -> Value {
    let mut annotations = json!({
        "kglass.dev/requester": asked.requester,
        "kglass.dev/reason": asked.reason,
        "kglass.dev/ticket": asked.ticket,
        "kglass.dev/trigger": asked.trigger,
        "kglass.dev/role": asked.identity,
        "kglass.dev/approved-by": consenter,
    });
    if let Some(remark) = remark {
        annotations["kglass.dev/remark"] = remark.into();
    }
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": GRANT_TYPE,
        "metadata": {
            "name": name,
            "namespace": KIT_NAMESPACE,
            "annotations": annotations,
            "ownerReferences": [{"apiVersion": "batch/v1", "kind": "Job", "name": names::job_name(id), "uid": job_uid}],
        },
    })
}

/// The request as an object. Everybody who may read the kit's namespace reads the reason.
pub(in crate::escalation) fn request_object(asked: &Asked<'_>, session_key: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": asked.hash, "namespace": KIT_NAMESPACE, "labels": {"kglass.dev/request": "true"}},
        "data": {
            "requester": asked.requester,
            "reason": asked.reason,
            "ticket": asked.ticket,
            "trigger": asked.trigger,
            "role": asked.identity,
            "ttlSeconds": asked.ttl_seconds.to_string(),
            "sessionKey": session_key,
        },
    })
}
