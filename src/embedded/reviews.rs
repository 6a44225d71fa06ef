//! Who am I, what may I do: the self-reviews, answered from the same RBAC that judges requests.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome};
use super::authn::UserInfo;
use super::clock::rfc3339;
use super::rbac;
use super::refusal::Refusal;
use super::request::Attributes;
use super::store::{Store, text};

const AUTHENTICATION: &str = "authentication.k8s.io";
const AUTHORIZATION: &str = "authorization.k8s.io";

/// The answer if the request is one of the three.
pub(super) fn create(store: &Store, user: &UserInfo, at: &Attributes, body: &Value, now_ms: i64) -> Option<Outcome> {
    if at.name.is_some() {
        return Some(Err(Refusal::no_such_path()));
    }
    if at.verb != "create" || at.version != "v1" {
        return None;
    }
    let answer = match (at.group.as_str(), at.resource.as_deref()?) {
        (AUTHENTICATION, "selfsubjectreviews") => Ok(who(user, now_ms)),
        (AUTHORIZATION, "selfsubjectaccessreviews") => may(store, user, body),
        (AUTHORIZATION, "selfsubjectrulesreviews") => all(store, user, body),
        _ => return None,
    };
    Some(answer.map(|value| Answer::json(201, value)))
}

fn who(user: &UserInfo, now_ms: i64) -> Value {
    json!({
        "kind": "SelfSubjectReview",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"creationTimestamp": rfc3339(now_ms)},
        "status": {"userInfo": user.to_value()},
    })
}

fn may(store: &Store, user: &UserInfo, body: &Value) -> Result<Value, Refusal> {
    let both = ["resourceAttributes", "nonResourceAttributes"]
        .iter()
        .all(|field| body["spec"][*field].is_object());
    if both {
        let path = text(body, "/spec/nonResourceAttributes/path").unwrap_or_default();
        let verb = text(body, "/spec/nonResourceAttributes/verb").unwrap_or_default();
        let why = format!(
            "Invalid value: {{\"Path\":{path:?},\"Verb\":{verb:?}}}: cannot be specified in combination with \
             resourceAttributes"
        );
        return Err(Refusal::invalid(
            AUTHORIZATION,
            "",
            "",
            "spec.nonResourceAttributes",
            &why,
        ));
    }
    let at = asked(body).ok_or_else(|| {
        let why = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified";
        Refusal::invalid(AUTHORIZATION, "", "", "spec.resourceAttributes", why)
    })?;
    let allowed = rbac::allows(store, user, &at);
    let mut status = json!({"allowed": allowed});
    if allowed {
        status["reason"] = json!("RBAC: allowed");
    }
    Ok(json!({
        "kind": "SelfSubjectAccessReview",
        "apiVersion": "authorization.k8s.io/v1",
        "metadata": {},
        "spec": body["spec"],
        "status": status,
    }))
}

fn asked(body: &Value) -> Option<Attributes> {
    let own = |from: &Value, field: &str| text(from, field).filter(|s| !s.is_empty()).map(str::to_owned);
    let present = |pointer: &str| body.pointer(pointer).filter(|v| v.is_object());
    match (
        present("/spec/resourceAttributes"),
        present("/spec/nonResourceAttributes"),
    ) {
        (Some(r), None) => Some(Attributes {
            verb: own(r, "/verb").unwrap_or_default(),
            group: own(r, "/group").unwrap_or_default(),
            version: own(r, "/version").unwrap_or_default(),
            resource: Some(own(r, "/resource").unwrap_or_default()),
            subresource: own(r, "/subresource"),
            namespace: own(r, "/namespace"),
            name: own(r, "/name"),
            path: String::new(),
        }),
        (None, Some(p)) => Some(Attributes {
            verb: own(p, "/verb").unwrap_or_default(),
            path: own(p, "/path").unwrap_or_default(),
            ..Attributes::default()
        }),
        _ => None,
    }
}

fn all(store: &Store, user: &UserInfo, body: &Value) -> Result<Value, Refusal> {
    let namespace = text(body, "/spec/namespace")
        .filter(|ns| !ns.is_empty())
        .ok_or_else(|| Refusal::bad_request("no namespace on request"))?;
    let (paths, resources): (Vec<_>, Vec<_>) = rbac::rules(store, user, Some(namespace))
        .into_iter()
        .cloned()
        .partition(|rule| rule.get("nonResourceURLs").is_some());
    Ok(json!({
        "kind": "SelfSubjectRulesReview",
        "apiVersion": "authorization.k8s.io/v1",
        "metadata": {},
        "spec": {},
        "status": {"resourceRules": resources, "nonResourceRules": paths, "incomplete": false},
    }))
}
