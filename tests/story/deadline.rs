//! The deadline in the middle of everything at once: a shell, two port-forwards with open
//! connections, and a drain that waits for a budget. What is left of each, and how soon.

use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::desk::{Desk, STEP};
use super::harness::{self, AuditMark, Namespace, Options, Rig, Shop};
use super::operator::{command, find, until};
use super::streams::{asked, enter, fetch, first_line, forward, free_port, left, listens, records};
use super::terminal::Terminal;

const IDENTITY: &str = "system:serviceaccount:kglass-system:allrounder";
const GRANT: Duration = Duration::from_secs(60);

/// No shipped role may enter pods and empty nodes. Here one does, and the kit serves it: the story is
/// the deadline of everything in one session.
fn policy() -> String {
    let role = r#"
[roles.allrounder]
about = "shells, port-forwards and drains, for this test alone"
scope = "cluster"
max_ttl = "60s"
requesters = { groups = ["oncall"] }
self_approve = true
rules = [
  { groups = [""], resources = ["pods"], verbs = ["get", "list", "delete"] },
  { groups = [""], resources = ["pods/exec", "pods/portforward"], verbs = ["get", "create"] },
  { groups = [""], resources = ["nodes"], verbs = ["get", "list", "cordon"] },
  { groups = [""], resources = ["pods/eviction"], verbs = ["create"] },
]
"#;
    format!("{}{role}", include_str!("../../assets/policy.toml"))
}

/// Neither pod of the shop's `web` may go.
fn budget(rig: &Rig, namespace: &Namespace<'_>) {
    let budgets = namespace.path_in("policy/v1", "poddisruptionbudgets");
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}},
    });
    let made = rig.http("POST", &budgets, Some(&rig.token("admin")), Some(&budget));
    assert_eq!(made.status, 201, "{}", made.message());
    rig.wait("the budget is counted", STEP, || {
        let budget = rig.http("GET", &format!("{budgets}/web"), Some(&rig.token("admin")), None);
        budget.json["status"]["currentHealthy"] == 2
    });
}

/// A drain that one of the budgets holds up, out of sight.
fn drain(kglass: &mut Terminal, namespace: &str) {
    command(kglass, "nodes");
    kglass.wait_until("the node", STEP, |s| {
        s.contains("127.0.0.1  Ready") && s.contains("live")
    });
    kglass.keys("r");
    kglass.wait_for(&format!("{namespace}/web: 2 pods here, its budget lets none go"));
    until(kglass, "<tab>", "drain is chosen", |s| s.contains("[ drain ]"));
    kglass.keys("<enter>");
    kglass.wait_for("The disruption budget web needs 2 healthy pods and has 2");
    until(kglass, "<enter>", "the drain goes on", |s| {
        s.contains("the drain goes on")
    });
    command(kglass, "pods");
    kglass.wait_until("the pods", STEP, |s| s.contains("web-") && s.contains("NAME"));
}

fn wall_ms(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("before the year 292 million")
}

fn parsed_ms(text: &Value) -> i64 {
    let at = text.as_str().expect("a time").parse::<jiff::Timestamp>();
    at.expect("RFC 3339").as_millisecond()
}

/// Asks for everything, gets it going, and returns what must be gone at the deadline.
fn at_work(kglass: &mut Terminal, namespace: &str) -> (Vec<u16>, Vec<TcpStream>) {
    asked(kglass, "allrounder");
    let ports = vec![free_port(), free_port()];
    for port in &ports {
        forward(kglass, *port);
        assert!(fetch(*port).contains("shop"));
    }
    drain(kglass, namespace);
    find(kglass, "web-");
    enter(kglass);
    kglass.keys("while true; do echo tick; sleep 0.1; done\r");
    kglass.wait_for("tick");
    // Connections that stay open over the deadline.
    let open = ports.iter().map(|port| {
        let stream = TcpStream::connect(("127.0.0.1", *port)).expect("it listens");
        stream.set_read_timeout(Some(GRANT * 2)).expect("a socket");
        stream
    });
    (ports.clone(), open.collect())
}

/// When each of these was seen, in milliseconds of the wall clock.
struct Seen {
    sockets: Vec<i64>,
    listeners: i64,
    screen: i64,
    banner: i64,
}

fn watch(kglass: &Terminal, ports: &[u16], near: Vec<TcpStream>) -> Seen {
    kglass.wait_until("the last seconds", GRANT, |s| first_line(s).contains("ending 0:02"));
    let closing: Vec<_> = near
        .into_iter()
        .map(|mut stream| {
            std::thread::spawn(move || {
                drop(stream.read(&mut [0; 1]));
                wall_ms(SystemTime::now())
            })
        })
        .collect();
    let mine = ports.to_vec();
    let listening = std::thread::spawn(move || {
        while listens(&mine) {
            std::thread::sleep(Duration::from_millis(1));
        }
        wall_ms(SystemTime::now())
    });
    kglass.wait_until("the table", STEP, |s| s.contains("NAME") && !s.contains("tick"));
    let screen = wall_ms(SystemTime::now());
    let sockets = closing.into_iter().map(|one| one.join().expect("no panic")).collect();
    let listeners = listening.join().expect("no panic");
    kglass.wait_until("no banner", STEP, |s| {
        !s.contains("GLASS BROKEN") && s.contains("READ-ONLY")
    });
    Seen {
        sockets,
        listeners,
        screen,
        banner: wall_ms(SystemTime::now()),
    }
}

/// What the records say of each, with how long after the deadline it was written.
fn told(records: &[Value], deadline: i64) -> Vec<(String, i64)> {
    let is_end = |record: &&Value| {
        let data = &record["data"];
        data["stream"]["cut"] == true || data["cut"] == true || record["kind"] == "drained"
    };
    let words = |record: &Value| {
        let data = &record["data"];
        let words = data["words"].as_str().or(data["message"].as_str()).unwrap_or_default();
        format!("{}: {words}", record["kind"].as_str().unwrap_or_default())
    };
    let ends = records.iter().filter(is_end);
    ends.map(|record| (words(record), parsed_ms(&record["ts"]) - deadline))
        .collect()
}

/// Requests of the elevated identity, and how long after the deadline the last one came.
fn last_request(rig: &Rig, mark: AuditMark, deadline: i64) -> (usize, i64) {
    let events = rig.audit_since(mark);
    let ours = events
        .iter()
        .filter(|event| event["user"]["username"] == IDENTITY && event["stage"] == "ResponseComplete");
    let times: Vec<i64> = ours
        .map(|event| parsed_ms(&event["requestReceivedTimestamp"]) - deadline)
        .collect();
    (times.len(), times.into_iter().max().expect("it has sent something"))
}

fn check_records(desk: &Desk, deadline: i64) {
    let records = records(desk);
    let told = told(&records, deadline);
    for (words, late) in &told {
        eprintln!("{late:+5} ms  {words}");
        assert!(*late < 1000, "{words}: {late} ms after the deadline");
    }
    let of = |kind: &str| told.iter().filter(|(words, _)| words.starts_with(kind)).count();
    // The shell and a connection of each forward; the two listeners; the drain.
    assert_eq!(
        (of("outcome"), of("streamClosed"), of("drained")),
        (3, 2, 1),
        "{told:?}"
    );
    let drained = records.iter().find(|record| record["kind"] == "drained").expect("one");
    assert_eq!(drained["data"]["end"], "cut", "{drained}");
    let count = |kind: &str| records.iter().filter(|record| record["kind"] == kind).count();
    assert_eq!(
        count("intent"),
        count("outcome"),
        "no intent is left without its outcome"
    );
    let ended = records.iter().find(|record| record["kind"] == "ended").expect("an end");
    eprintln!("recorded as cut: {}", ended["data"]["cut"]);
    assert_eq!(ended["data"]["cut"].as_array().map(Vec::len), Some(4), "{ended}");
    let folder = desk.newest_session().display().to_string();
    let verified = desk.run(&["audit", "verify", &folder]);
    let text = String::from_utf8_lossy(&verified.stdout);
    eprintln!("audit verify: {}", text.trim());
    assert!(verified.status.success(), "{text}");
}

#[test]
fn the_deadline_cuts_a_shell_two_forwards_and_a_drain_and_leaves_nothing() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let namespace = rig.namespace("cut");
    Shop::open(&rig, &namespace);
    budget(&rig, &namespace);
    let desk = Desk::new(&rig, &["oncall"], &policy());
    desk.install_kit(&rig);
    let mut kglass = desk.open(&["-n", &namespace, "-c", "pods"], (120, 40));
    kglass.wait_until("the pods", STEP, |s| s.contains("web-") && s.contains("live"));
    find(&mut kglass, "web-");
    let pods: Vec<String> = web_pods(&rig, &namespace);
    let in_pods = |rig: &Rig| {
        pods.iter()
            .map(|pod| rig.processes(&namespace, pod))
            .collect::<Vec<_>>()
    };
    let before = in_pods(&rig);
    let (_, children) = left(&kglass);
    let mark = rig.audit_mark();
    let (ports, near) = at_work(&mut kglass, &namespace);
    assert_ne!(in_pods(&rig), before, "the shell runs in a pod");

    let seen = watch(&kglass, &ports, near);
    let granted = records(&desk)
        .into_iter()
        .find(|r| r["kind"] == "granted")
        .expect("one");
    let deadline = parsed_ms(&granted["data"]["effectiveEnd"]);
    eprintln!("in milliseconds after the deadline:");
    for (what, at) in [
        ("connection of the first forward closed", seen.sockets[0]),
        ("connection of the second forward closed", seen.sockets[1]),
        ("nothing listens", seen.listeners),
        ("the table is back in place of the shell", seen.screen),
        ("the banner is gone, the server refuses the token", seen.banner),
    ] {
        eprintln!("{:+5} ms  {what}", at - deadline);
    }
    let last = seen.sockets.iter().chain([&seen.listeners, &seen.screen]).max();
    assert!(*last.expect("some") - deadline < 1000);
    for port in &ports {
        assert!(TcpStream::connect(("127.0.0.1", *port)).is_err(), "{port} is refused");
    }
    kglass.wait_until("what was cut", STEP, |s| s.contains("1 shell, 2 port-forwards closed"));
    assert_eq!(in_pods(&rig), before, "nothing of the shell is left in the pod");
    assert_eq!(left(&kglass).1, children, "no child is left");
    let (count, latest) = last_request(&rig, mark, deadline);
    eprintln!("{count} requests of the elevated identity, the last {latest:+} ms after the deadline");
    assert!(latest < 0, "nothing was tried after the deadline");
    check_records(&desk, deadline);
    command(&mut kglass, "q");
    assert!(kglass.exit().success());
}

fn web_pods(rig: &Rig, namespace: &Namespace<'_>) -> Vec<String> {
    let path = namespace.path("pods?labelSelector=app%3Dweb");
    let list = rig.http("GET", &path, Some(&rig.token("admin")), None).json;
    let items = list["items"].as_array().expect("a list");
    let name = |pod: &Value| pod["metadata"]["name"].as_str().map(str::to_owned);
    items.iter().filter_map(name).collect()
}
