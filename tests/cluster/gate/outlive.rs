//! Attempts to keep a stream alive past the end of its grant. After each: every future has returned
//! within a second, nothing listens, no task is left, and nothing runs in the pod.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use kglass::escalation::{EndReason, GateError, Revocation, Stream, StreamClose};
use kglass::model::ObjectRef;

use super::people::{Person, person_under, records, run};
use super::streams::{Running, SERVES, create, echoing, grant, listening, listens, of, policy, shell};
use crate::harness::{self, Options, Rig};
use crate::kit::stage;

/// Processes anywhere on this machine, pods included, whose command line has `mark`.
fn running(mark: &str) -> usize {
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).contains(mark))
        .count()
}

fn exactly(line: &str) -> usize {
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    processes
        .filter(|process| std::fs::read(process.path().join("cmdline")).is_ok_and(|l| l == line.as_bytes()))
        .count()
}

/// What one attempt left running when the end came.
struct Attempt {
    what: &'static str,
    streams: Vec<Running>,
    near: Vec<TcpStream>,
    ports: Vec<u16>,
    /// Nobody reads what comes.
    deaf: bool,
}

impl Attempt {
    fn new(what: &'static str) -> Self {
        Self {
            what,
            streams: Vec::new(),
            near: Vec::new(),
            ports: Vec::new(),
            deaf: false,
        }
    }
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a socket");
    stream
        .set_write_timeout(Some(Duration::from_millis(500)))
        .expect("a socket");
    stream
}

async fn forward(
    person: &mut Person,
    live: &kglass::escalation::Escalation,
    pod: &ObjectRef,
    action: u64,
    to: u16,
) -> (Running, u16) {
    let one = Running::start(&person.gate, Stream::forward(live, action, pod.clone(), to, 0));
    (one, listens(person, action).await)
}

/// Sets one attempt up.
async fn attempt(
    number: usize,
    person: &mut Person,
    live: &kglass::escalation::Escalation,
    pod: &ObjectRef,
) -> Option<Attempt> {
    Some(match number {
        0 => {
            let mut it = Attempt::new("a remote that floods while nobody reads");
            let mut one = Running::start(&person.gate, shell(live, 1, pod));
            one.until("# ").await;
            one.keys("yes 98765\r").await;
            one.until("98765\r\n98765").await;
            it.streams.push(one);
            it.deaf = true;
            it
        }
        1 => {
            let mut it = Attempt::new("a remote that ignores every signal and takes no input");
            let mut one = Running::start(&person.gate, shell(live, 1, pod));
            one.until("# ").await;
            one.keys("sh -c 'trap \"\" INT TERM HUP; echo de''af; exec sleep 98764'\r")
                .await;
            one.until("deaf").await;
            for _ in 0..60 {
                drop(one.input.try_send(kglass::escalation::Input::Bytes(vec![b'x'; 65536])));
            }
            it.streams.push(one);
            it
        }
        2 => {
            let mut it = Attempt::new("a shell that ends as the grant does: exit is typed at the end");
            let mut one = Running::start(&person.gate, shell(live, 1, pod));
            one.until("# ").await;
            one.keys("sleep 98765\r").await;
            it.streams.push(one);
            it
        }
        3 => {
            let mut it = Attempt::new("a local client that reads nothing of a large answer");
            let (one, port) = forward(person, live, pod, 1, 8080).await;
            it.ports.push(port);
            let mut client = connect(port);
            write!(client, "GET /big HTTP/1.0\r\n\r\n").expect("a socket");
            tokio::time::sleep(Duration::from_millis(500)).await;
            it.near.push(client);
            it.streams.push(one);
            it
        }
        4 => {
            let mut it = Attempt::new("a local client that has closed its half");
            let (one, port) = forward(person, live, pod, 1, 9000).await;
            it.ports.push(port);
            let client = connect(port);
            client.shutdown(std::net::Shutdown::Write).expect("a socket");
            it.near.push(client);
            it.streams.push(one);
            it
        }
        6 => {
            let mut it = Attempt::new("a hundred connections, more than are taken at once");
            let (one, port) = forward(person, live, pod, 1, 9000).await;
            it.ports.push(port);
            it.near = (0..100).map(|_| connect(port)).collect();
            it.streams.push(one);
            it
        }
        7 => {
            let mut it = Attempt::new("streams that are just opening");
            for action in 1..=5 {
                it.streams.push(Running::start(&person.gate, shell(live, action, pod)));
            }
            it
        }
        5 => {
            let mut it = Attempt::new("a pump that writes into a forward without pause");
            let (one, port) = forward(person, live, pod, 1, 9000).await;
            it.ports.push(port);
            let echoing = tokio::task::spawn_blocking(move || echoing(port))
                .await
                .expect("no panic");
            let mut writer = echoing.try_clone().expect("a socket");
            let mut reader = echoing.try_clone().expect("a socket");
            std::thread::spawn(move || while writer.write_all(&vec![0; 65536]).is_ok() {});
            let read = tokio::task::spawn_blocking(move || {
                reader.read_exact(&mut vec![0; 100_000]).expect("an echo");
                reader
            });
            it.near.push(read.await.expect("no panic"));
            it.streams.push(one);
            it
        }
        _ => return None,
    })
}

/// Waits for everything of the attempt; says how long it took.
async fn all_gone(attempt: &mut Attempt, start: Instant) -> Duration {
    for one in attempt.streams.drain(..) {
        // Nobody reads: the gate must not wait for a reader either.
        let end = if attempt.deaf {
            one.task.await.expect("no panic")
        } else {
            one.end().await
        };
        match end {
            Ok(end) => assert_eq!(end.close, StreamClose::Cut, "{}", attempt.what),
            // It was not open yet.
            Err(error) => assert!(
                matches!(
                    error,
                    GateError::Closed | GateError::Expired | GateError::NoAnswer { .. }
                ),
                "{error}"
            ),
        }
    }
    assert!(
        !listening().iter().any(|port| attempt.ports.contains(port)),
        "{}",
        attempt.what
    );
    start.elapsed()
}

#[test]
fn nothing_keeps_a_stream_alive_past_the_end() {
    if harness::require().is_none() {
        return;
    }
    let rig = &Rig::start(Options::node());
    let namespace = rig.namespace("outlive");
    let policy = policy(&namespace, "");
    stage::install(rig, &policy);
    let pod = create(rig, &namespace, "web", SERVES);
    let state = tempfile::tempdir().expect("a folder");
    run(async {
        let mut oncall = person_under(rig, "oncall", state.path(), policy);
        let metrics = tokio::runtime::Handle::current().metrics();
        let base = metrics.num_alive_tasks();
        for number in 0.. {
            let live = grant(&oncall, &namespace, 300).await;
            let Some(mut one) = attempt(number, &mut oncall, &live, &pod).await else {
                oncall.gate.end_fast(live, EndReason::Operator).await;
                break;
            };
            let session = live.grant().session.clone();
            let late = shell(&live, 99, &pod);
            let start = Instant::now();
            let (ended, took) = tokio::join!(oncall.gate.end(live, EndReason::Operator), all_gone(&mut one, start));
            println!(
                "{}: gone after {} ms; cut: {}",
                one.what,
                took.as_millis(),
                ended.cut.len()
            );
            assert!(took < Duration::from_secs(1), "{}", one.what);
            assert!(matches!(ended.revocation, Revocation::Confirmed { .. }), "{ended:?}");
            let written = records(state.path(), &session);
            assert_eq!(
                of(&written, "intent").len(),
                of(&written, "outcome").len(),
                "{}",
                one.what
            );
            for mut near in one.near {
                let closed = tokio::task::spawn_blocking(move || std::io::copy(&mut near, &mut std::io::sink()));
                drop(closed.await.expect("no panic"));
            }
            // A stream prepared under it opens nothing under the next.
            let next = grant(&oncall, &namespace, 300).await;
            let error = Running::start(&oncall.gate, late)
                .end()
                .await
                .expect_err("another grant");
            assert!(matches!(error, GateError::Stale), "{error}");
            oncall.gate.end_fast(next, EndReason::Operator).await;
        }
        let waiting = Instant::now();
        while metrics.num_alive_tasks() > base && waiting.elapsed() < Duration::from_secs(5) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        println!("tasks: {base} before, {} after all", metrics.num_alive_tasks());
        assert!(metrics.num_alive_tasks() <= base);
    });
    rig.wait("the pod is quiet", Duration::from_secs(10), || running("98765") == 0);
    println!(
        "left running in the pod: {} of what shells started, {} that ignores everything, {} far ends of forwards",
        running("98765"),
        running("98764"),
        exactly("cat\0")
    );
}
