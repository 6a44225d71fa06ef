//! What a half-typed command may become: names that start with it first, shortest first, then
//! names that hold its letters in order.

use super::command::COMMANDS;
use crate::app::{Connection, State, Suggestion};
use crate::registry::known_kinds;
use crate::review::SessionSummary;

/// More than these nobody reads.
const SHOWN: usize = 8;

/// Names, and what they are.
type Names<'a> = Vec<(String, String)>;

pub fn suggest(state: &State, line: &str) -> Vec<Suggestion> {
    let connection = &state.connection;
    if line.trim().is_empty() {
        return Vec::new();
    }
    let (start, last) = match line.rsplit_once(' ') {
        Some((start, last)) => (format!("{start} "), last),
        None => (String::new(), line),
    };
    let names = if start.is_empty() {
        first_words(connection)
    } else if let Some(context) = last.strip_prefix('@') {
        return ranked(contexts(connection), context, &format!("{start}@"));
    } else {
        match start.trim() {
            "replay" => return sessions(state, last, &start),
            "ctx" | "context" | "contexts" => contexts(connection),
            _ => namespaces(connection),
        }
    };
    ranked(names, last, &start)
}

fn first_words(connection: &Connection) -> Names<'_> {
    let mut names: Names = COMMANDS
        .iter()
        .map(|(name, about)| ((*name).into(), (*about).into()))
        .collect();
    match &connection.catalog {
        Some(catalog) => {
            for resource in &catalog.resources {
                let about = format!("{} {}", resource.gvk.kind, resource.gvk.api_version());
                // Only the first of several groups answers to the bare name.
                let is_first = catalog
                    .find(&resource.plural)
                    .is_some_and(|first| first.gvk == resource.gvk);
                let plural = if is_first {
                    resource.plural.clone()
                } else {
                    resource.qualified()
                };
                names.extend(
                    resource
                        .short_names
                        .iter()
                        .filter(|_| is_first)
                        .map(|s| (s.clone(), about.clone())),
                );
                names.push((plural, about));
            }
        }
        None => {
            for kind in known_kinds().iter().filter(|kind| kind.plural != "containers") {
                names.push((kind.plural.into(), kind.kind.into()));
            }
        }
    }
    names
}

fn contexts(connection: &Connection) -> Names<'_> {
    connection
        .contexts
        .iter()
        .map(|name| (name.clone(), "context".into()))
        .collect()
}

fn namespaces(connection: &Connection) -> Names<'_> {
    let all = std::iter::once(("all".to_owned(), "every namespace".to_owned()));
    all.chain(
        connection
            .namespaces
            .iter()
            .map(|name| (name.clone(), "namespace".into())),
    )
    .collect()
}

/// The newest first: their names say nothing.
fn sessions(state: &State, typed: &str, start: &str) -> Vec<Suggestion> {
    let known = state.sessions.as_deref().unwrap_or_default();
    let fitting = known.iter().filter(|session| session.session.starts_with(typed));
    fitting
        .take(SHOWN)
        .map(|session| Suggestion {
            line: format!("{start}{}", session.session),
            about: about(session),
        })
        .collect()
}

/// `2026-11-23 02:14 · restarter in shop · INC-4711`
fn about(session: &SessionSummary) -> String {
    let started = session
        .started_ms
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let started = started.map_or_else(String::new, |at| at.strftime("%Y-%m-%d %H:%M").to_string());
    let running = if session.running { "running" } else { "" };
    let parts = [started.as_str(), &session.role, &session.ticket, running];
    let known: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    known.join(" · ")
}

fn ranked(names: Names, typed: &str, start: &str) -> Vec<Suggestion> {
    let mut ranked: Vec<_> = names
        .into_iter()
        .filter_map(|(name, about)| Some((rank(&name, typed)?, name.len(), name, about)))
        .collect();
    ranked.sort();
    ranked.dedup_by(|a, b| a.2 == b.2);
    ranked.truncate(SHOWN);
    ranked
        .into_iter()
        .map(|(_, _, name, about)| Suggestion {
            line: format!("{start}{name}"),
            about,
        })
        .collect()
}

/// 0: it is the name; 1: the name starts with it; 2: holds it; 3: holds its letters in order.
fn rank(name: &str, typed: &str) -> Option<u8> {
    let (name, typed) = (name.to_lowercase(), typed.to_lowercase());
    if name == typed {
        return Some(0);
    }
    if name.starts_with(&typed) {
        return Some(1);
    }
    if name.contains(&typed) {
        return Some(2);
    }
    let mut letters = name.chars();
    typed.chars().all(|c| letters.any(|l| l == c)).then_some(3)
}
