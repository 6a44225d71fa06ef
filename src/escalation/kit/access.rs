//! The RBAC of the kit. Rights of roles, of those who ask and of those who consent; nobody gets
//! `update` or `patch` in the kit's namespace, nobody `delete` on Jobs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::policies::head;
use crate::escalation::policy::{KIT_NAMESPACE, Policy, Role, RoleScope, Rule, Subjects};

const RBAC: &str = "rbac.authorization.k8s.io";

pub(super) fn render(policy: &Policy) -> String {
    let mut text = head(policy);
    for object in objects(policy) {
        push(&mut text, &object);
    }
    text
}

fn objects(policy: &Policy) -> Vec<Value> {
    let mut objects = Vec::new();
    let roles: Vec<&Role> = policy.kit_roles().collect();
    for role in &roles {
        objects.extend(role_objects(role));
    }
    objects.extend(session_objects(&roles));
    objects.extend(reader_objects(&roles));
    for role in &roles {
        objects.extend(petition_objects(role));
    }
    objects
}

/// What the role may do, bound to its accounts.
fn role_objects(role: &Role) -> Vec<Value> {
    let name = format!("kglass-role-{}", role.name);
    let rules = role.rules.iter().map(rbac_rule).collect();
    let mut objects = vec![cluster_role(&name, rules)];
    let account = |identity: &str| json!([{"kind": "ServiceAccount", "name": identity, "namespace": KIT_NAMESPACE}]);
    match &role.scope {
        RoleScope::Cluster => objects.push(bind(&name, None, "ClusterRole", &name, account(&role.name))),
        RoleScope::Namespaces(list) => {
            for namespace in list {
                let subjects = account(&role.identity(Some(namespace)));
                objects.push(bind(&name, Some(namespace), "ClusterRole", &name, subjects));
            }
        }
    }
    objects
}

/// `restart` and `cordon` are `patch` to RBAC; the kit's policies pin the rest.
fn rbac_rule(rule: &Rule) -> Value {
    let verbs = rule.verbs.iter().map(|verb| match verb.as_str() {
        "restart" | "cordon" => "patch",
        other => other,
    });
    json!({"apiGroups": rule.groups, "resources": rule.resources, "verbs": verbs.collect::<Vec<_>>()})
}

/// Who asks: makes and ends requests, watches for grants, ends them. Who consents: makes the Job
/// and the grant as well.
fn session_objects(roles: &[&Role]) -> Vec<Value> {
    let ask = json!([
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "get", "list", "watch", "delete"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch", "delete"]},
    ]);
    let consent = json!([
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch", "delete"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "get", "list", "watch", "delete"]},
        {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "get", "list", "watch"]},
    ]);
    let askers = subjects(roles.iter().map(|r| &r.requesters));
    let consenters = subjects(roles.iter().flat_map(|r| consenters_of(r)));
    let mut objects = Vec::new();
    for (name, rules, who) in [("kglass-asks", ask, askers), ("kglass-consents", consent, consenters)] {
        objects.push(role_in_kit(name, rules));
        objects.push(bind(name, Some(KIT_NAMESPACE), "Role", name, who));
    }
    objects
}

fn consenters_of(role: &Role) -> Vec<&Subjects> {
    let mut list = vec![&role.approvers];
    if role.self_approve {
        list.push(&role.requesters);
    }
    list
}

/// Whoever takes part may see that the kit is there and what it says: `kit check` compares it.
fn reader_objects(roles: &[&Role]) -> Vec<Value> {
    let name = "kglass-kit-reader";
    let read = json!(["get", "list"]);
    let policies = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"];
    let access = ["clusterroles", "clusterrolebindings", "roles", "rolebindings"];
    let rules = json!([
        {"apiGroups": [""], "resources": ["namespaces"], "resourceNames": [KIT_NAMESPACE], "verbs": ["get"]},
        {"apiGroups": ["admissionregistration.k8s.io"], "resources": policies, "verbs": read},
        {"apiGroups": [RBAC], "resources": access, "verbs": read},
    ]);
    let accounts = json!([{"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": read}]);
    let who = subjects(roles.iter().flat_map(|r| [&r.requesters, &r.approvers]));
    vec![
        cluster_role(name, rules),
        bind(name, None, "ClusterRole", name, who.clone()),
        role_in_kit(name, accounts),
        bind(name, Some(KIT_NAMESPACE), "Role", name, who),
    ]
}

/// The virtual rights that the policies ask for, and the right to mint for this role.
fn petition_objects(role: &Role) -> Vec<Value> {
    let identities = role.identities();
    let session = |verbs: &[&str]| json!({"apiGroups": ["kglass.dev"], "resources": ["sessions"], "resourceNames": identities, "verbs": verbs});
    let mut verbs = vec!["request"];
    if role.self_approve {
        verbs.push("self-approve");
    }
    let mint = json!({"apiGroups": [""], "resources": ["serviceaccounts/token"], "resourceNames": identities, "verbs": ["create"]});
    let name = format!("kglass-request-{}", role.name);
    let mut objects = vec![
        role_in_kit(&name, json!([session(&verbs), mint])),
        bind(&name, Some(KIT_NAMESPACE), "Role", &name, subjects([&role.requesters])),
    ];
    if !role.approvers.is_empty() {
        let name = format!("kglass-approve-{}", role.name);
        objects.push(role_in_kit(&name, json!([session(&["approve"])])));
        objects.push(bind(
            &name,
            Some(KIT_NAMESPACE),
            "Role",
            &name,
            subjects([&role.approvers]),
        ));
    }
    objects
}

/// RBAC subjects, each once, in order.
fn subjects<'a>(lists: impl IntoIterator<Item = &'a Subjects>) -> Value {
    let mut all = BTreeSet::new();
    for list in lists {
        all.extend(list.groups.iter().map(|g| ("Group", g.as_str())));
        all.extend(list.users.iter().map(|u| ("User", u.as_str())));
    }
    let spell = |(kind, name)| json!({"apiGroup": RBAC, "kind": kind, "name": name});
    all.into_iter().map(spell).collect()
}

fn metadata(name: &str, namespace: Option<&str>) -> Value {
    let mut metadata = json!({"name": name, "labels": {"kglass.dev/kit": "1"}});
    if let Some(namespace) = namespace {
        metadata["namespace"] = namespace.into();
    }
    metadata
}

fn cluster_role(name: &str, rules: Value) -> Value {
    json!({"apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRole", "metadata": metadata(name, None), "rules": rules})
}

fn role_in_kit(name: &str, rules: Value) -> Value {
    json!({"apiVersion": format!("{RBAC}/v1"), "kind": "Role", "metadata": metadata(name, Some(KIT_NAMESPACE)), "rules": rules})
}

fn bind(name: &str, namespace: Option<&str>, kind: &str, role: &str, subjects: Value) -> Value {
    json!({
        "apiVersion": format!("{RBAC}/v1"),
        "kind": if namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" },
        "metadata": metadata(name, namespace),
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": role},
        "subjects": subjects,
    })
}

/// Block style for what people read, JSON (which is YAML) for each rule and subject on a line.
fn push(text: &mut String, object: &Value) {
    let _ = writeln!(
        text,
        "---\napiVersion: {}\nkind: {}",
        plain(&object["apiVersion"]),
        plain(&object["kind"])
    );
    let _ = writeln!(text, "metadata: {}", object["metadata"]);
    if object.get("roleRef").is_some() {
        let _ = writeln!(text, "roleRef: {}", object["roleRef"]);
    }
    for list in ["rules", "subjects"] {
        let Some(items) = object[list].as_array() else {
            continue;
        };
        let _ = writeln!(text, "{list}:{}", if items.is_empty() { " []" } else { "" });
        for item in items {
            let _ = writeln!(text, "- {item}");
        }
    }
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
