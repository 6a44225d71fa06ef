//! Shells and port-forwards: what is asked before one opens, where keys go, and how they end.

use super::*;
use crate::app::{OpenStream, PromptKind, ShellScreen};
use crate::cluster::{ContainerFacts, PodFacts, PortFacts, ReadError, ReadErrorKind};
use crate::escalation::{
    EndReason, Ended, Revocation, StreamClose, StreamCounts, StreamEnd, StreamEvent, StreamFact, StreamKind,
};
use crate::model::ObjectRef;

fn container(name: &str) -> ContainerFacts {
    ContainerFacts {
        name: name.into(),
        running: true,
        ports: vec![
            PortFacts {
                name: "http".into(),
                number: 80,
            },
            PortFacts {
                name: String::new(),
                number: 9090,
            },
        ],
    }
}

/// What is read of the pod under the cursor.
fn pod_facts(stage: &Stage, containers: &[&str]) -> Arc<PodFacts> {
    let subject = stage.table().subject().expect("a row");
    Arc::new(PodFacts {
        pod: subject.object,
        containers: containers.iter().map(|name| container(name)).collect(),
        default_container: containers.last().map(|name| (*name).to_owned()),
        service_ports: Vec::new(),
    })
}

fn wanted(stage: &Stage) -> ReadId {
    stage.read_of(|query| matches!(query, Query::PodFor(_)))
}

pub(super) fn open_stream(stage: &mut Stage, action: u64, kind: StreamKind) {
    let now = stage.now;
    stage.state.streams.open.push(OpenStream {
        action,
        kind,
        pod: ObjectRef {
            name: "cart-1".into(),
            ..ObjectRef::default()
        },
        container: None,
        from: None,
        remote: 80,
        local: 8080,
        is_open: true,
        counts: StreamCounts::default(),
        since: now,
        trouble: None,
    });
}

/// With a shell on the screen, as `open_ready` leaves it.
pub(super) fn in_shell() -> Stage {
    let mut stage = Stage::with_pods();
    stage.break_glass(600);
    open_stream(&mut stage, 7, StreamKind::Shell);
    stage.state.screens.push(Screen::Shell(Box::new(ShellScreen {
        action: 7,
        title: "shell in cart-1".into(),
        frame: None,
        menu: false,
    })));
    stage
}

pub(super) fn end(close: StreamClose) -> StreamEnd {
    StreamEnd {
        close,
        counts: StreamCounts {
            bytes_in: 12,
            bytes_out: 2048,
            ..StreamCounts::default()
        },
        took_ms: 12_000,
        may_go_on: false,
    }
}

#[test]
fn in_normal_mode_nothing_is_read_and_the_key_says_what_it_needs() {
    let mut stage = Stage::with_pods();
    for key in ["s", "shift-f"] {
        stage.press(key);
        assert!(stage.said().ends_with("needs the glass: press !"), "{}", stage.said());
        assert!(stage.effects.is_empty());
    }
}

#[test]
fn a_role_without_the_right_is_told_before_anything_is_read() {
    let mut stage = Stage::with_pods();
    let mut grant = grant(stage.now, 600);
    grant.rights = vec!["get create pods/portforward".to_owned()].into();
    stage.fact(Fact::Granted(grant));
    stage.press("s");
    assert_eq!(stage.said(), "shell: your role lacks create pods/exec");
    assert!(stage.effects.is_empty());
    stage.press("shift-f");
    assert!(matches!(stage.effects[..], [Effect::Read(_, Query::PodFor(_))]));
}

#[test]
fn of_several_containers_one_is_chosen_and_without_authority_nothing_opens() {
    let mut stage = Stage::with_pods();
    stage.break_glass(600).press("s");
    let (read, facts) = (wanted(&stage), pod_facts(&stage, &["log", "web"]));
    stage.reading(read, Reading::Pod(facts));
    let Some(Overlay::Pick(pick)) = &stage.state.overlay else {
        panic!("a choice is offered");
    };
    assert_eq!(pick.cursor.index, 1, "the pod's own default");
    stage.press("k enter");
    assert!(!stage.has_overlay());
    // The stage lends no authority: whatever the screen believes, there is no stream.
    assert_eq!(stage.said(), "shell was not opened: the glass is not broken");
    assert!(stage.effects.is_empty() && stage.state.streams.open.is_empty());
}

#[test]
fn another_pod_of_the_same_name_is_not_entered() {
    let mut stage = Stage::with_pods();
    stage.break_glass(600).press("s");
    let (read, facts) = (wanted(&stage), pod_facts(&stage, &["web"]));
    let mut other = (*facts).clone();
    other.pod.uid = Some("another".into());
    stage.reading(read, Reading::Pod(Arc::new(other)));
    assert!(stage.said().contains("is another pod by now"), "{}", stage.said());
    assert!(!stage.has_overlay());
}

#[test]
fn who_may_not_read_the_pod_may_still_try_its_shell_but_no_forward() {
    let forbidden = || {
        Reading::Failed(ReadError {
            kind: ReadErrorKind::Forbidden,
            cause: "get pods".into(),
            cure: "ask".into(),
            retrying: false,
        })
    };
    let mut stage = Stage::with_pods();
    stage.break_glass(600).press("s");
    let read = wanted(&stage);
    stage.reading(read, forbidden());
    assert!(
        stage.said().starts_with("shell was not opened"),
        "it was tried: {}",
        stage.said()
    );
    stage.press("shift-f");
    let read = wanted(&stage);
    stage.reading(read, forbidden());
    assert_eq!(stage.said(), "forward: get pods; ask");
}

#[test]
fn the_ports_are_offered_and_a_wrong_line_stays_open() {
    let mut stage = Stage::with_pods();
    stage.break_glass(600).press("shift-f");
    let (read, facts) = (wanted(&stage), pod_facts(&stage, &["web"]));
    stage.reading(read, Reading::Pod(facts));
    assert!(matches!(stage.prompt().kind, PromptKind::Forward { .. }));
    assert_eq!(stage.prompt().line.text(), "8080:80");
    stage.press("tab");
    assert_eq!(stage.prompt().line.text(), "9090:9090");
    stage.press("ctrl-u").type_text("80:").press("enter");
    assert!(
        stage
            .prompt()
            .error
            .as_deref()
            .is_some_and(|e| e.contains("LOCAL:REMOTE"))
    );
    stage.press("0 enter");
    assert!(stage.prompt().error.is_some(), "80:0 leads nowhere");
}

#[test]
fn the_end_closes_every_question_and_every_screen_of_a_stream() {
    for key in ["s", "shift-f"] {
        let mut stage = Stage::with_pods();
        stage.break_glass(600).press(key);
        let (read, facts) = (wanted(&stage), pod_facts(&stage, &["a", "b"]));
        stage.reading(read, Reading::Pod(facts));
        assert!(stage.has_overlay());
        stage.fact(Fact::Ending);
        assert!(!stage.has_overlay(), "{key}");
    }
    let mut stage = in_shell();
    open_stream(&mut stage, 8, StreamKind::Forward);
    stage.fact(Fact::Ending);
    assert!(matches!(stage.screen(), Screen::Table(_)), "the table is back");
    assert!(stage.state.streams.open.is_empty());
    // What the gate says of their ends is not said one by one: the end counts them.
    stage.fact(Fact::StreamEnded {
        action: 7,
        end: end(StreamClose::Cut),
    });
    stage.fact(Fact::Ended(Ended {
        session: "x".into(),
        reason: EndReason::Expired,
        revocation: Revocation::Confirmed { after_ms: 10_000 },
        writes: 2,
        declined: 0,
        unknown: 0,
        left: Vec::new(),
        refused: 0,
        cut: vec!["shell in cart-1".into(), "port-forward to cart-1:80".into()],
        unsent: Vec::new(),
    }));
    assert!(
        stage.said().contains("1 shell, 1 port-forward closed"),
        "{}",
        stage.said()
    );
}

#[test]
fn a_late_answer_opens_nothing_after_the_end() {
    let mut stage = Stage::with_pods();
    stage.break_glass(600).press("s");
    let (read, facts) = (wanted(&stage), pod_facts(&stage, &["web"]));
    stage.fact(Fact::Ending);
    stage.reading(read, Reading::Pod(facts));
    assert!(!stage.has_overlay() && stage.state.streams.ready.is_none());
    assert!(!stage.effects.iter().any(|effect| matches!(effect, Effect::Stream(_))));
}

#[test]
fn the_list_of_forwards_follows_what_the_gate_tells_and_closes_the_chosen_one() {
    let mut stage = Stage::with_pods();
    stage.break_glass(600);
    open_stream(&mut stage, 8, StreamKind::Forward);
    open_stream(&mut stage, 9, StreamKind::Forward);
    stage.fact(Fact::Stream(StreamEvent {
        action: 9,
        fact: StreamFact::Opened { local: Some(40123) },
    }));
    assert!(
        stage.said().starts_with("127.0.0.1:40123 → cart-1:80 is open"),
        "{}",
        stage.said()
    );
    let counts = StreamCounts {
        connections: 3,
        open: 1,
        bytes_in: 10,
        bytes_out: 20,
    };
    stage.fact(Fact::Stream(StreamEvent {
        action: 9,
        fact: StreamFact::Counted(counts),
    }));
    assert_eq!(stage.state.streams.find(9).map(|s| s.counts), Some(counts));
    stage.command("pf").press("j ctrl-d");
    assert!(matches!(stage.effects[..], [Effect::CloseStream(9)]));
    stage.fact(Fact::StreamEnded {
        action: 9,
        end: end(StreamClose::Closed),
    });
    assert_eq!(stage.state.streams.forwards().count(), 1);
    stage.press("ctrl-d");
    assert!(
        matches!(stage.effects[..], [Effect::CloseStream(8)]),
        "the cursor is on what is left"
    );
}

#[test]
fn a_forward_that_the_gate_refused_is_gone_from_the_list_and_says_why() {
    let mut stage = Stage::with_pods();
    stage.break_glass(600);
    open_stream(&mut stage, 8, StreamKind::Forward);
    stage.fact(Fact::StreamFailed {
        action: 8,
        error: "127.0.0.1:80 cannot be listened on".into(),
    });
    assert_eq!(stage.said(), "not opened: 127.0.0.1:80 cannot be listened on");
    assert!(stage.state.streams.open.is_empty());
}
