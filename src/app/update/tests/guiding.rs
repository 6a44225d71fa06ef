//! The card of the demo: it ticks off by what happened, and takes lines but never a key.

use super::{Stage, pod};
use crate::app::{Fact, Guide, GuideStep, GuideTask, Sign, Start};
use crate::cluster::{LogLine, Reading};
use crate::escalation::{EndReason, Ended, Outcome, Revocation};
use crate::model::{Gvk, LogText, ObjectRef};

fn guide() -> Guide {
    let step = |title, signs: &[Sign]| GuideStep {
        title,
        tasks: signs
            .iter()
            .map(|sign| GuideTask {
                text: "do it",
                sign: *sign,
                done: false,
            })
            .collect(),
    };
    let wrote = [Sign::Wrote("ledger"), Sign::Wrote("checkout")];
    Guide {
        steps: vec![
            step("look", &[Sign::LogOf("checkout"), Sign::LogOf("ledger")]),
            step("act", &[&[Sign::Asking, Sign::GlassBroken], wrote.as_slice()].concat()),
            step("end", &[Sign::Ended, Sign::Replayed]),
        ],
        ..Guide::default()
    }
}

fn stage() -> Stage {
    let mut stage = Stage::started(Start {
        guide: Some(guide()),
        ..Start::default()
    });
    stage.connect();
    stage.rows(
        ["checkout-1", "ledger-0"]
            .map(|name| pod(name, "1/1", "Running", 60))
            .into(),
    );
    stage
}

fn next(stage: &Stage) -> Option<Sign> {
    stage.state.guide.as_ref().and_then(Guide::task).map(|task| task.sign)
}

fn read_log(stage: &mut Stage, name: &str) {
    while stage.cursor_name() != name {
        stage.press("down");
    }
    stage.press("l");
    let id = stage.current_read();
    stage.reading(id, Reading::Logs(vec![line("it says why")]));
    stage.press("esc");
}

fn line(text: &str) -> LogLine {
    LogLine {
        pod: "pod".into(),
        container: "main".into(),
        time: "".into(),
        text: LogText::parse(text),
        note: false,
    }
}

fn end(stage: &mut Stage) {
    stage.fact(Fact::Ended(Ended {
        session: "abcdefghijklmnop".into(),
        reason: EndReason::Expired,
        revocation: Revocation::Confirmed { after_ms: 9840 },
        writes: 0,
        declined: 0,
        unknown: 0,
        refused: 0,
        unsent: Vec::new(),
        cut: Vec::new(),
        left: Vec::new(),
    }));
}

fn write(stage: &mut Stage, name: &str) {
    stage.fact(Fact::Outcome(Outcome {
        action: 1,
        audit_id: "id".into(),
        verb: "restart".into(),
        target: ObjectRef {
            gvk: Gvk::new("apps", "v1", "StatefulSet"),
            resource: "statefulsets".into(),
            namespace: Some("shop".into()),
            name: name.into(),
            uid: None,
            resource_version: None,
        },
        status: 200,
        message: String::new(),
        took_ms: 12,
    }));
}

#[test]
fn an_end_before_anything_was_written_means_asking_again() {
    let mut stage = stage();
    read_log(&mut stage, "checkout-1");
    read_log(&mut stage, "ledger-0");
    stage.break_glass(600);
    assert_eq!(next(&stage), Some(Sign::Wrote("ledger")));
    end(&mut stage);
    assert_eq!(next(&stage), Some(Sign::Asking));
}

#[test]
fn a_glass_that_was_broken_and_ended_before_the_logs_were_read_has_to_be_asked_for() {
    let mut stage = stage();
    stage.break_glass(600);
    end(&mut stage);
    read_log(&mut stage, "checkout-1");
    assert_eq!(next(&stage), Some(Sign::LogOf("ledger")));
    read_log(&mut stage, "ledger-0");
    assert_eq!(next(&stage), Some(Sign::Asking), "nobody may write now");
}

#[test]
fn a_pane_that_was_left_is_not_filled_in() {
    let mut stage = stage();
    read_log(&mut stage, "checkout-1");
    read_log(&mut stage, "ledger-0");
    stage.press("!");
    assert_eq!(next(&stage), Some(Sign::GlassBroken));
    stage.press("esc");
    assert_eq!(next(&stage), Some(Sign::Asking));
}

#[test]
fn who_mends_before_reading_why_has_nothing_left_to_read() {
    let mut stage = stage();
    stage.break_glass(600);
    assert_eq!(next(&stage), Some(Sign::LogOf("checkout")));
    write(&mut stage, "checkout");
    assert_eq!(next(&stage), Some(Sign::LogOf("checkout")), "that mended nothing");
    write(&mut stage, "ledger");
    assert_eq!(next(&stage), Some(Sign::Ended));
    end(&mut stage);
    assert_eq!(next(&stage), Some(Sign::Replayed));
}

#[test]
fn a_right_that_was_given_back_after_mending_ends_that_step() {
    let mut stage = stage();
    stage.break_glass(600);
    write(&mut stage, "ledger-0");
    assert_eq!(next(&stage), Some(Sign::Wrote("checkout")));
    end(&mut stage);
    assert_eq!(next(&stage), Some(Sign::Replayed), "checkout recovers by itself");
}

#[test]
fn the_card_takes_lines_from_the_body_until_it_is_hidden() {
    let mut stage = stage();
    let with = stage.state.body_height();
    stage.press("f1");
    assert_eq!(stage.state.body_height(), with + usize::from(crate::app::GUIDE_LINES));
    stage.press("f1");
    assert_eq!(stage.state.body_height(), with);
}
