//! More than a terminal takes, in either direction: keys at once, of which none may be left behind, and
//! words that nobody reads.

use std::sync::mpsc;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::Home;
use super::terminal::PATIENCE;

/// Many reads' worth, and less than a terminal holds for a program that reads nothing: then this
/// write would wait for ever.
const MANY: usize = 6_000;

#[test]
fn a_flood_of_keys_leaves_the_keyboard_alive() {
    let home = Home::new();
    let mut kglass = home.open(&[], (80, 24));
    kglass.wait_for("? keys");
    kglass.at_once(&"jk".repeat(MANY / 2));
    kglass.keys("?");
    kglass.wait_until("the help screen", PATIENCE, |screen| screen.contains("▸ keys"));
    kglass.keys(":q<enter>");
    assert!(kglass.exit().success());
}

/// More words than a terminal holds that nobody reads: they are given up, and the program leaves.
#[test]
fn last_words_to_a_terminal_that_does_not_read_keep_nobody_from_leaving() {
    let pair = native_pty_system()
        .openpty(PtySize::default())
        .expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(super::KGLASS);
    command.args(["kit", "print", &"x".repeat(120_000)]);
    let home = Home::new();
    for (name, value) in home.environment() {
        command.env(name, value);
    }
    let mut kglass = pair.slave.spawn_command(command).expect("it starts");
    drop(pair.slave);
    let (left, has_left) = mpsc::channel();
    let mut killer = kglass.clone_killer();
    std::thread::spawn(move || left.send(kglass.wait()));
    let status = has_left.recv_timeout(PATIENCE);
    // It must not outlive the test, whatever came of it.
    let _ = killer.kill();
    assert_eq!(status.expect("it leaves").expect("it ran").exit_code(), 2);
}
