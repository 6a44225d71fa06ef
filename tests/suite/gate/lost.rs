//! A journal that is lost while a stream is open. A stream asks for no record, so nothing but the
//! journal's own looks can notice it: the stream is cut all the same, and the operator is told.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kglass::embedded::seed;
use kglass::escalation::{
    EndReason, Escalation, EscalationRequest, GateError, GateEvent, Input, Mutation, Stream, StreamFact, StreamIo,
    TerminalSize, Timing,
};
use tokio::sync::mpsc;

use super::stage::{Person, Stage, request};

const INTERVAL: Duration = Duration::from_millis(100);
/// Many intervals, and a busy machine.
const SOON: Duration = Duration::from_secs(5);

/// Loses the journal under an open stream in the given way, and looks what becomes of it.
async fn is_cut(stream: impl Fn(&Stage, &Escalation) -> Stream, lose: impl Fn(&Path)) {
    let stage = Stage::for_streams();
    let mut oncall = stage.person_with(seed::ONCALL, |s| {
        s.timing = Timing {
            checkpoint: INTERVAL,
            ..s.timing
        }
    });
    let asked = EscalationRequest {
        namespace: Some("shop".into()),
        ..request("entrant")
    };
    let live = oncall.gate.ask(asked).await.unwrap();
    let stream = stream(&stage, &live);
    let (output, mut shown) = mpsc::channel(16);
    let (typed, input) = mpsc::channel::<Input>(16);
    let gate = Arc::clone(&oncall.gate);
    let running = tokio::spawn(async move { gate.stream(stream, StreamIo { output, input }).await });
    // A near end that reads, as the emulator does.
    let reading = tokio::spawn(async move { while shown.recv().await.is_some() {} });
    opened(&mut oncall).await;
    lose(&stage.journal_path(&live.grant().session));
    let cause = oncall
        .await_event(|event| match event {
            GateEvent::RecordFailed { cause } => Some(cause.clone()),
            _ => None,
        })
        .await;
    assert!(cause.contains("the journal is not what it was"), "{cause}");
    let cut = tokio::time::timeout(SOON, running).await.expect("the stream is cut");
    // Its outcome has no place either.
    assert!(cut.unwrap().is_err());
    reading.await.unwrap();
    assert!(typed.is_closed(), "nothing takes what is typed");
    let refused = oncall.gate.execute(Mutation::delete(&live, 9, vec![stage.pod()])).await;
    assert!(matches!(refused, Err(GateError::Closed)), "{refused:?}");
    let ended = oncall.gate.end(live, EndReason::RecordFailed).await;
    let left: Vec<&str> = ended.left.iter().map(|left| left.text.as_str()).collect();
    assert!(left.iter().any(|text| text.contains("is not recorded")), "{left:?}");
    let told = oncall.told();
    let more = told.iter().any(|event| matches!(event, GateEvent::RecordFailed { .. }));
    assert!(!more, "it is told once: {told:?}");
}

async fn opened(person: &mut Person) {
    let opened = |event: &GateEvent| match event {
        GateEvent::Stream(told) => matches!(told.fact, StreamFact::Opened { .. }).then_some(()),
        _ => None,
    };
    person.await_event(opened).await;
}

fn shell(stage: &Stage, live: &Escalation) -> Stream {
    let size = TerminalSize { columns: 80, rows: 24 };
    Stream::shell(live, 1, stage.pod(), None, size)
}

fn forward(stage: &Stage, live: &Escalation) -> Stream {
    Stream::forward(live, 1, stage.pod(), 8080, 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_is_cut_when_its_journal_is_deleted() {
    is_cut(shell, |journal| std::fs::remove_file(journal).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_is_cut_when_its_journal_is_shortened() {
    let shorten = |journal: &Path| {
        let file = std::fs::OpenOptions::new().write(true).open(journal).unwrap();
        file.set_len(100).unwrap();
    };
    is_cut(shell, shorten).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_forward_is_cut_when_another_file_is_in_its_journals_place() {
    let replace = |journal: &Path| {
        let copy = journal.with_extension("copy");
        std::fs::copy(journal, &copy).unwrap();
        std::fs::rename(copy, journal).unwrap();
    };
    is_cut(forward, replace).await;
}
