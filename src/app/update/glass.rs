//! Normal, asking, broken, ending: what leads from one to the next, and the key `!`.

use super::keys::Press;
use super::{confirm, leave, navigate};
use crate::app::{Asking, Effect, Ending, EscalatePane, Glass, GlassMode, LeaveFor, Level, Overlay, State};
use crate::escalation::{AskProgress, EndReason, Ended, EscalationRequest, Grant, Revocation, format_duration};

/// `!` does nothing this long after the mode changed: it must not destroy a grant that has just come.
const QUIET_MS: u64 = 1000;

/// The second press must come within this time.
const ARMED_MS: u64 = 2000;

const AGAIN: &str = "press ! again to end the escalation";

/// Before the end, in seconds, when the policy names none.
const WARNINGS: [u32; 4] = [300, 120, 60, 10];

/// `!`
pub fn key(state: &mut State, press: Press) -> Vec<Effect> {
    if state.glass.since_change(state.now) < QUIET_MS {
        return Vec::new();
    }
    match state.glass.mode {
        GlassMode::Normal | GlassMode::Asking(_) => open_pane(state),
        GlassMode::Broken(_) => end_key(state, press),
        GlassMode::Ending(_) => {
            state.say(Level::Note, "the escalation is ending already");
            Vec::new()
        }
    }
}

fn end_key(state: &mut State, press: Press) -> Vec<Effect> {
    let armed = state
        .glass
        .end_armed
        .filter(|first| state.now.since(*first) <= ARMED_MS);
    match armed {
        // A key held down is one press.
        Some(_) if press.doubtful => Vec::new(),
        Some(_) => {
            state.glass.end_armed = None;
            end(state, EndReason::Operator, None)
        }
        None => {
            state.glass.end_armed = Some(state.now);
            state.say(Level::Warning, AGAIN);
            Vec::new()
        }
    }
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
        return end(state, EndReason::Operator, None);
    }
    state.say(Level::Note, "there is no escalation to end");
    Vec::new()
}

/// Nothing is accepted from here on, even before the gate has answered.
pub fn end(state: &mut State, reason: EndReason, then: Option<LeaveFor>) -> Vec<Effect> {
    if !begin_ending(state, then) {
        return Vec::new();
    }
    vec![Effect::End(reason)]
}

fn begin_ending(state: &mut State, then: Option<LeaveFor>) -> bool {
    let GlassMode::Broken(grant) = &state.glass.mode else {
        return false;
    };
    let grant = grant.clone();
    set_mode(
        state,
        GlassMode::Ending(Ending {
            grant,
            since: state.now,
            then,
        }),
    );
    confirm::close_for_end(state);
    true
}

fn set_mode(state: &mut State, mode: GlassMode) {
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
        state.say(Level::Note, "the request is withdrawn");
    } else {
        state.say(Level::Error, format!("the glass was not broken: {error}"));
    }
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
        warned: warnings(state)
            .into_iter()
            .filter(|w| u64::from(*w) * 1000 >= ttl_ms)
            .collect(),
        last_end: state.glass.last_end.take(),
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
        return end(state, EndReason::Operator, None);
    }
    state.say(Level::Warning, text);
    Vec::new()
}

fn warnings(state: &State) -> Vec<u32> {
    match &state.offers {
        Some(offers) => offers.warnings.to_vec(),
        None => WARNINGS.to_vec(),
    }
}

/// Says the warnings whose time has come; of several at once only the last.
pub fn warn(state: &mut State) {
    let (true, Some(left)) = (state.glass.is_broken(), state.glass.left_ms(state.now)) else {
        return;
    };
    let due: Vec<u32> = warnings(state)
        .into_iter()
        .filter(|w| left <= u64::from(*w) * 1000 && !state.glass.warned.contains(w))
        .collect();
    if let Some(shortest) = due.iter().min()
        && left > 0
    {
        state.say(
            Level::Warning,
            format!("{} left, then the escalation ends", format_duration(*shortest)),
        );
    }
    state.glass.warned.extend(due);
}

/// The gate has begun to end it, whoever asked.
pub fn ending(state: &mut State) {
    begin_ending(state, None);
}

pub fn ended(state: &mut State, ended: Ended) -> Vec<Effect> {
    begin_ending(state, None);
    let then = match std::mem::take(&mut state.glass.mode) {
        GlassMode::Ending(ending) => ending.then,
        other => {
            // A grant that came and went before it was shown.
            state.glass.mode = other;
            None
        }
    };
    set_mode(state, GlassMode::Normal);
    let (level, text) = farewell(&ended);
    state.say(level, text);
    state.glass.last_end = Some(ended);
    state.glass.undo.clear();
    match then {
        Some(to) => leave::go(state, to),
        None => Vec::new(),
    }
}

fn farewell(ended: &Ended) -> (Level, String) {
    let counts = format!(
        "{}, {} refused",
        if ended.writes == 1 {
            "1 write".into()
        } else {
            format!("{} writes", ended.writes)
        },
        ended.refused
    );
    let why = ended.reason.as_str();
    match &ended.revocation {
        Revocation::Confirmed { after_ms } => {
            let seconds = *after_ms as f64 / 1000.0;
            (
                Level::Note,
                format!("ended ({why}): {counts}; credential refused after {seconds:.1} s"),
            )
        }
        Revocation::Unconfirmed { why: unsure } => (
            Level::Warning,
            format!("ended ({why}): {counts}; whether the server refuses the credential is not confirmed: {unsure}"),
        ),
    }
}

/// SIGTERM or SIGHUP: the runtime has two seconds.
pub fn terminate(state: &mut State, signal: &str) -> Vec<Effect> {
    let mut effects = navigate::stop_reads(state);
    if state.glass.asking().is_some() {
        effects.push(Effect::Withdraw);
    }
    effects.extend(end(state, EndReason::Signal(signal.into()), Some(LeaveFor::Quit)));
    effects.push(Effect::Quit);
    effects
}
