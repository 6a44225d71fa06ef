//! Normal, asking, broken, ending: what leads from one to the next, and the key `!`.

use super::{ending, warning};
use crate::app::{Asking, Effect, EscalatePane, Glass, GlassMode, Level, Overlay, State};
use crate::escalation::{AskProgress, EndReason, EscalationRequest, Grant, format_duration};

/// `!` does nothing this long after the mode changed: it must not destroy a grant that has just come.
const QUIET_MS: u64 = 1000;

/// The second press must come within this time.
const ARMED_MS: u64 = 2000;

const AGAIN: &str = "press ! again to end the escalation";

/// `!`
pub fn key(state: &mut State) -> Vec<Effect> {
    if state.glass.since_change(state.now) < QUIET_MS {
        state.say(Level::Note, "this has just changed: press ! again in a moment");
        return Vec::new();
    }
    match state.glass.mode {
        GlassMode::Normal | GlassMode::Asking(_) => open_pane(state),
        GlassMode::Broken(_) => end_key(state),
        GlassMode::Ending(_) => {
            state.say(Level::Note, "the escalation is ending already");
            Vec::new()
        }
    }
}

/// Two presses end, however close together: a held key or both in one read of the terminal too.
/// Ending is the safe direction; whoever hits the key twice in a hurry must not be told to try again.
fn end_key(state: &mut State) -> Vec<Effect> {
    let armed = state
        .glass
        .end_armed
        .filter(|first| state.now.since(*first) <= ARMED_MS);
    if armed.is_some() {
        state.glass.end_armed = None;
        return ending::end(state, EndReason::Operator, None);
    }
    state.glass.end_armed = Some(state.now);
    state.say(Level::Warning, AGAIN);
    Vec::new()
}

/// The second press did not come in time: what was said about it is no longer true.
pub fn disarm(state: &mut State) {
    if state
        .glass
        .end_armed
        .is_some_and(|first| state.now.since(first) > ARMED_MS)
    {
        state.glass.end_armed = None;
        if state.messages.newest().is_some_and(|message| message.text == AGAIN) {
            state.messages.dismiss();
        }
        state.changed = true;
    }
}

/// `:end`, typed in full, needs no second press.
pub fn end_command(state: &mut State) -> Vec<Effect> {
    if state.glass.is_broken() {
        return ending::end(state, EndReason::Operator, None);
    }
    state.say(Level::Note, "there is no escalation to end");
    Vec::new()
}

pub fn set_mode(state: &mut State, mode: GlassMode) {
    state.glass.mode = mode;
    state.glass.changed_at = state.now;
    state.glass.end_armed = None;
    state.changed = true;
}

/// Opens the pane, with what the policy offers here.
pub fn open_pane(state: &mut State) -> Vec<Effect> {
    if state.glass.grant().is_some() {
        state.say(Level::Note, "the glass is broken already: end it first");
        return Vec::new();
    }
    if state.connection.facts.is_none() {
        state.say(Level::Error, "no cluster is open: choose a context with :ctx");
        return Vec::new();
    }
    if let Some(name) = &state.connection.connecting {
        // Whose glass it would be is not certain, neither on the screen nor by the time it is granted.
        let text = format!("context {name} is being opened: ! when it is there, or :ctx to stay where you are");
        state.say(Level::Warning, text);
        return Vec::new();
    }
    let Some(offers) = state.offers.clone() else {
        let text = match &state.connection.offers_error {
            Some(error) => format!("the glass cannot be broken here: {error}"),
            None => "still looking what the policy offers here: press ! again".into(),
        };
        state.say(Level::Warning, text);
        return vec![Effect::Offers];
    };
    let pane = match state.glass.pane.take() {
        // What was typed is kept while one looks something up.
        Some(mut pane) => {
            pane.opened = state.now;
            pane
        }
        None => Box::new(EscalatePane::new(state.now, &offers, state.namespace.as_deref())),
    };
    state.overlay = Some(Overlay::Escalate(pane));
    Vec::new()
}

pub fn asking(state: &mut State, request: EscalationRequest) {
    let since = state.now;
    state.glass.recorded = 0;
    set_mode(
        state,
        GlassMode::Asking(Asking {
            since,
            request,
            progress: Vec::new(),
            withdrawn: false,
        }),
    );
}

pub fn asked(state: &mut State, progress: AskProgress) {
    if let GlassMode::Asking(asking) = &mut state.glass.mode {
        asking.progress.push(progress);
        state.changed = true;
    }
}

pub fn ask_failed(state: &mut State, error: String) {
    let withdrawn = state.glass.asking().is_some_and(|asking| asking.withdrawn);
    if state.glass.asking().is_some() {
        set_mode(state, GlassMode::Normal);
    }
    if let Some(Overlay::Escalate(pane)) = &mut state.overlay {
        pane.error = (!withdrawn).then(|| error.clone());
    }
    if withdrawn {
        state.say(Level::Error, error);
    } else {
        state.say(Level::Error, format!("the glass was not broken: {error}"));
    }
}

pub fn withdrawn(state: &mut State) {
    if state.glass.asking().is_some() {
        set_mode(state, GlassMode::Normal);
    }
    state.say(Level::Note, "the request is withdrawn");
}

pub fn granted(state: &mut State, grant: Grant) -> Vec<Effect> {
    let withdrawn = state.glass.asking().is_some_and(|asking| asking.withdrawn);
    let ttl_ms = grant.deadline.since(grant.granted_at);
    let place = grant.namespace.as_deref().unwrap_or("the whole cluster");
    let text = format!(
        "the glass is broken: {} in {place} for {}",
        grant.role,
        format_duration((ttl_ms / 1000) as u32)
    );
    state.glass = Glass {
        // Warnings longer than the whole time would all be given at once.
        warned: warning::warnings(state)
            .into_iter()
            .filter(|w| u64::from(*w) * 1000 >= ttl_ms)
            .collect(),
        recorded: state.glass.recorded,
        ..Glass::default()
    };
    if matches!(state.overlay, Some(Overlay::Escalate(_))) {
        state.overlay = None;
    }
    set_mode(state, GlassMode::Broken(grant));
    if withdrawn {
        state.say(
            Level::Warning,
            "consent came while the request was being withdrawn: ending it",
        );
        return ending::end(state, EndReason::Operator, None);
    }
    state.say(Level::Warning, text);
    Vec::new()
}
