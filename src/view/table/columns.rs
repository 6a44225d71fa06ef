//! Which columns are shown and how wide: content first, then narrower gaps, then shorter texts,
//! then fewer columns. Pure arithmetic; draws nothing.

use super::usage;
use crate::app::{Extent, TableScreen, UsageColumn};
use crate::model::{Column, ColumnKind, Row};
use crate::view::cut;

/// Cells of the cursor bar and the mark.
pub const GUTTER: u16 = 2;
/// Cells of the longest age.
const AGE_WIDTH: u16 = 5;
/// A text is not cut below this, and what is no longer than `WHOLE` not at all: half an address or
/// half a state is worth less than a column.
const NARROWEST: u16 = 9;
const WHOLE: u16 = 16;
const NARROWEST_NAME: u16 = 20;
/// A message in few words says nothing.
const NARROWEST_MESSAGE: u16 = 40;
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
    /// What a row is told by: kept last, cut last.
    is_lead: bool,
    /// No row says anything there.
    is_bare: bool,
}

impl Slot<'_> {
    pub fn is_name(&self) -> bool {
        self.is_lead
    }

    fn narrowest(&self) -> u16 {
        match (self.kind, self.name) {
            _ if self.is_lead => NARROWEST_NAME,
            (_, "MESSAGE") => self.content.min(NARROWEST_MESSAGE),
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
        make_room_for_node(table, &mut slots, room);
        pan(&mut slots, table.pan, room);
    } else {
        add_spare(table, &mut slots, room);
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
    let hidden = all.saturating_sub(slots.len());
    let mut x = GUTTER;
    for slot in &mut slots {
        slot.x = x;
        x += slot.width + gap;
    }
    Columns { slots, hidden }
}

/// Scrolls columns away behind the name; nothing where all fit when they are narrower.
fn pan(slots: &mut Vec<Slot>, by: usize, room: u16) {
    let from = slots.iter().position(Slot::is_name).map_or(0, |at| at + 1);
    let away = by.min(slots.len().saturating_sub(from + 1));
    if away > 0 && least(slots, 1) > room {
        slots.drain(from..from + away);
    }
}

/// Where a pod runs says more than a share that no row has.
fn make_room_for_node<'s>(table: &'s TableScreen, slots: &mut Vec<Slot<'s>>, room: u16) {
    let node = table.spare_columns().find(|(_, column)| column.name.as_str() == "NODE");
    let Some((at, column)) = node else { return };
    let node = cell_slot(table, at, column);
    let is_spare = |slot: &Slot| slot.is_bare && matches!(slot.source, Source::Usage(_));
    let spared: u16 = slots
        .iter()
        .filter(|slot| is_spare(slot))
        .map(|slot| slot.width + 1)
        .sum();
    if total(slots, 1) + 1 + node.width <= room + spared {
        slots.retain(|slot| !is_spare(slot));
        slots.push(node);
    }
}

/// What only a wide table has to show, where all of it fits behind the others: the first that do.
fn add_spare<'s>(table: &'s TableScreen, slots: &mut Vec<Slot<'s>>, room: u16) {
    let mut spare: Vec<Slot> = table
        .spare_columns()
        .map(|(at, column)| cell_slot(table, at, column))
        .collect();
    // Where a pod runs is asked for more often than anything else.
    spare.sort_by_key(|slot| slot.name != "NODE");
    for slot in spare {
        if total(slots, 2) + 2 + slot.width <= room {
            slots.push(slot);
        }
    }
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
        let of_row = |row: &Row| Extent {
            width: row.namespace.as_deref().map_or(0, cut::width) as u16,
            says: true,
        };
        let extent = measured(table, snapshot.columns.len(), of_row);
        slots.push(slot(Source::Namespace, "NAMESPACE", ColumnKind::Text, extent));
    }
    add_cells(table, &mut slots);
    add_usage(table, &mut slots);
    slots
}

fn add_cells<'s>(table: &'s TableScreen, slots: &mut Vec<Slot<'s>>) {
    slots.extend(table.shown_columns().map(|(at, column)| cell_slot(table, at, column)));
    // Events have a name that nobody gave them and nobody looks for.
    if table.kind.lead.is_empty()
        && let Some(name) = slots.iter_mut().find(|slot| slot.name == "NAME")
    {
        name.is_lead = true;
    }
}

fn cell_slot<'s>(table: &'s TableScreen, index: usize, column: &'s Column) -> Slot<'s> {
    let mut extent = measured(table, index, |row| {
        row.cells.get(index).map(Extent::of).unwrap_or_default()
    });
    if column.kind == ColumnKind::Age {
        extent.width = extent.width.max(AGE_WIDTH);
    }
    slot(Source::Cell(index), column.name.as_str(), column.kind, extent)
}

fn add_usage<'s>(table: &'s TableScreen, slots: &mut Vec<Slot<'s>>) {
    let columns = table.usage_columns().iter().map(|&column| {
        let extent = Extent {
            width: usage::width(column),
            says: !table.usage.bare.contains(&column),
        };
        slot(Source::Usage(column), column.name(), ColumnKind::Number, extent)
    });
    let columns: Vec<Slot> = columns.collect();
    let at = table.usage_place(slots.iter().map(|slot| slot.name));
    slots.splice(at..at, columns);
}

fn slot(source: Source, name: &str, kind: ColumnKind, extent: Extent) -> Slot<'_> {
    Slot {
        source,
        name,
        kind,
        x: 0,
        content: extent.width,
        width: extent.width.max(cut::width(name) as u16),
        is_lead: false,
        is_bare: !extent.says,
    }
}

/// What is kept, or what the seen rows need.
fn measured(table: &TableScreen, at: usize, of_row: impl Fn(&Row) -> Extent) -> Extent {
    match table.extents.get(at) {
        Some(extent) => *extent,
        None => seen_rows(table).map(of_row).fold(Extent::default(), Extent::max),
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

/// Cells with every text cut as far as it may be.
fn least(slots: &[Slot], gap: u16) -> u16 {
    let widths: u16 = slots.iter().map(|slot| slot.width.min(slot.narrowest())).sum();
    widths + gap * (slots.len() as u16).saturating_sub(1)
}

/// Cuts the widest texts until everything fits; false if it cannot, then nothing is cut.
fn shorten(slots: &mut [Slot], gap: u16, room: u16) -> bool {
    if least(slots, gap) > room {
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
        _ if slot.is_bare => 0,
        Some(rank) => KEPT.len() - rank + 1,
        None => 1,
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
