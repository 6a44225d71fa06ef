//! Routes each fact to the file of its place. Decides nothing itself.

mod act;
mod command;
mod command_line;
mod confirm;
mod connection;
mod contexts;
mod dependents;
mod describe;
mod drain;
mod drain_impact;
mod ending;
mod escalate;
mod filter;
mod glass;
mod history;
mod impact;
mod keys;
mod leave;
mod logs;
mod navigate;
mod outcome;
mod owner;
mod prompt;
mod reading;
mod replay;
mod resize;
mod restricted;
mod shell;
mod sinks;
mod streams;
mod suggest;
mod table;
#[cfg(test)]
mod tests;
mod tick;
mod typing;
mod undo;
mod usage;
mod warning;
mod why;
mod write;
mod yaml;

pub use streams::bytes;

use super::{Effect, Fact, Level, Msg, State, guide};
use crate::escalation::Escalation;

/// What follows from one fact: the next state, and what the world is asked to do.
///
/// `authority` is lent by the runtime while the glass is broken; only a confirmed write and a chosen stream use it.
pub fn update(state: &mut State, authority: Option<&Escalation>, msg: Msg) -> Vec<Effect> {
    state.now = msg.at;
    guide::hear(state, &msg.fact);
    let mut effects = follow(state, authority, msg.fact);
    effects.extend(streams::open_ready(state, authority));
    guide::look(state);
    effects
}

fn follow(state: &mut State, authority: Option<&Escalation>, fact: Fact) -> Vec<Effect> {
    match fact {
        Fact::Key { key, burst } => return keys::key(state, authority, key, burst),
        Fact::Paste(text) => return keys::paste(state, &text),
        Fact::Resize { width, height } => {
            resize::resize(state, width, height);
            return shell::resized(state);
        }
        Fact::Tick => {
            let mut effects = tick::tick(state);
            effects.extend(why::ask(state));
            effects.extend(usage::ask(state));
            return effects;
        }
        Fact::Reading { id, reading } => return reading::reading(state, id, reading),
        Fact::ContextPlaces(places) => contexts::placed(state, places),
        Fact::Contexts { names, current } => contexts::listed(state, names, &current),
        Fact::Connected(facts) => return connection::connected(state, facts),
        Fact::ConnectFailed { context, error } => return connection::failed(state, &context, error),
        Fact::Offers(offers) => connection::offers(state, offers),
        Fact::OffersFailed { error } => connection::offers_failed(state, error),
        Fact::Asked(progress) => glass::asked(state, progress),
        Fact::AskFailed { error } => glass::ask_failed(state, error),
        Fact::Withdrawn => glass::withdrawn(state),
        Fact::Granted(grant) => return glass::granted(state, grant),
        Fact::Recorded { count } => recorded(state, count),
        Fact::Sinks(statuses) => sinks::told(state, statuses),
        Fact::Outcome(outcome) => outcome::outcome(state, &outcome),
        Fact::WriteRefused { action, error } => outcome::refused(state, action, &error),
        Fact::Stream(event) => streams::event(state, event),
        Fact::StreamEnded { action, end } => return streams::ended(state, action, &end),
        Fact::StreamFailed { action, error } => return streams::failed(state, action, &error),
        Fact::Terminal { action, frame } => shell::drawn(state, action, frame),
        Fact::Surveyed { node, found } => drain::surveyed(state, &node, found),
        Fact::Drain(progress) => drain::progress(state, progress),
        Fact::Ending => return ending::ending(state),
        Fact::EndStep(step) => ending::step(state, step),
        Fact::Ended(ended) => return ending::ended(state, &ended),
        Fact::Notice { text, is_error } => notice(state, text, is_error),
        Fact::Sessions(sessions) => {
            state.sessions = Some(sessions);
            state.changed = true;
            history::suggest_again(state);
        }
        Fact::ReplayOpened(recording) => return replay::opened(state, recording),
        Fact::ReplayFailed { error } => state.say(Level::Error, format!("the session cannot be replayed: {error}")),
        Fact::Terminate { signal } => return ending::terminate(state, signal),
    }
    Vec::new()
}

fn recorded(state: &mut State, count: u32) {
    state.changed |= state.glass.recorded != count;
    state.glass.recorded = count;
}

fn notice(state: &mut State, text: String, is_error: bool) {
    let level = if is_error { Level::Error } else { Level::Note };
    state.say(level, text);
}
