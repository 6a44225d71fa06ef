//! What an operator does with their fingers, step by step. Each step waits for what it must see.

use super::terminal::{STEP, Terminal};

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
    // Whatever was filtered before.
    kglass.keys("/<c-u>");
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
    // Just after the start the rights are still being read, and the key says so; in the form it does nothing.
    until(kglass, "!", "the form", |screen| screen.contains("Break the glass"));
    kglass.keys("<tab>INC-4711<tab>");
    kglass.keys(REASON);
    kglass.wait_for(REASON);
    kglass.keys("<tab>");
    // Beside each other where there is room, else one at a time.
    let chosen = |screen: &str| screen.contains(&format!("● {role}")) || screen.contains(&format!("‹ {role} ›"));
    // Only what stands within the box: the table beside it changes by itself, and a change there
    // would pass for the answer to a key that is still on its way.
    let roles = |screen: &str| {
        let mut within = screen.lines().flat_map(|line| line.split('│'));
        within.find(|part| part.contains("Role ")).map(str::to_owned)
    };
    kglass.wait_until("the cursor on what is offered", STEP, |s| {
        roles(s).is_some_and(|line| line.starts_with('▌') && (line.contains('●') || line.contains('‹')))
    });
    while !chosen(&kglass.text()) {
        let before = roles(&kglass.text());
        kglass.keys("<right>");
        kglass.wait_until(&format!("another role, on the way to {role}"), STEP, |s| {
            roles(s) != before
        });
    }
    until(kglass, "<c-s>", "the request", |screen| {
        screen.contains("Breaking the glass") || screen.contains("GLASS BROKEN")
    });
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
