//! Columns and cells. Servers print ages when they send them; here they become times again, so
//! that they run by our clock and nothing has to be asked for anew.

use std::sync::Arc;

use serde_json::Value;

use super::sort_key::{duration_ms, sort_key};
use super::texts::Texts;
use super::wire::{ColumnDefinition, Meta};
use crate::model::{Cell, Column, ColumnKind, SortKey, TermSafe};

/// How the cells of one column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Name,
    /// Age of the object: its creationTimestamp.
    Created,
    /// A printed age of something else: last seen, last schedule.
    Since,
    /// A duration that does not run: how long a job took.
    Duration,
    Number,
    Free,
}

/// Columns that print an age without saying so in their type.
const AGES: [&str; 4] = ["last seen", "first seen", "last schedule", "last transition"];

/// Words in the names of columns whose `10m` are minutes.
const DURATIONS: [&str; 6] = ["duration", "age", "period", "interval", "timeout", "ttl"];

/// The columns of a table, with how each is read.
#[derive(Clone)]
pub struct Layout {
    pub columns: Arc<[Column]>,
    pub shapes: Arc<[Shape]>,
}

impl Layout {
    pub fn from_definitions(definitions: &[ColumnDefinition]) -> Self {
        // Of workloads the server prints these two as text; elsewhere AVAILABLE says True.
        let counts = definitions
            .iter()
            .any(|definition| definition.name.eq_ignore_ascii_case("up-to-date"));
        let is_count = |name: &str| counts && matches!(name.to_lowercase().as_str(), "up-to-date" | "available");
        let shapes: Arc<[Shape]> = definitions
            .iter()
            .map(|definition| {
                if is_count(&definition.name) {
                    Shape::Number
                } else {
                    shape(definition)
                }
            })
            .collect();
        let columns = definitions
            .iter()
            .zip(shapes.iter())
            .map(|(definition, shape)| column(&definition.name, *shape, definition.priority > 0))
            .collect();
        Self { columns, shapes }
    }

    /// What every object has; for servers that print no tables.
    pub fn plain() -> Self {
        Self {
            columns: [column("Name", Shape::Name, false), column("Age", Shape::Created, false)].into(),
            shapes: [Shape::Name, Shape::Created].into(),
        }
    }

    /// Exactly one cell per column, whatever the server sent.
    pub fn cells(&self, sent: &[Value], meta: &Meta, now_ms: i64, texts: &mut Texts) -> Box<[Cell]> {
        let created = meta.creation_timestamp.map(jiff::Timestamp::as_millisecond);
        self.shapes
            .iter()
            .enumerate()
            .map(|(i, shape)| match shape {
                Shape::Name => named(sent.get(i), &meta.name),
                Shape::Created if created.is_some() => age(created),
                _ => cell(*shape, sent.get(i), now_ms, texts),
            })
            .collect()
    }
}

pub fn column(name: &str, shape: Shape, wide: bool) -> Column {
    Column {
        name: TermSafe::new(&name.to_uppercase()),
        kind: match shape {
            Shape::Name | Shape::Free | Shape::Duration => ColumnKind::Text,
            Shape::Number => ColumnKind::Number,
            Shape::Created | Shape::Since => ColumnKind::Age,
        },
        wide,
    }
}

fn shape(definition: &ColumnDefinition) -> Shape {
    let name = definition.name.to_lowercase();
    match definition.kind.as_str() {
        _ if definition.format == "name" || name == "name" => Shape::Name,
        _ if name == "age" => Shape::Created,
        "date" => Shape::Since,
        "integer" | "number" => Shape::Number,
        // Printed as text since it carries an age: `17 (41s ago)`.
        _ if name == "restarts" || name == "count" => Shape::Number,
        _ if AGES.contains(&name.as_str()) => Shape::Since,
        _ if DURATIONS.iter().any(|word| name.contains(word)) => Shape::Duration,
        _ => Shape::Free,
    }
}

/// A plain row has no cells; its name is in the metadata.
fn named(sent: Option<&Value>, name: &str) -> Cell {
    Cell {
        text: TermSafe::new(sent.and_then(Value::as_str).unwrap_or(name)),
        sort: SortKey::Text,
        since_ms: None,
    }
}

/// A time, shown as its age.
pub fn age(since_ms: Option<i64>) -> Cell {
    Cell {
        text: TermSafe::default(),
        sort: since_ms.map_or(SortKey::Text, SortKey::Time),
        since_ms,
    }
}

fn cell(shape: Shape, sent: Option<&Value>, now_ms: i64, texts: &mut Texts) -> Cell {
    let number;
    let text = match sent {
        Some(Value::String(text)) => text.as_str(),
        None | Some(Value::Null) => "",
        Some(other) => {
            number = other.to_string();
            &number
        }
    };
    if matches!(shape, Shape::Since | Shape::Created)
        && let Some(ms) = duration_ms(text)
    {
        return age(Some(now_ms - ms));
    }
    let (text, since_ms) = split_age(text, now_ms);
    Cell {
        text: texts.cell(text),
        sort: sort_key(text, shape == Shape::Duration),
        since_ms,
    }
}

/// `17 (41s ago)`: the number, and when it became so.
fn split_age(text: &str, now_ms: i64) -> (&str, Option<i64>) {
    let split = || {
        let (front, age) = text.strip_suffix(" ago)")?.rsplit_once(" (")?;
        Some((front, now_ms - duration_ms(age)?))
    };
    match split() {
        Some((front, since)) => (front, Some(since)),
        None => (text, None),
    }
}
