//! The end of an escalation, whoever begins it: nothing is accepted from there on, what waits for a
//! write closes, and what was to follow follows when the end is confirmed.

use super::glass::set_mode;
use super::{confirm, leave, navigate, streams};
use crate::app::{Effect, Ending, GlassMode, LeaveFor, Level, State};
use crate::audit::end_in_words;
use crate::escalation::{EndReason, EndStep, Ended, Revocation};

/// Nothing is accepted from here on, even before the gate has answered.
pub fn end(state: &mut State, reason: EndReason, then: Option<LeaveFor>) -> Vec<Effect> {
    let Some(more) = begin(state, then) else {
        return Vec::new();
    };
    let mut effects = vec![Effect::End(reason)];
    effects.extend(more);
    effects
}

/// What follows on the screen; None if it had begun.
fn begin(state: &mut State, then: Option<LeaveFor>) -> Option<Vec<Effect>> {
    let GlassMode::Broken(grant) = &state.glass.mode else {
        return None;
    };
    let grant = grant.clone();
    set_mode(
        state,
        GlassMode::Ending(Ending {
            grant,
            since: state.now,
            step: EndStep::default(),
            then,
        }),
    );
    confirm::close_for_end(state);
    Some(streams::close_for_end(state))
}

/// The gate has begun to end it, whoever asked.
pub fn ending(state: &mut State) -> Vec<Effect> {
    begin(state, None).unwrap_or_default()
}

/// What is waited for is said as it is.
pub fn step(state: &mut State, step: EndStep) {
    if let GlassMode::Ending(ending) = &mut state.glass.mode {
        ending.step = step;
        state.changed = true;
    }
}

pub fn ended(state: &mut State, ended: &Ended) -> Vec<Effect> {
    let mut effects = begin(state, None).unwrap_or_default();
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
    for left in &ended.left {
        state.say(Level::Error, left.text.clone());
    }
    if let Some(text) = unsent(ended) {
        state.say(Level::Warning, text);
    }
    state.glass.undo.clear();
    state.glass.batches.clear();
    if let Some(to) = then {
        effects.extend(leave::go(state, to));
    }
    effects
}

fn farewell(ended: &Ended) -> (Level, String) {
    let cut = closed(&ended.cut);
    let counts = format!("{cut}{}", counted(ended));
    let why = end_in_words(ended.reason.as_str());
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

/// `3 writes (1 refused by the server, 1 unanswered), 2 not sent`.
fn counted(ended: &Ended) -> String {
    let some = |count: u32, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let writes = if ended.writes == 1 {
        "1 write".to_owned()
    } else {
        format!("{} writes", ended.writes)
    };
    let parts = [
        some(ended.declined, "refused by the server"),
        some(ended.unknown, "unanswered"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let writes = if parts.is_empty() {
        writes
    } else {
        format!("{writes} ({})", parts.join(", "))
    };
    let not_sent = some(ended.refused, "not sent");
    [Some(writes), not_sent]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
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

/// `1 shell, 2 port-forwards closed; `, or nothing.
fn closed(cut: &[String]) -> String {
    let of = |kind: &str| match cut.iter().filter(|words| words.starts_with(kind)).count() {
        0 => None,
        1 => Some(format!("1 {kind}")),
        n => Some(format!("{n} {kind}s")),
    };
    let parts: Vec<String> = ["shell", "port-forward"].into_iter().filter_map(of).collect();
    if parts.is_empty() {
        return String::new();
    }
    format!("{} closed; ", parts.join(", "))
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
