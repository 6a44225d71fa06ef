//! Nobody hands out rights they do not have: a role may hold only what its writer holds, a binding
//! only bind what its writer holds, unless RBAC allows them `escalate` or `bind`. Without this the
//! RBAC kinds could not be served for writing.

use serde_json::{Value, json};

use super::authn::UserInfo;
use super::kinds::Kind;
use super::rbac;
use super::refusal::Refusal;
use super::request::Attributes;
use super::store::{Key, Store, text};

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn check(store: &Store, user: &UserInfo, kind: &Kind, object: &Value) -> Result<(), Refusal> {
    if kind.group != GROUP {
        return Ok(());
    }
    let namespace = text(object, "/metadata/namespace").filter(|_| kind.namespaced);
    let name = text(object, "/metadata/name").unwrap_or_default();
    let (verb, resource, role) = if kind.name.ends_with("Binding") {
        let target = text(object, "/roleRef/name").unwrap_or_default();
        let plural = match text(object, "/roleRef/kind") {
            Some("Role") => "roles",
            _ => "clusterroles",
        };
        ("bind", plural, target)
    } else {
        ("escalate", kind.plural, name)
    };
    let special = Attributes {
        verb: verb.to_owned(),
        group: GROUP.to_owned(),
        version: "v1".to_owned(),
        resource: Some(resource.to_owned()),
        namespace: namespace.map(str::to_owned),
        name: Some(role.to_owned()),
        ..Attributes::default()
    };
    if rbac::allows(store, user, &special) {
        return Ok(());
    }
    let given = if verb == "bind" {
        let key = Key::new(super::kinds::known(resource), namespace.unwrap_or_default(), role);
        store.get(&key).cloned().unwrap_or_default()
    } else {
        object.clone()
    };
    let missing: Vec<String> = rules(&given)
        .filter(|rule| !holds(store, user, namespace, rule))
        .map(spelled)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let groups = user
        .groups
        .iter()
        .map(|g| format!("{g:?}"))
        .collect::<Vec<_>>()
        .join(" ");
    let why = format!(
        "user {:?} (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n{}",
        user.username,
        missing.join("\n")
    );
    Err(Refusal::forbidden_because(kind.group, kind.plural, name, &why))
}

fn rules(role: &Value) -> impl Iterator<Item = &Value> {
    role.get("rules").and_then(Value::as_array).into_iter().flatten()
}

fn list<'a>(rule: &'a Value, field: &str) -> Vec<&'a str> {
    let items = rule.get(field).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Each verb on each resource of the rule is the user's own.
fn holds(store: &Store, user: &UserInfo, namespace: Option<&str>, rule: &Value) -> bool {
    let verbs = list(rule, "verbs");
    let mut asked = Vec::new();
    for verb in &verbs {
        for path in list(rule, "nonResourceURLs") {
            asked.push(Attributes {
                verb: (*verb).to_owned(),
                path: path.to_owned(),
                ..Attributes::default()
            });
        }
        for group in list(rule, "apiGroups") {
            for full in list(rule, "resources") {
                let (resource, sub) = full.split_once('/').map_or((full, None), |(r, s)| (r, Some(s)));
                let names = list(rule, "resourceNames");
                let names = if names.is_empty() { vec![""] } else { names };
                asked.extend(names.into_iter().map(|name| Attributes {
                    verb: (*verb).to_owned(),
                    group: group.to_owned(),
                    resource: Some(resource.to_owned()),
                    subresource: sub.map(str::to_owned),
                    namespace: namespace.map(str::to_owned),
                    name: (!name.is_empty()).then(|| name.to_owned()),
                    ..Attributes::default()
                }));
            }
        }
    }
    asked.iter().all(|at| rbac::allows(store, user, at))
}

/// As Go prints a rule.
fn spelled(rule: &Value) -> String {
    let mut parts = Vec::new();
    for (field, label) in [
        ("apiGroups", "APIGroups"),
        ("resources", "Resources"),
        ("resourceNames", "ResourceNames"),
        ("nonResourceURLs", "NonResourceURLs"),
        ("verbs", "Verbs"),
    ] {
        if rule.get(field).is_some() {
            parts.push(format!("{label}:{}", json!(list(rule, field))));
        }
    }
    format!("{{{}}}", parts.join(", ").replace("\",\"", "\", \""))
}
