//! The journal's bytes against the server's requests, by a reader of its own: what is hashed, signed
//! and sent is computed here again from the manual's rules, not by the code that wrote it.

use std::path::Path;
use std::sync::{Arc, Mutex};

use kglass::embedded::Arrival;
use kglass::escalation::{EndReason, Mutation};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::stage::Stage;

fn records(journal: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(journal).unwrap_or_default();
    // A last line without its end is a record that is being written, hence no record.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole
        .lines()
        .map(|line| serde_json::from_str(line).expect("a record is JSON"))
        .collect()
}

/// SHA-256 over the hash before and the record's canonical text without `hash` and `sig`; the first
/// 160 bits in base32 are the request's `Audit-ID`.
fn audit_id_of(record: &Value) -> String {
    let mut body = record.clone();
    let fields = body.as_object_mut().expect("a record is an object");
    fields.remove("hash");
    fields.remove("sig");
    let prev = record["prev"].as_str().expect("each record names the hash before it");
    let mut hasher = Sha256::new();
    hasher.update(b"\0kglass.journal/1\0record\0");
    hasher.update(data_encoding::HEXLOWER.decode(prev.as_bytes()).expect("hex"));
    hasher.update(body.to_string().as_bytes());
    let hash = hasher.finalize();
    let spelt = data_encoding::HEXLOWER.encode(&hash);
    assert_eq!(
        record["hash"],
        spelt.as_str(),
        "the record does not hash to what it says: {record}"
    );
    data_encoding::BASE32_NOPAD.encode(&hash[..20]).to_lowercase()
}

/// The intent on disk that gives this `Audit-ID`, in whichever session.
fn intent_on_disk(state: &Path, audit_id: &str) -> Option<Value> {
    let sessions = std::fs::read_dir(state.join("sessions")).ok()?;
    let journals = sessions.map(|s| s.expect("readable").path().join("journal.jsonl"));
    let mut intents = journals.flat_map(|j| records(&j)).filter(|r| r["kind"] == "intent");
    intents.find(|r| audit_id_of(r) == audit_id).map(|r| r["data"].clone())
}

fn compare(state: &Path, arrival: &Arrival) -> Result<(), String> {
    let id = arrival.audit_id.as_deref().ok_or("it carries no Audit-ID")?;
    let intent = intent_on_disk(state, id).ok_or("no intent on disk has this Audit-ID")?;
    if intent["verb"] != arrival.attributes.verb.as_str() {
        return Err(format!("the intent is to {}", intent["verb"]));
    }
    if intent["path"] != arrival.attributes.path.as_str() {
        return Err(format!("the intent is for {}", intent["path"]));
    }
    let body = data_encoding::HEXLOWER.encode(&Sha256::digest(&arrival.body));
    if !arrival.body.is_empty() && intent["bodySha256"] != body.as_str() {
        return Err("the body is not the one that was recorded".into());
    }
    Ok(())
}

#[tokio::test]
async fn what_arrives_is_byte_for_byte_what_was_recorded_before() {
    let stage = Stage::new();
    let found = Arc::new(Mutex::new(Vec::new()));
    let (results, state) = (Arc::clone(&found), stage.state.path().to_owned());
    stage.server.on_arrival(move |arrival| {
        let at = &arrival.attributes;
        let is_review = at.resource.as_deref().is_some_and(|r| r.starts_with("selfsubject"));
        if matches!(at.verb.as_str(), "get" | "list" | "watch") || is_review {
            return;
        }
        let act = format!("{} {}", at.verb, at.resource_path());
        results
            .lock()
            .unwrap()
            .push(compare(&state, arrival).map_err(|why| format!("{act}: {why}")));
    });
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let gate = &oncall.gate;
    gate.execute(Mutation::delete(&live, 1, vec![stage.pod()]))
        .await
        .unwrap();
    gate.execute(Mutation::scale(&live, 2, vec![stage.web()], 0))
        .await
        .unwrap();
    gate.execute(Mutation::restart(&live, 3, vec![stage.web()]))
        .await
        .unwrap();
    gate.end(live, EndReason::Operator).await;
    let found = found.lock().unwrap();
    let wrong: Vec<_> = found.iter().filter_map(|r| r.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(found.len(), 9, "four petitions, three writes, two to end");
}

#[tokio::test]
async fn the_servers_log_and_the_journal_name_the_same_requests() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let several = vec![
        stage.pod(),
        stage.see(super::stage::pods(), "pods", "web-5d9c7b8f64-00000"),
    ];
    oncall.gate.execute(Mutation::delete(&live, 7, several)).await.unwrap();
    let session = live.grant().session.clone();
    oncall.gate.end(live, EndReason::Operator).await;
    let all = records(&stage.journal_path(&session));
    let mut recorded: Vec<String> = all.iter().filter(|r| r["kind"] == "intent").map(audit_id_of).collect();
    let seen = stage.server.audit_events();
    let mut sent: Vec<String> = seen
        .iter()
        .filter(|e| e.audit_id_given)
        .map(|e| e.audit_id.clone())
        .collect();
    recorded.sort();
    sent.sort();
    assert_eq!(recorded, sent, "each intent is one request, each request one intent");
    let mut once = sent.clone();
    once.dedup();
    assert_eq!(once.len(), 8, "each has an id of its own");
    let joined = all
        .iter()
        .filter(|r| r["kind"] == "intent" && r["data"]["action"] == 7)
        .count();
    assert_eq!(joined, 2, "two requests of one keystroke");
}

#[tokio::test]
async fn a_warning_before_the_end_is_a_record() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.expect("granted");
    let session = live.grant().session.clone();
    oncall.gate.warned(60).await;
    oncall.gate.end(live, EndReason::Operator).await;
    // Nothing lives any more: nothing is written, and nothing breaks.
    oncall.gate.warned(10).await;
    let warnings: Vec<Value> = stage
        .journal(&session)
        .into_iter()
        .filter(|r| r["kind"] == "warning")
        .collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0]["data"]["secondsLeft"], 60);
}
