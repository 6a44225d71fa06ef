//! What reads tell. Answers of a read that nobody waits for any more are dropped.

use super::{command, confirm, connection, owner, restricted, usage, why};
use crate::app::screen::Screen;
use crate::app::{Connection, Effect, Level, ReadId, State};
use crate::cluster::{Catalog, ReadErrorKind, Reading};
use crate::model::Snapshot;
use std::sync::Arc;

pub fn reading(state: &mut State, id: ReadId, reading: Reading) -> Vec<Effect> {
    let waits = Some(id);
    if state.connection.discovery_read == waits {
        return discovery(state, reading);
    }
    if state.connection.rights_read == waits {
        rights(state, reading);
        return Vec::new();
    }
    if state.connection.namespaces_read == waits {
        return namespaces(state, id, reading);
    }
    if state.connection.owner_read == waits {
        return owner::found(state, reading);
    }
    if state.connection.why.as_ref().is_some_and(|why| why.read == id) {
        why::told(state, reading);
        return Vec::new();
    }
    if usage::told(state, id, &reading) || super::streams::reading(state, id, &reading) {
        return Vec::new();
    }
    let Some(position) = state.screens.path().iter().position(|screen| screen.read() == waits) else {
        return Vec::new();
    };
    if let (Reading::Rows(snapshot), Screen::Table(table)) = (&reading, &state.screens.path()[position]) {
        let is_whole = snapshot.complete && table.filter.labels().is_none();
        learn_namespaces(&mut state.connection, snapshot, is_whole);
    }
    let seen = position + 1 == state.screens.path().len();
    let height = state.body_height();
    let now = state.now;
    let (mut recovered, mut refused) = (false, false);
    let changed = match &mut state.screens.path_mut()[position] {
        Screen::Table(table) => match reading {
            Reading::Rows(snapshot) => {
                recovered = table.error.is_some();
                table.take(snapshot, now, height);
                true
            }
            Reading::Freshness(freshness) => {
                let before = std::mem::replace(&mut table.freshness, freshness);
                before != freshness
            }
            Reading::Namespaces(names) => {
                table.namespaces = names;
                true
            }
            Reading::Failed(error) => {
                refused = !error.retrying && error.kind == ReadErrorKind::Forbidden;
                table.error = Some(error);
                true
            }
            _ => false,
        },
        Screen::Describe(screen) => super::describe::reading(screen, reading, height),
        Screen::Yaml(yaml) => super::yaml::reading(yaml, reading, height),
        Screen::Logs(logs) => super::logs::reading(logs, reading),
        _ => false,
    };
    if seen && changed {
        state.changed = true;
        confirm::close_if_changed(state);
    }
    if refused && seen {
        return restricted::table_refused(state);
    }
    // The server answers again: what it did not tell at the start is asked once more.
    if recovered {
        connection::ask_again(state)
    } else {
        Vec::new()
    }
}

fn discovery(state: &mut State, reading: Reading) -> Vec<Effect> {
    match reading {
        Reading::Discovered(catalog) => {
            for (group, why) in &catalog.failed_groups {
                state.say(Level::Warning, format!("the kinds of {group} are unknown: {why}"));
            }
            let effects = discovered(state, catalog);
            usage::expect(state);
            effects
        }
        Reading::Failed(error) => {
            state.say(Level::Error, format!("the kinds of this server are unknown: {error}"));
            state.connection.trouble = Some(error);
            state.connection.discovery_read = None;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn discovered(state: &mut State, catalog: Arc<Catalog>) -> Vec<Effect> {
    state.connection.catalog = Some(catalog);
    state.connection.trouble = None;
    state.changed = true;
    match state.connection.waiting_command.take() {
        Some(line) => command::run(state, &line),
        None => Vec::new(),
    }
}

fn rights(state: &mut State, reading: Reading) {
    match reading {
        Reading::Rights(rights) => {
            state.connection.rights = Some(rights);
            state.changed = true;
        }
        Reading::Failed(error) => {
            state.say(Level::Warning, format!("what you may write is unknown: {error}"));
            state.connection.rights_read = None;
        }
        _ => {}
    }
}

/// The list for suggestions is read once; it is not worth a watch.
fn namespaces(state: &mut State, id: ReadId, reading: Reading) -> Vec<Effect> {
    match reading {
        Reading::Rows(snapshot) => {
            learn_namespaces(&mut state.connection, &snapshot, snapshot.complete);
            if !snapshot.complete {
                return Vec::new();
            }
        }
        // Without the right to list them they are typed in full, and what is known is suggested.
        Reading::Failed(error) => {
            if error.kind == ReadErrorKind::Forbidden {
                restricted::namespaces_refused(state);
            }
        }
        Reading::Ended => {}
        _ => return Vec::new(),
    }
    state.connection.namespaces_read = None;
    super::history::suggest_again(state);
    vec![Effect::StopRead(id)]
}

/// A list of some of them says nothing of the others.
fn learn_namespaces(connection: &mut Connection, snapshot: &Snapshot, is_whole: bool) {
    if snapshot.resource.plural == "namespaces" && snapshot.resource.gvk.group.is_empty() {
        let names = snapshot.rows.iter().map(|row| row.name.as_ref().to_owned());
        if is_whole {
            connection.namespaces = names.collect();
            connection.namespaces_known = true;
        } else {
            connection.namespaces.extend(names);
        }
    }
}
