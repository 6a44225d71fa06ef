//! The line at the bottom: typing, history, suggestions; and what Enter does with it.

use super::keys::Press;
use super::{command, suggest, table, write};
use crate::app::screen::Screen;
use crate::app::{Effect, KeyCode, Overlay, Prompt, PromptKind, Search, State};
use crate::cluster::{Query, RowsQuery};
use crate::registry::well_known;
use std::sync::Arc;

/// Commands kept.
const HISTORY: usize = 100;

pub fn open(state: &mut State, kind: PromptKind) -> Vec<Effect> {
    state.overlay = Some(Overlay::Prompt(Prompt::new(kind, "")));
    suggest_again(state);
    ask_for_namespaces(state)
}

/// `:po ku` should know `kube-system`: the names are read once per context, when first wanted.
fn ask_for_namespaces(state: &mut State) -> Vec<Effect> {
    let connection = &state.connection;
    if connection.facts.is_none() || connection.namespaces_known || connection.namespaces_read.is_some() {
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
        _ => return Vec::new(),
    };
    let prompt = Prompt::new(PromptKind::Filter { before: before.clone() }, &before);
    state.overlay = Some(Overlay::Prompt(prompt));
    Vec::new()
}

pub fn open_search(state: &mut State) -> Vec<Effect> {
    let before = match state.screens.current() {
        Some(Screen::Yaml(yaml)) => yaml.search.text.clone(),
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
        (KeyCode::Enter, _) => accept(state),
        (KeyCode::Tab, _) if is_command => take_suggestion(prompt, true),
        (KeyCode::BackTab, _) if is_command => take_suggestion(prompt, false),
        (KeyCode::Right, false) | (KeyCode::Char('f' | 'e'), true) if is_command && at_end(prompt) => {
            if let Some(first) = prompt.suggestions.first() {
                prompt.line.set(&first.line.clone());
            }
            typed(state)
        }
        (KeyCode::Up, _) if is_command => history(state, true),
        (KeyCode::Down, _) if is_command => history(state, false),
        (KeyCode::Backspace, _) if prompt.line.is_empty() => cancel(state),
        _ if prompt.line.key(key) => typed(state),
        _ => Vec::new(),
    }
}

pub fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    if let Some(Overlay::Prompt(prompt)) = &mut state.overlay {
        prompt.line.insert(text.trim_end_matches(['\n', '\r']));
    }
    typed(state)
}

fn at_end(prompt: &Prompt) -> bool {
    prompt.line.caret() == prompt.line.text().len()
}

/// The line has changed: filters and searches show it at once.
fn typed(state: &mut State) -> Vec<Effect> {
    let height = state.body_height();
    let Some(Overlay::Prompt(prompt)) = &mut state.overlay else {
        return Vec::new();
    };
    prompt.error = None;
    prompt.selected = None;
    let text = prompt.line.text().to_owned();
    match prompt.kind {
        PromptKind::Command => suggest_again(state),
        PromptKind::Filter { .. } => {
            let error = preview(state, &text, height);
            set_error(state, error);
        }
        PromptKind::Search { .. } => {
            let error = search(state, &text, height);
            set_error(state, error);
        }
        PromptKind::Replicas { .. } => {}
    }
    Vec::new()
}

pub fn set_error(state: &mut State, error: Option<String>) {
    if let Some(Overlay::Prompt(prompt)) = &mut state.overlay {
        prompt.error = error;
    }
}

fn preview(state: &mut State, text: &str, height: usize) -> Option<String> {
    match state.screen_mut()? {
        Screen::Table(table) => {
            table::preview_filter(table, text, height);
            table.filter.error.clone()
        }
        Screen::Contexts(screen) => {
            super::contexts::filter(screen, crate::app::Filter::parse(text), height);
            screen.filter.error.clone()
        }
        _ => None,
    }
}

fn search(state: &mut State, text: &str, height: usize) -> Option<String> {
    let search = Search::parse(text);
    let error = search.error.clone();
    match state.screen_mut()? {
        Screen::Yaml(yaml) => {
            yaml.search = search;
            yaml.look();
            if let Some(line) = yaml.search.next(yaml.scroll.top) {
                yaml.scroll.reveal(line, yaml.lines.len(), height);
            }
        }
        Screen::Logs(logs) => {
            logs.search = search;
            logs.look();
            super::logs::last_hit(logs, height);
        }
        _ => {}
    }
    error
}

fn cancel(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Prompt(prompt)) = state.overlay.take() else {
        return Vec::new();
    };
    let height = state.body_height();
    match prompt.kind {
        PromptKind::Filter { before } => return apply_filter(state, &before),
        PromptKind::Search { before } => {
            search(state, &before, height);
        }
        PromptKind::Command | PromptKind::Replicas { .. } => {}
    }
    Vec::new()
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
            remember(state, &text);
            command::run(state, &text)
        }
        PromptKind::Filter { .. } => {
            state.overlay = None;
            apply_filter(state, &text)
        }
        PromptKind::Search { .. } => {
            state.overlay = None;
            Vec::new()
        }
        PromptKind::Replicas { targets, now } => write::replicas_typed(state, &text, targets, now),
    }
}

fn apply_filter(state: &mut State, text: &str) -> Vec<Effect> {
    let height = state.body_height();
    match state.screen_mut() {
        Some(Screen::Table(_)) => table::set_filter(state, text),
        Some(Screen::Contexts(screen)) => {
            super::contexts::filter(screen, crate::app::Filter::parse(text), height);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn remember(state: &mut State, line: &str) {
    if line.is_empty() {
        return;
    }
    state.history.retain(|old| old != line);
    state.history.push(line.into());
    if state.history.len() > HISTORY {
        state.history.remove(0);
    }
}

fn history(state: &mut State, older: bool) -> Vec<Effect> {
    let len = state.history.len();
    let Some(Overlay::Prompt(prompt)) = &mut state.overlay else {
        return Vec::new();
    };
    let at = match (prompt.history_at, older) {
        (None, true) => Some(0).filter(|_| len > 0),
        (Some(at), true) => Some((at + 1).min(len.saturating_sub(1))),
        (Some(at), false) => at.checked_sub(1),
        (None, false) => None,
    };
    let line = at.and_then(|at| state.history.get(len - 1 - at)).cloned();
    prompt.line.set(line.as_deref().unwrap_or_default());
    prompt.selected = None;
    suggest_again(state);
    if let Some(Overlay::Prompt(prompt)) = &mut state.overlay {
        prompt.history_at = at;
    }
    Vec::new()
}

/// Tab goes through the suggestions; the line becomes the one chosen.
fn take_suggestion(prompt: &mut Prompt, forward: bool) -> Vec<Effect> {
    let len = prompt.suggestions.len();
    if len == 0 {
        return Vec::new();
    }
    let next = match (prompt.selected, forward) {
        (None, true) => 0,
        (None, false) => len - 1,
        (Some(at), true) => (at + 1) % len,
        (Some(at), false) => (at + len - 1) % len,
    };
    prompt.selected = Some(next);
    let line = prompt.suggestions[next].line.clone();
    prompt.line.set(&line);
    Vec::new()
}

/// Fresh suggestions for the line as it is.
pub fn suggest_again(state: &mut State) {
    let Some(Overlay::Prompt(prompt)) = &state.overlay else {
        return;
    };
    if prompt.kind != PromptKind::Command {
        return;
    }
    let suggestions = suggest::suggest(&state.connection, prompt.line.text());
    if let Some(Overlay::Prompt(prompt)) = &mut state.overlay {
        prompt.suggestions = suggestions;
    }
}
