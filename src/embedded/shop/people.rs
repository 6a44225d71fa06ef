//! Who works in the shop, and what each may see: everything but Secrets, those on call also these in
//! the namespace that they look after; and nothing to change.

use serde_json::{Value, json};

/// On call; the operator of the demo.
pub(super) const OPERATOR: (&str, &str, &[&str]) = ("embedded-operator", "alice", &["oncall", "viewers"]);
/// The colleague who consents.
pub(super) const LEAD: (&str, &str, &[&str]) = ("embedded-lead", "lead", &["approvers", "viewers"]);

/// What the groups are allowed.
pub(super) fn access() -> Vec<Value> {
    let read = ["get", "list", "watch"];
    let rule =
        |groups: &[&str], resources: &[&str]| json!({"apiGroups": groups, "resources": resources, "verbs": read});
    let core = [
        "configmaps",
        "endpoints",
        "events",
        "limitranges",
        "namespaces",
        "nodes",
        "persistentvolumeclaims",
        "persistentvolumes",
        "pods",
        "pods/log",
        "resourcequotas",
        "serviceaccounts",
        "services",
    ];
    let others = [
        "apps",
        "autoscaling",
        "batch",
        "networking.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "storage.k8s.io",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "scheduling.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "shop.example.com",
        "metrics.k8s.io",
    ];
    vec![
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "shop-viewer"},
            "rules": [rule(&[""], &core), rule(&others, &["*"])],
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "viewers"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "shop-viewer"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "viewers"}],
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": "secret-viewer", "namespace": "shop"}, "rules": [rule(&[""], &["secrets"])],
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "oncall-secrets", "namespace": "shop"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "secret-viewer"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "oncall"}],
        }),
    ]
}
