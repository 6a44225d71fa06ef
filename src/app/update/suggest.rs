//! What a half-typed command may become: names that start with it first, shortest first, then
//! names that hold its letters in order.

use super::command::COMMANDS;
use crate::app::{Connection, Suggestion};
use crate::registry::known_kinds;

/// More than these nobody reads.
const SHOWN: usize = 8;

/// Names, and what they are.
type Names<'a> = Vec<(String, String)>;

pub fn suggest(connection: &Connection, line: &str) -> Vec<Suggestion> {
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
