//! The line at the bottom: typing, history, suggestions; and what Enter does with it.

use super::keys::Press;
use super::{command, filter, history, streams, typing, write};
use crate::app::screen::Screen;
use crate::app::{Effect, KeyCode, Overlay, Prompt, PromptKind, State};
use crate::cluster::{Query, RowsQuery};
use crate::registry::well_known;
use std::sync::Arc;

pub fn open(state: &mut State, kind: PromptKind) -> Vec<Effect> {
    state.overlay = Some(Overlay::Prompt(Prompt::new(kind, "")));
    // Asked for anew if a line wants them: one may have ended meanwhile.
    state.sessions = None;
    history::suggest_again(state);
    ask_for_namespaces(state)
}

/// `:po ku` should know `kube-system`: the names are read once per context, when first wanted.
fn ask_for_namespaces(state: &mut State) -> Vec<Effect> {
    let connection = &state.connection;
    let is_settled =
        connection.namespaces_known || connection.namespaces_refused || connection.namespaces_read.is_some();
    if connection.facts.is_none() || is_settled {
        return Vec::new();
    }
    let Some(resource) = well_known("namespaces").map(Arc::new) else {
        return Vec::new();
    };
    let id = state.new_read();
    state.connection.namespaces_read = Some(id);
    let query = RowsQuery {
        resource,
        namespace: None,
        labels: None,
        fields: None,
    };
    vec![Effect::Read(id, Query::Rows(query))]
}

pub fn open_filter(state: &mut State) -> Vec<Effect> {
    let before = match state.screens.current() {
        Some(Screen::Table(table)) => table.filter.text.clone(),
        Some(Screen::Contexts(screen)) => screen.filter.text.clone(),
        Some(Screen::Help(screen)) => screen.filter.text.clone(),
        _ => return Vec::new(),
    };
    let prompt = Prompt::new(PromptKind::Filter { before: before.clone() }, &before);
    state.overlay = Some(Overlay::Prompt(prompt));
    Vec::new()
}

pub fn open_search(state: &mut State) -> Vec<Effect> {
    let before = match state.screens.current() {
        Some(Screen::Yaml(yaml)) => yaml.search.text.clone(),
        Some(Screen::Describe(screen)) => screen.search.text.clone(),
        Some(Screen::Logs(logs)) => logs.search.text.clone(),
        _ => return Vec::new(),
    };
    state.overlay = Some(Overlay::Prompt(Prompt::new(PromptKind::Search { before }, "")));
    Vec::new()
}

pub fn key(state: &mut State, press: Press) -> Vec<Effect> {
    let Some(Overlay::Prompt(prompt)) = &mut state.overlay else {
        return Vec::new();
    };
    let (key, is_command) = (press.key, prompt.kind == PromptKind::Command);
    match (key.code, key.ctrl) {
        (KeyCode::Esc, _) | (KeyCode::Char('c'), true) => cancel(state),
        // What was typed before the terminal was ours came through its line discipline: a return is
        // then a line feed.
        (KeyCode::Enter, _) | (KeyCode::Char('j'), true) => accept(state),
        (KeyCode::Tab, _) if is_command => history::take_suggestion(prompt, true),
        (KeyCode::BackTab, _) if is_command => history::take_suggestion(prompt, false),
        (KeyCode::Tab, _) => next_port(state),
        (KeyCode::Right, false) | (KeyCode::Char('f' | 'e'), true) if is_command && at_end(prompt) => {
            if let Some(first) = prompt.suggestions.first() {
                prompt.line.set(&first.line.clone());
            }
            typing::typed(state)
        }
        (KeyCode::Up, _) if is_command => history::step(state, true),
        (KeyCode::Down, _) if is_command => history::step(state, false),
        (KeyCode::Backspace, _) if prompt.line.is_empty() => cancel(state),
        _ if prompt.line.key(key) => typing::typed(state),
        _ => Vec::new(),
    }
}

pub fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    if let Some(Overlay::Prompt(prompt)) = &mut state.overlay {
        prompt.line.insert(text.trim_end_matches(['\n', '\r']));
    }
    typing::typed(state)
}

fn at_end(prompt: &Prompt) -> bool {
    prompt.line.caret() == prompt.line.text().len()
}

fn cancel(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Prompt(prompt)) = state.overlay.take() else {
        return Vec::new();
    };
    let height = state.body_height();
    match prompt.kind {
        PromptKind::Filter { before } => return filter::apply(state, &before),
        PromptKind::Search { before } => {
            typing::search(state, &before, height);
        }
        PromptKind::Command | PromptKind::Replicas { .. } | PromptKind::Forward { .. } => {}
    }
    Vec::new()
}

/// Tab in the prompt for ports: the next that the pod names.
fn next_port(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Prompt(prompt)) = &mut state.overlay else {
        return Vec::new();
    };
    let PromptKind::Forward { ports, .. } = &prompt.kind else {
        return Vec::new();
    };
    let pairs: Vec<String> = ports.iter().map(|port| streams::pair(port.number)).collect();
    let at = pairs.iter().position(|pair| pair == prompt.line.text());
    let next = at.map_or(0, |at| (at + 1) % pairs.len());
    if let Some(pair) = pairs.get(next) {
        prompt.line.set(pair);
    }
    typing::typed(state)
}

fn accept(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Prompt(prompt)) = &state.overlay else {
        return Vec::new();
    };
    let text = prompt.line.text().trim().to_owned();
    if prompt.error.is_some() {
        // What is wrong stands beside the line; it stays open to be mended.
        return Vec::new();
    }
    match prompt.kind.clone() {
        PromptKind::Command => {
            state.overlay = None;
            history::remember(state, &text);
            command::run(state, &text)
        }
        PromptKind::Filter { .. } => {
            state.overlay = None;
            filter::apply(state, &text)
        }
        PromptKind::Search { .. } => {
            state.overlay = None;
            Vec::new()
        }
        PromptKind::Replicas { targets, now } => write::replicas_typed(state, &text, targets, now),
        PromptKind::Forward { pod, from, .. } => streams::ports_typed(state, &text, pod, *from),
    }
}
