//! Refusals in the API server's own words: a `Status` object whose reason, code, message and
//! details are those of a real server, because the gate and its users read them.

use serde_json::{Value, json};

use super::authn::UserInfo;
use super::kinds::Kind;
use super::request::Attributes;

/// A `Status` of failure.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub code: u16,
    reason: &'static str,
    pub message: String,
    /// Answered as bare text.
    pub is_plain: bool,
    details: Option<Value>,
    /// `metadata` of the `Status`.
    metadata: Value,
    /// Seconds, as a header.
    pub retry_after: Option<u32>,
}

impl Refusal {
    fn new(code: u16, reason: &'static str, message: String) -> Self {
        Self {
            code,
            reason,
            message,
            is_plain: false,
            details: None,
            metadata: json!({}),
            retry_after: None,
        }
    }

    fn about(mut self, group: &str, kind: &str, name: &str) -> Self {
        let mut details = json!({});
        for (field, value) in [("name", name), ("group", group), ("kind", kind)] {
            if !value.is_empty() {
                details[field] = json!(value);
            }
        }
        self.details = Some(details);
        self
    }

    fn causes(mut self, causes: Value) -> Self {
        self.details.get_or_insert_with(|| json!({}))["causes"] = causes;
        self
    }

    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized".to_owned())
    }

    pub fn forbidden(user: &UserInfo, at: &Attributes) -> Self {
        let who = format!("User \"{}\" cannot {}", user.username, at.verb);
        let Some(resource) = &at.resource else {
            let message = format!("forbidden: {who} path \"{}\"", at.path);
            return Self::new(403, "Forbidden", message).about("", "", "");
        };
        let place = match &at.namespace {
            Some(ns) => format!("in the namespace \"{ns}\""),
            None => "at the cluster scope".to_owned(),
        };
        let why = format!(
            "{who} resource \"{}\" in API group \"{}\" {place}",
            at.resource_path(),
            at.group
        );
        Self::forbidden_because(&at.group, resource, at.name.as_deref().unwrap_or_default(), &why)
    }

    /// `why` follows `… is forbidden: `.
    pub fn forbidden_because(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let message = format!("{} is forbidden: {why}", subject(group, resource, name));
        Self::new(403, "Forbidden", message).about(group, resource, name)
    }

    /// What admission refused.
    pub fn denied(at: &Attributes, (code, reason): (u16, &'static str), why: &str) -> Self {
        let name = at.name.as_deref().unwrap_or_default();
        let resource = at.resource.as_deref().unwrap_or_default();
        let mut refusal = Self::forbidden_because(&at.group, resource, name, why);
        (refusal.code, refusal.reason) = (code, reason);
        refusal.causes(json!([{"message": why}]))
    }

    pub fn no_such_path() -> Self {
        let message = "the server could not find the requested resource".to_owned();
        Self::new(404, "NotFound", message).about("", "", "")
    }

    pub fn not_found(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", kind.qualified());
        Self::new(404, "NotFound", message).about(kind.group, kind.plural, name)
    }

    pub fn already_exists(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", kind.qualified());
        Self::new(409, "AlreadyExists", message).about(kind.group, kind.plural, name)
    }

    /// `resource` is what the server names here: `pods`, or a kind.
    pub fn conflict_of(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {}: {why}",
            subject(group, resource, name)
        );
        Self::new(409, "Conflict", message).about(group, resource, name)
    }

    /// One field is wrong. `why` is `Invalid value: …`, `Required value: …`, `Forbidden: …`.
    pub fn invalid(group: &str, kind: &str, name: &str, field: &str, why: &str) -> Self {
        let reason = match why.split(':').next() {
            Some("Required value") => "FieldValueRequired",
            Some("Forbidden") => "FieldValueForbidden",
            Some("Unsupported value") => "FieldValueNotSupported",
            Some("Too long") => "FieldValueTooLong",
            _ => "FieldValueInvalid",
        };
        let message = format!("{} \"{name}\" is invalid: {field}: {why}", subject(group, kind, ""));
        Self::new(422, "Invalid", message)
            .about(group, kind, name)
            .causes(json!([{"reason": reason, "message": why, "field": field}]))
    }

    pub fn bad_request(why: &str) -> Self {
        Self::new(400, "BadRequest", why.to_owned())
    }

    pub fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource".to_owned();
        Self::new(405, "MethodNotAllowed", message).about("", "", "")
    }

    pub fn unsupported_media(accepted: &[&str]) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {}",
            accepted.join(", ")
        );
        Self::new(415, "UnsupportedMediaType", message)
    }

    pub fn expired(revision: u64, oldest: u64) -> Self {
        Self::new(
            410,
            "Expired",
            format!("too old resource version: {revision} ({oldest})"),
        )
    }

    /// A page's token is too old; `next` goes on without the snapshot.
    pub fn page_expired(next: String) -> Self {
        let message = "The provided continue parameter is too old to display a consistent list result. You can start \
                       a new list without the continue parameter, or use the continue token in this response to \
                       retrieve the remainder of the results. Continuing with the provided token results in an \
                       inconsistent list - objects that were created, modified, or deleted between the time the first \
                       chunk was returned and now may show up in the list.";
        let mut refusal = Self::new(410, "Expired", message.to_owned());
        refusal.metadata = json!({"continue": next});
        refusal
    }

    /// A list at a revision that has not been yet.
    pub fn too_large_revision(asked: u64, current: u64) -> Self {
        let message = format!("Timeout: Too large resource version: {asked}, current: {current}");
        let mut refusal = Self::new(504, "Timeout", message).causes(json!([{
            "reason": "ResourceVersionTooLarge", "message": "Too large resource version",
        }]));
        refusal.details.get_or_insert_with(|| json!({}))["retryAfterSeconds"] = json!(1);
        refusal.retry_after = Some(1);
        refusal
    }

    /// An eviction that a budget does not allow.
    pub fn disruption_budget(name: &str, needs: i64, has: i64) -> Self {
        let message = "Cannot evict pod as it would violate the pod's disruption budget.";
        let why = format!("The disruption budget {name} needs {needs} healthy pods and has {has} currently");
        Self::new(429, "TooManyRequests", message.to_owned())
            .causes(json!([{"reason": "DisruptionBudget", "message": why}]))
    }

    /// A JSON patch whose steps do not fit the object.
    pub fn inapplicable() -> Self {
        let message = "the server rejected our request due to an error in our request".to_owned();
        Self::new(422, "Invalid", message).about("", "", "")
    }

    /// A patch in a form that no server knows.
    pub fn unknown_patch() -> Self {
        let message = "415: Unsupported Media Type".to_owned();
        Self::new(415, "UnsupportedMediaType", message).about("", "", "")
    }

    /// What a real server finds wrong on two of its ways, and tells of both.
    pub fn invalid_twice(group: &str, kind: &str, name: &str, field: &str, why: &str) -> Self {
        let mut refusal = Self::invalid(group, kind, name, field, why);
        if let Some(causes) = refusal.details.as_mut().and_then(|d| d["causes"].as_array_mut()) {
            let again = causes[0].clone();
            causes.push(again);
        }
        refusal
    }

    /// A watch from a revision that is no number: an error that a real server did not foresee either.
    pub fn unreadable_revision(asked: &str) -> Self {
        let why = format!("strconv.ParseUint: parsing \"{asked}\": invalid syntax");
        let message = format!("resourceVersion: Invalid value: \"{asked}\": {why}");
        Self::new(500, "", message)
    }

    /// A path that nothing is mounted at.
    pub fn nothing_here() -> Self {
        let mut refusal = Self::new(404, "NotFound", "404 page not found".to_owned());
        refusal.is_plain = true;
        refusal
    }

    /// An extension API server does not answer.
    pub fn unavailable() -> Self {
        let message = "the server is currently unable to handle the request".to_owned();
        Self::new(503, "ServiceUnavailable", message).about("", "", "")
    }

    /// A refusal that has no more than its words.
    pub fn internal_plainly(why: &str) -> Self {
        Self::new(500, "InternalError", why.to_owned())
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
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
            "code": self.code,
        });
        if !self.reason.is_empty() {
            status["reason"] = json!(self.reason);
        }
        if let Some(details) = &self.details {
            status["details"] = details.clone();
        }
        status
    }
}

/// `pods "web-0"`, `deployments.apps`.
fn subject(group: &str, resource: &str, name: &str) -> String {
    let qualified = if group.is_empty() {
        resource.to_owned()
    } else {
        format!("{resource}.{group}")
    };
    if name.is_empty() {
        qualified
    } else {
        format!("{qualified} \"{name}\"")
    }
}
