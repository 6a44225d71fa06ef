//! Shells and port-forwards on the in-process server: the order of records and requests, what is
//! refused, and a disk that fails or hangs at the worst moment.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use kglass::embedded::seed;
use kglass::escalation::{
    EndReason, Escalation, GateError, GateEvent, Input, Stream, StreamClose, StreamEnd, StreamFact, StreamIo,
    TerminalSize,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::order::intents;
use super::stage::{Failing, Person, Slow, Stage, request};

async fn grant(person: &Person) -> Escalation {
    let mut request = request("entrant");
    request.namespace = Some("shop".into());
    person.gate.ask(request).await.expect("the glass opens")
}

struct Running {
    task: JoinHandle<Result<StreamEnd, GateError>>,
    input: mpsc::Sender<Input>,
    output: mpsc::Receiver<Bytes>,
}

impl Running {
    fn start(person: &Person, stream: Stream) -> Self {
        let (to, output) = mpsc::channel(64);
        let (input, from) = mpsc::channel(64);
        let gate = Arc::clone(&person.gate);
        let io = StreamIo {
            output: to,
            input: from,
        };
        Self {
            task: tokio::spawn(async move { gate.stream(stream, io).await }),
            input,
            output,
        }
    }

    async fn keys(&self, text: &str) {
        let sent = self.input.send(Input::Bytes(text.as_bytes().to_vec())).await;
        sent.expect("the shell takes keys");
    }

    async fn until(&mut self, wanted: &str) {
        let mut seen = String::new();
        let waiting = async {
            while !seen.contains(wanted) {
                let bytes = self.output.recv().await.unwrap_or_else(|| panic!("ended: {seen}"));
                seen.push_str(&String::from_utf8_lossy(&bytes));
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        assert!(waited.is_ok(), "waited in vain for {wanted:?}: {seen}");
    }

    async fn end(self) -> Result<StreamEnd, GateError> {
        let Self {
            task,
            input: _input,
            mut output,
        } = self;
        let drain = async { while output.recv().await.is_some() {} };
        tokio::join!(task, drain).0.expect("it does not panic")
    }
}

fn shell(stage: &Stage, live: &Escalation, action: u64) -> Stream {
    let size = TerminalSize { columns: 80, rows: 23 };
    Stream::shell(live, action, stage.pod(), None, size)
}

async fn listens(person: &mut Person) -> u16 {
    person
        .await_event(|event| match event {
            GateEvent::Stream(told) => match told.fact {
                StreamFact::Opened { local } => local,
                _ => None,
            },
            _ => None,
        })
        .await
}

/// A connection that has said something and heard it again.
async fn echo(port: u16) -> TcpStream {
    let connecting = tokio::task::spawn_blocking(move || {
        let mut near = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        near.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
        near.write_all(b"ping\n").expect("a socket");
        near.read_exact(&mut [0; 4]).expect("an answer");
        near
    });
    connecting.await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_stream_has_its_intent_on_disk_before_its_request_arrives() {
    let stage = Stage::for_streams();
    let sessions = stage.state.path().join("sessions");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let arrivals = Arc::clone(&seen);
    stage.server.on_arrival(move |arrival| {
        if arrival
            .attributes
            .subresource
            .as_deref()
            .is_some_and(|s| s == "exec" || s == "portforward")
        {
            let id = arrival.audit_id.clone().unwrap_or_default();
            arrivals
                .lock()
                .unwrap()
                .push((arrival.attributes.resource_path(), intents(&sessions).contains(&id)));
        }
    });
    let mut oncall = stage.oncall();
    let live = grant(&oncall).await;
    let mut one = Running::start(&oncall, shell(&stage, &live, 1));
    one.until("# ").await;
    one.keys("exit 3\r").await;
    assert_eq!(one.end().await.expect("it ran").close, StreamClose::Exit(3));
    let forward = Running::start(&oncall, Stream::forward(&live, 2, stage.pod(), 9000, 0));
    let port = listens(&mut oncall).await;
    assert!(seen.lock().unwrap().len() == 1, "a listener alone sends nothing");
    drop((echo(port).await, echo(port).await));
    oncall.gate.close_stream(2);
    let end = forward.end().await.expect("it ran");
    assert_eq!((end.close, end.counts.connections), (StreamClose::Closed, 2));
    let seen = seen.lock().unwrap().clone();
    let names: Vec<_> = seen.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["pods/exec", "pods/portforward", "pods/portforward"]);
    assert!(seen.iter().all(|(_, on_disk)| *on_disk), "{seen:?}");
    let session = live.grant().session.clone();
    oncall.gate.end(live, EndReason::Operator).await;
    let kinds = stage.kinds(&session);
    let from = kinds.iter().position(|kind| kind == "granted").expect("it was granted") + 1;
    assert_eq!(
        kinds[from..from + 3],
        ["intent", "streamOpened", "outcome"],
        "the shell: {kinds:?}"
    );
    assert_eq!(kinds[from + 3], "streamOpened", "the listener");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_that_cannot_be_written_opens_nothing() {
    let stage = Stage::for_streams();
    let disk = Failing::default();
    let around = disk.clone();
    let oncall = stage.person_with(seed::ONCALL, |s| s.disk = Arc::new(move |file| around.around(file)));
    let live = grant(&oncall).await;
    let reached = Arc::new(Mutex::new(0));
    let count = Arc::clone(&reached);
    stage.server.on_arrival(move |arrival| {
        *count.lock().unwrap() += usize::from(arrival.attributes.subresource.as_deref() == Some("exec"));
    });
    disk.fail();
    let error = Running::start(&oncall, shell(&stage, &live, 1))
        .end()
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::Record { .. }), "{error}");
    let error = Running::start(&oncall, Stream::forward(&live, 2, stage.pod(), 80, 0))
        .end()
        .await
        .unwrap_err();
    assert!(
        matches!(error, GateError::Closed),
        "a disk that refuses an intent ends the escalation: {error}"
    );
    assert_eq!(*reached.lock().unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_fails_while_a_shell_runs_cuts_everything() {
    let stage = Stage::for_streams();
    let disk = Failing::default();
    let around = disk.clone();
    let mut oncall = stage.person_with(seed::ONCALL, |s| s.disk = Arc::new(move |file| around.around(file)));
    let live = grant(&oncall).await;
    let mut one = Running::start(&oncall, shell(&stage, &live, 1));
    one.until("# ").await;
    let mut other = Running::start(&oncall, shell(&stage, &live, 2));
    other.until("# ").await;
    disk.fail();
    other.keys("exit\r").await;
    // Its outcome cannot be written: the escalation ends, and with it the first.
    assert!(matches!(other.end().await, Err(GateError::Unrecorded { .. })));
    assert!(one.end().await.is_err(), "cut, and that cannot be recorded either");
    let failed = |event: &GateEvent| matches!(event, GateEvent::RecordFailed { .. }).then_some(());
    oncall.await_event(failed).await;
    let error = Running::start(&oncall, shell(&stage, &live, 3))
        .end()
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::Closed), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_hangs_holds_up_no_cut() {
    let stage = Stage::for_streams();
    let disk = Slow::default();
    let around = disk.clone();
    let mut oncall = stage.person_with(seed::ONCALL, |s| s.disk = Arc::new(move |file| around.around(file)));
    let live = grant(&oncall).await;
    let forward = Running::start(&oncall, Stream::forward(&live, 1, stage.pod(), 9000, 0));
    let port = listens(&mut oncall).await;
    // The intent of this connection hangs; its local end must not.
    disk.take(Duration::from_secs(3));
    let mut near = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    near.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
    let taken = |event: &GateEvent| match event {
        GateEvent::Stream(told) => match told.fact {
            StreamFact::Counted(counts) => (counts.open == 1).then_some(()),
            _ => None,
        },
        _ => None,
    };
    oncall.await_event(taken).await;
    let start = Instant::now();
    let gate = Arc::clone(&oncall.gate);
    let ending = tokio::spawn(async move { gate.end(live, EndReason::Operator).await });
    let read = tokio::task::spawn_blocking(move || near.read(&mut [0; 1]));
    drop(read.await.expect("no panic"));
    let late = start.elapsed();
    assert!(late < Duration::from_secs(1), "closed after {late:?}");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "nobody listens");
    drop(forward.end().await);
    let ended = ending.await.expect("no panic");
    assert_eq!(ended.cut, ["port-forward to ledger-0:9000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_another_grant_or_without_the_right_is_refused_and_recorded() {
    let stage = Stage::for_streams();
    let oncall = stage.oncall();
    let first = grant(&oncall).await;
    let prepared = shell(&stage, &first, 1);
    oncall.gate.end(first, EndReason::Operator).await;
    let live = grant(&oncall).await;
    let error = Running::start(&oncall, prepared).end().await.unwrap_err();
    assert!(matches!(error, GateError::Stale), "{error}");
    let session = live.grant().session.clone();
    oncall.gate.end(live, EndReason::Operator).await;
    let refused = |session: &str| stage.kinds(session).iter().filter(|k| *k == "refused").count();
    assert_eq!(refused(&session), 1);

    let live = oncall.ask("restarter").await.expect("the glass opens");
    let error = Running::start(&oncall, shell(&stage, &live, 2))
        .end()
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::Refused { status: 403, .. }), "{error}");
    let session = live.grant().session.clone();
    oncall.gate.end(live, EndReason::Operator).await;
    let outcome = stage.journal(&session).into_iter().find(|r| r["data"]["status"] == 403);
    assert!(outcome.is_some(), "the server's refusal is an outcome");
}
