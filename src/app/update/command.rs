//! The command line's grammar: `<command> [namespace] [/filter] [-l selector] [@context]`, in any
//! order after the first word, with the case kept as typed.

use super::{glass, leave, navigate};
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
    ("replay", "a recorded session"),
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

/// One line as understood.
#[derive(Debug, Default, PartialEq, Eq)]
struct Line<'a> {
    word: &'a str,
    argument: Option<&'a str>,
    filter: Option<&'a str>,
    labels: Option<String>,
    context: Option<&'a str>,
}

fn parse(line: &str) -> Result<Line<'_>, String> {
    let (line, filter) = match line.split_once(" /") {
        // A filter may hold blanks and goes to the end of the line.
        Some((before, filter)) => (before, Some(filter)),
        None => (line, None),
    };
    let mut parsed = Line {
        filter,
        ..Line::default()
    };
    let mut words = words(line).into_iter();
    parsed.word = words.next().unwrap_or_default();
    while let Some(word) = words.next() {
        if word == "-l" {
            parsed.labels = Some(words.next().ok_or("-l needs a selector, like -l app=web")?.into());
        } else if let Some(context) = word.strip_prefix('@') {
            parsed.context = Some(context);
        } else if word.contains('=') || word.contains(" in ") || word.contains(" notin ") {
            parsed.labels = Some(word.into());
        } else if let Some(other) = parsed.argument.replace(word) {
            return Err(format!("`{other}` and `{word}`: one name is enough"));
        }
    }
    Ok(parsed)
}

/// By blanks, but what is in single quotes is one word.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part);
        } else {
            words.extend(part.split_whitespace());
        }
    }
    words
}

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
        "replay" => replay(state, &parsed),
        _ => kind(state, line, &parsed),
    }
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
}

fn replay(state: &mut State, line: &Line) -> Vec<Effect> {
    let Some(session) = line.argument else {
        state.say(
            Level::Error,
            "replay needs the name of a session: `kglass sessions` lists them",
        );
        return Vec::new();
    };
    vec![Effect::OpenReplay {
        session: session.into(),
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
    let effects = navigate::open_kind(state, resource, parsed.labels.clone(), parsed.filter);
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

/// Before discovery the line waits; after it the nearest names are offered.
fn unknown(state: &mut State, line: &str, word: &str) -> Vec<Effect> {
    if state.connection.catalog.is_none() && state.connection.trouble.is_none() {
        state.say(
            Level::Note,
            format!("`{word}`: still reading which kinds this server has"),
        );
        state.connection.waiting_command = Some(line.into());
        return Vec::new();
    }
    let near: Vec<String> = super::suggest::suggest(&state.connection, word)
        .into_iter()
        .take(3)
        .map(|suggestion| suggestion.line)
        .collect();
    let cure = if near.is_empty() {
        "press : and type, it suggests what there is".into()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    state.say(Level::Error, format!("this server has no kind `{word}`; {cure}"));
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_come_in_any_order_and_keep_their_case() {
        let line = parse("po -l app=Web kube-system @Prod /Err or").expect("a line");
        assert_eq!(
            line,
            Line {
                word: "po",
                argument: Some("kube-system"),
                filter: Some("Err or"),
                labels: Some("app=Web".into()),
                context: Some("Prod"),
            }
        );
    }

    #[test]
    fn a_selector_with_blanks_is_quoted() {
        let line = parse("pod 'a in (b,c),d notin (e)' shop").expect("a line");
        assert_eq!(line.labels.as_deref(), Some("a in (b,c),d notin (e)"));
        assert_eq!(line.argument, Some("shop"));
    }

    #[test]
    fn two_namespaces_are_one_too_many() {
        assert!(parse("po a b").is_err());
        assert!(parse("po -l").is_err());
    }
}
