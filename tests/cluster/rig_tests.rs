//! The rig's promises: pods run, the audit log tells, and nothing is left behind.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::json;

use crate::harness::{self, Component, Namespace, Options, Request, Rig, Shop, leftovers};

const SOON: Duration = Duration::from_secs(60);

#[test]
fn pods_run_and_their_logs_are_read() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("shop");
    Shop::open(rig, &namespace);
    let log = rig.kubectl_ok("viewer", &["-n", &namespace, "logs", "deploy/checkout"]);
    assert!(log.contains(Shop::LOG_LINE), "{log}");
    let shown = rig.kubectl_ok(
        "admin",
        &["-n", &namespace, "exec", "deploy/web", "--", "cat", "/www/index.html"],
    );
    assert_eq!(shown, "shop\n");
}

#[test]
fn the_audit_log_holds_our_audit_id() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("audit");
    let mark = rig.audit_mark();
    let id = "5f0c2b1e-rig-audit-id";
    let read = Request::new("GET", &namespace.path("pods"))
        .token(&rig.token("viewer"))
        .audit_id(id);
    let reply = rig.send(&read).expect("the API server answers");
    assert_eq!((reply.status, reply.header("Audit-Id")), (200, Some(id)));

    let events = rig.audit_since(mark);
    let ours: Vec<_> = events.iter().filter(|event| event["auditID"] == id).collect();
    let stages: Vec<_> = ours.iter().filter_map(|event| event["stage"].as_str()).collect();
    assert_eq!(stages, ["RequestReceived", "ResponseComplete"]);
    assert_eq!(
        (&ours[1]["user"]["username"], &ours[1]["verb"]),
        (&json!("viewer"), &json!("list"))
    );
    assert!(
        !rig.audit_since(rig.audit_mark())
            .iter()
            .any(|event| event["auditID"] == id),
        "a mark hides what was before"
    );
}

#[test]
fn people_have_the_rights_they_are_said_to_have() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("rights");
    let status = |user: &str, method, path: &str| rig.http(method, path, Some(&rig.token(user)), None).status;
    let pods = namespace.path("pods");
    for user in ["viewer", "oncall", "lead", "mona"] {
        assert_eq!(status(user, "GET", &pods), 200, "{user} reads");
        assert_eq!(status(user, "GET", "/api/v1/nodes"), 200, "{user} reads nodes");
        assert_eq!(
            status(user, "GET", &namespace.path("secrets")),
            403,
            "{user} reads no secrets"
        );
        assert_eq!(status(user, "DELETE", &pods), 403, "{user} writes nothing");
    }
    assert_eq!(status("norights", "GET", &pods), 403);
    assert_eq!(status("outsider", "GET", &pods), 401);
    assert_eq!(status("admin", "DELETE", &pods), 200);
}

#[test]
fn metrics_have_numbers() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options {
        metrics: true,
        ..Options::default()
    });
    rig.await_metrics();
    let table = rig.kubectl_ok("viewer", &["top", "nodes"]);
    assert!(table.contains("127.0.0.1"), "{table}");
}

#[test]
fn components_are_killed_frozen_and_restarted() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::default());
    let version = Request::new("GET", "/version");
    let mut open = rig.connect().expect("the API server listens");
    assert_eq!(open.send(&version).expect("it answers").status, 200);

    rig.freeze(Component::ApiServer);
    let (answered, answer) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| answered.send(open.send(&version)).expect("somebody listens"));
        assert!(
            answer.recv_timeout(Duration::from_millis(500)).is_err(),
            "who is frozen says nothing"
        );
        rig.thaw(Component::ApiServer);
        let late = answer
            .recv_timeout(SOON)
            .expect("it goes on")
            .expect("the connection has survived");
        assert_eq!(late.status, 200);
    });

    rig.kill(Component::ApiServer);
    assert!(!rig.is_alive(Component::ApiServer));
    assert!(rig.send(&version).is_err());
    rig.restart(Component::ApiServer);
    assert_eq!(rig.send(&version).expect("it is back").status, 200);
    assert!(open.send(&version).is_err(), "the old connection is dead");
}

#[test]
fn two_rigs_run_side_by_side_and_leave_nothing() {
    if harness::require().is_none() {
        return;
    }
    let shared = Rig::shared();
    let rig = Rig::start(Options::node());
    let slot = rig.slot().0;
    assert_ne!(slot, shared.slot().0);
    let namespace = rig.namespace("shop");
    Shop::open(&rig, &namespace);
    let there: &Namespace<'_> = &namespace;
    assert_eq!(
        shared
            .http("GET", &there.path(""), Some(&shared.token("admin")), None)
            .status,
        404
    );
    assert!(
        leftovers(slot).iter().any(|one| one.contains("containerd-shim")),
        "the search finds what is there"
    );
    drop(namespace);
    drop(rig);
    assert_eq!(leftovers(slot), Vec::<String>::new());
}

#[test]
fn a_killed_test_process_leaves_nothing() {
    if harness::require().is_none() {
        return;
    }
    let program = std::env::current_exe().expect("a test binary has a path");
    let mut test = Command::new(program)
        .args([
            "--exact",
            "rig_tests::holds_a_rig_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the test binary runs again");
    let errors = BufReader::new(test.stderr.take().expect("asked for above"));
    let slot = errors
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("slot ")?.parse::<u16>().ok());
    let slot = slot.expect("the other process says its slot");
    assert!(
        leftovers(slot).iter().any(|one| one.contains("containerd-shim")),
        "its pods run"
    );
    test.kill().expect("SIGKILL reaches a child");
    test.wait().expect("it ends");
    harness::wait("the killed test's rig is gone", SOON, || leftovers(slot).is_empty());
}

#[test]
#[ignore = "the victim of a_killed_test_process_leaves_nothing"]
fn holds_a_rig_until_it_is_killed() {
    let rig = Rig::start(Options {
        metrics: std::env::var_os("KGLASS_RIG_METRICS").is_some(),
        ..Options::node()
    });
    let namespace = rig.namespace("shop");
    Shop::open(&rig, &namespace);
    eprintln!("slot {}", rig.slot().0);
    // An hour is for ever here; the other test kills us at once.
    thread::sleep(Duration::from_secs(3600));
}

#[test]
fn without_a_rig_ci_fails_and_others_are_told() {
    let without = |ci: &str| -> Output {
        Command::new(std::env::current_exe().expect("a test binary has a path"))
            .args(["--exact", "rig_tests::the_audit_log_holds_our_audit_id"])
            .envs([("KGLASS_RIG_CACHE", "/nonexistent"), ("CI", ci)])
            .output()
            .expect("the test binary runs again")
    };
    let told = |output: &Output| String::from_utf8_lossy(&output.stderr).contains("real clusters did not run: ");
    let elsewhere = without("");
    assert!(elsewhere.status.success() && told(&elsewhere), "{elsewhere:?}");
    assert!(!without("true").status.success());
}
