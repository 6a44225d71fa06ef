//! Restart, scale, delete under one's own consent and under another's, told by the API server's own
//! audit log: who sent what, and that each write carries the id of its intent.

use std::collections::BTreeMap;

use kglass::escalation::{AskProgress, EndReason, GateEvent, Mutation, Revocation};
use serde_json::Value;

use super::people::{Person, deployment, intents, person, records, run, see_pod, see_settled};
use crate::harness::{self, Options, Rig};
use crate::kit::stage;

const ELEVATED: &str = "system:serviceaccount:kglass-system:";

/// What a person or role sent, at the end of each request: verb, resource, audit id, code.
fn sent(events: &[Value], is_theirs: impl Fn(&str) -> bool) -> Vec<(String, String, u64)> {
    let complete = events.iter().filter(|e| e["stage"] == "ResponseComplete");
    complete
        .filter(|e| e["user"]["username"].as_str().is_some_and(&is_theirs))
        .map(|e| {
            let object = &e["objectRef"];
            let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
            let resource = match object["subresource"].as_str() {
                Some(sub) => format!("{}/{sub}", text(&object["resource"])),
                None => text(&object["resource"]),
            };
            let act = format!("{} {resource}", text(&e["verb"]));
            (
                act,
                text(&e["auditID"]),
                e["responseStatus"]["code"].as_u64().unwrap_or_default(),
            )
        })
        .collect()
}

fn is_change(act: &str) -> bool {
    !["get ", "list ", "watch "].iter().any(|read| act.starts_with(read)) && !act.contains("selfsubject")
}

/// Printed as the issue wants it: counts per identity, verb and resource.
fn print_counts(events: &[Value]) {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for event in events.iter().filter(|e| e["stage"] == "ResponseComplete") {
        let user = event["user"]["username"].as_str().unwrap_or_default();
        if user.starts_with("system:") && !user.starts_with(ELEVATED) {
            continue;
        }
        for (act, _, _) in sent(std::slice::from_ref(event), |_| true) {
            *counts.entry(format!("{user}: {act}")).or_default() += 1;
        }
    }
    for (what, count) in counts {
        println!("{count:4} {what}");
    }
}

/// A rig whose log holds nobody else's acts.
fn fresh() -> Rig {
    let rig = Rig::start(Options::default());
    stage::install(&rig, &stage::policy());
    rig
}

async fn act(rig: &Rig, person: &Person, live: &kglass::escalation::Escalation, namespace: &str) {
    let gate = &person.gate;
    gate.execute(Mutation::restart(
        live,
        1,
        vec![see_settled(rig, namespace, "checkout")],
    ))
    .await
    .expect("sent");
    gate.execute(Mutation::scale(
        live,
        2,
        vec![see_settled(rig, namespace, "checkout")],
        1,
    ))
    .await
    .expect("sent");
    let pod = see_pod(rig, namespace, "ledger");
    gate.execute(Mutation::delete(live, 3, vec![pod])).await.expect("sent");
}

#[test]
fn ones_own_consent() {
    if harness::require().is_none() {
        return;
    }
    let rig = &fresh();
    let namespace = rig.namespace("story");
    deployment(rig, &namespace, "checkout");
    deployment(rig, &namespace, "ledger");
    let state = tempfile::tempdir().expect("a folder");
    let mark = rig.audit_mark();
    let (session, outcomes, ended) = run(async {
        let mut oncall = person(rig, "oncall", state.path());
        let live = oncall.ask("restarter", 120).await.expect("the glass opens");
        println!("rights: {:?}", live.grant().rights);
        act(rig, &oncall, &live, &namespace).await;
        let session = live.grant().session.clone();
        let ended = oncall.gate.end(live, EndReason::Operator).await;
        (session, oncall.outcomes(), ended)
    });
    let said: Vec<_> = outcomes.iter().map(|o| (o.verb.as_str(), o.status)).collect();
    assert_eq!(
        said,
        [("restart", 200), ("scale", 200), ("delete", 200)],
        "{outcomes:?}"
    );
    let Revocation::Confirmed { after_ms } = ended.revocation else {
        panic!("{ended:?}");
    };
    println!("ended: 401 on three new connections {after_ms} ms after the grant was deleted");

    let events = rig.audit_since(mark);
    print_counts(&events);
    let ours = |user: &str| sent(&events, |u| u == user);
    let petitions: Vec<_> = ours("oncall")
        .into_iter()
        .filter(|(act, _, _)| is_change(act))
        .collect();
    let mut acts: Vec<_> = petitions.iter().map(|(act, _, _)| act.as_str()).collect();
    // Grant and request are deleted at once: neither waits for the other's answer.
    acts[4..].sort_unstable();
    assert_eq!(
        acts,
        [
            "create configmaps",
            "create jobs",
            "create secrets",
            "create serviceaccounts/token",
            "delete configmaps",
            "delete secrets"
        ]
    );
    let elevated = ours(&format!("{ELEVATED}restarter"));
    let writes: Vec<_> = elevated.into_iter().filter(|(act, _, _)| is_change(act)).collect();
    let acts: Vec<_> = writes.iter().map(|(act, _, _)| act.as_str()).collect();
    assert_eq!(acts, ["patch deployments", "patch deployments/scale", "delete pods"]);
    let ids: Vec<_> = petitions.iter().chain(&writes).map(|(_, id, _)| id.clone()).collect();
    let mut committed = intents(state.path(), &session);
    let mut seen = ids.clone();
    seen.sort();
    committed.sort();
    assert_eq!(seen, committed, "each change carries the id of exactly one intent");
    // Failed authentication has no stage ResponseComplete.
    let refused = events.iter().filter(|e| e["responseStatus"]["code"] == 401);
    let refused: std::collections::BTreeSet<_> = refused.filter_map(|e| e["auditID"].as_str()).collect();
    assert_eq!(refused.len(), 3, "the server refused the ended token three times");
}

#[test]
fn another_persons_consent() {
    if harness::require().is_none() {
        return;
    }
    let rig = &fresh();
    deployment(rig, "default", "checkout");
    // Its own, since the rollout and the scaling above replace pods.
    deployment(rig, "default", "ledger");
    let state = tempfile::tempdir().expect("a folder");
    let mark = rig.audit_mark();
    let (session, approval) = run(async {
        let mut oncall = person(rig, "oncall", state.path());
        let lead = person(rig, "lead", state.path());
        let gate = oncall.gate.clone();
        let asking = async { gate.ask(super::people::request("namespace-operator", 60)).await };
        let approving = async {
            let hash = oncall
                .await_event(|event| match event {
                    GateEvent::Progress(AskProgress::Waiting { session, .. }) => Some(session.clone()),
                    _ => None,
                })
                .await;
            let pending = lead.gate.pending(&hash).await.expect("it is as it claims");
            lead.gate
                .approve(&pending, "on the call with on-call")
                .await
                .expect("the lead may")
        };
        let (live, approval) = tokio::join!(asking, approving);
        let live = live.expect("the glass opens");
        assert_eq!(live.grant().approved_by, "lead");
        act(rig, &oncall, &live, "default").await;
        let session = live.grant().session.clone();
        oncall.gate.end(live, EndReason::Operator).await;
        (session, approval)
    });
    let events = rig.audit_since(mark);
    print_counts(&events);
    let changes = |user: &str| -> Vec<_> {
        let all = sent(&events, |u| u == user).into_iter();
        all.filter(|(act, _, _)| is_change(act))
            .map(|(act, _, _)| act)
            .collect()
    };
    assert_eq!(changes("lead"), ["create jobs", "create secrets"]);
    let mut oncall = changes("oncall");
    oncall[2..].sort_unstable();
    assert_eq!(
        oncall,
        [
            "create configmaps",
            "create serviceaccounts/token",
            "delete configmaps",
            "delete secrets"
        ]
    );
    assert_eq!(intents(state.path(), &approval.session).len(), 2);
    assert_eq!(
        records(state.path(), &session)
            .iter()
            .filter(|r| r["kind"] == "granted")
            .count(),
        1
    );
}
