//! The history of the command line, and its suggestions.

use super::suggest;
use crate::app::{Effect, Overlay, Prompt, PromptKind, State};

/// Commands kept.
const HISTORY: usize = 100;

pub fn remember(state: &mut State, line: &str) {
    if line.is_empty() {
        return;
    }
    state.history.retain(|old| old != line);
    state.history.push(line.into());
    if state.history.len() > HISTORY {
        state.history.remove(0);
    }
}

pub fn step(state: &mut State, older: bool) -> Vec<Effect> {
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
pub fn take_suggestion(prompt: &mut Prompt, forward: bool) -> Vec<Effect> {
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
    let suggestions = suggest::suggest(state, prompt.line.text());
    if let Some(Overlay::Prompt(prompt)) = &mut state.overlay {
        prompt.suggestions = suggestions;
    }
}
