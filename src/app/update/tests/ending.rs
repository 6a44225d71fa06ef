use super::*;
use crate::app::{Effect, Fact, GlassMode, LeaveFor};
use crate::escalation::{EndReason, Ended, Revocation};

fn broken(seconds: u64) -> Stage {
    let mut stage = Stage::with_pods();
    stage.break_glass(seconds).wait(1500);
    stage
}

fn ended(reason: EndReason) -> Fact {
    Fact::Ended(Ended {
        session: "abcdefghijklmnop".into(),
        reason,
        revocation: Revocation::Confirmed { after_ms: 9840 },
        writes: 3,
        declined: 0,
        unknown: 0,
        left: Vec::new(),
        refused: 1,
        unsent: Vec::new(),
        cut: Vec::new(),
    })
}

fn is_end(effects: &[Effect], reason: &EndReason) -> bool {
    matches!(effects, [Effect::End(r)] if r == reason)
}

#[test]
fn one_press_only_says_again_and_the_second_ends_at_once() {
    let mut stage = broken(600);
    stage.press("!");
    assert!(stage.effects.is_empty());
    assert_eq!(stage.said(), "press ! again to end the escalation");
    stage.press("!");
    assert!(is_end(&stage.effects, &EndReason::Operator));
    assert!(!stage.state.glass.is_broken(), "nothing is accepted from here on");
}

#[test]
fn a_second_press_after_two_seconds_is_a_first_one() {
    let mut stage = broken(600);
    stage.press("!").wait(2001);
    stage.key("!");
    assert!(stage.effects.is_empty());
    stage.press("!");
    assert!(is_end(&stage.effects, &EndReason::Operator));
}

#[test]
fn the_key_is_dead_for_a_second_after_the_grant_has_come() {
    let mut stage = Stage::with_pods();
    stage.break_glass(600);
    for _ in 0..9 {
        stage.wait(100);
        stage.key("!");
        assert!(stage.effects.is_empty());
        assert!(stage.state.glass.end_armed.is_none());
    }
    assert!(stage.state.glass.is_broken());
}

#[test]
fn both_presses_in_one_read_end_it_and_so_does_a_held_key_once() {
    let burst = || Fact::Key {
        key: "!".parse().expect("a key"),
        burst: true,
    };
    let mut stage = broken(600);
    stage.fact(burst());
    assert!(stage.effects.is_empty());
    stage.fact(burst());
    assert!(is_end(&stage.effects, &EndReason::Operator));

    let mut stage = broken(600);
    let mut ends = 0;
    for _ in 0..60 {
        stage.wait(30);
        ends += stage.key("!").len();
    }
    assert_eq!(ends, 1, "one end, and nothing else after it");
}

#[test]
fn end_typed_in_full_needs_no_second_time() {
    let mut stage = broken(600);
    stage.command("end");
    assert!(is_end(&stage.effects, &EndReason::Operator));
    stage.fact(ended(EndReason::Operator));
    stage.command("end");
    assert_eq!(stage.said(), "there is no escalation to end");
}

#[test]
fn quitting_asks_once_then_ends_waits_and_leaves() {
    for again in ["q", "y"] {
        let mut stage = broken(600);
        stage.press("q");
        assert!(matches!(&stage.state.overlay, Some(Overlay::Leave(leave)) if leave.to == LeaveFor::Quit));
        assert!(stage.effects.is_empty());
        stage.press(again);
        assert!(is_end(&stage.effects, &EndReason::Quit));
        assert!(
            matches!(&stage.state.glass.mode, GlassMode::Ending(_)),
            "the wait is seen"
        );
        stage.fact(ended(EndReason::Quit));
        assert!(matches!(stage.effects[..], [Effect::Quit]));
    }
}

#[test]
fn one_more_q_during_the_wait_leaves_at_once() {
    let mut stage = broken(600);
    stage.press("q q q");
    assert!(matches!(stage.effects[..], [Effect::Quit]));
}

#[test]
fn any_other_key_stays() {
    let mut stage = broken(600);
    stage.press("q esc");
    assert!(!stage.has_overlay() && stage.effects.is_empty());
    assert!(stage.state.glass.is_broken());
}

#[test]
fn a_held_q_does_not_leave() {
    let mut stage = broken(600);
    for _ in 0..40 {
        stage.wait(30);
        stage.key("q");
    }
    assert!(stage.state.glass.is_broken());
}

#[test]
fn ctrl_c_asks_too_and_twice_leaves() {
    let mut stage = broken(600);
    stage.press("ctrl-c");
    assert!(stage.has_overlay());
    stage.press("ctrl-c");
    assert!(is_end(&stage.effects, &EndReason::Quit));
}

#[test]
fn another_context_asks_ends_and_then_switches() {
    let mut stage = broken(600);
    stage.command("ctx test");
    assert!(stage.has_overlay() && stage.effects.is_empty());
    stage.press("y");
    assert!(is_end(&stage.effects, &EndReason::ContextSwitch));
    stage.fact(ended(EndReason::ContextSwitch));
    assert!(
        stage
            .effects
            .iter()
            .any(|e| matches!(e, Effect::SwitchContext(name) if name == "test"))
    );
}

#[test]
fn in_normal_mode_q_climbs_and_quits_at_the_top_without_asking() {
    let mut stage = Stage::with_pods();
    stage.press("y q");
    assert!(matches!(stage.screen(), Screen::Table(_)));
    stage.press("q");
    assert!(matches!(stage.effects[..], [Effect::Quit]));
}

#[test]
fn ctrl_c_quits_from_anywhere_in_normal_mode() {
    let mut stage = Stage::with_pods();
    stage.press("y ctrl-c");
    assert!(matches!(stage.effects[..], [Effect::Quit]));
}

#[test]
fn an_open_box_closes_when_the_end_begins_and_nothing_is_sent() {
    let mut stage = broken(600);
    stage.press("ctrl-d");
    assert!(stage.has_overlay());
    stage.fact(Fact::Ending);
    assert!(!stage.has_overlay());
    assert!(stage.said().contains("nothing was sent"));
    stage.press("ctrl-d");
    assert!(!stage.has_overlay());
    assert!(stage.said().contains("is ending"), "{}", stage.said());
}

#[test]
fn an_open_number_closes_too() {
    let mut stage = broken(600);
    stage.command("deploy");
    stage.snapshot(snapshot_of("deployments", vec![pod("checkout-x", "1/3", "", 60)]));
    stage.press("s");
    assert!(stage.has_overlay());
    stage.fact(Fact::Ending);
    assert!(!stage.has_overlay());
}

#[test]
fn the_end_says_what_happened_and_the_screen_survives_it() {
    let mut stage = broken(600);
    stage.press("j");
    let read = stage.current_read();
    stage.fact(Fact::Ending);
    stage.fact(ended(EndReason::Expired));
    assert_eq!(
        stage.said(),
        "ended (expired): 3 writes, 1 not sent; credential refused after 9.8 s"
    );
    assert_eq!(
        (stage.cursor_name().as_str(), stage.current_read()),
        ("checkout-1", read)
    );
    assert!(stage.effects.is_empty());
    stage.press("ctrl-d");
    assert!(stage.said().ends_with("needs the glass: press !"));
}

#[test]
fn past_the_deadline_nothing_is_offered_even_before_the_gate_has_said_so() {
    let mut stage = broken(10);
    stage.wait(10_000);
    stage.key("ctrl-d");
    assert!(!stage.has_overlay());
    assert!(stage.said().contains("has expired"), "{}", stage.said());
}

#[test]
fn warnings_come_once_each_and_those_longer_than_the_whole_are_skipped() {
    let mut stage = Stage::with_pods();
    stage.break_glass(90);
    let mut said = Vec::new();
    for _ in 0..95 {
        stage.wait(1000).tick();
        let text = stage.said().to_owned();
        if text.contains("left, then") && said.last() != Some(&text) {
            said.push(text);
        }
    }
    assert_eq!(
        said,
        [
            "1m left, then the escalation ends",
            "10s left, then the escalation ends"
        ]
    );
}

#[test]
fn after_a_suspend_only_the_last_due_warning_is_given() {
    let mut stage = Stage::with_pods();
    stage.break_glass(600);
    stage.wait(595_000).tick();
    assert_eq!(stage.said(), "10s left, then the escalation ends");
    assert!(matches!(stage.effects[..], [Effect::Warned { seconds_left: 5 }]));
    stage.wait(1000).tick();
    let warnings = stage
        .state
        .messages
        .all()
        .iter()
        .filter(|m| m.text.contains("left, then"));
    assert_eq!(warnings.count(), 1);
}

#[test]
fn a_signal_ends_and_leaves_at_once() {
    let mut stage = broken(600);
    stage.fact(Fact::Terminate { signal: "SIGTERM" });
    assert!(
        stage
            .effects
            .iter()
            .any(|e| matches!(e, Effect::End(EndReason::Signal(s)) if s == "SIGTERM"))
    );
    assert!(matches!(stage.effects.last(), Some(Effect::Quit)));
}

#[test]
fn a_first_press_that_was_not_followed_is_forgotten_on_the_screen_too() {
    let mut stage = broken(600);
    stage.press("!").wait(2500).tick();
    assert_eq!(stage.said(), "");
    assert!(stage.state.glass.end_armed.is_none());
}

#[test]
fn a_third_press_does_not_open_the_pane_when_it_has_just_ended() {
    let mut stage = broken(600);
    stage.press("! !");
    stage.fact(ended(EndReason::Operator));
    stage.press("!");
    assert!(!stage.has_overlay());
    assert!(stage.said().contains("again in a moment"), "{}", stage.said());
    stage.wait(1000);
    stage.key("!");
    assert!(matches!(stage.state.overlay, Some(Overlay::Escalate(_))));
}

#[test]
fn a_box_confirmed_past_the_deadline_sends_nothing() {
    let mut stage = broken(10);
    stage.press("ctrl-d tab").wait(10_000);
    stage.key("enter");
    assert!(stage.effects.is_empty());
    assert!(
        stage.said().ends_with("was not sent: the escalation has expired"),
        "{}",
        stage.said()
    );
}

#[test]
fn what_an_end_leaves_behind_is_said_last_and_as_an_error() {
    let mut stage = broken(600);
    stage.press("! !");
    let text = "the grant was NOT deleted, it ends by itself at 14:02:11; to end it now: kubectl delete secret x";
    let Fact::Ended(mut ended) = ended(EndReason::Operator) else {
        panic!("an end")
    };
    ended.declined = 1;
    ended.unknown = 1;
    ended.left = vec![crate::escalation::Left {
        text: text.into(),
        until: None,
    }];
    stage.fact(Fact::Ended(ended));
    assert_eq!(stage.said(), text);
    let all = stage.state.messages.all();
    let farewell = all
        .iter()
        .find(|m| m.text.starts_with("ended ("))
        .expect("the end is told");
    assert!(
        farewell
            .text
            .contains("3 writes (1 refused by the server, 1 unanswered), 1 not sent"),
        "{}",
        farewell.text
    );
}
