//! No record, no request: the intent is on disk when the request arrives, its hash is in the
//! request's id, and a disk that fails stops everything.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kglass::embedded::{On, seed};
use kglass::escalation::{EndReason, GateError, GateEvent, Mutation};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::stage::{Failing, Slow, Stage};

/// The audit ids that the intents in all journals commit to.
pub fn intents(sessions: &std::path::Path) -> Vec<String> {
    let mut ids = Vec::new();
    for folder in std::fs::read_dir(sessions).into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap_or_default();
        for record in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            if record["kind"] == "intent" {
                let hash = data_encoding::HEXLOWER
                    .decode(record["hash"].as_str().unwrap().as_bytes())
                    .unwrap();
                ids.push(kglass::audit::audit_id(&hash.try_into().unwrap()));
            }
        }
    }
    ids
}

#[tokio::test]
async fn every_change_has_its_intent_on_disk_before_it_arrives() {
    let stage = Stage::new();
    let sessions = stage.state.path().join("sessions");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let arrivals = Arc::clone(&seen);
    stage.server.on_arrival(move |arrival| {
        let at = &arrival.attributes;
        let is_review = at.resource.as_deref().is_some_and(|r| r.starts_with("selfsubject"));
        if !matches!(at.verb.as_str(), "get" | "list" | "watch") && !is_review {
            let id = arrival.audit_id.clone().unwrap_or_default();
            arrivals
                .lock()
                .unwrap()
                .push((at.resource_path(), intents(&sessions).contains(&id)));
        }
    });
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    oncall
        .gate
        .execute(Mutation::scale(&live, 1, vec![stage.web()], 2))
        .await
        .unwrap();
    oncall
        .gate
        .execute(Mutation::delete(&live, 2, vec![stage.pod()]))
        .await
        .unwrap();
    oncall.gate.end(live, EndReason::Operator).await;
    let seen = seen.lock().unwrap();
    let names: Vec<_> = seen.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "configmaps",
        "jobs",
        "secrets",
        "serviceaccounts/token",
        "deployments/scale",
        "pods",
        "secrets",
        "configmaps",
    ];
    assert_eq!(names, expected);
    assert!(seen.iter().all(|(_, on_disk)| *on_disk), "{seen:?}");
}

#[tokio::test]
async fn each_intent_has_one_outcome_and_each_record_is_counted() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    oncall
        .gate
        .execute(Mutation::delete(&live, 1, vec![stage.pod()]))
        .await
        .unwrap();
    let session = live.grant().session.clone();
    oncall.gate.end(live, EndReason::Operator).await;
    let kinds = stage.kinds(&session);
    let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
    assert_eq!((count("intent"), count("outcome")), (7, 7), "{kinds:?}");
    assert_eq!(kinds[kinds.len() - 2..], ["ended", "close"]);
    let counted = oncall.told().into_iter().filter_map(|e| match e {
        GateEvent::Recorded { count, .. } => Some(count),
        _ => None,
    });
    assert_eq!(counted.max(), Some(stage.journal(&session).len() as u32));
}

#[tokio::test]
async fn the_base_identity_sends_reads_reviews_and_petitions_only() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    oncall
        .gate
        .execute(Mutation::restart(&live, 1, vec![stage.web()]))
        .await
        .unwrap();
    oncall.gate.end(live, EndReason::Operator).await;
    let mut base: Vec<_> = stage
        .changes()
        .into_iter()
        .filter(|c| c.0 == "oncall")
        .map(|c| c.1)
        .collect();
    // Grant and request are deleted at once: neither waits for the other's answer.
    base[4..].sort_unstable();
    let petitions = [
        "create configmaps",
        "create jobs",
        "create secrets",
        "create serviceaccounts/token",
        "delete configmaps",
        "delete secrets",
    ];
    assert_eq!(base, petitions);
}

#[tokio::test]
async fn an_intent_that_cannot_be_written_sends_nothing() {
    let stage = Stage::new();
    let disk = Failing::default();
    let around = disk.clone();
    let mut oncall = stage.person_with(seed::ONCALL, |s| s.disk = Arc::new(move |file| around.around(file)));
    let live = oncall.ask("restarter").await.unwrap();
    disk.fail();
    let error = oncall
        .gate
        .execute(Mutation::delete(&live, 1, vec![stage.pod()]))
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::Record { .. }), "{error}");
    assert!(!stage.changes().iter().any(|c| c.1 == "delete pods"));
    assert!(
        !oncall
            .told()
            .iter()
            .any(|e| matches!(e, GateEvent::Outcome(_) | GateEvent::Marker { .. }))
    );
}

#[tokio::test]
async fn an_outcome_that_cannot_be_written_ends_the_escalation() {
    let stage = Stage::new();
    let disk = Failing::default();
    let around = disk.clone();
    let mut oncall = stage.person_with(seed::ONCALL, |s| s.disk = Arc::new(move |file| around.around(file)));
    let live = oncall.ask("restarter").await.unwrap();
    stage.server.on_arrival(move |arrival| {
        if arrival.attributes.resource_path() == "pods" {
            disk.fail();
        }
    });
    let error = oncall
        .gate
        .execute(Mutation::delete(&live, 1, vec![stage.pod()]))
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::Unrecorded { .. }), "{error}");
    let told = oncall.told();
    assert!(told.iter().any(|e| matches!(e, GateEvent::RecordFailed { .. })));
    assert!(
        told.iter().any(|e| matches!(e, GateEvent::Outcome(o) if o.is_ok())),
        "it happened, and is told"
    );
    assert!(matches!(
        oncall.gate.execute(Mutation::delete(&live, 2, vec![stage.pod()])).await,
        Err(GateError::Closed)
    ));
}

#[tokio::test]
async fn a_session_that_cannot_be_begun_asks_nobody() {
    let stage = Stage::new();
    let disk = Failing::default();
    disk.fail();
    let oncall = stage.person_with(seed::ONCALL, |s| s.disk = Arc::new(move |file| disk.around(file)));
    assert!(matches!(oncall.ask("restarter").await, Err(GateError::Record { .. })));
    assert!(stage.changes().is_empty());
}

#[tokio::test]
async fn no_token_is_in_any_file_or_event() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    oncall
        .gate
        .execute(Mutation::delete(&live, 1, vec![stage.pod()]))
        .await
        .unwrap();
    let shown = format!("{live:?}");
    let session = live.grant().session.clone();
    oncall.gate.end(live, EndReason::Operator).await;
    let journal = std::fs::read_to_string(stage.journal_path(&session)).unwrap();
    let told = format!("{:?}", oncall.told());
    let tokens = stage.server.minted_tokens();
    assert_eq!(tokens.len(), 1);
    for token in tokens {
        for part in token.expose_secret().split('.').chain([token.expose_secret()]) {
            assert!(!journal.contains(part) && !told.contains(part) && !shown.contains(part));
        }
    }
}

#[tokio::test]
async fn a_token_that_names_nobody_is_not_used() {
    let stage = Stage::new();
    stage.server.inject(
        On::any().user("system:serviceaccount:kglass-system:restarter"),
        kglass::embedded::Fault::Status(401),
    );
    let error = stage.oncall().ask("restarter").await.unwrap_err();
    assert!(error.to_string().contains("set `audience`"), "{error}");
    assert!(stage.server.names("secrets", "kglass-system").is_empty());
}

#[tokio::test]
async fn an_intent_that_becomes_durable_after_the_deadline_sends_nothing() {
    let stage = Stage::new();
    let disk = Slow::default();
    let around = disk.clone();
    let oncall = stage.person_with(seed::ONCALL, |s| s.disk = Arc::new(move |file| around.around(file)));
    // The server's clock runs ahead between consent and token: two or three seconds are left.
    let server = stage.server.clone();
    stage.server.on_arrival(move |arrival| {
        if arrival.attributes.resource_path() == "serviceaccounts/token" {
            server.clock().advance(Duration::from_millis(296_500));
        }
    });
    let live = oncall.ask("restarter").await.expect("some seconds are left");
    let left = live.grant().deadline.since(live.grant().granted_at);
    disk.take(Duration::from_millis(left + 50));
    let mutation = Mutation::delete(&live, 1, vec![stage.pod()]);
    let error = oncall.gate.execute(mutation).await.unwrap_err();
    assert!(matches!(error, GateError::Expired), "{error}");
    assert!(!stage.changes().iter().any(|c| c.1 == "delete pods"));
    let journal = stage.journal(&live.grant().session);
    let last = journal
        .iter()
        .rfind(|r| r["kind"] == "outcome")
        .expect("the intent has its outcome");
    assert!(
        last["data"]["message"].as_str().unwrap().starts_with("not sent"),
        "{last}"
    );
}
