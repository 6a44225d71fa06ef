//! The card of the demo: it ticks off by what happened, and takes lines but never a key.

use super::Stage;
use crate::app::{Fact, Guide, GuideStep, GuideTask, Sign, Start};
use crate::escalation::{EndReason, Ended, Revocation};

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
    Guide {
        steps: vec![
            step("act", &[Sign::Asking, Sign::GlassBroken, Sign::Wrote("ledger")]),
            step("end", &[Sign::Ended]),
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
    stage
}

fn next(stage: &Stage) -> Option<Sign> {
    stage.state.guide.as_ref().and_then(Guide::task).map(|task| task.sign)
}

#[test]
fn an_end_before_anything_was_written_means_asking_again() {
    let mut stage = stage();
    stage.break_glass(600);
    assert_eq!(next(&stage), Some(Sign::Wrote("ledger")));
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
    assert_eq!(next(&stage), Some(Sign::Asking));
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
