//! Attempts to get more than was granted: powers that a role must not have, consent that is for
//! somebody else, requests for more time, and failures at each step on the way.

use kglass::embedded::{Fault, On, seed};
use kglass::escalation::{GateError, Mutation};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::stage::{Stage, request};

const KIT: &str = "kglass-system";
const RBAC: &str = "rbac.authorization.k8s.io";

/// Gives `restarter` a right that the policy does not name.
fn give(stage: &Stage, rule: Value) {
    let role = json!({"apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRole", "metadata": {"name": "more"}, "rules": [rule]});
    let binding = json!({
        "apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRoleBinding", "metadata": {"name": "more"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "more"},
        "subjects": [{"kind": "ServiceAccount", "name": "restarter", "namespace": KIT}],
    });
    stage.server.install(&[role, binding]).expect("served");
}

#[tokio::test]
async fn no_power_that_undoes_the_limits_passes_and_no_error_shows_the_token() {
    for (group, resource, verb) in [
        ("", "users", "impersonate"),
        ("", "serviceaccounts", "impersonate"),
        ("", "pods", "impersonate-on:user-info:get"),
        ("", "serviceaccounts/token", "create"),
        (RBAC, "clusterroles", "escalate"),
        (RBAC, "roles", "bind"),
        (RBAC, "rolebindings", "create"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicies", "delete"),
        ("*", "*", "*"),
    ] {
        let stage = Stage::new();
        give(
            &stage,
            json!({"apiGroups": [group], "resources": [resource], "verbs": [verb]}),
        );
        let error = stage.oncall().ask("restarter").await.expect_err("too much");
        assert!(
            matches!(error, GateError::Unacceptable { .. }),
            "{verb} {resource}: {error}"
        );
        assert!(
            stage.server.names("secrets", KIT).is_empty(),
            "{verb} {resource}: the grant is given back"
        );
        let token = stage.server.minted_tokens().remove(0);
        let text = format!("{error} {error:?}");
        assert!(
            token.expose_secret().split('.').all(|part| !text.contains(part)),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_grant_that_is_not_for_this_request_opens_nothing() {
    let stage = Stage::new();
    let (mut oncall, lead) = (stage.oncall(), stage.person(seed::LEAD));
    let gate = oncall.gate.clone();
    let asking = tokio::spawn(async move { gate.ask(request("namespace-operator")).await });
    let session = oncall.waiting().await;
    for (name, kind) in [
        (
            format!("namespace-operator--shop.uviewer.9999999999-{session}"),
            "kglass.dev/grant",
        ),
        (
            format!("node-operator.uoncall.9999999999-{session}"),
            "kglass.dev/grant",
        ),
        (
            "namespace-operator--shop.uoncall.9999999999-aaaaaaaaaaaaaaaa".to_owned(),
            "kglass.dev/grant",
        ),
        (
            format!("namespace-operator--shop.uoncall.9999999999-{session}"),
            "Opaque",
        ),
    ] {
        let secret =
            json!({"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"name": name, "namespace": KIT}});
        stage.server.install(&[secret]).expect("served");
    }
    // Told after the others, so the requester has seen and passed over all of them.
    let pending = lead.gate.pending(&session).await.unwrap();
    let approval = lead.gate.approve(&pending, "").await.unwrap();
    let live = asking.await.expect("no panic").unwrap();
    assert_eq!(live.grant().approved_by, "lead");
    let granted = stage
        .journal(&session)
        .into_iter()
        .find(|r| r["kind"] == "granted")
        .expect("recorded");
    let evidence = granted["data"]["approvals"][0]["evidence"]
        .as_str()
        .expect("text")
        .to_owned();
    assert!(evidence.contains(&approval.grant), "{evidence}");
}

#[tokio::test]
async fn a_request_for_more_time_than_the_role_has_is_not_approved() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let gate = oncall.gate.clone();
    let asking = tokio::spawn(async move { gate.ask(request("namespace-operator")).await });
    let session = oncall.waiting().await;
    let mut object = stage.server.object("configmaps", KIT, &session).expect("asked");
    object["data"]["ttlSeconds"] = json!("86400");
    stage.server.install(&[object]).expect("served");
    let before = stage.changes().len();
    let error = stage
        .person(seed::LEAD)
        .gate
        .pending(&session)
        .await
        .expect_err("a day");
    assert!(error.to_string().contains("86400"), "{error}");
    assert_eq!(stage.changes().len(), before, "an approver who refuses sends nothing");
    oncall.gate.withdraw();
    assert!(matches!(asking.await.expect("no panic"), Err(GateError::Withdrawn)));
}

#[tokio::test]
async fn whatever_fails_on_the_way_each_intent_has_its_outcome_and_the_session_is_sealed() {
    for resource in [
        "configmaps",
        "jobs",
        "secrets",
        "serviceaccounts/token",
        "selfsubjectrulesreviews",
    ] {
        for fault in [Fault::Status(500), Fault::DropAnswer, Fault::DropRequest] {
            let stage = Stage::new();
            stage
                .server
                .inject_once(On::any().verb("create").resource(resource), fault.clone());
            let oncall = stage.oncall();
            let error = oncall.ask("restarter").await.expect_err("broken on the way");
            let place = format!("{resource} {fault:?}: {error}");
            let sessions = std::fs::read_dir(stage.state.path().join("sessions")).expect("there is a session");
            let session = sessions
                .map(|s| s.expect("readable").file_name().to_string_lossy().into_owned())
                .next();
            let kinds = stage.kinds(&session.expect("one session"));
            let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
            assert_eq!(count("intent"), count("outcome"), "{place} {kinds:?}");
            assert_eq!(kinds.last().map(String::as_str), Some("close"), "{place}");
            assert!(stage.server.names("configmaps", KIT).is_empty(), "{place}");
            assert!(stage.server.names("secrets", KIT).is_empty(), "{place}: a grant stays");
            assert!(
                oncall.ask("restarter").await.is_ok(),
                "the gate is free again after {place}"
            );
        }
    }
}

#[tokio::test]
async fn another_gate_does_not_carry_out_a_write_of_this_one() {
    let stage = Stage::new();
    let live = stage.oncall().ask("restarter").await.unwrap();
    let mutation = Mutation::delete(&live, 1, vec![stage.pod()]);
    assert!(matches!(
        stage.oncall().gate.execute(mutation).await,
        Err(GateError::Closed)
    ));
    let second = stage.oncall();
    let _other = second.ask("restarter").await.unwrap();
    let mutation = Mutation::delete(&live, 2, vec![stage.pod()]);
    assert!(matches!(second.gate.execute(mutation).await, Err(GateError::Stale)));
    assert!(!stage.changes().iter().any(|c| c.1 == "delete pods"));
}
