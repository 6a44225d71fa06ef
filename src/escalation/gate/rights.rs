//! Asks the server what the new credential may do. Rules can be incomplete (webhook authorizers),
//! so the powers that end every guarantee are asked for one by one as well.

use serde_json::{Value, json};

use super::base::no_answer;
use super::petition::refused;
use super::wire::{Call, Wire};
use crate::escalation::GateError;
use crate::escalation::policy::{Rule, rights};

const RULES_REVIEW: &str = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
const ACCESS_REVIEW: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// Verb, group, resource, subresource.
const POWERS: [(&str, &str, &str, &str); 27] = [
    ("*", "*", "*", ""),
    ("impersonate", "", "users", ""),
    ("impersonate", "", "groups", ""),
    ("impersonate", "", "serviceaccounts", ""),
    ("impersonate", "authentication.k8s.io", "uids", ""),
    ("impersonate", "authentication.k8s.io", "userextras", "scopes"),
    // since 1.36
    ("impersonate:user-info", "authentication.k8s.io", "users", ""),
    (
        "impersonate:serviceaccount",
        "authentication.k8s.io",
        "serviceaccounts",
        "",
    ),
    ("impersonate:arbitrary-node", "authentication.k8s.io", "nodes", ""),
    ("impersonate-on:user-info:get", "", "pods", ""),
    ("impersonate-on:serviceaccount:get", "", "pods", ""),
    ("create", "", "serviceaccounts", "token"),
    ("escalate", "rbac.authorization.k8s.io", "clusterroles", ""),
    ("escalate", "rbac.authorization.k8s.io", "roles", ""),
    ("bind", "rbac.authorization.k8s.io", "clusterroles", ""),
    ("bind", "rbac.authorization.k8s.io", "roles", ""),
    ("create", "rbac.authorization.k8s.io", "clusterrolebindings", ""),
    ("create", "rbac.authorization.k8s.io", "rolebindings", ""),
    ("update", "rbac.authorization.k8s.io", "clusterroles", ""),
    ("patch", "rbac.authorization.k8s.io", "roles", ""),
    (
        "create",
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations",
        "",
    ),
    (
        "delete",
        "admissionregistration.k8s.io",
        "validatingadmissionpolicies",
        "",
    ),
    (
        "patch",
        "admissionregistration.k8s.io",
        "validatingadmissionpolicies",
        "",
    ),
    (
        "delete",
        "admissionregistration.k8s.io",
        "validatingadmissionpolicybindings",
        "",
    ),
    (
        "patch",
        "admissionregistration.k8s.io",
        "validatingadmissionpolicybindings",
        "",
    ),
    (
        "delete",
        "admissionregistration.k8s.io",
        "validatingwebhookconfigurations",
        "",
    ),
    (
        "update",
        "certificates.k8s.io",
        "certificatesigningrequests",
        "approval",
    ),
];

pub(in crate::escalation) struct Rights {
    /// One line each, for the pane and the record.
    pub(in crate::escalation) lines: Vec<String>,
    /// A right that must not be there.
    pub(in crate::escalation) power: Option<String>,
}

pub(in crate::escalation) async fn ask(wire: &Wire, namespace: Option<&str>) -> Result<Rights, GateError> {
    let rules = rules(wire, namespace.unwrap_or("default")).await?;
    let power = rules
        .iter()
        .find(|r| rights::forbidden(&r.groups, &r.resources, &r.verbs).is_some());
    let mut power = power.map(|r| format!("{} {}", r.verbs.join(","), r.resources.join(",")));
    // Everybody may review themselves; that is nobody's gain.
    let gained: Vec<Rule> = rules
        .into_iter()
        .filter(|r| !r.resources.iter().all(|x| x.starts_with("selfsubject")))
        .collect();
    for (verb, group, resource, subresource) in POWERS {
        if power.is_some() {
            break;
        }
        let attributes = json!({
            "verb": verb, "group": group, "resource": resource, "subresource": subresource,
            "namespace": namespace.unwrap_or_default(),
        });
        if allowed(wire, attributes).await? {
            power = Some(format!("{verb} {resource}"));
        }
    }
    Ok(Rights {
        lines: rights::describe(&gained),
        power,
    })
}

async fn rules(wire: &Wire, namespace: &str) -> Result<Vec<Rule>, GateError> {
    let what = "ask what the new credential may do";
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": namespace},
    });
    let answer = no_answer(wire.send(Call::post(RULES_REVIEW, &review)).await, what)?;
    if !answer.is_ok() {
        return Err(refused(what, &answer, "the grant is ended; ask again"));
    }
    let rules = answer.body.pointer("/status/resourceRules").and_then(Value::as_array);
    Ok(rules.into_iter().flatten().map(rule).collect())
}

fn rule(value: &Value) -> Rule {
    let list = |key: &str| {
        let items = value[key].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(Into::into).collect()
    };
    Rule {
        groups: list("apiGroups"),
        resources: list("resources"),
        verbs: list("verbs"),
    }
}

/// Whether the sender may do this.
pub(in crate::escalation) async fn allowed(wire: &Wire, attributes: Value) -> Result<bool, GateError> {
    let what = "ask what the credential may do";
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    });
    let answer = no_answer(wire.send(Call::post(ACCESS_REVIEW, &review)).await, what)?;
    match answer.body.pointer("/status/allowed").and_then(Value::as_bool) {
        Some(allowed) if answer.is_ok() => Ok(allowed),
        _ => Err(refused(what, &answer, "the grant is ended; ask again")),
    }
}
