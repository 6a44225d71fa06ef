//! What a typed command does. Any kind the server serves is one; so are a few words of our own.

use super::command_line::{Line, parse};
use super::{connection, glass, leave, navigate, streams};
use crate::app::{Effect, Level, State};
use crate::model::ApiResource;
use crate::registry::well_known;
use std::sync::Arc;

/// Commands that are no kinds, with what they do, for suggestions.
pub const COMMANDS: &[(&str, &str)] = &[
    ("contexts", "contexts of the kubeconfig; with a name, switch to it"),
    ("ctx", "contexts of the kubeconfig; with a name, switch to it"),
    ("help", "the keys of this screen"),
    ("messages", "everything that was said"),
    ("escalate", "ask for the glass"),
    ("end", "end the escalation"),
    ("portforward", "the port-forwards that are open"),
    ("pf", "the port-forwards that are open"),
    ("replay", "a recorded session by its name, or the newest that has ended"),
    ("sort", "sort by a column, by its name"),
    ("quit", "leave"),
];

/// k9s's own short names, where the server has none.
const ALIASES: &[(&str, &str)] = &[
    ("dp", "deployments.apps"),
    ("sec", "secrets"),
    ("jo", "jobs.batch"),
    ("cr", "clusterroles.rbac.authorization.k8s.io"),
    ("crb", "clusterrolebindings.rbac.authorization.k8s.io"),
    ("ro", "roles.rbac.authorization.k8s.io"),
    ("rb", "rolebindings.rbac.authorization.k8s.io"),
    ("np", "networkpolicies.networking.k8s.io"),
];

pub fn run(state: &mut State, line: &str) -> Vec<Effect> {
    state.changed = true;
    let parsed = match parse(line) {
        Ok(parsed) => parsed,
        Err(why) => {
            state.say(Level::Error, format!("`{line}` is not understood: {why}"));
            return Vec::new();
        }
    };
    if let Some(context) = parsed.context {
        let rest = line.replace(&format!("@{context}"), "");
        if leave::is_in_use(state, context) && !rest.trim().is_empty() {
            return run(state, rest.trim());
        }
        state.start.command = Some(rest.trim().into());
        return leave::switch(state, context);
    }
    match parsed.word {
        "" => Vec::new(),
        "q" | "q!" | "qa" | "Q" | "quit" | "exit" => leave::quit(state),
        "h" | "help" | "?" => navigate::open_help(state),
        "messages" => navigate::open_messages(state),
        "escalate" => glass::open_pane(state),
        "end" => glass::end_command(state),
        "ctx" | "context" | "contexts" => match parsed.argument {
            Some(name) => leave::switch(state, name),
            None => navigate::open_contexts(state),
        },
        "ns" | "namespace" | "namespaces" => namespaces(state, &parsed),
        "pf" | "portforward" | "portforwards" => streams::open_list(state),
        "replay" => replay(&parsed),
        "sort" => sort(state, line),
        _ => kind(state, line, &parsed),
    }
}

/// Shows a kind by its name, in the namespace in use.
pub fn open_kind(state: &mut State, name: &str) -> Vec<Effect> {
    let line = Line {
        word: name,
        ..Line::default()
    };
    kind(state, name, &line)
}

fn namespaces(state: &mut State, line: &Line) -> Vec<Effect> {
    match line.argument {
        Some(name) => {
            enter_namespace(state, name);
            run(state, "pods")
        }
        None => kind(state, "namespaces", line),
    }
}

/// `all` and `-` mean every namespace, as in k9s.
fn enter_namespace(state: &mut State, name: &str) {
    if matches!(name, "all" | "-" | "*") {
        state.namespace = None;
        return;
    }
    state.namespace = Some(name.into());
    state.namespace_keys.used(name);
    let known = &state.connection;
    // Only said: the list may be older than the namespace, and reading what is not there harms nobody.
    if known.namespaces_known && !known.namespaces.contains(name) {
        let text = format!("no namespace `{name}` was seen here: it is new, or misspelt (:ns lists them)");
        state.say(Level::Warning, text);
    }
}

/// The name of a column may hold blanks, so all of the line is one.
fn sort(state: &mut State, line: &str) -> Vec<Effect> {
    let wanted = line
        .trim_start()
        .strip_prefix("sort")
        .unwrap_or_default()
        .trim()
        .to_uppercase();
    let height = state.body_height();
    let Some(crate::app::Screen::Table(table)) = state.screen_mut() else {
        state.say(Level::Error, "only a table can be sorted");
        return Vec::new();
    };
    if let Err(why) = table.sort_by_name(&wanted, height) {
        state.say(Level::Error, why);
    }
    Vec::new()
}

fn replay(line: &Line) -> Vec<Effect> {
    vec![Effect::OpenReplay {
        session: line.argument.map(Into::into),
    }]
}

fn kind(state: &mut State, line: &str, parsed: &Line) -> Vec<Effect> {
    if state.connection.facts.is_none() {
        state.say(Level::Error, "no cluster is open: choose a context with :ctx");
        return Vec::new();
    }
    let Some(resource) = find(state, parsed.word) else {
        return unknown(state, line, parsed.word);
    };
    if let Some(name) = parsed.argument {
        enter_namespace(state, name);
    }
    if let Some(name) = state.namespace.clone() {
        state.namespace_keys.used(&name);
    }
    let fuzzy = parsed.fuzzy.map(|letters| format!("-f {letters}"));
    let filter = parsed.filter.or(fuzzy.as_deref());
    let effects = navigate::open_kind(state, resource, parsed.labels.clone(), filter);
    if let Some(error) = table_error(state) {
        state.say(Level::Error, format!("the filter cannot be read: {error}"));
    }
    effects
}

fn table_error(state: &State) -> Option<String> {
    match state.screens.current() {
        Some(crate::app::Screen::Table(table)) => table.filter.error.clone(),
        _ => None,
    }
}

fn find(state: &State, word: &str) -> Option<Arc<ApiResource>> {
    let alias = ALIASES.iter().find(|(short, _)| *short == word).map(|(_, name)| *name);
    let found = state.connection.catalog.as_ref().and_then(|catalog| {
        let by_alias = alias.and_then(|name| catalog.find(name));
        catalog.find(word).or(by_alias).cloned()
    });
    found.or_else(|| well_known(word).map(Arc::new))
}

/// Before discovery the line waits, and a failed one is tried again; after it the nearest names are
/// offered.
fn unknown(state: &mut State, line: &str, word: &str) -> Vec<Effect> {
    if state.connection.catalog.is_none() {
        let effects = connection::ask_again(state);
        state.say(
            Level::Note,
            format!("`{word}`: still reading which kinds this server has"),
        );
        state.connection.waiting_command = Some(line.into());
        return effects;
    }
    let near: Vec<String> = super::suggest::suggest(state, word)
        .into_iter()
        .take(3)
        .map(|suggestion| suggestion.line)
        .collect();
    let down: Vec<&str> = state
        .connection
        .catalog
        .iter()
        .flat_map(|c| c.failed_groups.iter().map(|(group, _)| group.as_str()))
        .collect();
    let cure = if !down.is_empty() && near.is_empty() {
        // It may well be one of theirs.
        format!(
            "those of {} are unavailable now: :apiservices says why",
            down.join(", ")
        )
    } else if near.is_empty() {
        ": suggests what there is".into()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    state.say(Level::Error, format!("this server has no kind `{word}`; {cure}"));
    Vec::new()
}
