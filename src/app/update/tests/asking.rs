use super::*;
use crate::app::{EscalatePane, GlassMode};
use crate::escalation::{AskProgress, Field, Trigger};

fn pane(stage: &Stage) -> &EscalatePane {
    match &stage.state.overlay {
        Some(Overlay::Escalate(pane)) => pane,
        other => panic!("no pane: {other:?}"),
    }
}

/// The pane, filled in completely.
fn filled() -> Stage {
    let mut stage = Stage::with_pods();
    stage
        .press("! tab")
        .type_text("INC-4711")
        .press("tab")
        .type_text("checkout crash-loops since 02:11");
    stage
}

fn asked() -> Stage {
    let mut stage = filled();
    stage.press("ctrl-s");
    stage
}

#[test]
fn the_pane_starts_with_the_role_one_may_have_in_the_namespace_looked_at() {
    let mut stage = Stage::with_pods();
    stage.press("!");
    let offers = stage.state.offers.clone().expect("offers");
    assert_eq!(
        pane(&stage).role_offer(&offers).map(|role| role.name.as_str()),
        Some("operator")
    );
    assert_eq!(pane(&stage).scope_name(&offers), Some("shop"));
    assert_eq!(pane(&stage).minutes.text(), "10");
    assert!(!pane(&stage).tried);
}

#[test]
fn what_is_missing_is_named_beside_its_field_and_nothing_is_asked() {
    let mut stage = Stage::with_pods();
    stage.press("! ctrl-s");
    assert!(stage.effects.is_empty());
    let pane = pane(&stage);
    assert!(pane.tried);
    assert_eq!(pane.field, Field::Ticket, "the first field that is wrong");
    assert_eq!(
        pane.missing_in(Field::Ticket).map(|e| e.cause.as_str()),
        Some("a ticket is required")
    );
    assert!(pane.missing_in(Field::Reason).is_some());
    assert!(pane.missing_in(Field::Role).is_none());
}

#[test]
fn a_complete_pane_asks_for_exactly_what_it_shows() {
    let mut stage = filled();
    stage.press("ctrl-s");
    let [Effect::Ask(request)] = &stage.effects[..] else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!(request.trigger, Trigger::Manual("customer impact".into()));
    assert_eq!(request.ticket, "INC-4711");
    assert_eq!(request.reason, "checkout crash-loops since 02:11");
    assert_eq!(
        (request.role.as_str(), request.namespace.as_deref()),
        ("operator", Some("shop"))
    );
    assert_eq!(request.ttl_seconds, 600);
    assert!(matches!(stage.state.glass.mode, GlassMode::Asking(_)));
}

#[test]
fn arrows_choose_trigger_scope_and_minutes() {
    let mut stage = filled();
    stage.press("shift-tab shift-tab right right");
    assert!(pane(&stage).is_incident(&offers()));
    stage.type_text("INC-9");
    stage.press("tab tab tab tab right tab left");
    stage.press("ctrl-s");
    let [Effect::Ask(request)] = &stage.effects[..] else {
        panic!("{:?} {:?}", stage.effects, pane(&stage))
    };
    assert_eq!(request.trigger, Trigger::Incident("INC-9".into()));
    assert_eq!(request.namespace.as_deref(), Some("web"));
    assert!(request.ttl_seconds < 600);
}

#[test]
fn minutes_may_be_typed_as_a_duration_and_too_many_are_refused() {
    let mut stage = filled();
    stage.press("tab tab tab ctrl-u").type_text("30s");
    assert!(pane(&stage).missing.is_empty(), "{:?}", pane(&stage).missing);
    stage.press("ctrl-u").type_text("11").press("ctrl-s");
    assert!(stage.effects.is_empty());
    assert!(pane(&stage).missing_in(Field::Ttl).is_some());
    stage.press("ctrl-u").type_text("soon");
    assert!(pane(&stage).missing_in(Field::Ttl).is_some());
}

#[test]
fn a_paste_fills_a_field_and_a_pasted_ctrl_s_does_not_ask() {
    let mut stage = Stage::with_pods();
    stage.press("! tab");
    stage.fact(Fact::Paste("INC-4711\n".into()));
    stage.press("tab");
    stage.fact(Fact::Paste("checkout crash-loops since 02:11".into()));
    assert!(pane(&stage).missing.is_empty());
    stage.wait(500);
    stage.fact(Fact::Key {
        key: Key::ctrl('s'),
        burst: true,
    });
    assert!(stage.effects.is_empty());
    stage.press("ctrl-s");
    assert!(matches!(stage.effects[..], [Effect::Ask(_)]));
}

#[test]
fn a_ctrl_s_within_the_guard_does_not_ask() {
    let mut stage = filled();
    stage.press("esc !").wait(100);
    stage.key("ctrl-s");
    assert!(stage.effects.is_empty());
}

#[test]
fn enter_never_asks() {
    let mut stage = filled();
    stage.press("enter enter enter enter enter enter");
    assert!(stage.effects.is_empty());
    assert!(matches!(stage.state.glass.mode, GlassMode::Normal));
}

#[test]
fn escape_leaves_the_pane_and_what_was_typed_waits() {
    let mut stage = filled();
    stage.press("esc");
    assert!(!stage.has_overlay());
    stage.press("!");
    assert_eq!(pane(&stage).ticket.text(), "INC-4711");
}

#[test]
fn while_it_waits_the_progress_is_kept_and_escape_withdraws_once() {
    let mut stage = asked();
    stage.fact(Fact::Asked(AskProgress::Waiting {
        session: "abc".into(),
        command: "kglass approve abc".into(),
    }));
    let asking = stage.state.glass.asking().expect("asking");
    assert!(matches!(&asking.progress[..], [AskProgress::Waiting { command, .. }] if command == "kglass approve abc"));
    stage.press("esc");
    assert!(matches!(stage.effects[..], [Effect::Withdraw]));
    stage.press("esc");
    assert!(stage.effects.is_empty());
    stage.fact(Fact::Withdrawn);
    assert!(matches!(stage.state.glass.mode, GlassMode::Normal));
    assert_eq!(pane(&stage).error, None);
    assert_eq!(stage.said(), "the request is withdrawn");
}

#[test]
fn a_withdrawal_that_leaves_something_says_so() {
    let mut stage = asked();
    stage.fact(Fact::Asked(AskProgress::Waiting {
        session: "abc".into(),
        command: "kglass approve abc".into(),
    }));
    stage.press("esc");
    let error = "the request was withdrawn, but configmaps/abc stays: no answer; the next start looks again";
    stage.fact(Fact::AskFailed { error: error.into() });
    assert!(matches!(stage.state.glass.mode, GlassMode::Normal));
    assert_eq!((pane(&stage).error.clone(), stage.said()), (None, error));
}

#[test]
fn one_may_look_on_while_it_waits() {
    let mut stage = asked();
    stage.press("! j");
    assert_eq!(stage.cursor_name(), "checkout-1");
    stage.press("!");
    assert!(matches!(stage.state.overlay, Some(Overlay::Escalate(_))));
    assert!(stage.state.glass.asking().is_some());
}

#[test]
fn a_refusal_is_told_in_the_pane_with_everything_typed_still_there() {
    let mut stage = asked();
    stage.fact(Fact::AskFailed {
        error: "lead said no".into(),
    });
    assert_eq!(pane(&stage).error.as_deref(), Some("lead said no"));
    assert_eq!(pane(&stage).ticket.text(), "INC-4711");
    stage.press("ctrl-s");
    assert!(matches!(stage.effects[..], [Effect::Ask(_)]));
}

#[test]
fn consent_that_comes_while_it_is_withdrawn_is_ended_at_once() {
    let mut stage = asked();
    stage.press("esc");
    stage.break_glass(600);
    assert!(matches!(stage.effects[..], [Effect::End(_)]));
    assert!(!stage.state.glass.is_broken());
}

#[test]
fn a_grant_closes_the_pane_and_says_for_how_long() {
    let mut stage = asked();
    stage.break_glass(600);
    assert!(!stage.has_overlay());
    assert!(stage.state.glass.is_broken());
    assert_eq!(stage.said(), "the glass is broken: operator in shop for 10m");
}

#[test]
fn where_the_glass_cannot_be_broken_the_reason_is_told() {
    let mut stage = Stage::with_pods();
    stage.fact(Fact::OffersFailed {
        error: "the policy has 2 mistakes".into(),
    });
    stage.press("!");
    assert!(!stage.has_overlay());
    assert_eq!(
        stage.said(),
        "the glass cannot be broken here: the policy has 2 mistakes"
    );
    assert!(matches!(stage.effects[..], [Effect::Offers]), "asked again");
}

#[test]
fn the_pane_takes_every_letter_as_text() {
    let mut stage = Stage::with_pods();
    stage.press("! tab tab").type_text("q:?/!jk quit now please");
    assert_eq!(pane(&stage).reason.text(), "q:?/!jk quit now please");
}

#[test]
fn c_copies_the_command_for_an_approver() {
    let mut stage = asked();
    stage.fact(Fact::Asked(AskProgress::Waiting {
        session: "abc".into(),
        command: "kglass approve abc".into(),
    }));
    stage.press("c");
    assert!(matches!(&stage.effects[..], [Effect::Copy(text)] if text == "kglass approve abc"));
}

#[test]
fn records_are_counted_from_the_request_on_and_begin_anew_with_each() {
    let mut stage = filled();
    stage.fact(Fact::Recorded { count: 7 });
    stage.press("ctrl-s");
    assert_eq!(stage.state.glass.recorded, 0);
    stage.fact(Fact::Recorded { count: 3 });
    stage.break_glass(600);
    assert_eq!(stage.state.glass.recorded, 3);
}

#[test]
fn nobody_asks_while_another_context_is_being_opened() {
    let mut stage = filled();
    stage.press("esc");
    stage.command("ctx test");
    assert_eq!(stage.state.connection.connecting.as_deref(), Some("test"));
    stage.wait(1500).press("!");
    assert!(!stage.has_overlay());
    assert!(
        stage.said().contains("context test is being opened"),
        "{}",
        stage.said()
    );
    stage.fact(Fact::ConnectFailed {
        context: "test".into(),
        error: "refused".into(),
    });
    stage.press("!");
    assert!(stage.has_overlay(), "back where one was");
}
