//! From a key to an action. What lies over the screen has the first word; then the keymap.

use super::{act, confirm, drain, escalate, leave, prompt, shell, streams};
use crate::app::{Effect, GlassMode, Key, KeyCode, Overlay, Screen, State};
use crate::escalation::Escalation;
use crate::model::Moment;

/// One key press with what decides whether it may confirm.
#[derive(Clone, Copy, Debug)]
pub struct Press {
    pub key: Key,
    /// It came with others in one read, or follows the same key within `HELD_MS`.
    pub doubtful: bool,
    /// It came with others in one read.
    pub burst: bool,
    pub at: Moment,
}

/// The same key again so soon is a key held down.
const HELD_MS: u64 = 60;

/// Keys typed before a box opened still arrive for this long.
pub const GUARD_MS: u64 = 250;

/// Somebody who is typing goes on for a moment after the question is gone.
pub const DEAF_MS: u64 = 700;

pub fn key(state: &mut State, authority: Option<&Escalation>, key: Key, burst: bool) -> Vec<Effect> {
    let at = state.now;
    let held = state
        .last_key
        .is_some_and(|(last, when)| last == key && at.since(when) <= HELD_MS);
    state.last_key = Some((key, at));
    state.changed |= !shell::takes_keys(state);
    let press = Press {
        key,
        doubtful: burst || held,
        burst,
        at,
    };
    if let Some(until) = state.deaf_until {
        if at >= until || state.overlay.is_some() {
            state.deaf_until = None;
        } else if is_typed(key) {
            state.deaf_until = Some(until.max(at.plus_ms(DEAF_MS / 2)));
            return Vec::new();
        }
    }
    match &state.overlay {
        Some(Overlay::Prompt(_)) => prompt::key(state, press),
        Some(Overlay::Confirm(_)) => confirm::key(state, authority, press),
        Some(Overlay::Escalate(_)) => escalate::key(state, press),
        Some(Overlay::Leave(_)) => leave::key(state, press),
        Some(Overlay::Pick(_)) => streams::pick_key(state, press),
        Some(Overlay::Drain) => drain::key(state, press),
        None => on_screen(state, press),
    }
}

/// What an answer is typed with; the ways out and the chords stay.
fn is_typed(key: Key) -> bool {
    !key.ctrl && !matches!(key.code, KeyCode::Esc | KeyCode::Char('!'))
}

fn on_screen(state: &mut State, press: Press) -> Vec<Effect> {
    let Some(screen) = state.screens.current() else {
        return without_screen(state, press);
    };
    if matches!(screen, Screen::Shell(_)) {
        state.messages.dismiss();
        return shell::key(state, press);
    }
    let modes = screen.modes();
    let action = state.keymap.action(modes, press.key);
    state.messages.dismiss();
    match action {
        Some(action) => act::act(state, action, press),
        None => Vec::new(),
    }
}

/// Before a context is open there is nothing to look at, but one can still choose another or quit.
fn without_screen(state: &mut State, press: Press) -> Vec<Effect> {
    use crate::registry::Mode;
    match state.keymap.action(&[Mode::Global], press.key) {
        Some(action) => act::act(state, action, press),
        None => Vec::new(),
    }
}

/// Text for a field; it never is a command and never confirms.
pub fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    state.changed = true;
    match &mut state.overlay {
        Some(Overlay::Prompt(_)) => prompt::paste(state, text),
        Some(Overlay::Confirm(box_)) => {
            box_.hint = Some("a paste never confirms: type it");
            Vec::new()
        }
        Some(Overlay::Escalate(_)) if !matches!(state.glass.mode, GlassMode::Asking(_)) => escalate::paste(state, text),
        None if matches!(state.screens.current(), Some(Screen::Shell(_))) => shell::paste(state, text),
        _ => {
            state.say(
                crate::app::Level::Note,
                "pasted text is taken only by a field: press : or / first",
            );
            Vec::new()
        }
    }
}
