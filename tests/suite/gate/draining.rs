//! Drains through the gate: one request per eviction, each recorded; disruption budgets are waited
//! for; whoever stops it, nothing is sent after and a record says what was left.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kglass::embedded::{Fault, On, seed};
use kglass::escalation::{
    BUILT_IN, Drain, DrainEnd, DrainOptions, DrainProgress, DrainStep, EndReason, Escalation, GateError, GateEvent,
    Mutation, Policy,
};
use kglass::model::{Gvk, ObjectRef};
use serde_json::{Value, json};

use super::stage::{Hanging, Person, Stage, kit_objects};

const NODE: &str = "node-a";
/// Of the seed, on that node.
const ON_NODE: usize = 4;

/// Node operators consent for themselves here: whose consent it is, is tested elsewhere.
fn policy() -> Policy {
    let (before, role) = BUILT_IN
        .split_once("[roles.node-operator]")
        .expect("it is the last role");
    let role = role.replace("approvers = { groups = [\"approvers\"] }", "self_approve = true");
    Policy::parse(&format!("{before}[roles.node-operator]{role}"), "test").expect("a good policy")
}

fn stage() -> Stage {
    let stage = Stage::without_kit(policy());
    stage.server.install(&kit_objects(&stage.policy)).expect("served");
    stage
}

fn node(stage: &Stage) -> ObjectRef {
    let object = stage.server.object("nodes", "", NODE).expect("the seed has it");
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    ObjectRef {
        gvk: Gvk::new("", "v1", "Node"),
        resource: "nodes".into(),
        namespace: None,
        name: NODE.into(),
        uid: text("/metadata/uid"),
        resource_version: text("/metadata/resourceVersion"),
    }
}

fn drain(stage: &Stage, live: &Escalation, action: u64) -> Drain {
    Drain::new(live, action, node(stage), DrainOptions::default())
}

/// A budget that lets none of `app` go.
fn budget(stage: &Stage, app: &str) {
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": app, "namespace": "shop"},
        "spec": {"minAvailable": 100, "selector": {"matchLabels": {"app": app}}},
    });
    stage.server.install(&[budget]).expect("served");
}

fn over(event: &GateEvent) -> Option<DrainProgress> {
    match event {
        GateEvent::Drain(progress) if matches!(progress.step, DrainStep::Over(_)) => Some(progress.clone()),
        _ => None,
    }
}

/// Everything but `ledger-0`, whose budget blocks, is evicted.
async fn blocked(person: &mut Person) -> DrainProgress {
    let blocked = |event: &GateEvent| match event {
        GateEvent::Drain(progress) if !progress.blocked.is_empty() && progress.evicted == ON_NODE - 1 => {
            Some(progress.clone())
        }
        _ => None,
    };
    person.await_event(blocked).await
}

/// Statuses of the evictions that the server saw.
fn evictions(stage: &Stage) -> Vec<u16> {
    let changes = stage.changes();
    let evictions = changes.iter().filter(|(_, act, _)| act == "create pods/eviction");
    evictions.map(|(_, _, status)| *status).collect()
}

fn is_cordoned(stage: &Stage) -> bool {
    let node = stage.server.object("nodes", "", NODE).expect("it is there");
    node.pointer("/spec/unschedulable") == Some(&json!(true))
}

#[tokio::test]
async fn a_drain_cordons_and_evicts_each_pod_by_a_request_of_its_own() {
    let stage = stage();
    let mut oncall = stage.oncall();
    let live = oncall.ask("node-operator").await.unwrap();
    let session = live.grant().session.clone();
    oncall.gate.drain(drain(&stage, &live, 7)).await.unwrap();
    let progress = oncall.await_event(over).await;
    assert_eq!(progress.step, DrainStep::Over(DrainEnd::Done));
    let counts = (progress.total, progress.evicted, progress.gone);
    assert_eq!(counts, (ON_NODE, ON_NODE, ON_NODE));
    assert!(is_cordoned(&stage));
    assert_eq!(evictions(&stage), [201; ON_NODE]);
    let journal = stage.journal(&session);
    let of = |kind: &str| -> Vec<Value> {
        let fits = |r: &&Value| r["kind"] == kind && r["data"]["action"] == 7;
        journal.iter().filter(fits).map(|r| r["data"].clone()).collect()
    };
    let intents = of("intent");
    assert_eq!(intents.len(), 1 + ON_NODE, "the cordon, and each eviction");
    assert_eq!(
        (&intents[0]["verb"], &intents[1]["verb"]),
        (&"patch".into(), &"create".into())
    );
    assert!(intents[1]["path"].as_str().unwrap().ends_with("/eviction"));
    let drained = of("drained");
    assert_eq!(drained.len(), 1);
    assert_eq!(
        (&drained[0]["end"], &drained[0]["evicted"]),
        (&"done".into(), &ON_NODE.into())
    );
    oncall.gate.end(live, EndReason::Operator).await;
}

#[tokio::test]
async fn a_budget_is_named_waited_for_and_then_let_go() {
    let stage = stage();
    let mut oncall = stage.oncall();
    budget(&stage, "ledger");
    let live = oncall.ask("node-operator").await.unwrap();
    let gate = Arc::clone(&oncall.gate);
    let draining = gate.drain(drain(&stage, &live, 1));
    let letting_go = async {
        let progress = blocked(&mut oncall).await;
        assert_eq!(progress.blocked[0].pod, "shop/ledger-0");
        assert!(
            progress.blocked[0].why.contains("disruption budget ledger"),
            "{progress:?}"
        );
        assert!(stage.server.remove("poddisruptionbudgets", "shop", "ledger"));
        oncall.await_event(over).await
    };
    let (drained, progress) = tokio::join!(draining, letting_go);
    drained.unwrap();
    assert_eq!(progress.step, DrainStep::Over(DrainEnd::Done));
    assert_eq!(progress.evicted, ON_NODE);
    let tries = evictions(&stage);
    assert!(tries.contains(&429), "{tries:?}");
    assert_eq!(tries.iter().filter(|status| **status == 201).count(), ON_NODE);
    oncall.gate.end(live, EndReason::Operator).await;
}

#[tokio::test]
async fn a_drain_that_is_stopped_sends_nothing_more_and_says_what_was_left() {
    let stage = stage();
    let mut oncall = stage.oncall();
    budget(&stage, "ledger");
    let live = oncall.ask("node-operator").await.unwrap();
    let session = live.grant().session.clone();
    let gate = Arc::clone(&oncall.gate);
    let draining = gate.drain(drain(&stage, &live, 3));
    let stopping = async {
        blocked(&mut oncall).await;
        oncall.gate.cancel_drain(3);
        oncall.await_event(over).await
    };
    let (drained, progress) = tokio::join!(draining, stopping);
    drained.unwrap();
    assert_eq!(progress.step, DrainStep::Over(DrainEnd::Cancelled));
    assert_eq!(progress.left[0].pod, "shop/ledger-0");
    let sent = evictions(&stage).len();
    let another = Mutation::uncordon(&live, 4, vec![node(&stage)]);
    oncall.gate.execute(another).await.unwrap();
    assert!(!is_cordoned(&stage), "the gate is open for everything else");
    assert_eq!(evictions(&stage).len(), sent);
    oncall.gate.end(live, EndReason::Operator).await;
    let journal = stage.journal(&session);
    let drained = journal.iter().find(|r| r["kind"] == "drained").expect("it is recorded");
    assert_eq!(drained["data"]["end"], "cancelled");
    let left = drained["data"]["left"].to_string();
    assert!(left.contains("shop/ledger-0: The disruption budget"), "{left}");
}

#[tokio::test]
async fn the_end_cuts_a_drain_and_what_was_left_stands_before_it() {
    let stage = stage();
    let mut oncall = stage.oncall();
    budget(&stage, "ledger");
    let live = oncall.ask("node-operator").await.unwrap();
    let session = live.grant().session.clone();
    let gate = Arc::clone(&oncall.gate);
    let draining = gate.drain(drain(&stage, &live, 1));
    let ending = async {
        blocked(&mut oncall).await;
        oncall.gate.end(live, EndReason::Expired).await;
        evictions(&stage).len()
    };
    let (drained, sent) = tokio::join!(draining, ending);
    drained.unwrap();
    assert_eq!(oncall.await_event(over).await.step, DrainStep::Over(DrainEnd::Cut));
    assert_eq!(evictions(&stage).len(), sent, "nothing was evicted after the end");
    let kinds = stage.kinds(&session);
    let place = |kind: &str| kinds.iter().position(|k| k == kind).expect("it is recorded");
    assert!(place("drained") < place("ended"), "{kinds:?}");
    let ended = stage.ended(&session);
    let cut = ended["cut"][0].as_str().unwrap();
    assert_eq!(cut, "drain nodes/node-a: 3 of 4 evicted, 1 left");
    let counts = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
    assert_eq!(counts("intent"), counts("outcome"));
}

/// The intents of the evictions are being written when the end comes.
#[tokio::test(flavor = "multi_thread")]
async fn evictions_that_the_end_cuts_say_so_and_count_as_no_refusal() {
    let stage = stage();
    let disk = Hanging::default();
    let around = disk.clone();
    let mut oncall = stage.person_with(seed::ONCALL, |s| s.disk = Arc::new(move |file| around.around(file)));
    let live = oncall.ask("node-operator").await.unwrap();
    let session = live.grant().session.clone();
    let (looks, hanging) = (AtomicUsize::new(0), disk.clone());
    stage.server.on_arrival(move |arrival| {
        let is_look = arrival.attributes.resource_path() == "poddisruptionbudgets";
        // The look after the cordon, whose outcome is on disk by then.
        if is_look && looks.fetch_add(1, Ordering::SeqCst) == 1 {
            hanging.hang();
        }
    });
    let drain = drain(&stage, &live, 1);
    let gate = Arc::clone(&oncall.gate);
    let draining = tokio::spawn(async move { gate.drain(drain).await });
    disk.is_met().await;
    let gate = Arc::clone(&oncall.gate);
    let ending = tokio::spawn(async move { gate.end(live, EndReason::Operator).await });
    let begun = |event: &GateEvent| matches!(event, GateEvent::Ending(_)).then_some(());
    oncall.await_event(begun).await;
    disk.go_on();
    draining.await.unwrap().unwrap();
    let progress = oncall.await_event(over).await;
    let ended = ending.await.unwrap();
    assert_eq!(progress.left.len(), ON_NODE, "{progress:?}");
    for note in &progress.left {
        assert!(
            ["the escalation ended first", "not tried"].contains(&note.why.as_str()),
            "{progress:?}"
        );
    }
    assert_eq!((ended.writes, ended.refused), (1, 0), "the cordon: {ended:?}");
    let journal = stage.journal(&session);
    let told: Vec<&str> = journal.iter().filter_map(|r| r["data"]["message"].as_str()).collect();
    assert!(told.contains(&"not sent: the escalation ended first"), "{told:?}");
    let kinds = stage.kinds(&session);
    let counts = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
    assert_eq!(
        (counts("intent"), counts("refused")),
        (counts("outcome"), 0),
        "{kinds:?}"
    );
    assert!(evictions(&stage).is_empty());
}

#[tokio::test]
async fn a_signal_cuts_a_drain_within_two_seconds() {
    let stage = stage();
    let mut oncall = stage.oncall();
    budget(&stage, "ledger");
    let live = oncall.ask("node-operator").await.unwrap();
    let session = live.grant().session.clone();
    let gate = Arc::clone(&oncall.gate);
    let draining = gate.drain(drain(&stage, &live, 1));
    let ending = async {
        blocked(&mut oncall).await;
        let start = Instant::now();
        oncall.gate.end_fast(live, EndReason::Signal("SIGTERM".into())).await;
        start.elapsed()
    };
    let (drained, took) = tokio::join!(draining, ending);
    drained.unwrap();
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(stage.kinds(&session).contains(&"drained".to_owned()));
}

#[tokio::test]
async fn the_deadline_stops_a_drain_even_if_nobody_ends_the_escalation() {
    let stage = stage();
    let mut oncall = stage.oncall();
    budget(&stage, "ledger");
    let mut request = super::stage::request("node-operator");
    request.ttl_seconds = 10;
    let live = oncall.gate.ask(request).await.unwrap();
    let deadline = Instant::now() + Duration::from_millis(live.grant().deadline.since(live.grant().granted_at));
    oncall.gate.drain(drain(&stage, &live, 1)).await.unwrap();
    let late = deadline.elapsed();
    assert!(late < Duration::from_secs(1), "{late:?}");
    assert_eq!(oncall.await_event(over).await.step, DrainStep::Over(DrainEnd::Cut));
    oncall.gate.end(live, EndReason::Expired).await;
}

#[tokio::test]
async fn what_is_lost_for_good_is_not_drained_unless_it_was_chosen() {
    let stage = stage();
    let mut oncall = stage.oncall();
    let lone = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "debug", "namespace": "shop"},
        "spec": {"nodeName": NODE, "terminationGracePeriodSeconds": 1, "containers": [{"name": "main", "image": "x"}],
            "volumes": [{"name": "v", "emptyDir": {}}]},
        "status": {"phase": "Running"},
    });
    stage.server.install(&[lone]).expect("served");
    let live = oncall.ask("node-operator").await.unwrap();
    let before = stage.changes().len();
    let refused = oncall.gate.drain(drain(&stage, &live, 1)).await;
    assert!(
        matches!(&refused, Err(GateError::Unchosen { pods, .. }) if pods == &["shop/debug"]),
        "{refused:?}"
    );
    assert_eq!(stage.changes().len(), before, "not even the cordon was sent");
    assert!(stage.kinds(&live.grant().session).contains(&"refused".to_owned()));
    let everything = DrainOptions {
        force: true,
        delete_empty_dir: true,
    };
    let chosen = Drain::new(&live, 2, node(&stage), everything);
    oncall.gate.drain(chosen).await.unwrap();
    assert_eq!(oncall.await_event(over).await.evicted, ON_NODE + 1);
    oncall.gate.end(live, EndReason::Operator).await;
}

#[tokio::test]
async fn a_drain_of_another_time_or_of_another_node_is_refused() {
    let stage = stage();
    let oncall = stage.oncall();
    let old = oncall.ask("node-operator").await.unwrap();
    let (stale, late) = (drain(&stage, &old, 1), drain(&stage, &old, 2));
    oncall.gate.end(old, EndReason::Operator).await;
    assert!(matches!(oncall.gate.drain(late).await, Err(GateError::Closed)));
    let live = oncall.ask("node-operator").await.unwrap();
    assert!(matches!(oncall.gate.drain(stale).await, Err(GateError::Stale)));
    let mut other = node(&stage);
    other.uid = Some("another".into());
    let replaced = Drain::new(&live, 3, other, DrainOptions::default());
    let refused = oncall.gate.drain(replaced).await;
    assert!(matches!(refused, Err(GateError::Unacceptable { .. })), "{refused:?}");
    assert!(!is_cordoned(&stage) && evictions(&stage).is_empty());
    oncall.gate.end(live, EndReason::Operator).await;
}

#[tokio::test]
async fn without_its_cordon_a_drain_is_over_and_the_record_says_so() {
    for (fault, why) in [
        (Fault::Status(409), "answered 409"),
        (Fault::DropRequest, "no answer from the server"),
    ] {
        let stage = stage();
        let mut oncall = stage.oncall();
        let live = oncall.ask("node-operator").await.unwrap();
        let session = live.grant().session.clone();
        stage
            .server
            .inject_once(On::any().verb("patch").resource("nodes"), fault);
        oncall.gate.drain(drain(&stage, &live, 7)).await.expect("it has begun");
        let progress = oncall.await_event(over).await;
        assert_eq!(progress.step, DrainStep::Over(DrainEnd::Incomplete));
        assert!(progress.left[0].why.contains(why), "{:?}", progress.left);
        assert!(evictions(&stage).is_empty());
        let drained = stage.journal(&session).into_iter().find(|r| r["kind"] == "drained");
        let drained = drained.expect("it is recorded")["data"].clone();
        assert_eq!((&drained["end"], &drained["total"]), (&"incomplete".into(), &0.into()));
        oncall.gate.end(live, EndReason::Operator).await;
    }
}

#[tokio::test]
async fn whose_right_is_missing_for_the_look_is_said_and_nothing_is_sent() {
    let stage = stage();
    let oncall = stage.oncall();
    let live = oncall.ask("node-operator").await.unwrap();
    stage
        .server
        .inject(On::any().verb("list").resource("pods"), Fault::Status(403));
    let error = oncall.gate.survey(&node(&stage)).await.unwrap_err().to_string();
    let cure = "a drain looks with your own identity, which needs list pods in all namespaces";
    assert!(error.ends_with(cure), "{error}");
    let error = oncall
        .gate
        .drain(drain(&stage, &live, 7))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.ends_with(cure), "{error}");
    assert!(!is_cordoned(&stage) && evictions(&stage).is_empty());
    oncall.gate.end(live, EndReason::Operator).await;
}

#[tokio::test]
async fn cordon_and_uncordon_do_what_they_say_and_only_to_what_was_seen() {
    let stage = stage();
    let mut oncall = stage.oncall();
    let live = oncall.ask("node-operator").await.unwrap();
    let seen = node(&stage);
    let cordon = Mutation::cordon(&live, 1, vec![seen.clone()]);
    oncall.gate.execute(cordon).await.unwrap();
    assert!(is_cordoned(&stage));
    let stale = Mutation::uncordon(&live, 2, vec![seen]);
    oncall.gate.execute(stale).await.unwrap();
    assert!(is_cordoned(&stage), "the node changed since it was seen");
    let uncordon = Mutation::uncordon(&live, 3, vec![node(&stage)]);
    oncall.gate.execute(uncordon).await.unwrap();
    assert!(!is_cordoned(&stage));
    let told = oncall.told();
    let outcomes = told.iter().filter_map(|event| match event {
        GateEvent::Outcome(outcome) => Some((outcome.verb.as_str(), outcome.status)),
        _ => None,
    });
    let outcomes: Vec<_> = outcomes.collect();
    assert_eq!(outcomes, [("cordon", 200), ("uncordon", 409), ("uncordon", 200)]);
    oncall.gate.end(live, EndReason::Operator).await;
}
