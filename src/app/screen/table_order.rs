//! Which rows a table shows in which order, as indices.

use std::cmp::Ordering;

use super::{Counts, FilterKind, RowKey, TableScreen, UsageColumn};
use crate::model::{Cell, Column, ColumnKind, Row, SortKey};
use crate::registry::RowState;

impl TableScreen {
    /// Filters and sorts anew, and puts the cursor on its object again.
    pub fn arrange(&mut self, height: usize) {
        let Some(snapshot) = &self.snapshot else { return };
        let rows = &snapshot.rows;
        let mut counts = Counts {
            total: rows.len(),
            ..Counts::default()
        };
        let mut passes = vec![false; rows.len()];
        let mut text = String::new();
        for (index, row) in rows.iter().enumerate() {
            let state = self.states.get(index).copied().unwrap_or_default();
            let (unwell, held) = (state.is_unwell(), state == RowState::Held);
            if (!self.faults_only || unwell || held) && self.passes(row, &mut text) {
                passes[index] = true;
                counts.shown += 1;
                counts.not_ready += usize::from(unwell);
                counts.held += usize::from(held);
            } else {
                counts.hidden_marks += usize::from(self.is_marked(row));
            }
        }
        let mut shown = self.as_before(passes);
        self.sort_indices(&mut shown);
        self.counts = counts;
        self.shown = shown.into();
        self.find_cursor(height);
    }

    /// Those that pass, in the order they were in, the others behind them: of that little is left to sort,
    /// since from one picture to the next most rows keep their place.
    fn as_before(&self, mut passes: Vec<bool>) -> Vec<u32> {
        let every = 0..passes.len();
        let mut shown = Vec::with_capacity(passes.len());
        let mut add = |index: usize| {
            if let Some(passes @ true) = passes.get_mut(index) {
                *passes = false;
                shown.push(index as u32);
            }
        };
        // The server's order is that of the indices.
        if !self.sort.column.is_empty() {
            self.shown.iter().for_each(|&index| add(index as usize));
        }
        every.for_each(add);
        shown
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
