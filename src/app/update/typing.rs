//! What a line does while it is typed: a filter filters, a search jumps, a command is completed. An
//! expression that cannot be read is told beside the line.

use super::{filter, history};
use crate::app::screen::Screen;
use crate::app::{Effect, Overlay, PromptKind, Search, State};
use std::sync::Arc;

/// The line has changed: filters and searches show it at once.
pub fn typed(state: &mut State) -> Vec<Effect> {
    let height = state.body_height();
    let Some(Overlay::Prompt(prompt)) = &mut state.overlay else {
        return Vec::new();
    };
    prompt.error = None;
    prompt.selected = None;
    let text = prompt.line.text().to_owned();
    match prompt.kind {
        PromptKind::Command => {
            history::suggest_again(state);
            return ask_for_sessions(state, &text);
        }
        PromptKind::Filter { .. } => {
            let error = filter::preview(state, &text);
            set_error(state, error);
        }
        PromptKind::Search { .. } => {
            let error = search(state, &text, height);
            set_error(state, error);
        }
        PromptKind::Replicas { .. } | PromptKind::Forward { .. } => {}
    }
    Vec::new()
}

/// `:replay` completes the names of sessions; they are on the disk, which nobody here reads.
fn ask_for_sessions(state: &mut State, line: &str) -> Vec<Effect> {
    if state.sessions.is_some() || !line.trim_start().starts_with("replay") {
        return Vec::new();
    }
    state.sessions = Some(Arc::default());
    vec![Effect::ListSessions]
}

pub fn set_error(state: &mut State, error: Option<String>) {
    if let Some(Overlay::Prompt(prompt)) = &mut state.overlay {
        prompt.error = error;
    }
}

pub fn search(state: &mut State, text: &str, height: usize) -> Option<String> {
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
        Screen::Describe(screen) => {
            screen.search = search;
            screen.look();
            if let Some(line) = screen.search.next(screen.scroll.top) {
                screen.reveal(line, height);
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
