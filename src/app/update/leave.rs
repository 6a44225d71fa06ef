//! Quitting and going to another context. With a broken glass both ask once, then wait until the
//! end is confirmed; one more `q` leaves it unconfirmed.

use super::keys::{GUARD_MS, Press};
use super::{ending, navigate};
use crate::app::{Effect, GlassMode, KeyCode, Leave, LeaveFor, Level, Overlay, State};
use crate::escalation::EndReason;

pub fn quit(state: &mut State) -> Vec<Effect> {
    match &mut state.glass.mode {
        GlassMode::Normal => go(state, LeaveFor::Quit),
        GlassMode::Asking(_) => {
            let mut effects = vec![Effect::Withdraw];
            effects.extend(go(state, LeaveFor::Quit));
            effects
        }
        GlassMode::Broken(_) => question(state, LeaveFor::Quit),
        GlassMode::Ending(ending) if ending.then == Some(LeaveFor::Quit) => {
            // Asked for once already: the wait is cut short, the end stays unconfirmed.
            vec![Effect::Quit]
        }
        GlassMode::Ending(ending) => {
            ending.then = Some(LeaveFor::Quit);
            state.say(Level::Note, "leaving when the end is confirmed; q again leaves at once");
            Vec::new()
        }
    }
}

pub fn switch(state: &mut State, context: &str) -> Vec<Effect> {
    // Opening it again is of use after a new login; to end an escalation for it is of none.
    if is_in_use(state, context) && !matches!(state.glass.mode, GlassMode::Normal) {
        state.say(Level::Note, format!("{context} is in use"));
        return Vec::new();
    }
    let to = LeaveFor::Context(context.into());
    let known = &state.connection.contexts;
    if !known.is_empty() && !known.iter().any(|name| name == context) {
        state.say(
            Level::Error,
            format!("the kubeconfig has no context `{context}`; :ctx lists them"),
        );
        return Vec::new();
    }
    match &mut state.glass.mode {
        GlassMode::Normal => go(state, to),
        GlassMode::Asking(_) => {
            state.say(Level::Warning, "a request is waiting: withdraw it first (!, then esc)");
            Vec::new()
        }
        GlassMode::Broken(_) => question(state, to),
        GlassMode::Ending(ending) => {
            ending.then = Some(to);
            Vec::new()
        }
    }
}

/// The context that is open, with no other on the way.
pub fn is_in_use(state: &State, context: &str) -> bool {
    let connection = &state.connection;
    let open = connection.facts.as_ref().is_some_and(|facts| facts.context == context);
    open && connection.connecting.is_none()
}

fn question(state: &mut State, to: LeaveFor) -> Vec<Effect> {
    state.overlay = Some(Overlay::Leave(Leave { to, opened: state.now }));
    Vec::new()
}

/// `q`, `y` or ctrl-c again ends and leaves; anything else stays.
pub fn key(state: &mut State, press: Press) -> Vec<Effect> {
    let Some(Overlay::Leave(leave)) = state.overlay.clone() else {
        return Vec::new();
    };
    if press.at.since(leave.opened) < GUARD_MS {
        return Vec::new();
    }
    let yes = matches!(
        (press.key.code, press.key.ctrl),
        (KeyCode::Char('q' | 'y'), false) | (KeyCode::Char('c'), true)
    );
    if yes && press.doubtful {
        return Vec::new();
    }
    state.overlay = None;
    if !yes {
        state.say(Level::Note, "you stay; the escalation goes on");
        return Vec::new();
    }
    let reason = match leave.to {
        LeaveFor::Quit => EndReason::Quit,
        LeaveFor::Context(_) => EndReason::ContextSwitch,
    };
    if !state.glass.is_broken() {
        // It ended while the question stood.
        return go(state, leave.to);
    }
    ending::end(state, reason, Some(leave.to))
}

pub fn go(state: &mut State, to: LeaveFor) -> Vec<Effect> {
    match to {
        LeaveFor::Quit => vec![Effect::Quit],
        LeaveFor::Context(name) => {
            let mut effects = navigate::stop_reads(state);
            state.connection.connecting = Some(name.clone());
            state.say(Level::Note, format!("opening context {name}"));
            effects.push(Effect::SwitchContext(name));
            effects
        }
    }
}
