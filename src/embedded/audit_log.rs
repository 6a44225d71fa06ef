//! The server's own audit log, kept in memory: what arrived, from whom, and how it was answered.
//! It is the independent witness in tests: what it does not list was never sent.

use std::collections::BTreeMap;

use serde_json::json;

use super::authn::{CREDENTIAL_ID, UserInfo};
use super::clock::rfc3339_micros;
use super::request::Attributes;

/// One request, as the API server's log has it at stage ResponseComplete (a watch:
/// ResponseStarted). In order of arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// The caller's `Audit-ID`, or one made here.
    pub audit_id: String,
    /// True if the caller sent the id.
    pub audit_id_given: bool,
    pub username: String,
    pub groups: Vec<String>,
    /// `JTI=…` of a minted token.
    pub credential_id: Option<String>,
    pub verb: String,
    pub group: String,
    pub version: String,
    pub resource: Option<String>,
    pub subresource: Option<String>,
    pub namespace: Option<String>,
    pub name: Option<String>,
    /// Path and query.
    pub request_uri: String,
    pub user_agent: String,
    /// HTTP status; 0 if the connection was dropped before an answer was made.
    pub status: u16,
    /// Which pool it came over: each `Endpoint::transport` is one.
    pub connection: u64,
    pub received_ms: i64,
    pub annotations: BTreeMap<String, String>,
}

impl AuditEvent {
    /// `delete pods`, `patch deployments/scale`, or verb and path.
    pub fn act(&self) -> String {
        match (&self.resource, &self.subresource) {
            (Some(resource), Some(sub)) => format!("{} {resource}/{sub}", self.verb),
            (Some(resource), None) => format!("{} {resource}", self.verb),
            (None, _) => format!("{} {}", self.verb, self.request_uri),
        }
    }

    /// As the API server's log file has it, at level Metadata: one line of `audit.k8s.io/v1`.
    pub fn to_line(&self) -> String {
        let mut user = json!({"username": self.username, "groups": self.groups});
        if let Some(id) = &self.credential_id {
            user["extra"] = json!({CREDENTIAL_ID: [id]});
        }
        let mut event = json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": self.audit_id,
            "stage": if self.verb == "watch" { "ResponseStarted" } else { "ResponseComplete" },
            "requestURI": self.request_uri, "verb": self.verb, "user": user, "sourceIPs": ["127.0.0.1"],
            "userAgent": self.user_agent, "responseStatus": {"metadata": {}, "code": self.status},
            "requestReceivedTimestamp": rfc3339_micros(self.received_ms),
            "stageTimestamp": rfc3339_micros(self.received_ms), "annotations": self.annotations,
        });
        if let Some(resource) = &self.resource {
            let mut object = json!({"resource": resource, "apiVersion": self.version});
            for (field, value) in [
                ("namespace", self.namespace.as_deref()),
                ("name", self.name.as_deref()),
                ("apiGroup", Some(self.group.as_str()).filter(|g| !g.is_empty())),
                ("subresource", self.subresource.as_deref()),
            ] {
                if let Some(value) = value {
                    object[field] = json!(value);
                }
            }
            event["objectRef"] = object;
        }
        event.to_string()
    }

    pub(super) fn new(id: (String, bool), user: Option<&UserInfo>, at: &Attributes) -> Self {
        let credential_id = user
            .and_then(|u| u.extra.get(CREDENTIAL_ID))
            .and_then(|ids| ids.first());
        Self {
            audit_id: id.0,
            audit_id_given: id.1,
            username: user.map(|u| u.username.clone()).unwrap_or_default(),
            groups: user.map(|u| u.groups.clone()).unwrap_or_default(),
            credential_id: credential_id.cloned(),
            verb: at.verb.clone(),
            group: at.group.clone(),
            version: at.version.clone(),
            resource: at.resource.clone(),
            subresource: at.subresource.clone(),
            namespace: at.namespace.clone(),
            name: at.name.clone(),
            request_uri: String::new(),
            user_agent: String::new(),
            status: 0,
            connection: 0,
            received_ms: 0,
            annotations: BTreeMap::new(),
        }
    }
}
