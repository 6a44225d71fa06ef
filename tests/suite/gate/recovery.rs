//! What a killed process leaves: found at the next start, ended and closed; nothing else is touched.

use std::sync::Arc;

use kglass::embedded::{Fault, On, seed};
use kglass::escalation::{EndReason, Gate, Recovery};

use super::stage::Stage;

/// Waits until the journal's thread of a dropped session has let its lock go.
async fn recovered(gate: &Gate) -> Vec<Recovery> {
    for _ in 0..2000 {
        let told = gate.recover().await;
        if !told.is_empty() {
            return told;
        }
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
    panic!("nothing was recovered");
}

/// An escalation whose process died: dropped without an end.
async fn died(stage: &Stage) -> String {
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.expect("the glass opens");
    live.grant().session.clone()
}

#[tokio::test]
async fn a_dead_session_is_ended_and_closed_as_recovered() {
    let stage = Stage::new();
    let session = died(&stage).await;
    assert_eq!(stage.server.names("secrets", "kglass-system").len(), 1);
    let told = recovered(&stage.oncall().gate).await;
    assert_eq!(
        (told.len(), told[0].session.as_str(), told[0].is_error),
        (1, session.as_str(), false),
        "{told:?}"
    );
    assert!(told[0].text.contains("died"), "{}", told[0].text);
    assert!(stage.server.names("secrets", "kglass-system").is_empty());
    assert!(stage.server.names("configmaps", "kglass-system").is_empty());
    let kinds = stage.kinds(&session);
    assert!(kinds.contains(&"recovered".to_owned()), "{kinds:?}");
    assert_eq!(kinds.last().unwrap(), "close");
    assert_eq!(stage.ended(&session)["reason"], "recovered");
    assert!(
        stage
            .journal_path(&session)
            .with_file_name("confirmation.json")
            .exists()
    );
    assert!(stage.oncall().gate.recover().await.is_empty(), "once is enough");
}

#[tokio::test]
async fn an_end_in_a_hurry_is_confirmed_at_the_next_start() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let session = live.grant().session.clone();
    oncall.gate.end_fast(live, EndReason::Signal("SIGHUP".into())).await;
    // As a sink leaves it that has acknowledged nothing.
    let journal = stage.journal_path(&session);
    let cursor = r#"{"sink":"siem","place":"x","seq":0,"hash":"","offset":0,"at":""}"#;
    std::fs::write(journal.with_file_name("sent-siem.json"), cursor).unwrap();
    let records = std::fs::read_to_string(&journal).unwrap().lines().count();
    let told = stage.oncall().gate.recover().await;
    assert!(
        told[0].text.contains("its grant is gone") && !told[0].is_error,
        "{told:?}"
    );
    let text = std::fs::read_to_string(stage.journal_path(&session).with_file_name("confirmation.json")).unwrap();
    assert!(text.contains("\"grantGone\":true"), "{text}");
    assert!(
        text.contains(&format!(r#""unsent":[{{"records":{records},"sink":"siem"}}]"#)),
        "what no sink has is said: {text}"
    );
    assert!(told[0].text.contains(&format!("{records} records to siem")), "{told:?}");
    assert!(stage.oncall().gate.recover().await.is_empty());
}

#[tokio::test]
async fn a_grant_that_is_still_there_is_said_so() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    stage
        .server
        .inject(On::any().verb("delete").resource("secrets"), Fault::Status(503));
    oncall.gate.end_fast(live, EndReason::Signal("SIGTERM".into())).await;
    let told = stage.oncall().gate.recover().await;
    assert!(told[0].text.contains("still there") && told[0].is_error, "{told:?}");
}

#[tokio::test]
async fn a_session_that_lives_or_belongs_elsewhere_is_left_alone() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    assert!(stage.oncall().gate.recover().await.is_empty());
    oncall.gate.end(live, EndReason::Operator).await;

    died(&stage).await;
    let elsewhere = Arc::new(
        stage
            .server
            .endpoint(seed::ONCALL)
            .with_facts(|f| f.server = "https://other".into()),
    );
    let other = stage.person_with(seed::ONCALL, |s| s.endpoint = elsewhere);
    assert!(other.gate.recover().await.is_empty());
    assert_eq!(stage.server.names("secrets", "kglass-system").len(), 1);
}

#[tokio::test]
async fn an_unreachable_server_is_told_and_tried_again() {
    let stage = Stage::new();
    died(&stage).await;
    stage.server.inject(On::any().verb("delete"), Fault::Status(503));
    let told = recovered(&stage.oncall().gate).await;
    assert!(
        told[0].is_error && told[0].text.contains("whether it was carried out"),
        "{told:?}"
    );
    stage.server.clear_faults();
    let told = stage.oncall().gate.recover().await;
    assert!(told[0].text.contains("still there"), "{told:?}");
}
