//! What an operator does with their fingers, step by step. Each step waits for what it must see.

use super::desk::STEP;
use super::terminal::Terminal;

pub const REASON: &str = "checkout crash-loops since the rollout, restarting web";

/// A command line, as typed.
pub fn command(kglass: &mut Terminal, line: &str) {
    kglass.keys(":");
    kglass.wait_until("the command line", STEP, |screen| last_line(screen).contains(':'));
    kglass.keys(line);
    kglass.wait_until("what was typed", STEP, |screen| last_line(screen).contains(line));
    kglass.keys("<enter>");
}

/// Filters the table and waits until the cursor's row has `name`.
pub fn find(kglass: &mut Terminal, name: &str) {
    kglass.keys("/");
    kglass.keys(name);
    kglass.wait_until("the filter", STEP, |screen| last_line(screen).contains(name));
    kglass.keys("<enter>");
    kglass.wait_until(&format!("the cursor on {name}"), STEP, |screen| {
        screen.lines().any(|line| line.contains('▌') && line.contains(name))
    });
}

pub fn last_line(screen: &str) -> &str {
    screen.lines().last().unwrap_or_default()
}

/// Fills the pane for `role` and asks. Returns when the request is on its way.
pub fn ask_for(kglass: &mut Terminal, role: &str) {
    kglass.keys("!");
    kglass.wait_for("Break the glass");
    kglass.keys("<tab>INC-4711<tab>");
    kglass.keys(REASON);
    kglass.wait_for(REASON);
    kglass.keys("<tab>");
    for _ in 0..4 {
        if kglass.text().contains(&format!("‹ {role} ›")) {
            break;
        }
        let before = kglass.text();
        kglass.keys("<right>");
        kglass.wait_until("another role", STEP, |screen| screen != before);
    }
    kglass.wait_for(&format!("‹ {role} ›"));
    kglass.keys("<c-s>");
    kglass.wait_until("the request", STEP, |screen| !screen.contains("ctrl-s ask"));
}

/// Presses `keys` again and again until the screen shows that they were taken: a confirmation
/// ignores keys that come too soon after it opened.
pub fn until(kglass: &mut Terminal, keys: &str, what: &str, done: impl Fn(&str) -> bool) {
    for _ in 0..20 {
        kglass.keys(keys);
        if kglass.soon(&done) {
            return;
        }
    }
    panic!("{keys} was not taken: {what}; the screen:\n{}", kglass.text());
}
