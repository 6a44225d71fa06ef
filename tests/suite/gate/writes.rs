//! Writes through the gate: what is sent, what is refused before it is sent, and that nothing is
//! sent twice.

use std::time::Duration;

use kglass::embedded::{Fault, On};
use kglass::escalation::{Escalation, GateError, GateEvent, Mutation, Outcome};
use kglass::model::Gvk;
use serde_json::json;

use super::stage::{Person, Stage, request};

fn outcomes(person: &mut Person) -> Vec<Outcome> {
    let told = person.told().into_iter();
    told.filter_map(|e| match e {
        GateEvent::Outcome(outcome) => Some(outcome),
        _ => None,
    })
    .collect()
}

/// The role that another person consents to.
async fn namespace_operator(stage: &Stage, oncall: &Person) -> Escalation {
    let lead = stage.person(kglass::embedded::seed::LEAD);
    let asking = async { oncall.gate.ask(request("namespace-operator")).await };
    let approving = async {
        loop {
            if let Some(hash) = stage.server.names("configmaps", "kglass-system").pop() {
                let pending = lead.gate.pending(&hash).await.unwrap();
                return lead.gate.approve(&pending, "").await.unwrap();
            }
            tokio::task::yield_now().await;
        }
    };
    let (live, _) = tokio::join!(asking, approving);
    live.unwrap()
}

#[tokio::test]
async fn a_deletion_that_a_finalizer_holds_is_not_called_deleted() {
    let stage = Stage::new();
    let claim = |name: &str, finalizers: &[&str]| {
        json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": "shop", "finalizers": finalizers},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        })
    };
    let protection = "kubernetes.io/pvc-protection";
    stage
        .server
        .install(&[claim("in-use", &[protection]), claim("free", &[])])
        .unwrap();
    let mut oncall = stage.oncall();
    let live = namespace_operator(&stage, &oncall).await;
    oncall.told();
    let see = |name| {
        stage.see(
            Gvk::new("", "v1", "PersistentVolumeClaim"),
            "persistentvolumeclaims",
            name,
        )
    };
    let both = vec![see("in-use"), see("free")];
    oncall.gate.execute(Mutation::delete(&live, 1, both)).await.unwrap();
    let outcomes = outcomes(&mut oncall);
    let said: Vec<_> = outcomes.iter().map(|o| (o.message.as_str(), o.is_held())).collect();
    let held = format!("deletion begun; held by {protection}");
    assert_eq!(said, [(held.as_str(), true), ("deleted", false)]);
    assert!(
        stage
            .server
            .object("persistentvolumeclaims", "shop", "in-use")
            .is_some()
    );
    assert!(stage.server.object("persistentvolumeclaims", "shop", "free").is_none());
    let journal = stage.journal(&live.grant().session);
    assert!(
        journal
            .iter()
            .any(|r| r["kind"] == "outcome" && r["data"]["message"] == held.as_str())
    );
}

#[tokio::test]
async fn delete_scale_and_restart_do_what_they_say() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    oncall
        .gate
        .execute(Mutation::scale(&live, 1, vec![stage.web()], 0))
        .await
        .unwrap();
    oncall
        .gate
        .execute(Mutation::restart(&live, 2, vec![stage.web()]))
        .await
        .unwrap();
    oncall
        .gate
        .execute(Mutation::delete(&live, 3, vec![stage.pod()]))
        .await
        .unwrap();
    let outcomes = outcomes(&mut oncall);
    let said: Vec<_> = outcomes
        .iter()
        .map(|o| (o.action, o.verb.as_str(), o.status, o.message.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (1, "scale", 200, "3 → 0"),
            (2, "restart", 200, "restarted"),
            (3, "delete", 200, "ends within 1 s")
        ]
    );
    let web = stage.server.object("deployments", "shop", "web").unwrap();
    assert_eq!(web["spec"]["replicas"], 0);
    assert!(web["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"].is_string());
    let elevated: Vec<_> = stage
        .changes()
        .into_iter()
        .filter(|c| c.0 == "system:serviceaccount:kglass-system:restarter")
        .map(|c| c.1)
        .collect();
    assert_eq!(
        elevated,
        ["patch deployments/scale", "patch deployments", "delete pods"]
    );
}

#[tokio::test]
async fn an_object_that_changed_is_left_alone() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let seen = stage.web();
    oncall
        .gate
        .execute(Mutation::scale(&live, 1, vec![seen.clone()], 1))
        .await
        .unwrap();
    for mutation in [
        Mutation::scale(&live, 2, vec![seen.clone()], 0),
        Mutation::restart(&live, 3, vec![seen.clone()]),
    ] {
        oncall.gate.execute(mutation).await.unwrap();
    }
    let mut other = stage.pod();
    other.uid = Some("00000000-0000-0000-0000-000000000000".into());
    oncall
        .gate
        .execute(Mutation::delete(&live, 4, vec![other]))
        .await
        .unwrap();
    let outcomes = outcomes(&mut oncall);
    assert_eq!(
        outcomes.iter().map(|o| o.status).collect::<Vec<_>>(),
        [200, 409, 409, 409]
    );
    assert!(
        outcomes[1].message.contains("changed since you saw it"),
        "{}",
        outcomes[1].message
    );
    assert_eq!(
        stage.server.object("deployments", "shop", "web").unwrap()["spec"]["replicas"],
        1
    );
    assert!(stage.server.object("pods", "shop", "ledger-0").is_some());
}

#[tokio::test]
async fn a_write_is_never_sent_twice() {
    for fault in [
        Fault::Status(429),
        Fault::Status(503),
        Fault::Status(504),
        Fault::DropRequest,
        Fault::DropAnswer,
    ] {
        let stage = Stage::new();
        let mut oncall = stage.oncall();
        let live = oncall.ask("restarter").await.unwrap();
        stage
            .server
            .inject(On::any().resource("pods").verb("delete"), fault.clone());
        oncall
            .gate
            .execute(Mutation::delete(&live, 1, vec![stage.pod()]))
            .await
            .unwrap();
        let sent = stage.changes().iter().filter(|c| c.1 == "delete pods").count();
        assert_eq!(sent, 1, "{fault:?}");
        let outcome = outcomes(&mut oncall).remove(0);
        assert!(!outcome.is_ok(), "{fault:?}: {outcome:?}");
        // A 429 is the server's own no; behind all else it may have been carried out.
        if !matches!(fault, Fault::Status(429)) {
            assert_eq!(outcome.status, 0);
            assert!(outcome.message.contains("unknown"), "{}", outcome.message);
        }
    }
}

#[tokio::test]
async fn what_the_grant_does_not_cover_is_refused_before_it_is_sent() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = namespace_operator(&stage, &oncall).await;
    let mut elsewhere = stage.pod();
    elsewhere.namespace = Some("kube-system".into());
    let error = oncall
        .gate
        .execute(Mutation::delete(&live, 1, vec![elsewhere]))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, GateError::OutOfScope { scope, .. } if scope == "shop"),
        "{error}"
    );
    let mut unknown = stage.pod();
    unknown.uid = None;
    let error = oncall
        .gate
        .execute(Mutation::delete(&live, 2, vec![unknown]))
        .await
        .unwrap_err();
    assert!(
        matches!(error, GateError::Unidentified { missing: "uid", .. }),
        "{error}"
    );
    let node = kglass::model::ObjectRef {
        gvk: Gvk::new("", "v1", "Node"),
        resource: "nodes".into(),
        name: "node-a".into(),
        namespace: None,
        uid: Some("x".into()),
        resource_version: Some("1".into()),
    };
    assert!(matches!(
        oncall.gate.execute(Mutation::delete(&live, 3, vec![node])).await,
        Err(GateError::OutOfScope { .. })
    ));
    assert!(
        !stage
            .changes()
            .iter()
            .any(|c| c.0.ends_with(":namespace-operator--shop"))
    );
    let kinds = stage.kinds(&live.grant().session);
    assert_eq!(kinds.iter().filter(|k| *k == "refused").count(), 3, "{kinds:?}");
}

#[tokio::test]
async fn a_write_of_another_escalation_is_stale_and_one_after_the_end_is_closed() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let first = oncall.ask("restarter").await.unwrap();
    let prepared = Mutation::delete(&first, 1, vec![stage.pod()]);
    let too_late = Mutation::delete(&first, 2, vec![stage.pod()]);
    oncall.gate.end(first, kglass::escalation::EndReason::Operator).await;
    assert!(matches!(oncall.gate.execute(too_late).await, Err(GateError::Closed)));
    let _second = oncall.ask("restarter").await.unwrap();
    assert!(matches!(oncall.gate.execute(prepared).await, Err(GateError::Stale)));
    assert!(stage.server.object("pods", "shop", "ledger-0").is_some());
}

#[tokio::test]
async fn after_the_deadline_nothing_is_sent() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    // The server's clock runs ahead between the consent and the token: two seconds are left.
    let server = stage.server.clone();
    stage.server.on_arrival(move |arrival| {
        if arrival.attributes.resource_path() == "serviceaccounts/token" {
            server.clock().advance(Duration::from_millis(297_500));
        }
    });
    let live = oncall.ask("restarter").await.expect("some seconds are left");
    let grant = live.grant();
    let left = grant.deadline.since(grant.granted_at);
    assert!((100..=3_000).contains(&left), "{left}");
    tokio::time::sleep(Duration::from_millis(left + 20)).await;
    let error = oncall
        .gate
        .execute(Mutation::delete(&live, 1, vec![stage.pod()]))
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::Expired), "{error}");
    assert!(!stage.changes().iter().any(|c| c.1 == "delete pods"));
}

#[tokio::test]
async fn a_credential_that_the_server_refuses_is_lost() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let grant = stage.server.names("secrets", "kglass-system").remove(0);
    stage.server.remove("secrets", "kglass-system", &grant);
    oncall
        .gate
        .execute(Mutation::delete(&live, 1, vec![stage.pod()]))
        .await
        .unwrap();
    assert!(oncall.told().iter().any(|e| matches!(e, GateEvent::LostAuth)));
    let error = oncall
        .gate
        .execute(Mutation::delete(&live, 2, vec![stage.pod()]))
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::Closed), "{error}");
}
