//! kill -9 of a process with broken glass: the server ends grant and token at the deadline by
//! itself, and the next start closes what was left.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::people::{person, records, run};
use crate::harness::{self, Rig};
use crate::kit::stage::rig;

const KUBECONFIG: &str = "KGLASS_TEST_VICTIM";
const SECRETS: &str = "/api/v1/namespaces/kglass-system/secrets";

/// The process that is killed: asks with the kubeconfig and state folder it is given, tells the
/// session, and waits. Nothing without them.
#[test]
#[ignore = "run by the test below, as a process of its own"]
fn victim() {
    let Ok(given) = std::env::var(KUBECONFIG) else {
        return;
    };
    let (kubeconfig, rest) = given.split_once('|').expect("kubeconfig, state folder, seconds");
    let (state, seconds) = rest.split_once('|').expect("state folder and seconds");
    run(async {
        let files = kglass::cluster::Kubeconfigs::load(Some(kubeconfig.as_ref())).expect("a kubeconfig");
        let (sender, _events) = tokio::sync::mpsc::unbounded_channel();
        let settings = kglass::escalation::GateSettings::new(
            files.open(None).expect("a context"),
            std::sync::Arc::new(crate::kit::stage::policy()),
            std::sync::Arc::new(kglass::credential::TokenRequest),
            state.into(),
            sender,
        );
        let gate = kglass::escalation::Gate::new(settings);
        let live = gate
            .ask(super::people::request("restarter", seconds.parse().expect("a number")))
            .await;
        let live = live.expect("the glass opens");
        println!("\nSESSION {}", live.grant().session);
        std::future::pending::<()>().await;
        drop(live);
    });
}

/// Starts a victim, kills it once the glass is open, and gives its session.
fn killed(rig: &Rig, state: &std::path::Path, seconds: u32) -> String {
    let given = format!("{}|{}|{seconds}", rig.kubeconfig("oncall").display(), state.display());
    let mut child = Command::new(std::env::current_exe().expect("a test binary"))
        .args(["--ignored", "--exact", "gate::killed::victim", "--nocapture"])
        .env(KUBECONFIG, given)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test binary runs");
    let output = BufReader::new(child.stdout.take().expect("asked for above"));
    let session = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("SESSION ").map(str::to_owned))
        .expect("the victim tells its session");
    // SIGKILL: nothing of it runs any more.
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    session
}

fn grants(rig: &Rig, session: &str) -> Vec<String> {
    let list = rig.http("GET", SECRETS, Some(&rig.token("admin")), None).json;
    let names = list["items"].as_array().into_iter().flatten();
    names
        .filter_map(|item| item["metadata"]["name"].as_str())
        .filter(|name| name.ends_with(session))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_server_ends_it_at_the_deadline_by_itself() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let state = tempfile::tempdir().expect("a folder");
    let session = killed(rig, state.path(), 12);
    let start = Instant::now();
    let grant = grants(rig, &session);
    assert_eq!(grant.len(), 1, "the grant outlives its process");
    let id = grant[0].rsplit('.').next().expect("three parts").to_owned();
    let deadline: i64 = id.split('-').next().and_then(|d| d.parse().ok()).expect("a deadline");
    rig.wait("the server ends the grant", Duration::from_secs(40), || {
        grants(rig, &session).is_empty()
    });
    let now = jiff::Timestamp::now().as_second();
    println!(
        "killed with 12 s granted: grant gone {:.1} s after the kill, {} s after the deadline",
        start.elapsed().as_secs_f32(),
        now - deadline
    );
    assert!(now - deadline <= 5, "{now} {deadline}");
    let told = run(async { person(rig, "oncall", state.path()).gate.recover().await });
    assert!(told.iter().any(|r| r.session == session && !r.is_error), "{told:?}");
    let records = records(state.path(), &session);
    assert_eq!(records.last().expect("records")["kind"], "close");
    assert!(records.iter().any(|r| r["kind"] == "recovered"));
}

#[test]
fn the_next_start_ends_it_sooner() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let state = tempfile::tempdir().expect("a folder");
    let session = killed(rig, state.path(), 300);
    let told = run(async { person(rig, "oncall", state.path()).gate.recover().await });
    assert!(
        told.iter().any(|r| r.session == session && r.text.contains("gone")),
        "{told:?}"
    );
    assert!(grants(rig, &session).is_empty());
    let ended = records(state.path(), &session)
        .into_iter()
        .find(|r| r["kind"] == "ended")
        .expect("an end");
    assert_eq!(ended["data"]["reason"], "recovered");
}
