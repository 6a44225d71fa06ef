//! The terminal is given back as it was found, whatever way the program ends.

use std::time::Duration;

use rustix::process::Signal;

use super::Home;
use super::terminal::{PATIENCE, Terminal};

/// What every screen shows.
const UP: &str = "? keys";

fn assert_given_back(kglass: &Terminal) {
    assert_eq!(kglass.is_full_screen(), (false, false), "main screen, cursor shown");
    assert!(!kglass.is_raw(), "no raw mode");
    let raw = String::from_utf8_lossy(&kglass.raw()).into_owned();
    assert!(raw.contains("\x1b[?2004l"), "bracketed paste is off");
}

#[test]
fn after_quitting() {
    let home = Home::new();
    let mut kglass = home.open(&[], (80, 24));
    kglass.wait_for(UP);
    assert!(kglass.is_full_screen().0, "it runs on the alternate screen");
    assert!(kglass.is_raw(), "it runs in raw mode");
    kglass.keys("q");
    assert!(kglass.exit().success());
    assert_given_back(&kglass);
}

#[test]
fn after_signals_that_end_it() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let home = Home::new();
        let mut kglass = home.open(&[], (80, 24));
        kglass.wait_for(UP);
        kglass.signal(signal);
        kglass.exit();
        assert_given_back(&kglass);
    }
}

/// Time for giving back to a terminal that does not read, and for a busy machine.
const LEAVES: Duration = Duration::from_secs(2);

#[test]
fn a_terminal_that_does_not_read_keeps_nobody_from_leaving() {
    for stuck_by_frames in [false, true] {
        let home = Home::new();
        let mut kglass = home.open(&[], (80, 24));
        kglass.wait_for(UP);
        kglass.stop_reading();
        if stuck_by_frames {
            for width in [120, 121, 122, 123] {
                kglass.resize((width, 40));
                kglass.keys("?");
            }
        }
        kglass.signal(Signal::TERM);
        let status = kglass.has_left(LEAVES).expect("it leaves although nothing is read");
        assert!(status.success(), "{status:?}");
        assert!(!kglass.is_raw(), "raw mode is off: that needs nobody who reads");
    }
}

#[test]
fn what_was_drawn_meanwhile_is_shown_when_the_terminal_reads_again() {
    let home = Home::new();
    let mut kglass = home.open(&[], (80, 24));
    kglass.wait_for(UP);
    kglass.stop_reading();
    kglass.keys(":messages");
    kglass.read_again();
    kglass.wait_for(":messages");
    kglass.keys("<esc>");
    kglass.wait_until("the bar without a command", PATIENCE, |screen| {
        !screen.contains(":messages")
    });
    kglass.keys("q");
    assert!(kglass.exit().success());
    assert_given_back(&kglass);
}

#[test]
fn while_it_is_stopped_and_taken_again_when_it_goes_on() {
    let home = Home::new();
    let mut kglass = home.open(&[], (80, 24));
    kglass.wait_for(UP);
    kglass.signal(Signal::TSTP);
    kglass.wait_until_mode("the main screen", (false, false));
    kglass.wait_until_stopped();
    assert!(!kglass.is_raw(), "no raw mode while stopped");
    kglass.signal(Signal::CONT);
    kglass.wait_until_mode("the alternate screen", (true, true));
    kglass.wait_for(UP);
    kglass.keys("q");
    assert!(kglass.exit().success());
    assert_given_back(&kglass);
}

/// This very binary runs in the terminal and panics there.
#[test]
fn after_a_panic() {
    if std::env::var_os("KGLASS_TEST_PANIC").is_some() {
        kglass::runtime::restore_on_panic();
        let _screen = kglass::runtime::Screen::take().expect("a terminal");
        panic!("on purpose, with the terminal taken");
    }
    let own = std::env::current_exe().expect("a test binary");
    let args = [
        "--exact",
        "given_back::after_a_panic",
        "--nocapture",
        "--test-threads=1",
    ];
    let mut panicking = Terminal::spawn(&own, &args, &[("KGLASS_TEST_PANIC", "1")], (80, 24));
    panicking.exit();
    assert_given_back(&panicking);
    let text = panicking.text();
    assert!(
        text.contains("on purpose"),
        "the panic can be read on the main screen:\n{text}"
    );
}

#[test]
fn a_resize_is_followed() {
    let home = Home::new();
    let mut kglass = home.open(&[], (80, 24));
    kglass.wait_for(UP);
    kglass.resize((120, 40));
    kglass.wait_until("the wider screen", PATIENCE, |screen| {
        screen
            .lines()
            .any(|line| line.trim_end().ends_with(UP) && line.chars().count() > 100)
    });
    kglass.keys("q");
    assert!(kglass.exit().success());
}

#[test]
fn without_a_terminal_it_says_so_and_leaves() {
    let home = Home::new();
    let output = std::process::Command::new(super::KGLASS)
        .envs(home.environment())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("must be a terminal"), "{errors}");
}
