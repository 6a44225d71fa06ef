//! One consent stands only if what was read is still asked for when it is there; a lost answer says nothing.

use base64::Engine;
use kglass::embedded::{Fault, On, seed};
use kglass::escalation::PendingRequest;
use serde_json::{Value, json};

use super::stage::{Person, Stage};

const KIT: &str = "kglass-system";

fn asked() -> (String, Value) {
    let key = [7; 32];
    let name = kglass::audit::session_hash(&key);
    let key = base64::engine::general_purpose::STANDARD.encode(key);
    let request = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": KIT, "labels": {"kglass.dev/request": "true"}},
        "data": {"requester": "oncall", "reason": "a reason that is long enough", "ticket": "INC-1", "trigger": "manual:x",
            "role": "namespace-operator--shop", "ttlSeconds": "60", "sessionKey": key},
    });
    (name, request)
}

/// A lead who has read a request that is there.
async fn reading(stage: &Stage) -> (Person, PendingRequest) {
    let (name, request) = asked();
    stage.server.install(&[request]).unwrap();
    let lead = stage.person(seed::LEAD);
    let pending = lead.gate.pending(&name).await.unwrap();
    (lead, pending)
}

fn grants(stage: &Stage) -> Vec<String> {
    stage.server.names("secrets", KIT)
}

/// Once the consent is there.
fn after_consent(stage: &Stage, act: impl Fn() + Send + Sync + 'static) {
    let server = stage.server.clone();
    stage.server.on_arrival(move |arrival| {
        let looks = arrival.attributes.verb == "get" && arrival.attributes.resource_path() == "configmaps";
        if looks && !server.names("secrets", KIT).is_empty() {
            act();
        }
    });
}

#[tokio::test]
async fn a_consent_whose_request_cannot_be_looked_for_is_taken_back() {
    let stage = Stage::new();
    let (lead, pending) = reading(&stage).await;
    let server = stage.server.clone();
    after_consent(&stage, move || {
        server.inject(On::any().verb("get").resource("configmaps"), Fault::Status(503));
    });
    let error = lead.gate.approve(&pending, "").await.unwrap_err();
    assert!(error.to_string().contains("taken back"), "{error}");
    assert!(grants(&stage).is_empty());
}

#[tokio::test]
async fn a_consent_to_a_request_made_anew_is_taken_back() {
    let stage = Stage::new();
    let (lead, pending) = reading(&stage).await;
    let server = stage.server.clone();
    let (name, request) = asked();
    after_consent(&stage, move || {
        server.remove("configmaps", KIT, &name);
        server.install(std::slice::from_ref(&request)).unwrap();
    });
    let error = lead.gate.approve(&pending, "").await.unwrap_err();
    assert!(error.to_string().contains("taken back"), "{error}");
    assert!(grants(&stage).is_empty());
}

#[tokio::test]
async fn a_consent_whose_answer_is_lost_or_is_that_to_its_double_is_found() {
    for fault in [
        Fault::DropAnswer,
        Fault::PageAfter(409, "conflict"),
        Fault::PageAfter(504, ""),
    ] {
        let stage = Stage::new();
        let (lead, pending) = reading(&stage).await;
        stage
            .server
            .inject_once(On::any().verb("create").resource("secrets"), fault.clone());
        let approval = lead.gate.approve(&pending, "").await;
        let approval = approval.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(grants(&stage), [approval.grant]);
    }
}

#[tokio::test]
async fn a_consent_that_cannot_be_taken_back_is_looked_for_at_the_next_start() {
    let stage = Stage::new();
    let (lead, pending) = reading(&stage).await;
    let server = stage.server.clone();
    let (name, _) = asked();
    after_consent(&stage, move || {
        server.remove("configmaps", KIT, &name);
        server.inject(On::any().verb("delete").resource("secrets"), Fault::Status(429));
    });
    let error = lead.gate.approve(&pending, "").await.unwrap_err();
    assert!(error.to_string().contains("still there"), "{error}");
    let told = stage.person(seed::LEAD).gate.recover().await;
    assert!(
        told[0].is_error && told[0].text.contains("its consent is still there"),
        "{told:?}"
    );
}
