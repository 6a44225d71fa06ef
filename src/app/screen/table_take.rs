//! A new picture of a table's rows: what was worked out of the one before still holds for every row that is
//! the same, and cursor and marks stay with their objects.

use std::collections::HashMap;
use std::sync::Arc;

use super::table::extents_of;
use super::{Extent, RowKey, TableScreen};
use crate::model::{Column, Moment, Row, Snapshot};
use crate::registry::{HealthColumns, RowState};

/// How long a changed cell is marked.
const MARKED_MS: u64 = 2000;

impl TableScreen {
    /// Takes the newest rows; cursor and marks stay with their objects.
    pub fn take(&mut self, snapshot: Snapshot, now: Moment, height: usize) {
        self.error = None;
        // The first pages of a table that is whole already, read again: rows would vanish and come
        // back. What is shown stays until the new whole is there; the title says `loading`.
        let whole = self.snapshot.as_ref().filter(|old| old.complete);
        if !snapshot.complete && whole.is_some_and(|old| old.rows.len() > snapshot.rows.len()) {
            return;
        }
        let before = self.seen_rows(height);
        let columns_changed = self.snapshot.as_ref().is_none_or(|old| old.columns != snapshot.columns);
        if columns_changed {
            self.health = HealthColumns::find(&snapshot.columns);
            self.order = order(self.kind.lead, &snapshot.columns);
            self.changed.clear();
        }
        let complete = snapshot.complete;
        let known = self.snapshot.as_ref().filter(|_| !columns_changed);
        let places = places(known.map(|old| old.rows.as_ref()).unwrap_or_default(), &snapshot.rows);
        self.extents = self.extents_with(&snapshot, &places, known.is_some());
        self.states = self.states_with(&snapshot, &places);
        self.shown = self.shown_with(&places);
        let is_known = known.is_some();
        self.snapshot = Some(snapshot);
        if is_known {
            self.note_changes(&before, &places, now);
        }
        if complete {
            self.drop_dead_marks();
        }
        self.arrange(height);
        // Until the first whole table the top row is whatever came first; nobody chose it.
        if complete && self.cursor_row.is_none() {
            self.cursor_row = self.cursor_line().map(RowKey::of);
        }
    }

    /// Never narrower while the columns are the same: nothing moves when a row gets well.
    fn extents_with(&self, snapshot: &Snapshot, places: &[Option<usize>], same_columns: bool) -> Vec<Extent> {
        let extents = extents_of(new_rows(snapshot, places), snapshot.columns.len());
        if !same_columns {
            return extents;
        }
        let wider = self.extents.iter().zip(extents);
        wider.map(|(old, new)| old.max(new)).collect()
    }

    /// Of each row of the snapshot; none where the columns say nothing of it.
    fn states_with(&self, snapshot: &Snapshot, places: &[Option<usize>]) -> Vec<RowState> {
        if !self.health.any() {
            return Vec::new();
        }
        let known = |place: &Option<usize>| place.and_then(|place| self.states.get(place).copied());
        let rows = snapshot.rows.iter().zip(places);
        rows.map(|(row, place)| known(place).unwrap_or_else(|| self.health.state(row)))
            .collect()
    }

    /// The order they were in, as far as they are the same: little is left to sort then.
    fn shown_with(&self, places: &[Option<usize>]) -> Arc<[u32]> {
        let len = self.snapshot.as_ref().map_or(0, |old| old.rows.len());
        let mut now = vec![None; len];
        for (at, place) in places.iter().enumerate() {
            if let Some(place) = place {
                now[*place] = Some(at as u32);
            }
        }
        let shown = self.shown.iter();
        shown
            .filter_map(|&old| now.get(old as usize).copied().flatten())
            .collect()
    }

    fn drop_dead_marks(&mut self) {
        if self.marks.is_empty() {
            return;
        }
        let Some(snapshot) = &self.snapshot else { return };
        let marks = std::mem::take(&mut self.marks);
        self.marks = snapshot
            .rows
            .iter()
            .map(RowKey::of)
            .filter(|key| marks.contains(key))
            .collect();
    }

    fn seen_rows(&self, height: usize) -> HashMap<RowKey, Row> {
        (self.cursor.top..self.cursor.top + height)
            .map_while(|index| self.row(index))
            .map(|row| (RowKey::of(row), row.clone()))
            .collect()
    }

    /// Only rows that were seen are compared: nobody notices a change elsewhere, and 10,000 rows
    /// stay cheap.
    fn note_changes(&mut self, before: &HashMap<RowKey, Row>, places: &[Option<usize>], now: Moment) {
        self.forget_changes(now);
        let Some(snapshot) = self.snapshot.as_ref().filter(|_| !before.is_empty()) else {
            return;
        };
        for row in new_rows(snapshot, places) {
            let key = RowKey::of(row);
            let Some(old) = before.get(&key).filter(|old| !row.is_same(old)) else {
                continue;
            };
            for (column, (new, old)) in row.cells.iter().zip(old.cells.iter()).enumerate() {
                if new.text != old.text {
                    self.changed.retain(|(k, c, _)| (k, *c) != (&key, column));
                    self.changed.push((key.clone(), column, now));
                }
            }
        }
    }

    /// True if a mark has gone.
    pub fn forget_changes(&mut self, now: Moment) -> bool {
        let before = self.changed.len();
        self.changed.retain(|(_, _, at)| now.since(*at) < MARKED_MS);
        before != self.changed.len()
    }
}

/// Rows that may have gone between two that are the same.
const GONE: usize = 32;

/// For each new row where it was before, if it is the very same one: from one picture to the next all but a
/// few are, and in the same order. One that is not found is only worked out again.
fn places(old: &[Row], new: &[Row]) -> Vec<Option<usize>> {
    let mut from = 0;
    let place = |row: &Row| {
        let ahead = &old[from..old.len().min(from + GONE)];
        if let Some(gone) = ahead.iter().position(|old| row.is_same(old)) {
            from += gone + 1;
            return Some(from - 1);
        }
        // Another version of the one that was here; else it is new, and the old one comes after it.
        if ahead.first().is_some_and(|old| RowKey::of(old).is(row)) {
            from += 1;
        }
        None
    };
    new.iter().map(place).collect()
}

/// Those that were not there before, or are not the same.
fn new_rows<'s>(snapshot: &'s Snapshot, places: &'s [Option<usize>]) -> impl Iterator<Item = &'s Row> {
    let rows = snapshot.rows.iter().zip(places);
    rows.filter(|(_, place)| place.is_none()).map(|(row, _)| row)
}

/// Those of `lead` first, the others as the server has them.
fn order(lead: &[&str], columns: &[Column]) -> Vec<usize> {
    let at = |name: &&str| columns.iter().position(|column| column.name.as_str() == *name);
    let mut order: Vec<usize> = lead.iter().filter_map(at).collect();
    order.extend((0..columns.len()).filter(|at| !lead.contains(&columns[*at].name.as_str())));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::app::screen::TableSource;
    use crate::cluster::RowsQuery;
    use crate::model::{Cell, ColumnKind, RowData, SortKey, TermSafe};
    use crate::registry::well_known;

    /// What happens to the row at a place, if there is one.
    #[derive(Clone, Debug)]
    enum Change {
        Made(usize, u8),
        Changed(usize, u8),
        Deleted(usize),
    }

    const STATUSES: [&str; 4] = ["Running", "CrashLoopBackOff", "Pending", "Completed"];

    fn row(name: &str, status: u8) -> Row {
        let cell = |text: &str| Cell {
            text: TermSafe::new(text),
            sort: SortKey::Text,
            since_ms: None,
        };
        Row(Arc::new(RowData {
            uid: Some(format!("uid-{name}").into()),
            namespace: Some("shop".into()),
            name: name.into(),
            resource_version: None,
            created_ms: None,
            deleting: false,
            owner: None,
            cells: vec![cell(name), cell(STATUSES[usize::from(status) % STATUSES.len()])].into(),
        }))
    }

    fn snapshot(rows: &[Row]) -> Snapshot {
        let column = |name: &str| Column {
            name: TermSafe::new(name),
            kind: ColumnKind::Text,
            wide: false,
        };
        Snapshot {
            resource: Arc::new(well_known("pods").expect("pods are well known")),
            columns: vec![column("NAME"), column("STATUS")].into(),
            rows: rows.to_vec().into(),
            complete: true,
        }
    }

    fn table(sort: &str) -> TableScreen {
        let mut table = TableScreen::new(TableSource::Rows(RowsQuery {
            resource: Arc::new(well_known("pods").expect("pods are well known")),
            namespace: Some("shop".into()),
            labels: None,
            fields: None,
        }));
        table.sort.column = sort.into();
        table
    }

    fn apply(rows: &mut Vec<Row>, changes: &[Change], next: &mut usize) {
        for change in changes {
            match *change {
                Change::Made(at, status) => {
                    *next += 1;
                    // Not in the order of the names.
                    let name = format!("pod-{}", next.wrapping_mul(7919) % 1000);
                    if rows.iter().all(|row| *row.name != name) {
                        rows.insert(at % (rows.len() + 1), row(&name, status));
                    }
                }
                Change::Changed(at, status) if !rows.is_empty() => {
                    let at = at % rows.len();
                    rows[at] = row(&rows[at].name.clone(), status);
                }
                Change::Deleted(at) if !rows.is_empty() => drop(rows.remove(at % rows.len())),
                Change::Changed(..) | Change::Deleted(_) => {}
            }
        }
    }

    fn changes() -> impl Strategy<Value = Vec<Change>> {
        let change = prop_oneof![
            (any::<usize>(), any::<u8>()).prop_map(|(at, status)| Change::Made(at, status)),
            (any::<usize>(), any::<u8>()).prop_map(|(at, status)| Change::Changed(at, status)),
            any::<usize>().prop_map(Change::Deleted),
        ];
        proptest::collection::vec(change, 0..60)
    }

    proptest! {
        #[test]
        fn whatever_changes_a_table_is_as_one_that_sees_it_for_the_first_time(
            rounds in proptest::collection::vec(changes(), 1..8),
            sort in prop_oneof![Just("NAME"), Just("STATUS"), Just("")],
        ) {
            let (mut rows, mut next) = (Vec::new(), 0);
            let mut kept = table(sort);
            for round in rounds {
                apply(&mut rows, &round, &mut next);
                kept.take(snapshot(&rows), Moment::default(), 20);
                let mut fresh = table(sort);
                fresh.take(snapshot(&rows), Moment::default(), 20);
                prop_assert_eq!(&kept.shown, &fresh.shown);
                prop_assert_eq!(&kept.states, &fresh.states);
                prop_assert_eq!(kept.counts, fresh.counts);
                for (kept, fresh) in kept.extents.iter().zip(&fresh.extents) {
                    prop_assert_eq!(kept.max(*fresh), *kept, "wide enough for what is there");
                }
            }
        }
    }

    #[test]
    fn what_is_the_same_is_found_again_behind_what_came_went_and_changed() {
        let old: Vec<Row> = ["a", "b", "c", "d", "e"].iter().map(|name| row(name, 0)).collect();
        let new = [
            row("new", 0),
            old[0].clone(),
            row("b", 1),
            old[3].clone(),
            old[4].clone(),
        ];
        assert_eq!(places(&old, &new), [None, Some(0), None, Some(3), Some(4)]);
        assert_eq!(places(&[], &new), [None; 5]);
    }
}
