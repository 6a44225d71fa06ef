//! The deadline in the middle of work: reads go on without a gap, an open question closes, and
//! nothing is written after it.

use std::time::Duration;

use serde_json::{Value, json};

use super::desk::{Desk, STEP};
use super::harness::{self, Namespace, Options, Rig, Shop};
use super::operator::{ask_for, find, last_line};
use super::terminal::Terminal;
use super::{policy, witness};

const GRANT: Duration = Duration::from_secs(90);
/// A signal's two seconds, and a busy machine's.
const LEAVES: Duration = Duration::from_secs(3);

/// A pod that counts, one line a second.
fn ticker(rig: &Rig, namespace: &Namespace<'_>) {
    let script = "i=0; while true; do echo tick $i; i=$((i+1)); sleep 1; done";
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "ticker"},
        "spec": harness::pod_spec("ticker", script),
    });
    let reply = rig.http("POST", &namespace.path("pods"), Some(&rig.token("admin")), Some(&pod));
    assert_eq!(reply.status, 201, "{}", reply.message());
    rig.wait("the ticker runs", STEP, || {
        let pod = rig
            .http("GET", &namespace.path("pods/ticker"), Some(&rig.token("admin")), None)
            .json;
        pod["status"]["phase"] == "Running"
    });
}

fn ticks(screen: &str) -> Vec<u32> {
    screen
        .lines()
        .filter_map(|line| line.split("tick ").nth(1)?.split_whitespace().next()?.parse().ok())
        .collect()
}

/// How often the base identity has opened a stream on the server: watches, and followed logs.
fn opened(events: &[Value]) -> usize {
    let is_stream = |e: &Value| e["verb"] == "watch" || e["objectRef"]["subresource"] == "log";
    let is_ours = |e: &Value| e["user"]["username"] == "oncall" && e["stage"] == "RequestReceived";
    events.iter().filter(|e| is_ours(e) && is_stream(e)).count()
}

fn end_of_grant(kglass: &Terminal) {
    kglass.wait_until("the end", GRANT, |s| {
        !s.contains("GLASS BROKEN") && s.contains("READ-ONLY")
    });
}

/// The times that the gate itself recorded: after what the server refused the token.
fn print_times(desk: &Desk) {
    let journal = std::fs::read_to_string(desk.newest_session().join("journal.jsonl")).expect("a journal");
    let ended = journal
        .lines()
        .filter(|line| line.contains("\"kind\":\"ended\""))
        .collect::<Vec<_>>();
    assert_eq!(ended.len(), 1, "one end is recorded");
    let ended: Value = serde_json::from_str(ended[0]).expect("a record is JSON");
    eprintln!("recorded end: {ended:#}");
    let text = ended.to_string();
    assert_eq!(
        text.matches("\"status\":401").count(),
        3,
        "401 on three new connections: {text}"
    );
}

#[test]
fn a_followed_log_and_a_watch_go_on_without_a_gap_and_without_a_new_connection() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let namespace = rig.namespace("ticks");
    ticker(&rig, &namespace);
    let desk = Desk::new(&rig, &["oncall"], &policy::with("30s", &namespace));
    desk.install_kit(&rig);
    let mut log = desk.open(&["-n", &namespace, "-c", "pods"], (120, 80));
    log.wait_until("the ticker", STEP, |s| s.contains("ticker") && s.contains("live"));
    find(&mut log, "ticker");
    log.keys("l");
    log.wait_until("the log", STEP, |s| ticks(s).len() > 2);
    ask_for(&mut log, "restarter");
    log.wait_for("GLASS BROKEN");
    let mark = rig.audit_mark();
    end_of_grant(&log);
    let last = *ticks(&log.text()).last().expect("ticks");
    log.wait_until("five more ticks", STEP, |s| {
        ticks(s).last().is_some_and(|tick| *tick > last + 5)
    });
    assert_eq!(
        opened(&rig.audit_since(mark)),
        0,
        "no stream of the base identity was opened anew"
    );
    let seen = ticks(&log.text());
    assert!(seen.windows(2).all(|pair| pair[1] == pair[0] + 1), "a gap in {seen:?}");
    log.wait_until("the server's refusal", STEP, |s| {
        last_line(s).contains("ended (expired)")
    });
    print_times(&desk);
}

#[test]
fn an_open_question_closes_at_the_deadline_and_nothing_is_written() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let namespace = rig.namespace("shop");
    Shop::open(&rig, &namespace);
    let desk = Desk::new(&rig, &["oncall"], &policy::with("30s", &namespace));
    desk.install_kit(&rig);
    let mut kglass = desk.open(&["-n", &namespace, "-c", "pods"], (120, 40));
    kglass.wait_until("the pods", STEP, |s| s.contains("web-") && s.contains("live"));
    find(&mut kglass, "web");
    ask_for(&mut kglass, "restarter");
    kglass.wait_for("GLASS BROKEN");
    let mark = rig.audit_mark();
    kglass.wait_until("the last ten seconds", GRANT, |s| s.contains("ending"));
    kglass.keys("<c-d>");
    kglass.wait_for("[ cancel ]");
    kglass.keys("<tab>");
    end_of_grant(&kglass);
    assert!(!kglass.text().contains("[ "), "the box is closed:\n{}", kglass.text());
    kglass.wait_until("the server's refusal", STEP, |s| {
        last_line(s).contains("ended (expired)")
    });
    kglass.keys("<c-d>");
    kglass.wait_until("why not", STEP, |s| last_line(s).contains("needs the glass"));
    // The watch still delivers: a pod that comes now comes to the screen.
    ticker(&rig, &namespace);
    kglass.keys("<esc>");
    kglass.wait_until("the new pod", STEP, |s| s.contains("ticker"));
    let events = rig.audit_since(mark);
    assert_eq!(opened(&events), 0, "no stream of the base identity was opened anew");
    let elevated = "system:serviceaccount:kglass-system:restarter";
    let wrote = |r: &witness::Sent| r.user == elevated && !r.is_read() && !r.is_self_review();
    assert!(!witness::requests(&events).iter().any(wrote), "something was written");
    print_times(&desk);
}

#[test]
fn a_terminal_that_does_not_read_keeps_neither_the_deadline_nor_a_signal_from_the_end() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let namespace = rig.namespace("shop");
    Shop::open(&rig, &namespace);
    let open = |ttl: &str| {
        let desk = Desk::new(&rig, &["oncall"], &policy::with(ttl, &namespace));
        desk.install_kit(&rig);
        let mut kglass = desk.open(&["-n", &namespace, "-c", "pods"], (120, 40));
        kglass.wait_until("the pods", STEP, |s| s.contains("web-") && s.contains("live"));
        find(&mut kglass, "web");
        ask_for(&mut kglass, "restarter");
        kglass.wait_for("GLASS BROKEN");
        kglass.stop_reading();
        // More than one frame: the first is still taken where the terminal has room for it.
        for width in [100, 110, 120] {
            kglass.resize((width, 40));
        }
        (desk, kglass)
    };
    let has_ended = |desk: &Desk| {
        let journal = std::fs::read_to_string(desk.newest_session().join("journal.jsonl"));
        journal.expect("a journal").contains("\"kind\":\"ended\"")
    };
    let (desk, mut kglass) = open("30s");
    rig.wait("the end is recorded although nothing is read", GRANT, || {
        has_ended(&desk)
    });
    print_times(&desk);
    kglass.signal(rustix::process::Signal::TERM);
    kglass.has_left(LEAVES).expect("it leaves although nothing is read");

    let (desk, mut kglass) = open("5m");
    kglass.signal(rustix::process::Signal::TERM);
    kglass
        .has_left(LEAVES)
        .expect("it ends and leaves although nothing is read");
    assert!(has_ended(&desk), "the end is recorded");
    let secrets = "/api/v1/namespaces/kglass-system/secrets";
    let left = rig
        .http("GET", secrets, Some(&rig.token("admin")), None)
        .json
        .to_string();
    assert!(!left.contains("kglass.dev/grant"), "the grant is deleted");
}
