//! `kit check` on a real cluster: all well after the installation, and whatever a hand changes is
//! named.

use std::sync::Arc;

use kglass::cluster::{Endpoint, Kubeconfigs};
use kglass::escalation::kit::{self, KitReport, Verdict};
use serde_json::json;

use super::attacker::send;
use super::stage::{install, policy};
use crate::harness::{self, Options, Rig};

fn endpoint(rig: &Rig, user: &str) -> Arc<dyn Endpoint> {
    let files = Kubeconfigs::load(Some(&rig.kubeconfig(user))).expect("the rig writes good ones");
    files.open(None).expect("the current context is there")
}

fn check(rig: &Rig, requester: &str, approver: Option<&str>) -> KitReport {
    let approver = approver.map(|user| endpoint(rig, user));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime
        .block_on(kit::check(&endpoint(rig, requester), &policy(), approver.as_ref()))
        .expect("the server answers")
}

fn told(report: &KitReport, verdict: Verdict) -> Vec<String> {
    let of_verdict = report.lines.iter().filter(|line| line.verdict == verdict);
    of_verdict
        .map(|line| format!("{}: {}", line.what, line.detail))
        .collect()
}

#[test]
fn what_was_installed_is_what_would_be_printed() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::default());
    let missing = check(&rig, "oncall", None);
    assert!(!missing.is_good());

    install(&rig, &policy());
    let mark = rig.audit_mark();
    let report = check(&rig, "oncall", Some("lead"));
    println!("{} lines are good", told(&report, Verdict::Good).len());
    assert_eq!(told(&report, Verdict::Bad), Vec::<String>::new());
    assert_eq!(told(&report, Verdict::NotChecked), Vec::<String>::new());
    for event in rig.audit_since(mark) {
        let uri = event["requestURI"].as_str().unwrap_or_default();
        let verb = event["verb"].as_str().unwrap_or_default();
        let who = event["user"]["username"].as_str().unwrap_or_default();
        let harmless =
            matches!(verb, "get" | "list" | "watch") || uri.contains("dryRun=All") || uri.contains("selfsubject");
        assert!(harmless || !matches!(who, "oncall" | "lead"), "{verb} {uri} by {who}");
    }
    let alone = check(&rig, "oncall", None);
    assert!(told(&alone, Verdict::NotChecked)[0].starts_with("consent of another person"));
    let nobody = check(&rig, "lead", None);
    assert!(
        told(&nobody, Verdict::NotChecked)[0].contains("may ask for no role"),
        "{nobody:?}"
    );
    changes_are_named(&rig);
}

fn changes_are_named(rig: &Rig) {
    let policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    let rbac = "/apis/rbac.authorization.k8s.io/v1";
    let bad = |what: &str, words: &str| {
        let bad = told(&check(rig, "oncall", Some("lead")), Verdict::Bad);
        assert!(bad.iter().any(|line| line.contains(words)), "{what}: {bad:?}");
        println!("{what}: {}", bad.join(" | "));
    };
    let admin = |method: &str, path: &str, body: serde_json::Value| {
        let reply = send(rig, "admin", method, path, &body);
        assert!(reply.status < 300, "{}", reply.message());
    };
    admin(
        "PATCH",
        &format!("{policies}/kglass-guard"),
        json!({"spec": {"failurePolicy": "Ignore"}}),
    );
    bad("fails open", "kglass-guard: spec.failurePolicy differs");
    admin(
        "PATCH",
        &format!("{policies}/kglass-grant"),
        json!({"spec": {"matchConditions": [{"name": "not-me", "expression": "request.userInfo.username != 'oncall'"}]}}),
    );
    bad("an exemption", "spec.matchConditions");
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": "more"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"kind": "ServiceAccount", "name": "restarter", "namespace": "kglass-system"}]});
    admin("POST", &format!("{rbac}/clusterrolebindings"), binding);
    bad("more rights", "more binds \"edit\"");
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "left-over"}});
    admin("POST", "/api/v1/namespaces/kglass-system/serviceaccounts", account);
    bad("an account", "left-over");
    admin("DELETE", &format!("{policies}/kglass-end"), json!({}));
    bad("a policy is gone", "kglass-end: is missing");
    admin(
        "DELETE",
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/kglass-mint",
        json!({}),
    );
    rig.wait(
        "the server forgets the binding",
        std::time::Duration::from_secs(20),
        || {
            let bad = told(&check(rig, "oncall", None), Verdict::Bad);
            bad.iter().any(|line| line.contains("a token was given"))
        },
    );
    admin(
        "DELETE",
        &format!("{rbac}/namespaces/kglass-system/rolebindings/kglass-asks"),
        json!({}),
    );
    bad("no right to ask", "could ask for");
}
