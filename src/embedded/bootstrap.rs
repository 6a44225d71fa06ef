//! What every cluster has before anybody installs anything: system namespaces, the roles that let
//! everybody discover and review themselves, `cluster-admin`, and a narrow `view`.

use serde_json::{Value, json};

pub(super) fn objects() -> Vec<Value> {
    let mut all: Vec<Value> = ["default", "kube-system", "kube-public", "kube-node-lease"]
        .iter()
        .map(|name| namespace(name))
        .collect();
    let everything = json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]});
    let every_path = json!({"nonResourceURLs": ["*"], "verbs": ["*"]});
    let public =
        json!({"nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"], "verbs": ["get"]});
    let discovery = json!({
        "nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*",
            "/readyz", "/version", "/version/"],
        "verbs": ["get"],
    });
    let review =
        |group: &str, resources: &[&str]| json!({"apiGroups": [group], "resources": resources, "verbs": ["create"]});
    let basic = [
        review(
            "authorization.k8s.io",
            &["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        ),
        review("authentication.k8s.io", &["selfsubjectreviews"]),
    ];
    let signed_in = "system:authenticated";
    for (name, rules, groups) in [
        ("cluster-admin", vec![everything, every_path], vec!["system:masters"]),
        ("system:discovery", vec![discovery], vec![signed_in]),
        ("system:basic-user", basic.to_vec(), vec![signed_in]),
        (
            "system:public-info-viewer",
            vec![public],
            vec![signed_in, "system:unauthenticated"],
        ),
        ("view", view(), vec![]),
    ] {
        all.push(cluster_role(name, rules));
        if !groups.is_empty() {
            all.push(bind_groups(name, name, &groups));
        }
    }
    all
}

/// Reads of what this server serves, without Secrets, nodes and RBAC, as the stock `view` has it.
fn view() -> Vec<Value> {
    let rule = |group: &str, resources: &[&str]| json!({"apiGroups": [group], "resources": resources, "verbs": ["get", "list", "watch"]});
    vec![
        rule(
            "",
            &[
                "configmaps",
                "endpoints",
                "events",
                "limitranges",
                "namespaces",
                "namespaces/status",
                "persistentvolumeclaims",
                "persistentvolumeclaims/status",
                "pods",
                "pods/log",
                "pods/status",
                "resourcequotas",
                "resourcequotas/status",
                "serviceaccounts",
                "services",
                "services/status",
            ],
        ),
        rule(
            "apps",
            &[
                "controllerrevisions",
                "daemonsets",
                "daemonsets/status",
                "deployments",
                "deployments/scale",
                "deployments/status",
                "replicasets",
                "replicasets/scale",
                "replicasets/status",
                "statefulsets",
                "statefulsets/scale",
                "statefulsets/status",
            ],
        ),
        rule(
            "autoscaling",
            &["horizontalpodautoscalers", "horizontalpodautoscalers/status"],
        ),
        rule("batch", &["cronjobs", "cronjobs/status", "jobs", "jobs/status"]),
        rule("discovery.k8s.io", &["endpointslices"]),
        rule("metrics.k8s.io", &["nodes", "pods"]),
        rule(
            "networking.k8s.io",
            &["ingresses", "ingresses/status", "networkpolicies"],
        ),
        rule("policy", &["poddisruptionbudgets", "poddisruptionbudgets/status"]),
    ]
}

pub(super) fn namespace(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
        "status": {"phase": "Active"},
    })
}

pub(super) fn cluster_role(name: &str, rules: Vec<Value>) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": name}, "rules": rules,
    })
}

pub(super) fn bind_groups(name: &str, role: &str, groups: &[&str]) -> Value {
    let subject = |g: &&str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": g});
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": groups.iter().map(subject).collect::<Vec<_>>(),
    })
}
