//! The allow-lists where they are wired, tried from inside: objects whose names are paths, and a
//! provider that wants another account. What they stop never reaches the server.

use std::sync::Arc;

use async_trait::async_trait;
use kglass::cluster::{Query, Reader, Reading};
use kglass::embedded::seed;
use kglass::escalation::{Credential, CredentialProvider, GateError, GateEvent, GrantRef, MintDoor, Mutation};
use kglass::model::ObjectRef;
use serde_json::{Value, json};
use tokio::sync::mpsc::channel;

use super::stage::{Stage, request};

fn named(stage: &Stage, name: &str) -> ObjectRef {
    ObjectRef {
        name: name.into(),
        ..stage.pod()
    }
}

#[tokio::test]
async fn a_name_that_is_a_path_does_not_lead_the_reader_to_a_stream() {
    let stage = Stage::new();
    let reader = Reader::connect(&stage.server.endpoint(seed::ADMIN))
        .await
        .expect("in-process");
    for name in [
        "ledger-0/exec",
        "ledger-0/attach",
        "ledger-0/portforward",
        "ledger-0/proxy",
        "ledger-0/proxy/admin",
    ] {
        let (sender, mut told) = channel(8);
        reader.run(Query::Object(named(&stage, name)), sender).await;
        let first = told.recv().await.expect("it answers");
        assert!(matches!(first, Reading::Failed(_)), "{name}: {first:?}");
    }
    let reached: Vec<_> = stage
        .server
        .audit_events()
        .iter()
        .map(kglass::embedded::AuditEvent::act)
        .collect();
    assert!(reached.iter().all(|act| !act.contains("pods")), "{reached:?}");
}

#[tokio::test]
async fn a_name_that_is_a_path_does_not_lead_a_write_elsewhere() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    for name in [
        "ledger-0/eviction",
        "ledger-0/ephemeralcontainers",
        "ledger-0?gracePeriodSeconds=0",
        "../secrets/x",
        "..",
        "",
    ] {
        for mutation in [
            Mutation::delete(&live, 1, vec![named(&stage, name)]),
            Mutation::restart(&live, 2, vec![named(&stage, name)]),
            Mutation::scale(&live, 3, vec![named(&stage, name)], 0),
        ] {
            drop(oncall.gate.execute(mutation).await);
        }
    }
    let elevated: Vec<_> = stage
        .changes()
        .into_iter()
        .filter(|c| c.0.contains("serviceaccount"))
        .collect();
    assert!(elevated.is_empty(), "{elevated:?}");
    let told = oncall.told();
    let sent = told
        .iter()
        .filter(|e| matches!(e, GateEvent::Outcome(o) if o.status != 0))
        .count();
    assert_eq!(sent, 0);
}

/// Asks for a token of another account, or of the right one in another way.
struct Greedy(fn(&GrantRef) -> GrantRef);

#[async_trait]
impl CredentialProvider for Greedy {
    fn name(&self) -> &'static str {
        "greedy"
    }

    async fn issue(&self, door: &dyn MintDoor, grant: &GrantRef) -> Result<Credential, GateError> {
        let body: Value = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
        door.mint(&(self.0)(grant), body).await?;
        unreachable!("the door must not open")
    }
}

#[tokio::test]
async fn a_provider_cannot_mint_for_another_account() {
    let others: [fn(&GrantRef) -> GrantRef; 4] = [
        |grant| GrantRef {
            account: "node-operator".into(),
            ..grant.clone()
        },
        |grant| GrantRef {
            namespace: "kube-system".into(),
            ..grant.clone()
        },
        |grant| GrantRef {
            account: "restarter/../node-operator".into(),
            ..grant.clone()
        },
        |grant| GrantRef {
            account: "restarter/token?x=".into(),
            ..grant.clone()
        },
    ];
    for other in others {
        let stage = Stage::new();
        let desk = stage.person_with(seed::ONCALL, |s| s.provider = Arc::new(Greedy(other)));
        let error = desk.gate.ask(request("restarter")).await.expect_err("not its account");
        let minted = stage.changes().into_iter().find(|c| c.1.contains("token"));
        assert!(minted.is_none(), "{minted:?}: {error}");
        assert!(
            stage.server.names("secrets", "kglass-system").is_empty(),
            "the grant is given back"
        );
    }
}
