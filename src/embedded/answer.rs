//! Answers and refusals in the API server's own words. A refusal is a `Status` object whose
//! reason, code and message are those of a real server, because the gate and its users read them.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use serde_json::{Value, json};

use super::authn::UserInfo;
use super::kinds::Kind;
use super::request::Attributes;

pub(super) enum Payload {
    Json(Value),
    Text(String),
    /// Chunks of a watch; dropped with the connection.
    Stream(BoxStream<'static, Bytes>),
}

pub(super) struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub payload: Payload,
    /// Annotations of the audit event.
    pub annotations: BTreeMap<String, String>,
}

pub(super) type Outcome = Result<Answer, Refusal>;

impl Answer {
    pub fn ok(value: Value) -> Self {
        Self::json(200, value)
    }

    pub fn json(status: u16, value: Value) -> Self {
        Self {
            status,
            content_type: "application/json",
            payload: Payload::Json(value),
            annotations: BTreeMap::new(),
        }
    }

    pub fn text(text: &str) -> Self {
        Self {
            status: 200,
            content_type: "text/plain; charset=utf-8",
            payload: Payload::Text(text.to_owned()),
            annotations: BTreeMap::new(),
        }
    }

    pub fn annotated(mut self, key: &str, value: String) -> Self {
        self.annotations.insert(key.to_owned(), value);
        self
    }
}

/// A `Status` of failure.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub code: u16,
    reason: &'static str,
    message: String,
    /// Kind or resource, and name.
    about: Option<(String, String)>,
}

impl Refusal {
    fn new(code: u16, reason: &'static str, message: String) -> Self {
        Self {
            code,
            reason,
            message,
            about: None,
        }
    }

    fn about(mut self, resource: &str, name: &str) -> Self {
        self.about = Some((resource.to_owned(), name.to_owned()));
        self
    }

    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized".to_owned())
    }

    pub fn forbidden(user: &UserInfo, at: &Attributes) -> Self {
        let who = format!("User \"{}\" cannot {}", user.username, at.verb);
        let Some(resource) = &at.resource else {
            let message = format!("forbidden: {who} path \"{}\"", at.path);
            return Self::new(403, "Forbidden", message);
        };
        let place = match &at.namespace {
            Some(ns) => format!("in the namespace \"{ns}\""),
            None => "at the cluster scope".to_owned(),
        };
        let qualified = if at.group.is_empty() {
            resource.clone()
        } else {
            format!("{resource}.{}", at.group)
        };
        let subject = at
            .name
            .as_ref()
            .map_or_else(|| qualified.clone(), |name| format!("{qualified} \"{name}\""));
        let message = format!(
            "{subject} is forbidden: {who} resource \"{}\" in API group \"{}\" {place}",
            at.resource_path(),
            at.group
        );
        Self::new(403, "Forbidden", message).about(resource, at.name.as_deref().unwrap_or_default())
    }

    pub fn no_such_path() -> Self {
        let message = "the server could not find the requested resource".to_owned();
        Self::new(404, "NotFound", message)
    }

    pub fn not_found(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", kind.qualified());
        Self::new(404, "NotFound", message).about(kind.plural, name)
    }

    pub fn already_exists(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", kind.qualified());
        Self::new(409, "AlreadyExists", message).about(kind.plural, name)
    }

    /// `resource` is what the server names here: `pods`, `deployments.apps`, or a kind.
    pub fn conflict(resource: &str, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {resource} \"{name}\": {why}");
        Self::new(409, "Conflict", message).about(resource, name)
    }

    /// `what` is `Kind` or `Kind.group`.
    pub fn invalid(what: &str, name: &str, why: &str) -> Self {
        let message = format!("{what} \"{name}\" is invalid: {why}");
        Self::new(422, "Invalid", message).about(what, name)
    }

    pub fn bad_request(why: &str) -> Self {
        Self::new(400, "BadRequest", why.to_owned())
    }

    pub fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource".to_owned();
        Self::new(405, "MethodNotAllowed", message)
    }

    pub fn unsupported_media(accepted: &str) -> Self {
        let message =
            format!("the body of the request was in an unknown format - accepted media types include: {accepted}");
        Self::new(415, "UnsupportedMediaType", message)
    }

    pub fn expired(revision: u64, oldest: u64) -> Self {
        Self::new(
            410,
            "Expired",
            format!("too old resource version: {revision} ({oldest})"),
        )
    }

    /// What a test injected.
    pub fn injected(code: u16) -> Self {
        let (reason, message) = match code {
            401 => ("Unauthorized", "Unauthorized"),
            403 => ("Forbidden", "forbidden by injected fault"),
            409 => ("Conflict", "conflict by injected fault"),
            429 => ("TooManyRequests", "too many requests, please try again later"),
            503 => (
                "ServiceUnavailable",
                "the server is currently unable to handle the request",
            ),
            504 => (
                "Timeout",
                "the server was unable to return a response in the time allotted",
            ),
            _ => (
                "InternalError",
                "an error on the server has prevented the request from succeeding",
            ),
        };
        Self::new(code, reason, message.to_owned())
    }

    pub fn to_value(&self) -> Value {
        let mut status = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        });
        if let Some((kind, name)) = &self.about {
            status["details"] = json!({"name": name, "kind": kind});
        }
        status
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Self::json(refusal.code, refusal.to_value())
    }
}
