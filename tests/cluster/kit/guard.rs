//! What no break-glass identity may do whatever RBAC says: `spare` is bound to cluster-admin here.

use serde_json::{Value, json};

use super::attacker::{KIT, RESTARTER, grant, id, refused, send, send_as, token, token_path, token_request};
use super::stage::rig;
use crate::harness::{self, Request};

const GUARD: &str = "kglass-guard";
const ADMISSION: &str = "/apis/admissionregistration.k8s.io/v1";
const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

fn config_map() -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "x"}})
}

#[test]
fn not_the_kit_nor_the_systems_namespaces() {
    if harness::require().is_none() {
        return;
    }
    let (spare, name) = token(rig(), "oncall", "spare", 120);
    let act = |method: &str, path: &str, body: Value| send_as(rig(), &spare, method, path, &body);
    for namespace in ["kube-system", "kube-public", "kube-node-lease", "kglass-system"] {
        let path = format!("/api/v1/namespaces/{namespace}/configmaps");
        refused(namespace, &act("POST", &path, config_map()), "denied request");
        let path = format!("/api/v1/namespaces/{namespace}");
        let deleted = act("DELETE", &path, json!({}));
        assert!(
            (400..500).contains(&deleted.status),
            "{namespace}: {}",
            deleted.message()
        );
        refused(
            namespace,
            &act("PATCH", &path, json!({"metadata": {"labels": {"x": "y"}}})),
            GUARD,
        );
    }
    refused(
        "its own grant",
        &act("DELETE", &format!("{KIT}/secrets/{name}"), json!({})),
        GUARD,
    );
    let made = grant(&id(60), "u", "oncall", RESTARTER);
    refused(
        "a grant",
        &act("POST", &format!("{KIT}/secrets"), made),
        "denied request",
    );
    let ok = act("POST", "/api/v1/namespaces/default/configmaps", config_map());
    assert_eq!(ok.status, 201, "elsewhere its rights hold: {}", ok.message());
}

#[test]
fn no_token_that_lasts_and_no_other_identity() {
    if harness::require().is_none() {
        return;
    }
    let (spare, name) = token(rig(), "oncall", "spare", 120);
    let act = |method: &str, path: &str, body: Value| send_as(rig(), &spare, method, path, &body);
    let unbound = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let default = "/api/v1/namespaces/default/serviceaccounts/default/token";
    refused(
        "token of another account",
        &act("POST", default, unbound),
        "mints no tokens",
    );
    refused(
        "token of its own",
        &act("POST", &token_path("spare"), token_request(&name, "u")),
        "denied request",
    );
    let secret = |kind: &str| {
        json!({"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"generateName": "x",
            "annotations": {"kubernetes.io/service-account.name": "default"}}})
    };
    for kind in ["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"] {
        refused(
            kind,
            &act("POST", "/api/v1/namespaces/default/secrets", secret(kind)),
            "lasting tokens",
        );
    }
}

#[test]
fn not_the_rules_that_bind_it() {
    if harness::require().is_none() {
        return;
    }
    let (spare, _) = token(rig(), "oncall", "spare", 120);
    let act = |method: &str, path: &str, body: Value| send_as(rig(), &spare, method, path, &body);
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"generateName": "x"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "oncall"}]});
    refused(
        "binding",
        &act("POST", &format!("{RBAC}/clusterrolebindings"), binding),
        "does not write the rules",
    );
    let csr = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    let body = json!({"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
        "metadata": {"generateName": "x"}, "spec": {"request": "AAAA", "signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth"]}});
    let reply = act("POST", csr, body);
    assert!((400..500).contains(&reply.status), "{}", reply.message());
}

#[test]
fn it_comes_with_its_own_token_and_in_no_other_way() {
    if harness::require().is_none() {
        return;
    }
    let as_role = Request::new("POST", "/api/v1/namespaces/default/configmaps")
        .token(&rig().token("admin"))
        .header("Impersonate-User", "system:serviceaccount:kglass-system:spare")
        .json(&config_map());
    let reply = rig().send(&as_role).expect("the API server answers");
    refused("impersonated by an administrator", &reply, "comes with its own token");
}

#[test]
fn a_shipped_role_cannot_reach_beyond_its_rules() {
    if harness::require().is_none() {
        return;
    }
    let (operator, name) = token(rig(), "lead", super::attacker::OPERATOR, 60);
    let act = |method: &str, path: &str, body: Value| send_as(rig(), &operator, method, path, &body);
    for (what, method, path) in [
        ("a grant", "POST", format!("{KIT}/secrets")),
        ("its grant", "DELETE", format!("{KIT}/secrets/{name}")),
        ("a token", "POST", token_path(super::attacker::OPERATOR)),
        ("a secret", "POST", "/api/v1/namespaces/default/secrets".into()),
        ("secrets", "GET", "/api/v1/namespaces/default/secrets".into()),
        (
            "another namespace",
            "POST",
            "/api/v1/namespaces/kube-public/configmaps".into(),
        ),
        ("a role", "POST", format!("{RBAC}/namespaces/default/roles")),
        (
            "a policy",
            "DELETE",
            format!("{ADMISSION}/validatingadmissionpolicies/kglass-mint"),
        ),
        (
            "a lease",
            "POST",
            "/apis/coordination.k8s.io/v1/namespaces/default/leases".into(),
        ),
        ("a node", "PATCH", "/api/v1/nodes/x".into()),
    ] {
        let reply = act(method, &path, json!({"metadata": {"name": "x"}}));
        assert_eq!(reply.status, 403, "{what}: {}", reply.message());
    }
    let impersonating = Request::new("GET", "/api/v1/namespaces/default/pods")
        .token(&operator)
        .header("Impersonate-User", "admin");
    assert_eq!(rig().send(&impersonating).expect("an answer").status, 403);
    let ok = act("POST", "/api/v1/namespaces/default/configmaps", config_map());
    assert_eq!(ok.status, 201, "{}", ok.message());
}

#[test]
fn a_drain_reaches_kube_system_and_nothing_else_does() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let pods = "/api/v1/namespaces/kube-system/pods";
    let pod = |name: &str| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"automountServiceAccountToken": false, "containers": [{"name": "x", "image": "x"}]}})
    };
    for name in ["dns-1", "dns-2"] {
        let made = send(rig, "admin", "POST", pods, &pod(name));
        assert_eq!(made.status, 201, "{}", made.message());
    }
    let evict = |token: &str, name: &str| {
        let body = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": "kube-system"}});
        send_as(rig, token, "POST", &format!("{pods}/{name}/eviction"), &body)
    };
    let (spare, _) = token(rig, "oncall", "spare", 60);
    refused("another role evicts", &evict(&spare, "dns-1"), GUARD);
    let (node, _) = token(rig, "lead", "node-operator", 60);
    let ok = evict(&node, "dns-1");
    assert_eq!(ok.status, 201, "{}", ok.message());
    refused(
        "and deletes nothing there",
        &send_as(rig, &node, "DELETE", &format!("{pods}/dns-2"), &json!({})),
        "cannot delete",
    );
    send(
        rig,
        "admin",
        "DELETE",
        &format!("{pods}/dns-2"),
        &json!({"gracePeriodSeconds": 0}),
    );
}
