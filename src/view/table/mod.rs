//! A table of rows. Draws the lines that are seen and no others, whatever the collection holds.

mod columns;
mod usage;

use ratatui::layout::Rect;

use self::columns::{Columns, GUTTER, Slot, Source, columns};
use super::canvas::Canvas;
use super::layout::line;
use super::{age, cut, notice};
use crate::app::{RowKey, State, TableScreen};
use crate::config::Scope;
use crate::config::theme::glyph;
use crate::model::{Cell, ColumnKind, Row};
use crate::registry::RowState;

/// How long a changed cell is marked.
const CHANGED_MS: u64 = 2000;

pub fn draw(canvas: &mut Canvas, state: &State, table: &TableScreen, heads: Rect, body: Rect) {
    let columns = columns(table, heads.width);
    draw_heads(canvas, table, &columns, heads);
    if table.counts.shown == 0 {
        return notice::empty_table(canvas, state, table, body);
    }
    let mut scratch = String::new();
    for n in 0..body.height {
        let index = table.cursor.top + usize::from(n);
        let Some(row) = table.row(index) else { break };
        let painter = RowPainter {
            state,
            table,
            row,
            line: line(body, n),
        };
        painter.draw(canvas, &columns.slots, index == table.cursor.index, &mut scratch);
    }
}

fn draw_heads(canvas: &mut Canvas, table: &TableScreen, columns: &Columns, heads: Rect) {
    for slot in &columns.slots {
        let sorted = table.sort.column == slot.name;
        let scope = if sorted { Scope::TableSort } else { Scope::TableHeader };
        let name_width = cut::width(slot.name) as u16;
        let room = slot.width;
        let pad = match slot.kind {
            ColumnKind::Number => room.saturating_sub(name_width),
            ColumnKind::Text | ColumnKind::Age => 0,
        };
        let x = heads.x + slot.x + pad;
        let used = canvas.put(x, heads.y, room - pad, &cut::end(slot.name, room.into()), scope);
        if sorted {
            let mark = if table.sort.descending {
                glyph::SORT_DOWN
            } else {
                glyph::SORT_UP
            };
            // In the gap where the name fills its column: nothing moves when the order changes.
            canvas.put(x + used, heads.y, 1, mark, scope);
        }
    }
    if columns.hidden > 0 {
        let more = format!("+{}{}", columns.hidden, glyph::CUT);
        canvas.spans_right(heads, &[(more.into(), Scope::Muted)]);
    }
}

struct RowPainter<'s> {
    state: &'s State,
    table: &'s TableScreen,
    row: &'s Row,
    line: Rect,
}

impl RowPainter<'_> {
    fn draw(&self, canvas: &mut Canvas, slots: &[Slot], under_cursor: bool, scratch: &mut String) {
        let marked = self.table.is_marked(self.row);
        for slot in slots {
            self.cell(canvas, slot, marked, scratch);
        }
        if under_cursor {
            canvas.tint(self.line, Scope::TableCursor);
            canvas.put(self.line.x, self.line.y, 1, glyph::CURSOR, Scope::Accent);
        }
        if marked {
            canvas.put(self.line.x + 1, self.line.y, GUTTER - 1, glyph::MARK, Scope::TableMark);
        }
    }

    fn cell(&self, canvas: &mut Canvas, slot: &Slot, marked: bool, scratch: &mut String) {
        let (x, y) = (self.line.x + slot.x, self.line.y);
        let scope = self.scope(slot, marked);
        let used;
        let text = match slot.source {
            Source::Usage(column) => {
                used = usage::text(self.table, column, self.row);
                used.as_str()
            }
            Source::Namespace => self.row.namespace.as_deref().unwrap_or_default(),
            Source::Cell(index) => match self.row.cells.get(index) {
                Some(cell) => shown(cell, self.state.now.wall_ms, scratch),
                None => return,
            },
        };
        let room = usize::from(slot.width);
        let cut = match slot.source {
            Source::Namespace => cut::middle(text, room),
            // Names differ at their ends; sentences begin with what they say.
            Source::Cell(_) if slot.is_name() || !text.contains(' ') => cut::middle(text, room),
            Source::Cell(_) | Source::Usage(_) => cut::end(text, room),
        };
        let pad = match slot.kind {
            ColumnKind::Number => room.saturating_sub(cut::width(&cut)) as u16,
            ColumnKind::Text | ColumnKind::Age => 0,
        };
        let used = canvas.put(x + pad, y, slot.width - pad, &cut, scope);
        if let Source::Cell(index) = slot.source
            && self.changed_lately(index)
        {
            canvas.tint(Rect::new(x + pad, y, used, 1), Scope::Changed);
        }
    }

    /// The state colours the words that tell it; the rest of the row stays readable.
    fn scope(&self, slot: &Slot, marked: bool) -> Scope {
        if let Source::Usage(column) = slot.source {
            return usage::scope(self.table, column, self.row);
        }
        let health = &self.table.health;
        let tells = |column: Option<usize>| column.is_some_and(|index| slot.source == Source::Cell(index));
        let told_by = health.event_type.or(health.status).or(health.ready);
        if tells(told_by) || (tells(health.ready) && self.table.state_of(self.row).is_unwell()) {
            return of_state(self.table.state_of(self.row));
        }
        match slot.kind {
            _ if marked && slot.is_name() => Scope::TableMark,
            ColumnKind::Age => Scope::Muted,
            _ if slot.source == Source::Namespace => Scope::Muted,
            ColumnKind::Text | ColumnKind::Number => Scope::Text,
        }
    }

    fn changed_lately(&self, column: usize) -> bool {
        self.table
            .changed
            .iter()
            .any(|(key, changed, at): &(RowKey, usize, _)| {
                *changed == column && self.state.now.since(*at) < CHANGED_MS && key.is(self.row)
            })
    }
}

fn of_state(state: RowState) -> Scope {
    match state {
        RowState::Ok => Scope::RowOk,
        RowState::Pending | RowState::Held => Scope::RowPending,
        RowState::Bad => Scope::RowBad,
        RowState::Done => Scope::RowDone,
        RowState::Unknown => Scope::Text,
    }
}

/// The text of a cell with its age: `17 (41s)`, or the age alone.
pub fn shown<'s>(cell: &'s Cell, now_ms: i64, scratch: &'s mut String) -> &'s str {
    let text = cell.text.as_str();
    let Some(since) = cell.since_ms else {
        return text;
    };
    scratch.clear();
    if text.is_empty() {
        age::write(scratch, since, now_ms);
    } else {
        scratch.push_str(text);
        scratch.push_str(" (");
        age::write(scratch, since, now_ms);
        scratch.push(')');
    }
    scratch
}
