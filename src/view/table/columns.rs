//! Which columns are shown and how wide: content first, then narrower gaps, then shorter texts,
//! then fewer columns. Pure arithmetic; draws nothing.

use super::usage;
use crate::app::{TableScreen, UsageColumn};
use crate::model::{Column, ColumnKind, Row};
use crate::view::cut;

/// Cells of the cursor bar and the mark.
pub const GUTTER: u16 = 2;
/// Cells of the longest age.
const AGE_WIDTH: u16 = 5;
/// An age behind a text: ` (41s)`.
const AGE_BEHIND: u16 = AGE_WIDTH + 3;
/// A text is not cut below this, and what is no longer than `WHOLE` not at all: half an address or
/// half a state is worth less than a column.
const NARROWEST: u16 = 9;
const WHOLE: u16 = 16;
const NARROWEST_NAME: u16 = 24;
const NARROWEST_NAMESPACE: u16 = 12;
/// Cells of `+12…`, said where columns are left out.
const HIDDEN_MARK: u16 = 5;
/// Columns that go last when there is no room, the most needed first: without its namespace a row
/// cannot be told from another.
const KEPT: &[&str] = &[
    "NAMESPACE",
    "STATUS",
    "READY",
    "AGE",
    "RESTARTS",
    "NODE",
    "CPU",
    "MEM",
    "%MEM/L",
    "%CPU/L",
    "TYPE",
    "REASON",
    "MESSAGE",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The row's own namespace, which the server's table does not print.
    Namespace,
    /// Index of the cell.
    Cell(usize),
    /// From the metrics API.
    Usage(UsageColumn),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot<'s> {
    pub source: Source,
    pub name: &'s str,
    pub kind: ColumnKind,
    /// From the left of the table.
    pub x: u16,
    pub width: u16,
    /// What the widest cell needs; the name of the column may need more.
    content: u16,
}

impl Slot<'_> {
    pub fn is_name(&self) -> bool {
        self.name == "NAME"
    }

    fn narrowest(&self) -> u16 {
        match (self.kind, self.name) {
            (_, "NAME") => NARROWEST_NAME,
            (_, "NAMESPACE") => NARROWEST_NAMESPACE,
            (ColumnKind::Text, _) => self.content.clamp(NARROWEST, WHOLE),
            _ => self.width,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct Columns<'s> {
    pub slots: Vec<Slot<'s>>,
    /// Columns left out for want of room.
    pub hidden: usize,
}

/// Lays out the columns of a table in `room` cells.
pub fn columns(table: &TableScreen, room: u16) -> Columns<'_> {
    let room = room.saturating_sub(GUTTER);
    let mut slots = wanted(table);
    let all = slots.len();
    let mut gap = 2;
    if total(&slots, gap) > room {
        gap = 1;
    }
    let mut left = room;
    while total(&slots, gap) > left && !shorten(&mut slots, gap, left) {
        if !drop_one(&mut slots, &table.sort.column) {
            // Only the name is left; it takes what there is.
            for last in &mut slots {
                last.width = left;
            }
        }
        left = room.saturating_sub(HIDDEN_MARK);
    }
    let hidden = all - slots.len();
    let mut x = GUTTER;
    for slot in &mut slots {
        slot.x = x;
        x += slot.width + gap;
    }
    Columns { slots, hidden }
}

/// All columns that should be shown, as wide as their content.
fn wanted(table: &TableScreen) -> Vec<Slot<'_>> {
    let Some(snapshot) = &table.snapshot else {
        return Vec::new();
    };
    let mut slots = Vec::with_capacity(snapshot.columns.len() + 1);
    let has_namespace = snapshot
        .columns
        .iter()
        .any(|column| column.name.as_str() == "NAMESPACE");
    if table.shows_namespace() && !has_namespace {
        let width = measured(table, snapshot.columns.len(), |row| row.namespace.as_deref());
        slots.push(slot(table, Source::Namespace, "NAMESPACE", ColumnKind::Text, width));
    }
    add_cells(table, &mut slots);
    add_usage(table, &mut slots);
    slots
}

fn add_cells<'s>(table: &'s TableScreen, slots: &mut Vec<Slot<'s>>) {
    for (index, column) in table.shown_columns() {
        let width = content_width(table, index, column);
        let name = column.name.as_str();
        slots.push(slot(table, Source::Cell(index), name, column.kind, width));
    }
}

fn add_usage<'s>(table: &'s TableScreen, slots: &mut Vec<Slot<'s>>) {
    let columns = table.usage_columns().iter().map(|&column| {
        let width = usage::width(column);
        slot(table, Source::Usage(column), column.name(), ColumnKind::Number, width)
    });
    let columns: Vec<Slot> = columns.collect();
    let at = table.usage_place(slots.iter().map(|slot| slot.name));
    slots.splice(at..at, columns);
}

fn slot<'s>(table: &TableScreen, source: Source, name: &'s str, kind: ColumnKind, content: u16) -> Slot<'s> {
    let mark = u16::from(table.sort.column == name);
    Slot {
        source,
        name,
        kind,
        x: 0,
        content,
        width: content.max(cut::width(name) as u16 + mark),
    }
}

fn content_width(table: &TableScreen, index: usize, column: &Column) -> u16 {
    let text = measured(table, index, |row| row.cells.get(index).map(|cell| cell.text.as_str()));
    if column.kind == ColumnKind::Age {
        return text.max(AGE_WIDTH);
    }
    let aged = seen_rows(table).any(|row| row.cells.get(index).is_some_and(|cell| cell.since_ms.is_some()));
    if aged { text + AGE_BEHIND } else { text }
}

/// The width that is kept, or that of the seen rows.
fn measured<'s>(table: &'s TableScreen, at: usize, text: impl Fn(&'s Row) -> Option<&'s str>) -> u16 {
    match table.widths.get(at) {
        Some(width) => *width,
        None => seen_rows(table).filter_map(text).map(cut::width).max().unwrap_or(0) as u16,
    }
}

/// Rows around the seen part; a fixed number, whatever the collection holds.
fn seen_rows(table: &TableScreen) -> impl Iterator<Item = &Row> {
    const SEEN: usize = 200;
    (table.cursor.top..table.cursor.top + SEEN).map_while(|index| table.row(index))
}

fn total(slots: &[Slot], gap: u16) -> u16 {
    let gaps = gap * (slots.len() as u16).saturating_sub(1);
    slots.iter().fold(gaps, |sum, slot| sum.saturating_add(slot.width))
}

/// Cuts the widest texts until everything fits; false if it cannot, then nothing is cut.
fn shorten(slots: &mut [Slot], gap: u16, room: u16) -> bool {
    let least: u16 = slots.iter().map(|slot| slot.width.min(slot.narrowest())).sum();
    if least + gap * (slots.len() as u16).saturating_sub(1) > room {
        return false;
    }
    let mut over = total(slots, gap).saturating_sub(room);
    while over > 0 {
        let widest = slots
            .iter_mut()
            .filter(|slot| slot.width > slot.narrowest())
            // A name may stay wider than other texts: it is what people look for.
            .max_by_key(|slot| if slot.is_name() { slot.width / 2 } else { slot.width });
        let Some(widest) = widest else { break };
        widest.width -= 1;
        over -= 1;
    }
    true
}

/// Leaves out the rightmost column that is not kept by name, or the rightmost of those; false if
/// only one is left.
fn drop_one(slots: &mut Vec<Slot>, sorted: &str) -> bool {
    let worth = |slot: &Slot| match KEPT.iter().position(|name| *name == slot.name) {
        _ if slot.is_name() => usize::MAX,
        // What the order comes from is worth seeing.
        _ if slot.name == sorted => usize::MAX - 1,
        Some(rank) => KEPT.len() - rank,
        None => 0,
    };
    if slots.len() < 2 {
        return false;
    }
    let least = slots
        .iter()
        .enumerate()
        .rev()
        .min_by_key(|(_, slot)| worth(slot))
        .map(|(at, _)| at);
    if let Some(at) = least {
        slots.remove(at);
    }
    true
}
