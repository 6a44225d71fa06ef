//! What the newest event says of the row under the cursor, if that row is not well. One request for
//! a row on which the cursor rests, and again only after a while.

use crate::app::screen::{RowKey, Screen};
use crate::app::{Effect, State, Why};
use crate::cluster::{Query, ReadErrorKind, Reading};
use crate::model::{Row, Snapshot, SortKey};

/// The same row is asked about again after this.
const AGAIN_MS: u64 = 15_000;

/// At a tick, so that a cursor on its way asks nothing.
pub fn ask(state: &mut State) -> Vec<Effect> {
    if state.connection.events_refused || state.overlay.is_some() {
        return Vec::new();
    }
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    // An event speaks for itself, and a container has none of its own.
    if matches!(table.kind.plural, "events" | "containers") {
        return Vec::new();
    }
    let Some(row) = table.cursor_line().filter(|row| table.state_of(row).is_unwell()) else {
        return Vec::new();
    };
    let key = RowKey::of(row);
    let before = state.connection.why.as_ref().filter(|why| why.row == key);
    if before.is_some_and(|why| state.now.since(why.asked) < AGAIN_MS) {
        return Vec::new();
    }
    let Some(object) = table.snapshot.as_ref().map(|snapshot| snapshot.object(row)) else {
        return Vec::new();
    };
    let text = before.map(|why| why.text.clone()).unwrap_or_default();
    let mut effects: Vec<Effect> = state
        .connection
        .why
        .take()
        .map(|why| Effect::StopRead(why.read))
        .into_iter()
        .collect();
    let read = state.new_read();
    state.connection.why = Some(Why {
        row: key,
        read,
        asked: state.now,
        text,
    });
    effects.push(Effect::Read(read, Query::LatestEvents(object)));
    effects
}

pub fn told(state: &mut State, reading: Reading) {
    match reading {
        Reading::Events(Ok(snapshot)) => {
            let text = newest_warning(&snapshot).unwrap_or_default();
            if let Some(why) = &mut state.connection.why
                && why.text != text
            {
                why.text = text;
                state.changed = true;
            }
        }
        // Nothing is said: the row's own words are still there.
        Reading::Events(Err(error)) => state.connection.events_refused = error.kind == ReadErrorKind::Forbidden,
        _ => {}
    }
}

/// Its message on one line.
fn newest_warning(snapshot: &Snapshot) -> Option<String> {
    let at = |name: &str| snapshot.columns.iter().position(|column| column.name.as_str() == name);
    let (seen, kind, message) = (at("LAST SEEN"), at("TYPE")?, at("MESSAGE")?);
    let last_seen = |row: &&Row| match seen.and_then(|at| row.cells.get(at)).map(|cell| cell.sort) {
        Some(SortKey::Time(ms)) => ms,
        _ => row.created_ms.unwrap_or(0),
    };
    let warnings = snapshot
        .rows
        .iter()
        .filter(|row| row.cells.get(kind).is_some_and(|cell| cell.text.as_str() == "Warning"));
    let newest = warnings.max_by_key(last_seen)?;
    Some(newest.cells.get(message)?.text.as_str().replace('\n', " "))
}
