//! What became of a write.

use super::drain;
use crate::app::{Batch, Key, Level, Screen, State, Undo, WayBack};
use crate::escalation::Outcome;
use crate::registry::Mode;

pub fn outcome(state: &mut State, outcome: &Outcome) {
    let count = count(state, outcome);
    if outcome.is_ok() {
        forget_older(state, outcome);
    }
    let Some(batch) = count else {
        let way_back = way_back(state, outcome);
        let (level, text) = told(outcome);
        return state.say(level, format!("{text}{way_back}"));
    };
    // Those that went as they should are counted; the rest is told one by one, and kept.
    if !outcome.is_ok() || outcome.is_held() {
        let (level, text) = told(outcome);
        state.say(level, text);
    }
    let (level, text) = sum(&batch, outcome);
    state.say_of(batch.action, level, text);
}

/// `deleted pods/web-0 (12 ms)`, or what the server said.
fn told(outcome: &Outcome) -> (Level, String) {
    let (verb, target) = (outcome.verb.as_str(), &outcome.target);
    let detail = if outcome.message.is_empty() || outcome.message == past(verb) {
        String::new()
    } else {
        format!(": {}", outcome.message)
    };
    if outcome.is_ok() {
        let did = if outcome.is_held() { verb } else { past(verb) };
        (Level::Note, format!("{did} {target}{detail} ({} ms)", outcome.took_ms))
    } else if outcome.status == 0 {
        let look = "look whether it happened before you do it again";
        (Level::Error, format!("{verb} {target}: no answer came{detail}; {look}"))
    } else {
        let status = outcome.status;
        (
            Level::Error,
            format!("{verb} {target} refused by the server ({status}){detail}"),
        )
    }
}

fn past(verb: &str) -> &str {
    match verb {
        "delete" => "deleted",
        "scale" => "scaled",
        "restart" => "restarted",
        "cordon" => "cordoned",
        "uncordon" => "uncordoned",
        "evict" => "evicted",
        other => other,
    }
}

/// Counts it, if it is one of many.
fn count(state: &mut State, outcome: &Outcome) -> Option<Batch> {
    let batches = &mut state.glass.batches;
    let at = batches.iter().position(|batch| batch.action == outcome.action)?;
    let batch = batches.get_mut(at)?;
    let sort = match outcome.status {
        _ if outcome.is_held() => &mut batch.held,
        _ if outcome.is_ok() => &mut batch.done,
        0 => &mut batch.unanswered,
        _ => &mut batch.refused,
    };
    *sort += 1;
    let batch = batch.clone();
    if batch.answered() >= batch.total {
        batches.remove(at);
    }
    Some(batch)
}

/// `delete 12 of 23 …`, at the end `23 pods deleted` or what became of which part.
fn sum(batch: &Batch, outcome: &Outcome) -> (Level, String) {
    let (answered, total) = (batch.answered(), batch.total);
    let troubles = troubles(batch);
    let level = if batch.refused + batch.unanswered > 0 {
        Level::Error
    } else {
        Level::Note
    };
    if answered < total {
        let troubles = troubles.iter().map(|trouble| format!(", {trouble}"));
        let text = format!(
            "{} {answered} of {total}{} …",
            outcome.verb,
            troubles.collect::<String>()
        );
        return (level, text);
    }
    let done = past(&outcome.verb);
    if troubles.is_empty() {
        return (level, format!("{total} {} {done}", outcome.target.resource));
    }
    let parts: Vec<String> = [format!("{} {done}", batch.done)].into_iter().chain(troubles).collect();
    (level, format!("{} (see :messages)", parts.join(", ")))
}

/// What did not go as it should.
fn troubles(batch: &Batch) -> Vec<String> {
    let counts = [
        (batch.held, "begun and held"),
        (batch.refused, "refused"),
        (batch.unanswered, "without an answer"),
    ];
    let some = counts.into_iter().filter(|(n, _)| *n > 0);
    some.map(|(n, what)| format!("{n} {what}")).collect()
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
fn way_back(state: &mut State, outcome: &Outcome) -> String {
    let mut undo = state.glass.undo.iter_mut();
    let Some(undo) = undo.find(|undo| undo.action == outcome.action && outcome.is_ok()) else {
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
    let batches = &mut state.glass.batches;
    let at = batches.iter().position(|batch| batch.action == action);
    match at.map(|at| batches.remove(at)) {
        Some(batch) => {
            let (answered, total) = (batch.answered(), batch.total);
            let text = format!("{answered} of {total} sent; the rest not: {error}");
            state.say_of(action, Level::Error, text);
        }
        None => state.say(Level::Error, format!("not sent: {error}")),
    }
}
