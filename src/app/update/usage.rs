//! Asks for CPU and memory of what is seen, and takes the answers. At a tick, one question at a
//! time; nothing is asked where the server has no metrics API or refuses it.

use std::collections::{HashMap, HashSet};

use crate::app::screen::{RowKey, Screen, TableScreen, TableSource};
use crate::app::{Effect, Level, State};
use crate::cluster::{Query, ReadErrorKind, Reading, Usage, UsageOf, UsageQuery};
use crate::model::{ApiResource, ObjectRef, Row};
use std::sync::Arc;

/// The numbers of the metrics API change every quarter of a minute at most.
const EVERY_MS: u64 = 15_000;
/// Rows that came into sight are asked about after this.
const SOON_MS: u64 = 2_000;
/// Up to so many rows one list is cheaper than asking for each that is seen.
const WHOLE: usize = 500;
/// Bounds kept per table; they are asked for again when these are forgotten.
const MOST_BOUNDS: usize = 5_000;

/// Whether the server will tell about the rows of the table that is seen: its columns have their room
/// from the first frame on, and nothing moves when the numbers come.
pub fn expect(state: &mut State) {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return;
    };
    let expected = !state.connection.usage_off && metrics_of(state, table).is_some();
    if let Some(Screen::Table(table)) = state.screen_mut() {
        table.usage.expected = expected;
    }
}

pub fn ask(state: &mut State) -> Vec<Effect> {
    if state.connection.usage_off || state.overlay.is_some() {
        return Vec::new();
    }
    let (now, height) = (state.now, state.body_height());
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    let Some(resource) = metrics_of(state, table) else {
        return Vec::new();
    };
    if table.usage.read.is_some() {
        return Vec::new();
    }
    let seen: Vec<&Row> = (table.cursor.top..table.cursor.top + height)
        .map_while(|at| table.row(at))
        .collect();
    let waited = table.usage.asked.map_or(u64::MAX, |asked| now.since(asked));
    let asked_of: HashSet<RowKey> = seen.iter().map(|row| RowKey::of(row)).collect();
    let unknown = !asked_of.is_subset(&table.usage.asked_of);
    let is_unbounded = |row: &&&Row| !table.usage.bounds.contains_key(&RowKey::of(row));
    if seen.is_empty() || waited < SOON_MS || (waited < EVERY_MS && !unknown) {
        return Vec::new();
    }
    let query = UsageQuery {
        resource,
        of: scope(table, &seen),
        bounds: objects(table, seen.iter().filter(is_unbounded).copied()),
    };
    let id = state.new_read();
    if let Some(Screen::Table(table)) = state.screen_mut() {
        table.usage.read = Some(id);
        table.usage.asked = Some(now);
        table.usage.asked_of = asked_of;
        table.usage.is_whole = matches!(query.of, UsageOf::Whole { .. });
    }
    vec![Effect::Read(id, Query::Usage(query))]
}

/// The kind of the metrics API that measures this table's rows, if the server has it.
fn metrics_of(state: &State, table: &TableScreen) -> Option<Arc<ApiResource>> {
    let resource = &table.resource;
    if !resource.gvk.group.is_empty() || !matches!(resource.plural.as_str(), "pods" | "nodes") {
        return None;
    }
    let kinds = &state.connection.catalog.as_ref()?.resources;
    let of = |kind: &&Arc<ApiResource>| kind.gvk.group == "metrics.k8s.io" && kind.plural == resource.plural;
    kinds.iter().find(of).cloned()
}

fn scope(table: &TableScreen, seen: &[&Row]) -> UsageOf {
    let namespace = table.namespace().map(ToOwned::to_owned);
    let is_listed = matches!(table.source, TableSource::Rows(_)) || namespace.is_some();
    if is_listed && table.counts.total <= WHOLE {
        return UsageOf::Whole { namespace };
    }
    UsageOf::Each(objects(table, seen.iter().copied()))
}

fn objects<'r>(table: &TableScreen, rows: impl Iterator<Item = &'r Row>) -> Vec<ObjectRef> {
    let snapshot = table.snapshot.as_ref();
    rows.filter_map(|row| Some(snapshot?.object(row))).collect()
}

/// True if the answer was one to this table.
pub fn told(state: &mut State, id: crate::app::ReadId, reading: &Reading) -> bool {
    let height = state.body_height();
    let mine = state.screens.path_mut().iter_mut().find_map(|screen| match screen {
        Screen::Table(table) if table.usage.read == Some(id) => Some(table),
        _ => None,
    });
    let Some(table) = mine else { return false };
    match reading {
        Reading::Usage(usage) => {
            take(table, usage);
            table.arrange(height);
            state.changed = true;
        }
        Reading::Failed(error) => {
            if table.usage.used.is_empty() {
                table.usage.expected = false;
            }
            // Asked again at the next turn, if it may pass.
            let lasting = matches!(error.kind, ReadErrorKind::Forbidden | ReadErrorKind::NotFound);
            if lasting && !state.connection.usage_off {
                state.connection.usage_off = true;
                let text = format!("CPU and memory are not shown: {}", error.cause);
                state.say(Level::Note, text);
            }
        }
        Reading::Ended => table.usage.read = None,
        _ => {}
    }
    true
}

fn take(table: &mut TableScreen, usage: &Usage) {
    let columns = table.usage_columns();
    let Some(snapshot) = &table.snapshot else { return };
    let known = &mut table.usage;
    // The metrics API names objects, without their uid.
    let used: HashMap<(&str, &str), (f64, f64)> = usage
        .used
        .iter()
        .map(|one| {
            (
                (one.namespace.as_deref().unwrap_or_default(), one.name.as_str()),
                (one.cpu, one.memory),
            )
        })
        .collect();
    known.used = snapshot
        .rows
        .iter()
        .filter_map(|row| {
            let of = used.get(&(row.namespace.as_deref().unwrap_or_default(), row.name.as_ref()))?;
            Some((RowKey::of(row), *of))
        })
        .collect();
    if known.bounds.len() > MOST_BOUNDS {
        known.bounds.clear();
    }
    for (object, bounds) in &usage.bounds {
        let key = match &object.uid {
            Some(uid) => RowKey::Uid(uid.as_str().into()),
            None => RowKey::Name(object.namespace.as_deref().map(Into::into), object.name.as_str().into()),
        };
        known.bounds.insert(key, *bounds);
    }
    known.answered_of.clone_from(&known.asked_of);
    known.find_bare(columns);
    // What could not be read now is not asked for at each turn.
    for key in &known.asked_of {
        known.bounds.entry(key.clone()).or_default();
    }
}
