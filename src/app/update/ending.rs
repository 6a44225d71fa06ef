//! The end of an escalation, whoever begins it: nothing is accepted from there on, what waits for a
//! write closes, and what was to follow follows when the end is confirmed.

use super::glass::set_mode;
use super::{confirm, leave, navigate};
use crate::app::{Effect, Ending, GlassMode, LeaveFor, Level, State};
use crate::escalation::{EndReason, Ended, Revocation};

/// Nothing is accepted from here on, even before the gate has answered.
pub fn end(state: &mut State, reason: EndReason, then: Option<LeaveFor>) -> Vec<Effect> {
    if !begin(state, then) {
        return Vec::new();
    }
    vec![Effect::End(reason)]
}

fn begin(state: &mut State, then: Option<LeaveFor>) -> bool {
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

/// The gate has begun to end it, whoever asked.
pub fn ending(state: &mut State) {
    begin(state, None);
}

pub fn ended(state: &mut State, ended: &Ended) -> Vec<Effect> {
    begin(state, None);
    let then = match std::mem::take(&mut state.glass.mode) {
        GlassMode::Ending(ending) => ending.then,
        other => {
            // A grant that came and went before it was shown.
            state.glass.mode = other;
            None
        }
    };
    set_mode(state, GlassMode::Normal);
    let (level, text) = farewell(ended);
    state.say(level, text);
    if let Some(text) = unsent(ended) {
        state.say(Level::Warning, text);
    }
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

/// What the sinks do not have yet.
fn unsent(ended: &Ended) -> Option<String> {
    let lacks = ended
        .unsent
        .iter()
        .map(|unsent| format!("{} records to {}", unsent.records, unsent.sink));
    let lacks: Vec<String> = lacks.collect();
    (!lacks.is_empty()).then(|| {
        format!(
            "not sent yet: {}; they are kept here and sent as soon as it is there, also by the next start",
            lacks.join(", ")
        )
    })
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
