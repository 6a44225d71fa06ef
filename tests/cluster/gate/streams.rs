//! Shells and port-forwards in real pods: what they do, what is recorded of them, and that nothing
//! of them outlives the grant.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kglass::escalation::{
    BUILT_IN, EndReason, Ended, Escalation, Gate, GateError, GateEvent, Input, Policy, Revocation, Stream, StreamClose,
    StreamEnd, StreamFact, StreamIo, TerminalSize,
};
use kglass::model::{Gvk, ObjectRef};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::people::{Person, intents, person_under, records, run};
use crate::harness::{self, Namespace, Options, Rig, pod_spec};
use crate::kit::stage;

const SIZE: TerminalSize = TerminalSize { columns: 80, rows: 24 };
pub const SERVES: &str = "mkdir -p /www; head -c 3000000 /dev/zero >/www/big; echo shop >/www/index.html; nc -ll -p 9000 -e cat & exec httpd -f -p 8080 -h /www";

pub fn policy(namespace: &str, more: &str) -> Policy {
    let role = format!(
        r#"
[roles.entrant]
about = "shells and port-forwards"
namespaces = ["{namespace}"]
max_ttl = "1h"
requesters = {{ groups = ["oncall"] }}
self_approve = true
rules = [
  {{ groups = [""], resources = ["pods"], verbs = ["get", "delete"] }},
  {{ groups = [""], resources = ["pods/exec", "pods/portforward"], verbs = ["get", "create"] }},
]
"#
    );
    let text = BUILT_IN.replace("record_input = \"none\"", more);
    Policy::parse(&format!("{text}{role}"), "tests").expect("a good policy")
}

pub fn create(rig: &Rig, namespace: &Namespace<'_>, name: &str, script: &str) -> ObjectRef {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": pod_spec("main", script)});
    let made = rig.http("POST", &namespace.path("pods"), Some(&rig.token("admin")), Some(&pod));
    assert_eq!(made.status, 201, "{}", made.message());
    let path = namespace.path(&format!("pods/{name}"));
    let read = || rig.http("GET", &path, Some(&rig.token("admin")), None).json;
    rig.wait("the pod runs", Duration::from_secs(60), || {
        read()["status"]["phase"] == "Running"
    });
    let object = read();
    let text = |field: &str| object["metadata"][field].as_str().map(str::to_owned);
    ObjectRef {
        gvk: Gvk::new("", "v1", "Pod"),
        resource: "pods".into(),
        namespace: text("namespace"),
        name: name.into(),
        uid: text("uid"),
        resource_version: text("resourceVersion"),
    }
}

/// A stream that runs, with its near end.
pub struct Running {
    pub task: JoinHandle<Result<StreamEnd, GateError>>,
    pub input: mpsc::Sender<Input>,
    output: mpsc::Receiver<Bytes>,
    seen: String,
}

impl Running {
    pub fn start(gate: &Arc<Gate>, stream: Stream) -> Self {
        let (to, output) = mpsc::channel(16);
        let (input, from) = mpsc::channel(64);
        let gate = Arc::clone(gate);
        let io = StreamIo {
            output: to,
            input: from,
        };
        Self {
            task: tokio::spawn(async move { gate.stream(stream, io).await }),
            input,
            output,
            seen: String::new(),
        }
    }

    pub async fn keys(&self, text: &str) {
        let sent = self.input.send(Input::Bytes(text.as_bytes().to_vec())).await;
        sent.expect("the shell takes keys");
    }

    /// Reads until what is not yet looked at holds `wanted`; what comes after it stays.
    pub async fn until(&mut self, wanted: &str) {
        let waiting = async {
            loop {
                if let Some(at) = self.seen.find(wanted) {
                    self.seen.drain(..at + wanted.len());
                    return;
                }
                // A flood must not make this slow.
                let kept = self.seen.len().saturating_sub(64 * 1024);
                self.seen.drain(..boundary(&self.seen, kept));
                let bytes = self.output.recv().await;
                let bytes = bytes.unwrap_or_else(|| panic!("ended before {wanted:?}; seen: {}", self.tail()));
                self.seen.push_str(&String::from_utf8_lossy(&bytes));
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
        assert!(waited.is_ok(), "waited in vain for {wanted:?}; seen: {}", self.tail());
    }

    fn tail(&self) -> &str {
        let from = self.seen.len().saturating_sub(400);
        &self.seen[boundary(&self.seen, from)..]
    }

    /// Nobody reads any more.
    pub async fn end(mut self) -> Result<StreamEnd, GateError> {
        let drain = async { while self.output.recv().await.is_some() {} };
        tokio::join!(self.task, drain).0.expect("it does not panic")
    }
}

fn boundary(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

pub async fn grant(person: &Person, namespace: &str, seconds: u32) -> Escalation {
    let mut request = super::people::request("entrant", seconds);
    request.namespace = Some(namespace.into());
    person.gate.ask(request).await.expect("the glass opens")
}

pub fn shell(live: &Escalation, action: u64, pod: &ObjectRef) -> Stream {
    Stream::shell(live, action, pod.clone(), Some("main".into()), SIZE)
}

pub fn of(records: &[Value], kind: &str) -> Vec<Value> {
    let these = records.iter().filter(|record| record["kind"] == kind);
    these.map(|record| record["data"].clone()).collect()
}

pub async fn listens(person: &mut Person, action: u64) -> u16 {
    person
        .await_event(|event| match event {
            GateEvent::Stream(told) if told.action == action => match told.fact {
                StreamFact::Opened { local } => local,
                _ => None,
            },
            _ => None,
        })
        .await
}

/// Local ports that are listened on, as the kernel has them.
pub fn listening() -> Vec<u16> {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux");
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            (fields[3] == "0A").then(|| u16::from_str_radix(fields[1].split(':').nth(1)?, 16).ok())?
        })
        .collect()
}

fn get(port: u16, path: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

async fn fetch(port: u16, path: &'static str) -> Vec<u8> {
    let answer = tokio::task::spawn_blocking(move || get(port, path)).await;
    answer.expect("no panic").expect("an answer")
}

/// What is typed below, as the records spell it.
const fn expected_lines() -> [&'static str; 5] {
    [
        "stty size; echo is-$TERM^M",
        "^Lstty size^M",
        "abcdefghijklmnopqrst^C",
        "exit 3^M",
        "exit^M",
    ]
}

/// The median of twenty keys, taken back afterwards.
async fn echo(shell: &mut Running) -> Duration {
    let mut times = Vec::new();
    for c in "abcdefghijklmnopqrst".chars() {
        let start = Instant::now();
        shell.keys(&c.to_string()).await;
        shell.until(&c.to_string()).await;
        times.push(start.elapsed());
    }
    shell.keys("\x03").await;
    shell.until("# ").await;
    times.sort();
    times[10]
}

#[test]
fn a_shell_runs_resizes_ends_with_its_code_and_each_try_is_recorded() {
    if harness::require().is_none() {
        return;
    }
    let rig = &Rig::start(Options::node());
    let namespace = rig.namespace("shells");
    let policy = policy(&namespace, "record_input = \"lines\"");
    stage::install(rig, &policy);
    let pod = create(rig, &namespace, "box", "sleep 100000");
    let bare = create(
        rig,
        &namespace,
        "bare",
        "rm -f /bin/sh /bin/bash; exec busybox sleep 100000",
    );
    let none = create(
        rig,
        &namespace,
        "none",
        "rm -f /bin/sh /bin/bash /bin/ash; exec busybox sleep 100000",
    );
    let state = tempfile::tempdir().expect("a folder");
    let mark = rig.audit_mark();
    let session = run(async {
        let oncall = person_under(rig, "oncall", state.path(), policy);
        let live = grant(&oncall, &namespace, 600).await;
        let start = Instant::now();
        let mut one = Running::start(&oncall.gate, shell(&live, 1, &pod));
        one.until("# ").await;
        println!("a prompt after {} ms", start.elapsed().as_millis());
        one.keys("stty size; echo is-$TERM\r").await;
        one.until("24 80").await;
        one.until("is-xterm-256color").await;
        let size = TerminalSize { columns: 132, rows: 43 };
        one.input.send(Input::Resize(size)).await.expect("open");
        one.keys("\x0cstty size\r").await;
        one.until("43 132").await;
        one.until("# ").await;
        println!("echo of a key, gate to pod and back: median {:?}", echo(&mut one).await);
        one.keys("exit 3\r").await;
        assert_eq!(one.end().await.expect("it ran").close, StreamClose::Exit(3));

        let mut ash = Running::start(&oncall.gate, shell(&live, 2, &bare));
        ash.until("# ").await;
        ash.keys("exit\r").await;
        assert_eq!(ash.end().await.expect("it ran").close, StreamClose::Exit(0));

        let nothing = Running::start(&oncall.gate, shell(&live, 3, &none)).end().await;
        let error = nothing.expect_err("there is no shell");
        assert!(matches!(error, GateError::NoShell { .. }), "{error}");
        println!("{error}");

        let gone = ObjectRef {
            name: "gone".into(),
            ..pod.clone()
        };
        let error = Running::start(&oncall.gate, shell(&live, 4, &gone))
            .end()
            .await
            .expect_err("no pod");
        assert!(matches!(error, GateError::Refused { status: 404, .. }), "{error}");

        let mut closed = Running::start(&oncall.gate, shell(&live, 5, &pod));
        closed.until("# ").await;
        oncall.gate.close_stream(5);
        assert_eq!(closed.end().await.expect("it ran").close, StreamClose::Closed);
        let session = live.grant().session.clone();
        oncall.gate.end(live, EndReason::Operator).await;
        session
    });
    let records = records(state.path(), &session);
    let writes = of(&records, "intent")
        .into_iter()
        .filter(|i| i["identity"] == "elevated")
        .count();
    // sh; sh, bash, ash; the same three; a pod that is gone; sh.
    assert_eq!(writes, 9);
    let codes: Vec<_> = of(&records, "outcome")
        .iter()
        .filter_map(|o| o["stream"]["exitCode"].as_i64())
        .collect();
    println!("exit codes: {codes:?}");
    let typed: Vec<_> = of(&records, "typed").iter().map(|t| t["line"].clone()).collect();
    assert_eq!(typed, expected_lines());
    let elevated = format!("system:serviceaccount:kglass-system:entrant--{}", &*namespace);
    let mut seen: Vec<String> = rig
        .audit_since(mark)
        .iter()
        .filter(|e| e["user"]["username"] == *elevated && e["objectRef"]["subresource"] == "exec")
        .inspect(|e| assert_eq!(e["verb"], "get", "as the intent has it"))
        .filter_map(|e| e["auditID"].as_str().map(str::to_owned))
        .collect();
    seen.sort();
    seen.dedup();
    let committed = intents(state.path(), &session);
    assert_eq!(seen.len(), 9, "each try is a request of its own");
    assert!(
        seen.iter().all(|id| committed.contains(id)),
        "each carries the id of its intent"
    );
}

#[test]
fn a_flood_is_slowed_down_and_can_be_broken_off() {
    if harness::require().is_none() {
        return;
    }
    let rig = &Rig::start(Options::node());
    let namespace = rig.namespace("flood");
    let policy = policy(&namespace, "");
    stage::install(rig, &policy);
    let pod = create(rig, &namespace, "box", "sleep 100000");
    let state = tempfile::tempdir().expect("a folder");
    let session = run(async {
        let oncall = person_under(rig, "oncall", state.path(), policy);
        let live = grant(&oncall, &namespace, 600).await;
        let mut one = Running::start(&oncall.gate, shell(&live, 1, &pod));
        one.until("# ").await;
        one.keys("yes\r").await;
        one.until("y\r\ny\r\n").await;
        let (start, mut bytes) = (Instant::now(), 0);
        while start.elapsed() < Duration::from_secs(2) {
            bytes += one.output.recv().await.expect("it goes on").len();
        }
        println!("a flood: {:.1} MB/s", bytes as f64 / 2e6);
        // Nobody reads for a while: what waits is bounded, the remote is held up.
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(one.output.len() <= 16);
        println!("resident: {}", resident());
        one.keys("\x03").await;
        let start = Instant::now();
        one.keys("echo do''ne\r").await;
        one.until("done").await;
        println!(
            "ctrl-c in a flood: {} ms until the next command's answer",
            start.elapsed().as_millis()
        );
        one.keys("exit\r").await;
        one.end().await.expect("it ran");
        let session = live.grant().session.clone();
        oncall.gate.end(live, EndReason::Operator).await;
        session
    });
    assert!(
        of(&records(state.path(), &session), "typed").is_empty(),
        "input is not recorded by default"
    );
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    line.unwrap_or_default().to_owned()
}

async fn forwarding(person: &mut Person, live: &Escalation, pod: &ObjectRef) {
    let one = Running::start(&person.gate, Stream::forward(live, 10, pod.clone(), 8080, 0));
    let port = listens(person, 10).await;
    assert!(fetch(port, "/").await.ends_with(b"shop\n"));
    let start = Instant::now();
    let big = fetch(port, "/big").await;
    assert!(big.len() > 3_000_000, "{}", big.len());
    println!("3 MB through a forward in {} ms", start.elapsed().as_millis());
    let start = Instant::now();
    let many: Vec<_> = (0..20)
        .map(|_| tokio::task::spawn_blocking(move || get(port, "/")))
        .collect();
    for answer in many {
        assert!(answer.await.expect("no panic").expect("an answer").ends_with(b"shop\n"));
    }
    println!("20 connections at once in {} ms", start.elapsed().as_millis());

    // The port is taken: a clear error, and a record.
    let taken = Stream::forward(live, 11, pod.clone(), 8080, port);
    let error = Running::start(&person.gate, taken)
        .end()
        .await
        .expect_err("it is taken");
    assert!(error.to_string().contains("another program has this port"), "{error}");

    // Nothing listens in the pod: the connection is closed, and it is told why.
    let nobody = Running::start(&person.gate, Stream::forward(live, 12, pod.clone(), 9999, 0));
    let dead = listens(person, 12).await;
    let answer = tokio::task::spawn_blocking(move || get(dead, "/"))
        .await
        .expect("no panic");
    assert!(answer.is_err() || answer.is_ok_and(|a| a.is_empty()));
    let trouble = person
        .await_event(|event| match event {
            GateEvent::Stream(told) => match &told.fact {
                StreamFact::Trouble(why) => Some(why.clone()),
                _ => None,
            },
            _ => None,
        })
        .await;
    println!("trouble: {trouble}");
    person.gate.close_stream(10);
    person.gate.close_stream(12);
    let end = one.end().await.expect("it ran");
    assert_eq!(
        (end.close, end.counts.connections, end.counts.open),
        (StreamClose::Closed, 22, 0)
    );
    nobody.end().await.expect("it ran");
    assert!(!listening().contains(&port) && !listening().contains(&dead));
}

#[test]
fn port_forwards_carry_bytes_and_each_connection_has_its_intent() {
    if harness::require().is_none() {
        return;
    }
    let rig = &Rig::start(Options::node());
    let namespace = rig.namespace("forwards");
    let policy = policy(&namespace, "");
    stage::install(rig, &policy);
    let pod = create(rig, &namespace, "web", SERVES);
    let state = tempfile::tempdir().expect("a folder");
    let session = run(async {
        let mut oncall = person_under(rig, "oncall", state.path(), policy);
        let live = grant(&oncall, &namespace, 600).await;
        forwarding(&mut oncall, &live, &pod).await;
        let session = live.grant().session.clone();
        oncall.gate.end(live, EndReason::Operator).await;
        session
    });
    let records = records(state.path(), &session);
    let connections = of(&records, "intent").into_iter().filter(|i| i["action"] == 10).count();
    assert_eq!(connections, 22, "one intent per request");
    let closed = of(&records, "streamClosed");
    let first = closed
        .iter()
        .find(|c| c["action"] == 10)
        .expect("its listener was closed");
    assert_eq!(
        (closed.len(), first["connections"].as_u64()),
        (2, Some(22)),
        "{closed:?}"
    );
    assert_eq!(of(&records, "streamOpened").len(), 2);
    assert_eq!(of(&records, "refused").len(), 1, "the port that was taken");
}

/// A connection that has been in the pod and back; its server may need a moment to be there.
pub fn echoing(port: u16) -> TcpStream {
    for _ in 0..50 {
        let mut client = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        client
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a socket");
        let mut echo = [0; 4];
        if client.write_all(b"ping").is_ok() && client.read_exact(&mut echo).is_ok() {
            return client;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("nothing echoes");
}

/// A shell and two forwards with a connection each, alive at the deadline.
async fn alive(person: &mut Person, live: &Escalation, pod: &ObjectRef) -> (Vec<Running>, Vec<TcpStream>, Vec<u16>) {
    let mut shell = Running::start(&person.gate, shell(live, 1, pod));
    shell.until("# ").await;
    shell.keys("while true; do echo tick; sleep 0.1; done\r").await;
    shell.until("tick\r\ntick").await;
    let (mut running, mut near, mut ports) = (vec![shell], Vec::new(), Vec::new());
    for action in [2, 3] {
        let forward = Stream::forward(live, action, pod.clone(), 9000, 0);
        running.push(Running::start(&person.gate, forward));
        let port = listens(person, action).await;
        let stream = tokio::task::spawn_blocking(move || echoing(port)).await;
        let stream = stream.expect("no panic");
        stream
            .set_read_timeout(Some(Duration::from_secs(90)))
            .expect("a socket");
        near.push(stream);
        ports.push(port);
    }
    (running, near, ports)
}

/// Ends are waited for; says how long after `since` the last one came.
async fn all_cut(running: Vec<Running>, near: Vec<TcpStream>, ports: &[u16], since: impl Fn() -> f64) {
    for one in running {
        let end = one.end().await.expect("it ran");
        assert_eq!(end.close, StreamClose::Cut);
    }
    for mut stream in near {
        let closed = tokio::task::spawn_blocking(move || {
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest)
        });
        drop(closed.await.expect("no panic"));
    }
    let late = since();
    assert!(!listening().iter().any(|port| ports.contains(port)), "nothing listens");
    println!("everything is cut {late:.3} s after the end began");
    assert!(late < 1.0);
}

fn check(state: &Path, session: &str, ended: &Ended) {
    assert!(matches!(ended.revocation, Revocation::Confirmed { .. }), "{ended:?}");
    assert_eq!(ended.cut.len(), 3, "{:?}", ended.cut);
    let records = records(state, session);
    let cut = of(&records, "outcome")
        .into_iter()
        .filter(|o| o["stream"]["cut"] == true)
        .count();
    assert_eq!(cut, 3, "the shell and a connection of each forward");
    assert_eq!(
        of(&records, "streamClosed").iter().filter(|c| c["cut"] == true).count(),
        2
    );
    let (intents, outcomes) = (of(&records, "intent").len(), of(&records, "outcome").len());
    assert_eq!(intents, outcomes, "no intent is left without its outcome");
    println!("recorded as cut: {}", of(&records, "ended")[0]["cut"]);
}

#[test]
fn every_end_cuts_every_stream_within_a_second() {
    if harness::require().is_none() {
        return;
    }
    let rig = &Rig::start(Options::node());
    let namespace = rig.namespace("cut");
    let policy = policy(&namespace, "");
    stage::install(rig, &policy);
    let pod = create(rig, &namespace, "web", SERVES);
    let state = tempfile::tempdir().expect("a folder");
    run(async {
        let mut oncall = person_under(rig, "oncall", state.path(), policy);
        // The deadline, although nobody ends the escalation.
        let live = grant(&oncall, &namespace, 30).await;
        let (running, near, ports) = alive(&mut oncall, &live, &pod).await;
        let deadline = live.grant().deadline;
        let late = || (kglass::runtime::now().boot_ms as f64 - deadline.boot_ms as f64) / 1000.0;
        println!("a grant of 30 s, {:.1} s left", -late());
        all_cut(running, near, &ports, late).await;
        let session = live.grant().session.clone();
        let error = Running::start(&oncall.gate, shell(&live, 9, &pod))
            .end()
            .await
            .expect_err("over");
        assert!(matches!(error, GateError::Expired | GateError::Closed), "{error}");
        let ended = oncall.gate.end(live, EndReason::Expired).await;
        check(state.path(), &session, &ended);

        // The operator, long before it.
        let live = grant(&oncall, &namespace, 300).await;
        let (running, near, ports) = alive(&mut oncall, &live, &pod).await;
        let session = live.grant().session.clone();
        let start = Instant::now();
        let (ended, ()) = tokio::join!(
            oncall.gate.end(live, EndReason::Operator),
            all_cut(running, near, &ports, || start.elapsed().as_secs_f64())
        );
        check(state.path(), &session, &ended);

        // A signal, which leaves two seconds.
        let live = grant(&oncall, &namespace, 300).await;
        let (running, near, ports) = alive(&mut oncall, &live, &pod).await;
        let start = Instant::now();
        let reason = EndReason::Signal("SIGTERM".into());
        let (ended, ()) = tokio::join!(
            oncall.gate.end_fast(live, reason),
            all_cut(running, near, &ports, || start.elapsed().as_secs_f64())
        );
        assert_eq!(ended.cut.len(), 3);
    });
}
