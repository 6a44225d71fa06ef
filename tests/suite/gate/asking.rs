//! Who may ask, what is made on the way, and that nothing stays when the glass does not open.

use std::sync::Arc;

use kglass::embedded::{Fault, On, seed};
use kglass::escalation::{AskProgress, BUILT_IN, Enforced, Field, GateError, GateEvent, Policy};
use serde_json::json;

use super::stage::{Stage, request};

#[tokio::test]
async fn a_self_approved_role_opens_at_once() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let escalation = oncall.ask("restarter").await.expect("the glass opens");
    let grant = escalation.grant();
    assert_eq!(grant.identity, "system:serviceaccount:kglass-system:restarter");
    assert_eq!(
        (grant.approved_by.as_str(), grant.enforced),
        ("oncall", Enforced::Server)
    );
    assert!(
        grant.rights.iter().any(|r| r.contains("delete pods")),
        "{:?}",
        grant.rights
    );
    let left = grant.deadline.since(grant.granted_at);
    assert!((297_000..=300_000).contains(&left), "{left} ms left of 300 s");
    assert_eq!(stage.kinds(&grant.session)[0], "requested");
    assert_eq!(stage.kinds(&grant.session).last().unwrap(), "granted");

    let told = oncall.told();
    let progress: Vec<_> = told
        .iter()
        .filter_map(|e| match e {
            GateEvent::Progress(AskProgress::Recorded { .. }) => Some("recorded"),
            GateEvent::Progress(AskProgress::Approved { .. }) => Some("approved"),
            GateEvent::Progress(AskProgress::Acquired) => Some("acquired"),
            GateEvent::Progress(AskProgress::Waiting { .. }) => Some("waiting"),
            _ => None,
        })
        .collect();
    assert_eq!(progress, ["recorded", "approved", "acquired"]);
    assert!(matches!(told[0], GateEvent::Recorded { .. } | GateEvent::Opened { .. }));
}

#[tokio::test]
async fn an_incomplete_request_sends_nothing() {
    let stage = Stage::new();
    let mut bad = request("restarter");
    bad.reason = "help".into();
    let error = stage.oncall().gate.ask(bad).await.unwrap_err();
    assert!(
        matches!(&error, GateError::Invalid(fields) if fields[0].field == Field::Reason),
        "{error}"
    );
    assert!(stage.changes().is_empty(), "{:?}", stage.changes());
    assert!(!stage.state.path().join("sessions").exists());
}

#[tokio::test]
async fn who_may_not_ask_is_not_even_recorded() {
    let stage = Stage::new();
    let error = stage.person(seed::VIEWER).ask("restarter").await.unwrap_err();
    assert!(error.to_string().contains("only group oncall may ask"), "{error}");
    assert!(stage.changes().is_empty());
}

#[tokio::test]
async fn without_verified_tls_the_glass_does_not_open() {
    let stage = Stage::new();
    let endpoint = Arc::new(
        stage
            .server
            .endpoint(seed::ONCALL)
            .with_facts(|facts| facts.insecure = true),
    );
    let person = stage.person_with(seed::ONCALL, |settings| settings.endpoint = endpoint);
    assert!(matches!(person.ask("restarter").await, Err(GateError::Insecure)));
    assert!(stage.server.audit_events().is_empty());
}

#[tokio::test]
async fn a_second_ask_is_refused_while_one_is_live() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let _live = oncall.ask("restarter").await.unwrap();
    assert!(matches!(oncall.ask("restarter").await, Err(GateError::Busy)));
}

#[tokio::test]
async fn an_account_that_could_become_somebody_else_is_given_back() {
    let stage = Stage::new();
    let power = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "power"},
        "rules": [{"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}],
    });
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "power"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "power"},
        "subjects": [{"kind": "ServiceAccount", "name": "restarter", "namespace": "kglass-system"}],
    });
    stage.server.install(&[power, binding]).unwrap();
    let error = stage.oncall().ask("restarter").await.unwrap_err();
    assert!(error.to_string().contains("impersonate"), "{error}");
    assert_eq!(stage.server.names("secrets", "kglass-system"), Vec::<String>::new());
    assert_eq!(stage.server.names("configmaps", "kglass-system"), Vec::<String>::new());
}

#[tokio::test]
async fn what_fails_on_the_way_is_taken_back_and_sealed() {
    let stage = Stage::new();
    stage
        .server
        .inject(On::any().resource("serviceaccounts/token"), Fault::Status(403));
    let mut oncall = stage.oncall();
    let error = oncall.ask("restarter").await.unwrap_err();
    assert!(matches!(error, GateError::Refused { status: 403, .. }), "{error}");
    assert_eq!(stage.server.names("secrets", "kglass-system"), Vec::<String>::new());
    let session = oncall.await_event(|e| match e {
        GateEvent::Opened { session, .. } => Some(session.clone()),
        _ => None,
    });
    let kinds = stage.kinds(&session.await);
    assert_eq!(kinds[kinds.len() - 2..], ["ended", "close"]);
    stage.server.clear_faults();
    oncall.ask("restarter").await.expect("the gate is free for another ask");
}

#[tokio::test]
async fn a_name_that_somebody_took_means_another_second() {
    let stage = Stage::new();
    stage
        .server
        .inject_once(On::any().verb("create").resource("jobs"), Fault::Status(409));
    let escalation = stage.oncall().ask("restarter").await.expect("the next second is free");
    let jobs = stage.changes().iter().filter(|c| c.1 == "create jobs").count();
    assert_eq!(jobs, 2);
    assert_eq!(stage.server.names("secrets", "kglass-system").len(), 1);
    drop(escalation);
}

#[tokio::test]
async fn a_server_whose_clock_is_wrong_gives_the_same_length() {
    for skew in [-7_200_000, 7_200_000] {
        let stage = Stage::new();
        stage.server.clock().skew_ms(skew);
        let escalation = stage.oncall().ask("restarter").await.expect("the glass opens");
        let grant = escalation.grant();
        let left = grant.deadline.since(grant.granted_at);
        assert!(
            (297_000..=300_000).contains(&left),
            "{left} ms left of 300 s, skew {skew}"
        );
    }
}

fn client_only() -> Policy {
    let text = BUILT_IN.replacen(
        "self_approve = true",
        "self_approve = true\nservice_account = \"shop/breaker\"",
        1,
    );
    Policy::parse(&text, "test").unwrap()
}

fn breaker(may_make_secrets: bool) -> Vec<serde_json::Value> {
    let rbac = "rbac.authorization.k8s.io/v1";
    let verbs = if may_make_secrets {
        json!(["create", "delete"])
    } else {
        json!(["delete"])
    };
    vec![
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "breaker", "namespace": "shop"}}),
        json!({"apiVersion": rbac, "kind": "Role", "metadata": {"name": "asks", "namespace": "shop"}, "rules": [
            {"apiGroups": [""], "resources": ["secrets"], "verbs": verbs},
            {"apiGroups": [""], "resources": ["serviceaccounts/token"], "resourceNames": ["breaker"], "verbs": ["create"]},
        ]}),
        json!({"apiVersion": rbac, "kind": "RoleBinding", "metadata": {"name": "asks", "namespace": "shop"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "asks"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "oncall"}]}),
    ]
}

#[tokio::test]
async fn without_the_kit_a_secret_of_ones_own_is_the_grant() {
    let stage = Stage::without_kit(client_only());
    stage.server.install(&breaker(true)).unwrap();
    let oncall = stage.oncall();
    let offers = oncall.gate.offers().await.unwrap();
    assert_eq!(offers.role("restarter").unwrap().enforced, Enforced::ClientOnly);
    let escalation = oncall.ask("restarter").await.expect("the glass opens");
    assert_eq!(escalation.grant().enforced, Enforced::ClientOnly);
    assert_eq!(escalation.grant().identity, "system:serviceaccount:shop:breaker");
    assert_eq!(stage.server.names("secrets", "shop").len(), 1);
    let acts: Vec<_> = stage.changes().into_iter().map(|c| c.1).collect();
    assert_eq!(acts, ["create secrets", "create serviceaccounts/token"]);
    oncall
        .gate
        .end(escalation, kglass::escalation::EndReason::Operator)
        .await;
    assert!(stage.server.names("secrets", "shop").is_empty());
}

#[tokio::test]
async fn where_the_secret_is_forbidden_the_glass_stays_shut() {
    let stage = Stage::without_kit(client_only());
    stage.server.install(&breaker(false)).unwrap();
    let error = stage.oncall().ask("restarter").await.unwrap_err();
    assert!(error.to_string().contains("the glass stays shut"), "{error}");
    assert!(stage.server.minted_tokens().is_empty());
}

#[tokio::test]
async fn without_kit_and_account_nothing_is_asked() {
    let stage = Stage::without_kit(super::stage::policy());
    let error = stage.oncall().ask("restarter").await.unwrap_err();
    assert!(error.to_string().contains("kit is not installed"), "{error}");
}

#[tokio::test]
async fn a_grant_whose_answer_was_lost_is_taken_back() {
    let stage = Stage::new();
    stage
        .server
        .inject_once(On::any().verb("create").resource("secrets"), Fault::DropAnswer);
    let error = stage.oncall().ask("restarter").await.unwrap_err();
    assert!(matches!(error, GateError::NoAnswer { .. }), "{error}");
    assert!(stage.server.names("secrets", "kglass-system").is_empty());
    assert!(stage.server.minted_tokens().is_empty());
}

#[tokio::test]
async fn a_role_with_an_account_of_its_own_is_never_said_to_be_enforced_by_the_server() {
    let stage = Stage::without_kit(client_only());
    stage.server.install(&super::stage::kit_objects(&stage.policy)).unwrap();
    stage.server.install(&breaker(true)).unwrap();
    let escalation = stage.oncall().ask("restarter").await.expect("the glass opens");
    assert_eq!(escalation.grant().enforced, Enforced::ClientOnly);
    assert_eq!(escalation.grant().identity, "system:serviceaccount:shop:breaker");
}
