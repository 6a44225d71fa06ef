//! What the policy wants acknowledged elsewhere: nobody is asked, no glass opens and no request is
//! sent without it, and each refusal says which sink and why.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kglass::audit::sinks::Outbox;
use kglass::escalation::{BUILT_IN, EndReason, GateError, GateSettings, Mutation, Policy};

use super::stage::{Person, Stage};

/// A receiver of octet-counted syslog that reads to the end and closes; it can be told to stop.
struct Receiver {
    address: String,
    deaf: Arc<AtomicBool>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let deaf = Arc::new(AtomicBool::new(false));
        let is_deaf = Arc::clone(&deaf);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, is_deaf) = (stream.unwrap(), Arc::clone(&is_deaf));
                std::thread::spawn(move || {
                    let mut all = Vec::new();
                    let ended = stream.read_to_end(&mut all);
                    if is_deaf.load(Ordering::SeqCst) && !all.is_empty() {
                        // Never closed: never confirmed.
                        std::thread::park();
                    }
                    if ended.is_ok() {
                        let _ = stream.flush();
                        let _ = stream.shutdown(Shutdown::Both);
                    }
                });
            }
        });
        Self { address, deaf }
    }

    fn set_deaf(&self, deaf: bool) {
        self.deaf.store(deaf, Ordering::SeqCst);
    }
}

/// The built-in policy with a sink at `address`; `top` are keys of the top level.
fn policy(address: &str, top: &str) -> Policy {
    let text = BUILT_IN.replace("namespaces = [\"default\"]", "namespaces = [\"shop\"]").replace(
        "remote_required = \"none\"",
        &format!("{top}\nremote_deadline = \"1s\"\nsinks = [{{ name = \"siem\", kind = \"syslog_tcp\", address = \"{address}\", timeout = \"1s\" }}]"),
    );
    Policy::parse(&text, "test").unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn person(stage: &Stage, address: &str, top: &str) -> (Person, Outbox) {
    let policy = Arc::new(policy(address, top));
    let outbox = Outbox::new(stage.state.path().to_owned(), &policy.remote.sinks, policy.remote.bound);
    let shipping = outbox.clone();
    tokio::spawn(async move { shipping.run().await });
    let given = outbox.clone();
    let person = stage.person_with(kglass::embedded::seed::ONCALL, move |settings: &mut GateSettings| {
        settings.policy = policy;
        settings.outbox = Some(given);
    });
    (person, outbox)
}

/// An address that nobody listens on.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn only_session(stage: &Stage) -> String {
    let folders = std::fs::read_dir(stage.state.path().join("sessions")).unwrap();
    let names: Vec<_> = folders.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    names[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_sink_down_nobody_is_asked_and_the_reason_is_told() {
    let stage = Stage::new();
    let (oncall, _outbox) = person(&stage, &nowhere(), "remote_required = \"at_entry\"");
    let error = oncall.ask("restarter").await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, GateError::EntryNotAcknowledged(_)), "{text}");
    assert!(
        text.contains("siem (127.0.0.1:") && text.contains("onnection refused"),
        "{text}"
    );
    assert!(stage.changes().is_empty(), "{:?}", stage.changes());
    let kinds = stage.kinds(&only_session(&stage));
    assert_eq!(kinds, ["requested", "sink_failed", "ended", "close"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_sink_there_the_glass_opens_once_entry_is_acknowledged() {
    let stage = Stage::new();
    let receiver = Receiver::start();
    let (oncall, outbox) = person(&stage, &receiver.address, "remote_required = \"at_entry\"");
    let live = oncall.ask("restarter").await.unwrap();
    let session = live.grant().session.clone();
    let entry = stage
        .journal(&session)
        .iter()
        .rposition(|r| r["kind"] == "checkpoint")
        .unwrap() as u64
        + 1;
    outbox
        .acknowledged(&session, entry, Duration::ZERO)
        .await
        .expect("before the glass opened");
    let ended = oncall.gate.end(live, EndReason::Operator).await;
    assert!(ended.unsent.is_empty(), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_fails_at_the_grant_keeps_the_glass_shut_and_the_grant_is_taken_back() {
    let stage = Stage::new();
    let receiver = Arc::new(Receiver::start());
    let (oncall, _outbox) = person(&stage, &receiver.address, "remote_required = \"at_entry\"");
    let falls_deaf = Arc::clone(&receiver);
    stage.server.on_arrival(move |arrival| {
        if arrival.attributes.resource_path() == "serviceaccounts/token" {
            falls_deaf.set_deaf(true);
        }
    });
    let error = oncall.ask("restarter").await.unwrap_err();
    assert!(matches!(error, GateError::EntryNotAcknowledged(_)), "{error}");
    assert!(stage.server.names("secrets", "kglass-system").is_empty());
    assert!(
        matches!(oncall.ask("nobody").await, Err(GateError::Invalid(_))),
        "nothing is left open"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_action_waits_for_its_intent_and_is_not_sent_without() {
    let stage = Stage::new();
    let receiver = Receiver::start();
    let (oncall, _outbox) = person(&stage, &receiver.address, "remote_required = \"each_action\"");
    let live = oncall.ask("restarter").await.unwrap();
    oncall
        .gate
        .execute(Mutation::scale(&live, 1, vec![stage.web()], 2))
        .await
        .unwrap();
    receiver.set_deaf(true);
    let error = oncall
        .gate
        .execute(Mutation::delete(&live, 2, vec![stage.pod()]))
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::NotAcknowledged(_)), "{error}");
    assert!(!stage.changes().iter().any(|change| change.1 == "delete pods"));
    let session = live.grant().session.clone();
    let journal = stage.journal(&session);
    let last = journal.iter().rfind(|r| r["kind"] == "outcome").unwrap();
    assert!(
        last["data"]["message"].as_str().unwrap().starts_with("not sent: siem"),
        "{last}"
    );
    receiver.set_deaf(false);
    oncall
        .gate
        .execute(Mutation::delete(&live, 3, vec![stage.pod()]))
        .await
        .expect("it is there again");
    // An end waits for no sink.
    receiver.set_deaf(true);
    oncall.gate.end(live, EndReason::Operator).await;
    assert!(stage.server.names("secrets", "kglass-system").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn past_the_bound_writes_are_refused_before_any_intent() {
    let stage = Stage::new();
    let receiver = Receiver::start();
    let (mut oncall, outbox) = person(&stage, &receiver.address, "max_unacknowledged = { age = \"1s\" }");
    let live = oncall.ask("restarter").await.unwrap();
    receiver.set_deaf(true);
    oncall
        .gate
        .execute(Mutation::scale(&live, 1, vec![stage.web()], 2))
        .await
        .expect("within the bound");
    let mut statuses = outbox.statuses();
    let refusing = statuses.wait_for(|all| all[0].refusing);
    tokio::time::timeout(Duration::from_secs(20), refusing)
        .await
        .expect("the age passes the bound")
        .unwrap();
    let intents = |stage: &Stage, session: &str| stage.kinds(session).iter().filter(|k| *k == "intent").count();
    let before = intents(&stage, &live.grant().session);
    let error = oncall
        .gate
        .execute(Mutation::delete(&live, 2, vec![stage.pod()]))
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::Behind(_)), "{error}");
    assert_eq!(intents(&stage, &live.grant().session), before);
    assert!(stage.kinds(&live.grant().session).contains(&"refused".to_owned()));
    assert!(!stage.changes().iter().any(|change| change.1 == "delete pods"));
    receiver.set_deaf(false);
    let again = statuses.wait_for(|all| !all[0].refusing);
    tokio::time::timeout(Duration::from_secs(20), again)
        .await
        .expect("it comes back")
        .unwrap();
    oncall
        .gate
        .execute(Mutation::delete(&live, 3, vec![stage.pod()]))
        .await
        .unwrap();
    let session = live.grant().session.clone();
    oncall.gate.end(live, EndReason::Operator).await;
    assert!(
        stage.kinds(&session).contains(&"sink_recovered".to_owned()),
        "{:?}",
        stage.kinds(&session)
    );
    assert!(!oncall.told().is_empty());
}

/// Median time of a write, of forty.
async fn median(stage: &Stage, oncall: &Person) -> Duration {
    let live = oncall.ask("restarter").await.unwrap();
    let mut times = Vec::new();
    for action in 1..=40 {
        let begun = std::time::Instant::now();
        let scale = Mutation::scale(&live, action, vec![stage.web()], 2);
        oncall.gate.execute(scale).await.unwrap();
        times.push(begun.elapsed());
    }
    times.sort();
    oncall.gate.end(live, EndReason::Operator).await;
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_required_a_sink_that_hangs_costs_no_write_any_time() {
    let stage = Stage::new();
    let receiver = Receiver::start();
    let alone = median(&stage, &stage.oncall()).await;
    let (waiting, _outbox) = person(&stage, &receiver.address, "remote_required = \"each_action\"");
    let each = median(&stage, &waiting).await;
    receiver.set_deaf(true);
    let (oncall, _outbox) = person(&stage, &receiver.address, "remote_required = \"none\"");
    let hanging = median(&stage, &oncall).await;
    // Past the capture of a passing test's output: these are measurements.
    let _ = writeln!(
        std::io::stderr(),
        "a write, median of 40: no sink {alone:?}, a sink that hangs {hanging:?}, each acknowledged {each:?}"
    );
    let bearable = alone * 3 + Duration::from_millis(20);
    assert!(
        hanging < bearable,
        "{hanging:?} with a sink that hangs, {alone:?} without one"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unsent_at_the_end_is_said() {
    let stage = Stage::new();
    let (oncall, _outbox) = person(&stage, &nowhere(), "remote_required = \"none\"");
    let live = oncall.ask("restarter").await.unwrap();
    let ended = oncall.gate.end(live, EndReason::Operator).await;
    assert_eq!(ended.unsent.len(), 1, "{ended:?}");
    let session = kglass::review::sessions(&stage.state.path().join("sessions"))
        .unwrap()
        .remove(0);
    assert_eq!(session.unsent[0].0, "siem", "{session:?}");
    assert_eq!(session.unsent[0].1 as usize, stage.journal(&session.session).len());
}

#[tokio::test]
async fn a_gate_without_sinks_stays_shut_where_the_policy_wants_some() {
    let stage = Stage::new();
    let wants = Arc::new(policy(&nowhere(), "remote_required = \"at_entry\""));
    let oncall = stage.person_with(kglass::embedded::seed::ONCALL, |settings| settings.policy = wants);
    assert!(matches!(oncall.ask("restarter").await, Err(GateError::NoSinks)));
    assert!(stage.changes().is_empty());
}
