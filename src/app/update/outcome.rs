//! What became of a write.

use super::drain;
use crate::app::{Level, State, Undo};
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
        forget_older(state, outcome);
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

/// What an older write of the same object would be taken back to is no longer what stood before this one.
fn forget_older(state: &mut State, outcome: &Outcome) {
    if !matches!(outcome.verb.as_str(), "scale" | "cordon" | "uncordon" | "delete") {
        return;
    }
    let is_same = |undo: &Undo| undo.target.uid == outcome.target.uid && undo.target.path() == outcome.target.path();
    let undo = &mut state.glass.undo;
    undo.retain(|undo| undo.action >= outcome.action || !is_same(undo));
}

/// Which key takes it back, if that can be done.
fn way_back(state: &mut State, action: u64) -> String {
    let Some(undo) = state.glass.undo.iter_mut().find(|undo| undo.action == action) else {
        return String::new();
    };
    undo.done = true;
    match state.keymap.keys_of(&[Mode::Global], "write.undo").first() {
        Some(key) => format!(" · {key} takes it back"),
        None => String::new(),
    }
}

/// Nothing was sent.
pub fn refused(state: &mut State, action: u64, error: &str) {
    state.glass.undo.retain(|undo| undo.action != action);
    drain::did_not_begin(state, action);
    state.say(Level::Error, format!("not sent: {error}"));
}
