//! Another person's consent: waited for, withdrawn, refused, and given only to what it claims to be.

use kglass::embedded::{Fault, On, seed};
use kglass::escalation::{EndReason, GateError, Revocation};
use serde_json::json;

use super::stage::Stage;

#[tokio::test]
async fn another_person_consents() {
    let stage = Stage::new();
    let (mut oncall, lead) = (stage.oncall(), stage.person(seed::LEAD));
    let gate = oncall.gate.clone();
    let asking = async { gate.ask(super::stage::request("namespace-operator")).await };
    let approving = async {
        let hash = oncall.waiting().await;
        let pending = lead.gate.pending(&hash).await.expect("the request is as it claims");
        assert_eq!(
            (pending.requester.as_str(), pending.role.as_str()),
            ("oncall", "namespace-operator")
        );
        assert_eq!((pending.namespace.as_deref(), pending.ttl_seconds), (Some("shop"), 300));
        lead.gate
            .approve(&pending, "on the call with alice")
            .await
            .expect("the lead may approve")
    };
    let (escalation, approval) = tokio::join!(asking, approving);
    let escalation = escalation.expect("the glass opens");
    assert_eq!(escalation.grant().approved_by, "lead");
    assert_eq!(
        escalation.grant().identity,
        "system:serviceaccount:kglass-system:namespace-operator--shop"
    );
    let kinds = stage.kinds(&approval.session);
    assert_eq!(
        (kinds[0].as_str(), kinds.last().unwrap().as_str()),
        ("approving", "close")
    );
    let secret = stage
        .server
        .object("secrets", "kglass-system", &approval.grant)
        .unwrap();
    assert_eq!(secret["metadata"]["annotations"]["kglass.dev/approved-by"], "lead");
}

/// The same consent once more, as kubectl or a second approver at the same moment would give it.
fn consent_again(stage: &Stage, grant: &str) {
    let mut secret = stage.server.object("secrets", "kglass-system", grant).unwrap();
    let (before, hash) = grant.rsplit_once('-').unwrap();
    let (role_and_who, deadline) = before.rsplit_once('.').unwrap();
    let later = deadline.parse::<u64>().unwrap() + 7;
    let metadata = &mut secret["metadata"];
    metadata["name"] = json!(format!("{role_and_who}.{later}-{hash}"));
    metadata["uid"] = json!("another");
    metadata.as_object_mut().unwrap().remove("ownerReferences");
    stage.server.install(&[secret]).unwrap();
}

#[tokio::test]
async fn a_request_is_granted_once_and_its_end_leaves_no_grant_of_it() {
    let stage = Stage::new();
    let (mut oncall, lead) = (stage.oncall(), stage.person(seed::LEAD));
    let gate = oncall.gate.clone();
    let asking = async { gate.ask(super::stage::request("namespace-operator")).await };
    let approving = async {
        let hash = oncall.waiting().await;
        let pending = lead.gate.pending(&hash).await.unwrap();
        let approval = lead.gate.approve(&pending, "").await.unwrap();
        (pending, approval)
    };
    let (escalation, (pending, approval)) = tokio::join!(asking, approving);
    let escalation = escalation.expect("the glass opens");
    let before = stage.changes().len();
    let error = lead.gate.approve(&pending, "").await.unwrap_err();
    assert!(error.to_string().contains("granted already, by lead"), "{error}");
    assert_eq!(stage.changes().len(), before, "nothing was sent");

    consent_again(&stage, &approval.grant);
    assert_eq!(stage.server.names("secrets", "kglass-system").len(), 2);
    let ended = oncall.gate.end(escalation, EndReason::Operator).await;
    assert_eq!(ended.left, []);
    assert!(stage.server.names("secrets", "kglass-system").is_empty());
}

/// The requester withdraws while the approver's consent is on its way.
#[tokio::test]
async fn a_consent_that_comes_too_late_is_taken_back() {
    let stage = Stage::new();
    let (key, name) = key_and_name();
    stage.server.install(&[forged(&name, &key, "oncall")]).unwrap();
    let lead = stage.person(seed::LEAD);
    let pending = lead.gate.pending(&name).await.unwrap();
    let (server, hash) = (stage.server.clone(), name.clone());
    stage.server.on_arrival(move |arrival| {
        if arrival.attributes.verb == "create" && arrival.attributes.resource_path() == "secrets" {
            server.remove("configmaps", "kglass-system", &hash);
        }
    });
    let error = lead.gate.approve(&pending, "").await.unwrap_err();
    assert!(error.to_string().contains("your consent was taken back"), "{error}");
    assert!(stage.server.names("secrets", "kglass-system").is_empty());
}

/// Nobody may say that an end holds who could not look.
#[tokio::test]
async fn an_end_that_cannot_look_for_more_grants_is_not_confirmed() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let session = live.grant().session.clone();
    stage
        .server
        .inject(On::any().verb("list").resource("secrets"), Fault::Status(403));
    let ended = oncall.gate.end(live, EndReason::Operator).await;
    let Revocation::Unconfirmed { why } = &ended.revocation else {
        panic!("{ended:?}")
    };
    assert!(
        why.contains("whether there are more grants of this request is not known"),
        "{why}"
    );
    stage.server.clear_faults();
    let told = stage.oncall().gate.recover().await;
    assert!(
        told[0].session == session && !told[0].is_error,
        "looked again: {told:?}"
    );
}

#[tokio::test]
async fn a_withdrawn_request_is_gone() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let gate = oncall.gate.clone();
    let asking = async { gate.ask(super::stage::request("namespace-operator")).await };
    let withdrawing = async {
        oncall.waiting().await;
        oncall.gate.withdraw();
    };
    let (result, ()) = tokio::join!(asking, withdrawing);
    assert!(matches!(result, Err(GateError::Withdrawn)), "{result:?}");
    assert!(stage.server.names("configmaps", "kglass-system").is_empty());
    assert!(stage.server.minted_tokens().is_empty());
}

#[tokio::test]
async fn a_request_that_an_approver_deletes_is_rejected() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let gate = oncall.gate.clone();
    let asking = async { gate.ask(super::stage::request("namespace-operator")).await };
    let rejecting = async {
        let hash = oncall.waiting().await;
        stage.server.remove("configmaps", "kglass-system", &hash);
        // A broken watch is followed by a look whether the request is still there.
        loop {
            stage.server.cut_streams();
            tokio::task::yield_now().await;
            if stage
                .server
                .audit_events()
                .iter()
                .any(|e| e.verb == "get" && e.status == 404 && e.name.as_deref() == Some(&*hash))
            {
                break;
            }
        }
    };
    let (result, ()) = tokio::join!(asking, rejecting);
    assert!(matches!(result, Err(GateError::Rejected)), "{result:?}");
}

fn forged(name: &str, key: &str, requester: &str) -> serde_json::Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "kglass-system", "labels": {"kglass.dev/request": "true"}},
        "data": {"requester": requester, "reason": "a reason that is long enough", "ticket": "INC-1", "trigger": "manual:x",
            "role": "namespace-operator--shop", "ttlSeconds": "60", "sessionKey": key},
    })
}

/// Base64 of a key, and the name that commits to it.
fn key_and_name() -> (String, String) {
    use base64::Engine;
    let key = [9; 32];
    (
        base64::engine::general_purpose::STANDARD.encode(key),
        kglass::audit::session_hash(&key),
    )
}

#[tokio::test]
async fn a_request_whose_name_does_not_match_its_key_is_not_approved() {
    let stage = Stage::new();
    let (key, _) = key_and_name();
    stage
        .server
        .install(&[forged("abcdefghij234567", &key, "oncall")])
        .unwrap();
    let error = stage
        .person(seed::LEAD)
        .gate
        .pending("abcdefghij234567")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("does not commit"), "{error}");
}

#[tokio::test]
async fn a_request_older_than_an_hour_is_not_approved() {
    let stage = Stage::new();
    let (key, name) = key_and_name();
    stage.server.install(&[forged(&name, &key, "oncall")]).unwrap();
    let lead = stage.person(seed::LEAD);
    let pending = lead.gate.pending(&name).await.expect("it is fresh");
    stage.server.clock().advance(std::time::Duration::from_secs(3_700));
    let error = lead.gate.approve(&pending, "").await.unwrap_err();
    assert!(error.to_string().contains("61 minutes old"), "{error}");
    assert!(stage.changes().is_empty());
}

#[tokio::test]
async fn nobody_approves_their_own_request_or_one_that_changed() {
    let stage = Stage::new();
    let (key, name) = key_and_name();
    stage.server.install(&[forged(&name, &key, "lead")]).unwrap();
    let lead = stage.person(seed::LEAD);
    let pending = lead.gate.pending(&name).await.unwrap();
    let error = lead.gate.approve(&pending, "").await.unwrap_err();
    assert!(error.to_string().contains("your own"), "{error}");
    stage.server.install(&[forged(&name, &key, "mallory")]).unwrap();
    let error = lead.gate.approve(&pending, "").await.unwrap_err();
    assert!(error.to_string().contains("changed since"), "{error}");
    assert!(stage.changes().is_empty());
}
