//! People with few rights. Who may not list over all namespaces sees those that are known here, one
//! by one; who may not list namespaces goes by the same names. Nothing is guessed: every name was
//! typed, configured, or seen in an answer of the server.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::table;
use crate::app::screen::{Screen, TableScreen, TableSource};
use crate::app::{Effect, Level, State};
use crate::cluster::RowsQuery;
use crate::model::{Cell, Column, ColumnKind, Row, RowData, Snapshot, SortKey, TermSafe};

/// Namespaces read one by one: each is a stream of its own.
const MOST: usize = 20;

/// The server refused the table that is seen.
pub fn table_refused(state: &mut State) -> Vec<Effect> {
    let Some(Screen::Table(seen)) = state.screens.current() else {
        return Vec::new();
    };
    match &seen.source {
        TableSource::Rows(query) if is_namespaces(query) => {
            namespaces_refused(state);
            show_known(state);
            Vec::new()
        }
        TableSource::Rows(query) if query.resource.namespaced && query.namespace.is_none() => {
            let query = query.clone();
            one_by_one(state, query)
        }
        _ => Vec::new(),
    }
}

/// This person may not list namespaces; the prompt suggests what is known instead.
pub fn namespaces_refused(state: &mut State) {
    let known = known(state).into_iter().map(|(name, _)| name);
    state.connection.namespaces = known.collect();
    state.connection.namespaces_refused = true;
}

fn is_namespaces(query: &RowsQuery) -> bool {
    query.resource.gvk.group.is_empty() && query.resource.plural == "namespaces"
}

/// The same kind in each namespace that is known.
fn one_by_one(state: &mut State, query: RowsQuery) -> Vec<Effect> {
    let names: Arc<[String]> = known(state).into_iter().map(|(name, _)| name).take(MOST).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let text = format!(
        "you may not list {} in all namespaces: of the {} known here those that you may read are shown; :ns NAME adds one",
        query.resource.plural,
        names.len()
    );
    state.say(Level::Warning, text);
    table::requery(state, TableSource::RowsIn(query, names))
}

/// The names that are known, as a table to choose from; the title still says `forbidden`.
fn show_known(state: &mut State) {
    let (rows, height, now) = (known(state), state.body_height(), state.now);
    if rows.is_empty() {
        return;
    }
    let Some(Screen::Table(table)) = state.screen_mut() else {
        return;
    };
    let error = table.error.take();
    table.take(as_table(table, rows), now, height);
    table.error = error;
    let text = "you may not list namespaces: these are the ones known here; :ns NAME opens any other";
    state.say(Level::Warning, text);
}

fn as_table(table: &TableScreen, rows: Vec<(String, &'static str)>) -> Snapshot {
    let column = |name: &str| Column {
        name: TermSafe::new(name),
        kind: ColumnKind::Text,
        wide: false,
    };
    Snapshot {
        resource: table.resource.clone(),
        columns: [column("NAME"), column("KNOWN FROM")].into(),
        rows: rows.into_iter().map(|(name, from)| row(&name, from)).collect(),
        complete: true,
    }
}

fn row(name: &str, from: &str) -> Row {
    let cell = |text: &str| Cell {
        text: TermSafe::new(text),
        sort: SortKey::Text,
        since_ms: None,
    };
    Row(Arc::new(RowData {
        uid: None,
        namespace: None,
        name: name.into(),
        resource_version: None,
        created_ms: None,
        deleting: false,
        owner: None,
        cells: [cell(name), cell(from)].into(),
    }))
}

/// Every namespace that is known and from where, the context's own first.
fn known(state: &State) -> Vec<(String, &'static str)> {
    let own = state
        .connection
        .facts
        .as_ref()
        .and_then(|facts| facts.namespace.clone());
    let favourites = state.settings.favourite_namespaces.iter().cloned();
    let used = state.namespace_keys.names().map(ToOwned::to_owned);
    let named = own
        .map(|name| (name, "the context"))
        .into_iter()
        .chain(favourites.map(|name| (name, "your favourites")))
        .chain(used.map(|name| (name, "used lately")))
        .chain(
            state
                .connection
                .namespaces
                .iter()
                .map(|name| (name.clone(), "seen here")),
        )
        .chain(seen(state).into_iter().map(|name| (name, "seen here")));
    let mut had = BTreeSet::new();
    named.filter(|(name, _)| had.insert(name.clone())).collect()
}

/// Namespaces of rows on the screens so far.
fn seen(state: &State) -> BTreeSet<String> {
    let tables = state.screens.path().iter().filter_map(|screen| match screen {
        Screen::Table(table) => table.snapshot.as_ref(),
        _ => None,
    });
    tables
        .flat_map(|snapshot| snapshot.rows.iter().filter_map(|row| row.namespace.as_deref()))
        .map(ToOwned::to_owned)
        .collect()
}
