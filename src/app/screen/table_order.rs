//! Which rows a table shows in which order, as indices; and what stays put when new rows come.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::table::extents_of;
use super::{Counts, FilterKind, RowKey, TableScreen, UsageColumn};
use crate::model::{Cell, Column, ColumnKind, Moment, Row, Snapshot, SortKey};
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
        // Never narrower while the columns are the same: nothing moves when a row gets well.
        let measured = self.snapshot.as_ref().filter(|_| !columns_changed);
        let extents = extents_of(&snapshot, measured);
        self.extents = if measured.is_some() {
            let wider = self.extents.iter().zip(&extents);
            wider.map(|(old, new)| old.max(*new)).collect()
        } else {
            extents
        };
        let old = self.snapshot.replace(snapshot);
        if let Some(old) = old.filter(|_| !columns_changed) {
            self.note_changes(&before, &old, now);
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

    /// Filters and sorts anew, and puts the cursor on its object again.
    pub fn arrange(&mut self, height: usize) {
        let Some(snapshot) = &self.snapshot else { return };
        let rows = &snapshot.rows;
        let mut counts = Counts {
            total: rows.len(),
            ..Counts::default()
        };
        let mut shown = Vec::with_capacity(rows.len());
        let mut text = String::new();
        let knows_health = self.health.any();
        for (index, row) in rows.iter().enumerate() {
            let state = if knows_health {
                self.health.state(row)
            } else {
                RowState::Unknown
            };
            let (unwell, held) = (state.is_unwell(), state == RowState::Held);
            if (!self.faults_only || unwell || held) && self.passes(row, &mut text) {
                shown.push(index as u32);
                counts.not_ready += usize::from(unwell);
                counts.held += usize::from(held);
            } else {
                counts.hidden_marks += usize::from(self.is_marked(row));
            }
        }
        self.sort_indices(&mut shown);
        counts.shown = shown.len();
        self.counts = counts;
        self.shown = shown.into();
        self.find_cursor(height);
    }

    fn passes(&self, row: &Row, text: &mut String) -> bool {
        let (regex, wanted) = match &self.filter.kind {
            FilterKind::Off | FilterKind::Labels(_) => return true,
            FilterKind::Fuzzy(letters) => return letters.fits(row.namespace.as_deref(), &row.name),
            FilterKind::Regex(regex) => (regex, true),
            FilterKind::Inverse(regex) => (regex, false),
        };
        text.clear();
        if self.shows_namespace() {
            text.push_str(row.namespace.as_deref().unwrap_or_default());
        }
        let columns = self.snapshot.as_ref().map(|s| s.columns.as_ref()).unwrap_or_default();
        for (cell, column) in row.cells.iter().zip(columns) {
            // An age changes by itself; a row must not come and go with it.
            if column.kind != ColumnKind::Age {
                text.push(' ');
                text.push_str(cell.text.as_str());
            }
        }
        regex.is_match(text.trim_start()) == wanted
    }

    fn sort_indices(&self, shown: &mut [u32]) {
        let Some(snapshot) = &self.snapshot else { return };
        let rows = &snapshot.rows;
        let column = self.sort.column.as_str();
        if column.is_empty() {
            if self.sort.descending {
                shown.reverse();
            }
            return;
        }
        let by_name = |a: &Row, b: &Row| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name));
        let at = snapshot.columns.iter().position(|c| c.name.as_str() == column);
        let usage = UsageColumn::find(column);
        let compare = |a: &Row, b: &Row| match (column, at) {
            ("NAME", _) => a.name.cmp(&b.name),
            ("NAMESPACE", _) => a.namespace.cmp(&b.namespace),
            // Youngest first.
            ("AGE", _) => b.created_ms.cmp(&a.created_ms),
            (_, None) if usage.is_some() => self.compare_usage(usage, a, b),
            (_, Some(at)) => compare_cells(a.cells.get(at), b.cells.get(at)),
            (_, None) => Ordering::Equal,
        };
        shown.sort_by(|&a, &b| {
            let (a, b) = (&rows[a as usize], &rows[b as usize]);
            let order = compare(a, b);
            let order = if self.sort.descending { order.reverse() } else { order };
            // Never reversed, so that equal rows do not jump when the order is flipped.
            order.then_with(|| by_name(a, b))
        });
    }

    /// Nothing known stands before the smallest.
    fn compare_usage(&self, column: Option<UsageColumn>, a: &Row, b: &Row) -> Ordering {
        let value = |row: &Row| column.and_then(|column| self.usage.value(column, row)).unwrap_or(-1.0);
        value(a).total_cmp(&value(b))
    }

    fn find_cursor(&mut self, height: usize) {
        let found = self.cursor_row.as_ref().and_then(|key| {
            let rows = &self.snapshot.as_ref()?.rows;
            self.shown.iter().position(|&at| key.is(&rows[at as usize]))
        });
        let (index, len) = (found.unwrap_or(self.cursor.index), self.shown.len());
        self.cursor.go(index, len, height);
        let is_whole = self.snapshot.as_ref().is_some_and(|snapshot| snapshot.complete);
        if found.is_none() && self.cursor_row.is_some() && is_whole {
            // Its object is gone or hidden: the row now in its place takes over.
            self.cursor_row = self.cursor_line().map(RowKey::of);
        }
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
    fn note_changes(&mut self, before: &HashMap<RowKey, Row>, old: &Snapshot, now: Moment) {
        self.forget_changes(now);
        let Some(snapshot) = &self.snapshot else { return };
        if before.is_empty() {
            return;
        }
        for (index, row) in snapshot.rows.iter().enumerate() {
            // Most rows are the very same as before, and mostly at the same place.
            if old.rows.get(index).is_some_and(|old| row.is_same(old)) {
                continue;
            }
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

    /// Names of the columns by which the table can be sorted, from left to right as drawn.
    pub fn sortable(&self) -> Vec<String> {
        let namespace = self.shows_namespace().then(|| "NAMESPACE".to_owned());
        let names = self
            .shown_columns()
            .map(|(_, column)| column.name.as_str().to_owned())
            .filter(|name| name != "NAMESPACE");
        let usage = if self.usage.is_whole { self.usage_columns() } else { &[] };
        let usage = usage.iter().map(|column| column.name().to_owned());
        let mut all: Vec<String> = namespace.into_iter().chain(names).collect();
        let at = self.usage_place(all.iter().map(String::as_str));
        all.splice(at..at, usage);
        all
    }

    /// The columns of CPU and memory: none while nothing is known.
    pub fn usage_columns(&self) -> &'static [UsageColumn] {
        match self.resource.plural.as_str() {
            _ if self.usage.is_empty() => &[],
            "nodes" => UsageColumn::OF_NODES,
            _ => UsageColumn::OF_PODS,
        }
    }

    /// Where they stand among the others: behind RESTARTS, else before AGE, else at the end.
    pub fn usage_place<'n>(&self, names: impl Iterator<Item = &'n str> + Clone) -> usize {
        let find = |wanted: &str| names.clone().position(|name| name == wanted);
        find("RESTARTS")
            .map(|at| at + 1)
            .or_else(|| find("AGE"))
            .unwrap_or_else(|| names.clone().count())
    }

    /// The columns that are shown if there is room, with their index in the snapshot.
    pub fn shown_columns(&self) -> impl Iterator<Item = (usize, &Column)> {
        let columns = self.snapshot.as_ref().map(|s| s.columns.as_ref()).unwrap_or_default();
        let all = self.order.iter().filter_map(|&at| Some((at, columns.get(at)?)));
        all.filter(|(_, column)| self.is_shown(column))
    }

    /// How many columns there are to scroll through.
    pub fn columns(&self) -> usize {
        self.shown_columns().count() + self.usage_columns().len() + usize::from(self.shows_namespace())
    }

    /// What the server calls wide and nobody asked for: shown where all else leaves room.
    pub fn spare_columns(&self) -> impl Iterator<Item = (usize, &Column)> {
        let columns = self.snapshot.as_ref().map(|s| s.columns.as_ref()).unwrap_or_default();
        let all = self.order.iter().filter_map(|&at| Some((at, columns.get(at)?)));
        all.filter(|(at, column)| !self.is_shown(column) && self.extents.get(*at).is_some_and(|extent| extent.says))
    }

    fn is_shown(&self, column: &Column) -> bool {
        let name = column.name.as_str();
        !column.wide || self.wide || self.kind.lead.contains(&name) || self.sort.column == name
    }
}

/// Those of `lead` first, the others as the server has them.
fn order(lead: &[&str], columns: &[Column]) -> Vec<usize> {
    let at = |name: &&str| columns.iter().position(|column| column.name.as_str() == *name);
    let mut order: Vec<usize> = lead.iter().filter_map(at).collect();
    order.extend((0..columns.len()).filter(|at| !lead.contains(&columns[*at].name.as_str())));
    order
}

fn compare_cells(a: Option<&Cell>, b: Option<&Cell>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else {
        return a.is_some().cmp(&b.is_some());
    };
    match (a.sort, b.sort) {
        (SortKey::Number(x), SortKey::Number(y)) => x.total_cmp(&y),
        // As ages: youngest first.
        (SortKey::Time(x), SortKey::Time(y)) => y.cmp(&x),
        (SortKey::Text, SortKey::Text) => a.text.cmp(&b.text),
        // `<none>` among numbers: before them. The classes are ordered, so that the order is total.
        (a, b) => class(a).cmp(&class(b)),
    }
}

fn class(key: SortKey) -> u8 {
    match key {
        SortKey::Text => 0,
        SortKey::Number(_) => 1,
        SortKey::Time(_) => 2,
    }
}
