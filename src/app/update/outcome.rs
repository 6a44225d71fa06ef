//! What became of a write.

use super::drain;
use crate::app::{Key, Level, Screen, State, WayBack};
use crate::escalation::Outcome;
use crate::registry::Mode;

pub fn outcome(state: &mut State, outcome: &Outcome) {
    let what = format!("{} {}", outcome.verb, outcome.target);
    let detail = if outcome.message.is_empty() {
        String::new()
    } else {
        format!(": {}", outcome.message)
    };
    if outcome.is_ok() {
        let way_back = way_back(state, outcome.action);
        state.say(
            Level::Note,
            format!("{what} done{detail} ({} ms){way_back}", outcome.took_ms),
        );
    } else if outcome.status == 0 {
        state.say(
            Level::Error,
            format!("{what}: no answer came{detail}; look whether it happened before you do it again"),
        );
    } else {
        state.say(
            Level::Error,
            format!("{what} refused by the server ({}){detail}", outcome.status),
        );
    }
}

/// Which key takes it back, if that can be done.
fn way_back(state: &mut State, action: u64) -> String {
    let Some(undo) = state.glass.undo.iter_mut().find(|undo| undo.action == action) else {
        return String::new();
    };
    undo.done = true;
    let back = undo.back;
    let (modes, keymap) = (
        state.screens.current().map_or(&[Mode::Global][..], Screen::modes),
        &state.keymap,
    );
    // On nodes the key has a meaning of its own, which is mostly the same one.
    let (action, words) = match back {
        WayBack::Cordon if modes.contains(&Mode::Nodes) => ("node.cordon", "cordons it again"),
        WayBack::Uncordon if modes.contains(&Mode::Nodes) => ("node.uncordon", "takes it back"),
        _ => ("write.undo", "takes it back"),
    };
    let keys = modes.iter().flat_map(|mode| keymap.keys_of(&[*mode], action));
    let live = |key: &Key| keymap.action(modes, *key).is_some_and(|found| found.id == action);
    match keys.into_iter().find(live) {
        Some(key) => format!(" · {key} {words}"),
        None => String::new(),
    }
}

/// Nothing was sent.
pub fn refused(state: &mut State, action: u64, error: &str) {
    state.glass.undo.retain(|undo| undo.action != action);
    drain::did_not_begin(state, action);
    state.say(Level::Error, format!("not sent: {error}"));
}
