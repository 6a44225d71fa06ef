//! Marks and sorting, as the keys change them.

use super::{RowKey, Sort, TableScreen, TableSource, UsageColumn};
use crate::app::Move;
use crate::model::Row;

impl TableScreen {
    /// Marked rows in the order shown, hidden ones last; without marks the one under the cursor.
    pub fn chosen_rows(&self) -> Vec<&Row> {
        if self.marks.is_empty() {
            return self.cursor_line().into_iter().collect();
        }
        let Some(snapshot) = &self.snapshot else {
            return Vec::new();
        };
        let seen = self.shown.iter().filter_map(|&at| snapshot.rows.get(at as usize));
        let mut rows: Vec<&Row> = seen.filter(|row| self.is_marked(row)).collect();
        if rows.len() < self.marks.len() {
            let hidden = snapshot.rows.iter().filter(|row| self.is_marked(row));
            let more: Vec<&Row> = hidden
                .filter(|row| !rows.iter().any(|seen| seen.is_same_object(row)))
                .collect();
            rows.extend(more);
        }
        rows
    }

    /// Marks or unmarks the row and goes to the next, as k9s does.
    pub fn toggle_mark(&mut self, height: usize) {
        let Some(key) = self.cursor_line().map(RowKey::of) else {
            return;
        };
        if !self.marks.remove(&key) {
            self.marks.insert(key.clone());
            self.last_mark = Some(key);
        }
        self.step(Move::Down, height);
    }

    /// Marks everything between the last mark and the cursor.
    pub fn mark_range(&mut self, height: usize) {
        let to = self.cursor.index;
        let last = self.last_mark.as_ref().filter(|key| self.marks.contains(key));
        let from = last
            .and_then(|key| (0..self.shown.len()).find(|&i| self.row(i).is_some_and(|row| key.is(row))))
            .unwrap_or(to);
        let range: Vec<RowKey> = (from.min(to)..=from.max(to))
            .filter_map(|i| self.row(i))
            .map(RowKey::of)
            .collect();
        self.last_mark = range.last().cloned();
        self.marks.extend(range);
        self.arrange(height);
    }

    /// By this column; flipped if it is sorted by it already.
    pub fn sort_by(&mut self, column: &str, height: usize) {
        if self.sort.column == column {
            return self.flip(height);
        }
        self.sort = Sort {
            column: column.into(),
            // Who looks at what is used, or at what fails, looks for the most.
            descending: UsageColumn::find(column).is_some() || column == "RESTARTS",
        };
        self.show_top(height);
    }

    /// An order is asked for to see who comes first.
    fn show_top(&mut self, height: usize) {
        self.cursor.go(0, self.shown.len(), height);
        self.cursor_row = None;
        self.arrange(height);
        let is_whole = self.snapshot.as_ref().is_some_and(|snapshot| snapshot.complete);
        self.cursor_row = self.cursor_line().filter(|_| is_whole).map(RowKey::of);
    }

    /// By the column that has this name, or alone begins with it; says which there are if none does.
    pub fn sort_by_name(&mut self, wanted: &str, height: usize) -> Result<(), String> {
        let mut columns = self.sortable();
        // Those that only a wide table shows too.
        let all = self.snapshot.iter().flat_map(|snapshot| snapshot.columns.iter());
        let more: Vec<String> = all
            .map(|column| column.name.as_str().to_owned())
            .filter(|name| !columns.contains(name))
            .collect();
        columns.extend(more);
        let exact = columns.iter().find(|name| *name == wanted);
        let mut near = columns
            .iter()
            .filter(|name| !wanted.is_empty() && name.starts_with(wanted));
        let found = exact.or_else(|| near.next().filter(|_| near.next().is_none()));
        match found.cloned() {
            Some(column) => {
                self.sort_by(&column, height);
                Ok(())
            }
            None => Err(self
                .measured_in_part(wanted)
                .unwrap_or_else(|| format!("this table has no column `{wanted}`; it has {}", columns.join(", ")))),
        }
    }

    /// Why a column of CPU or memory that is shown cannot sort: an order of the few rows that were
    /// asked about would put the one that is looked for anywhere.
    fn measured_in_part(&self, wanted: &str) -> Option<String> {
        let mut shown = self.usage_columns().iter().map(|column| column.name());
        let column = shown.find(|name| !wanted.is_empty() && name.starts_with(wanted))?;
        if self.usage.is_whole {
            return None;
        }
        let cure = match self.source {
            TableSource::PodsOf(_) => "list them with :pods",
            _ => "show fewer: a namespace, or labels with /-l",
        };
        Some(format!(
            "{column} does not sort this table: of {} rows only those on the screen are measured; {cure}",
            self.counts.total
        ))
    }

    pub fn flip(&mut self, height: usize) {
        self.sort.descending = !self.sort.descending;
        self.show_top(height);
    }

    /// By STATUS, or by what comes nearest to one.
    pub fn sort_by_status(&mut self, height: usize) {
        let columns = self.sortable();
        let near = ["STATUS", "PHASE", "STATE", "READY", "TYPE"];
        if let Some(column) = near.into_iter().find(|name| columns.iter().any(|c| c == name)) {
            self.sort_by(column, height);
        }
    }

    /// By the neighbour of the sorted column.
    pub fn sort_beside(&mut self, right: bool, height: usize) {
        let columns = self.sortable();
        let at = columns.iter().position(|name| *name == self.sort.column);
        let next = match (at, right) {
            (Some(at), true) => (at + 1).min(columns.len().saturating_sub(1)),
            (Some(at), false) => at.saturating_sub(1),
            (None, _) => 0,
        };
        if let Some(column) = columns.get(next).filter(|name| **name != self.sort.column) {
            self.sort_by(&column.clone(), height);
        }
    }
}
