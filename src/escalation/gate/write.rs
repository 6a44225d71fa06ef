//! What one request of a mutation is: verb, path, body and preconditions, and the intent that is
//! recorded of it. Sends nothing.

use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::petition::digest;
use super::wire::Call;
use crate::audit::{Intent, Target};
use crate::escalation::live::Act;
use crate::escalation::{Confirmed, GateError};
use crate::model::ObjectRef;

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";
const STRATEGIC_PATCH: &str = "application/strategic-merge-patch+json";

/// One request of a mutation.
pub(super) struct Write {
    pub(super) act: Act,
    pub(super) verb: &'static str,
    /// As the journal and the messages have it.
    pub(super) words: String,
    method: Method,
    path: String,
    content_type: &'static str,
    body: Vec<u8>,
    pub(super) target: Target,
    confirmed: Option<Confirmed>,
}

impl Write {
    pub(super) fn new(act: Act, target: &ObjectRef, confirmed: Option<Confirmed>) -> Self {
        let (method, content_type, body) = request(act, target);
        let subresource = match act {
            Act::Scale { .. } => Some("scale"),
            Act::Evict => Some("eviction"),
            Act::Delete | Act::Restart | Act::Cordon { .. } => None,
        };
        Self {
            act,
            verb: verb(act),
            words: words(act, target),
            method,
            path: match subresource {
                Some(subresource) => format!("{}/{subresource}", target.path()),
                None => target.path(),
            },
            content_type,
            body: body.to_string().into_bytes(),
            target: Target {
                object: target.clone(),
                subresource: subresource.map(str::to_owned),
            },
            confirmed,
        }
    }

    /// One of many of a drain that the end has cut.
    pub(super) fn is_cut_by(&self, error: &GateError) -> bool {
        matches!(self.act, Act::Evict) && matches!(error, GateError::Closed | GateError::Expired)
    }

    /// What is recorded before it leaves.
    pub(super) fn intent(&self, action: u64) -> Intent {
        Intent {
            action,
            words: self.words.clone(),
            petition: None,
            identity: "elevated".into(),
            verb: match self.method {
                Method::DELETE => "delete",
                Method::POST => "create",
                _ => "patch",
            }
            .into(),
            method: self.method.to_string(),
            path: self.path.clone(),
            target: Some(self.target.clone()),
            dry_run: false,
            body_sha256: Some(digest(&self.body)),
            confirmed: self.confirmed.map(|how| how.as_str().into()),
        }
    }

    pub(super) fn call(&self, audit_id: &str) -> Call {
        Call {
            method: self.method.clone(),
            path: self.path.clone(),
            content_type: self.content_type,
            body: self.body.clone(),
            audit_id: Some(audit_id.to_owned()),
        }
    }
}

/// As the operator has it: `restart` is a patch.
fn verb(act: Act) -> &'static str {
    match act {
        Act::Delete => "delete",
        Act::Scale { .. } => "scale",
        Act::Restart => "restart",
        Act::Cordon { unschedulable: true } => "cordon",
        Act::Cordon { unschedulable: false } => "uncordon",
        Act::Evict => "evict",
    }
}

/// `scale deployments/web in shop to 3`
fn words(act: Act, target: &ObjectRef) -> String {
    let namespace = target.namespace.as_ref();
    let place = namespace.map(|ns| format!(" in {ns}")).unwrap_or_default();
    let amount = match act {
        Act::Scale { replicas } => format!(" to {replicas}"),
        _ => String::new(),
    };
    format!("{} {target}{place}{amount}", verb(act))
}

/// Method, content type and body.
fn request(act: Act, target: &ObjectRef) -> (Method, &'static str, Value) {
    match act {
        Act::Delete => (Method::DELETE, JSON, delete_body(target)),
        Act::Scale { replicas } => {
            let spec = json!({"replicas": replicas});
            (Method::PATCH, MERGE_PATCH, patch(target, &spec))
        }
        Act::Restart => (Method::PATCH, STRATEGIC_PATCH, patch(target, &restart_spec())),
        Act::Cordon { unschedulable } => {
            // Null takes the field away, as it was before.
            let spec = json!({"unschedulable": unschedulable.then_some(true)});
            (Method::PATCH, MERGE_PATCH, patch(target, &spec))
        }
        Act::Evict => (Method::POST, JSON, eviction(target)),
    }
}

/// The uid alone is its precondition: a pod's version changes with each probe, and whatever it is
/// by then, it is the pod that was seen.
fn eviction(target: &ObjectRef) -> Value {
    json!({
        "apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": {"name": target.name, "namespace": target.namespace},
        "deleteOptions": {"preconditions": {"uid": target.uid}},
    })
}

fn delete_body(target: &ObjectRef) -> Value {
    json!({
        "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
        "preconditions": {"uid": target.uid, "resourceVersion": target.resource_version},
    })
}

/// The API server answers 409 if either is not what the object has.
fn patch(target: &ObjectRef, spec: &Value) -> Value {
    json!({"metadata": {"uid": target.uid, "resourceVersion": target.resource_version}, "spec": spec})
}

fn restart_spec() -> Value {
    let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}})
}
