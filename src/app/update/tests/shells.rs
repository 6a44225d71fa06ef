//! A shell on the screen: where its keys go, what they draw, and how it ends.

use super::streaming::{end, in_shell};
use super::*;
use crate::escalation::{EndReason, Input, StreamClose, StreamEnd};
use crate::model::TerminalFrame;

fn typed(stage: &Stage) -> Vec<u8> {
    let inputs = stage.effects.iter().filter_map(|effect| match effect {
        Effect::Input(7, Input::Bytes(bytes)) => Some(bytes.clone()),
        _ => None,
    });
    inputs.flatten().collect()
}

#[test]
fn every_key_goes_to_the_remote_but_the_one_of_the_menu() {
    let mut stage = in_shell();
    for (key, bytes) in [
        (":", ":"),
        ("q", "q"),
        ("!", "!"),
        ("ctrl-c", "\u{3}"),
        ("esc", "\u{1b}"),
    ] {
        stage.press(key);
        assert_eq!(typed(&stage), bytes.as_bytes(), "{key}");
    }
    // As a terminal sends ctrl-].
    stage.press("ctrl-5");
    assert!(stage.effects.is_empty());
    stage.press("x");
    assert!(stage.effects.is_empty(), "in the menu nothing is sent by mistake");
    stage.press("ctrl-5");
    assert_eq!(typed(&stage), [0x1d]);
    stage.press("ctrl-] esc a");
    assert_eq!(typed(&stage), b"a");
}

#[test]
fn a_key_for_the_remote_draws_nothing_but_the_menu_does() {
    let mut stage = in_shell();
    stage.press("a");
    assert!(stage.state.take_change(), "it dismisses the message over the last line");
    stage.press("b");
    assert!(!stage.state.take_change(), "its echo is what will be drawn");
    stage.press("ctrl-5");
    assert!(stage.state.take_change());
    stage.press("esc");
    assert!(stage.state.take_change());
}

#[test]
fn cursor_keys_and_pastes_follow_the_modes_of_the_remote() {
    let mut stage = in_shell();
    stage.press("up");
    assert_eq!(typed(&stage), b"\x1b[A");
    stage.fact(Fact::Terminal {
        action: 7,
        frame: Arc::new(TerminalFrame {
            application_cursor: true,
            bracketed_paste: true,
            ..TerminalFrame::default()
        }),
    });
    stage.press("up");
    assert_eq!(typed(&stage), b"\x1bOA");
    stage.fact(Fact::Paste("two\nlines".into()));
    assert_eq!(typed(&stage), b"\x1b[200~two\rlines\x1b[201~");
}

#[test]
fn the_glass_is_ended_from_inside_a_shell_by_its_menu() {
    let mut stage = in_shell();
    stage.wait(2000).press("ctrl-5 ! !");
    assert!(matches!(stage.effects.first(), Some(Effect::End(EndReason::Operator))));
    assert!(matches!(stage.screen(), Screen::Table(_)));
}

#[test]
fn closing_a_shell_asks_the_gate_and_goes_back_at_once() {
    let mut stage = in_shell();
    stage.press("ctrl-5 q");
    assert!(
        stage
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::CloseStream(7)))
    );
    assert!(matches!(stage.screen(), Screen::Table(_)));
    stage.fact(Fact::StreamEnded {
        action: 7,
        end: end(StreamClose::Closed),
    });
    assert_eq!(
        stage.said(),
        "shell in cart-1 ended: closed · 12s · 12 B in, 2.0 KiB out"
    );
}

#[test]
fn a_shell_that_did_not_say_that_it_ended_may_go_on_and_it_is_said() {
    for close in [
        StreamClose::Closed,
        StreamClose::Cut,
        StreamClose::Broken("reset".into()),
    ] {
        let mut stage = in_shell();
        let end = StreamEnd {
            may_go_on: true,
            ..end(close)
        };
        stage.fact(Fact::StreamEnded { action: 7, end });
        assert!(
            stage.said().contains("what it runs may go on in the pod"),
            "{}",
            stage.said()
        );
    }
}

#[test]
fn the_remotes_own_end_brings_the_table_back_with_its_exit_code() {
    let mut stage = in_shell();
    stage.fact(Fact::StreamEnded {
        action: 7,
        end: end(StreamClose::Exit(3)),
    });
    assert!(matches!(stage.screen(), Screen::Table(_)));
    assert!(stage.said().contains("exit code 3"), "{}", stage.said());
    assert!(
        !stage.state.screens.can_go_forward(),
        "nobody goes forward to a dead shell"
    );
}

#[test]
fn a_resize_goes_to_the_remote_without_the_banners_line() {
    let mut stage = in_shell();
    stage.fact(Fact::Resize { width: 90, height: 25 });
    let size = stage.effects.iter().find_map(|effect| match effect {
        Effect::Input(7, Input::Resize(size)) => Some((size.columns, size.rows)),
        _ => None,
    });
    assert_eq!(size, Some((90, 24)));
}

#[test]
fn a_message_uncovers_the_last_row_of_a_shell_after_five_seconds() {
    let mut stage = in_shell();
    stage.fact(Fact::Notice {
        text: "1m left".into(),
        is_error: false,
    });
    stage.wait(4900).tick();
    assert!(stage.state.messages.newest().is_some());
    stage.wait(200).tick();
    assert!(stage.state.messages.newest().is_none());
    assert_eq!(stage.state.messages.all()[0].text, "1m left", "the log keeps it");
}
