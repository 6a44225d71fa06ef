//! A context was opened, or could not be. Everything read before belongs to the old one.

use super::{command, navigate};
use crate::app::{Connection, Effect, Level, Overlay, State, Streams};
use crate::cluster::{EndpointFacts, Query};
use crate::escalation::Offers;
use std::sync::Arc;

/// What is shown when no command says otherwise.
const FIRST: &str = "pods";

pub fn connected(state: &mut State, facts: Arc<EndpointFacts>) -> Vec<Effect> {
    let mut effects = stop_all(state);
    let first = state.connection.facts.is_none();
    state.connection = Connection {
        contexts: state.connection.contexts.clone(),
        places: state.connection.places.clone(),
        ..Connection::default()
    };
    state.namespace = namespace(state, &facts, first);
    if let Some(name) = state.namespace.clone() {
        state.namespace_keys.used(&name);
    }
    state.connection.facts = Some(facts);
    state.screens.clear();
    if !matches!(state.overlay, Some(Overlay::Prompt(_))) {
        state.overlay = None;
    }
    state.glass.pane = None;
    state.streams = Streams::default();
    state.drain = None;
    state.offers = None;
    let discovery = state.new_read();
    let rights = state.new_read();
    state.connection.discovery_read = Some(discovery);
    state.connection.rights_read = Some(rights);
    // The table first: it is what one waits for.
    let line = state.start.command.take().unwrap_or_else(|| FIRST.into());
    effects.extend(command::run(state, &line));
    if state.screens.current().is_none() {
        effects.extend(command::run(state, FIRST));
    }
    effects.push(Effect::Read(discovery, Query::Discovery));
    effects.push(Effect::Read(rights, Query::BaseRights));
    effects.push(Effect::Offers);
    effects
}

/// Reads again what failed: the kinds, and what the base identity could write.
pub fn ask_again(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    if state.connection.facts.is_none() {
        return effects;
    }
    if state.connection.catalog.is_none() && state.connection.discovery_read.is_none() {
        let id = state.new_read();
        state.connection.discovery_read = Some(id);
        state.connection.trouble = None;
        effects.push(Effect::Read(id, Query::Discovery));
    }
    if state.connection.rights.is_none() && state.connection.rights_read.is_none() {
        let id = state.new_read();
        state.connection.rights_read = Some(id);
        effects.push(Effect::Read(id, Query::BaseRights));
    }
    effects
}

fn stop_all(state: &mut State) -> Vec<Effect> {
    let mut effects = navigate::stop_reads(state);
    let connection = &mut state.connection;
    let reads = [
        connection.discovery_read.take(),
        connection.rights_read.take(),
        connection.namespaces_read.take(),
        connection.owner_read.take(),
        connection.why.take().map(|why| why.read),
    ];
    effects.extend(reads.into_iter().flatten().map(Effect::StopRead));
    effects
}

/// The flags hold for the first context only; another has its own namespace.
fn namespace(state: &State, facts: &EndpointFacts, first: bool) -> Option<String> {
    if first && state.start.all_namespaces {
        return None;
    }
    let asked = state.start.namespace.clone().filter(|_| first);
    asked
        .or_else(|| facts.namespace.clone())
        .or_else(|| Some("default".into()))
}

/// The old context stays as it is, if there was one; its reads begin again.
pub fn failed(state: &mut State, context: &str, error: String) -> Vec<Effect> {
    state.connection.connecting = None;
    // It was meant for the context that did not open.
    state.start.command = None;
    let which = if context.is_empty() {
        "the context".to_owned()
    } else {
        format!("context {context}")
    };
    state.say(Level::Error, format!("{which} could not be opened: {error}"));
    if state.connection.facts.is_some() {
        return navigate::refresh(state);
    }
    state.connection.error = Some(error);
    if state.screens.current().is_none() {
        // The screen itself says it; twice the same is harder to read than once.
        state.messages.dismiss();
    }
    Vec::new()
}

pub fn offers(state: &mut State, offers: Arc<Offers>) {
    state.connection.offers_error = None;
    if let Some(Overlay::Escalate(pane)) = &mut state.overlay {
        pane.check(&offers);
    }
    state.offers = Some(offers);
    state.changed = true;
}

pub fn offers_failed(state: &mut State, error: String) {
    state.offers = None;
    state.connection.offers_error = Some(error);
    state.changed = true;
}
