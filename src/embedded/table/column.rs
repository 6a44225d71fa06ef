//! A column of a Table: how it is called and how its cell is read from an object.

use serde_json::{Value, json};

use super::super::clock::parse_ms;
use super::super::store::text;
use super::age;

pub(super) type CellOf = fn(&Value, i64) -> Value;

#[derive(Clone)]
enum Source {
    Code(CellOf),
    /// A JSON pointer, of a custom resource's definition.
    Pointer(String),
}

#[derive(Clone)]
pub(in crate::embedded) struct Column {
    name: String,
    kind: String,
    format: &'static str,
    priority: i64,
    source: Source,
}

impl Column {
    fn of(name: &str, kind: &str, source: Source) -> Self {
        Self {
            name: name.to_owned(),
            kind: kind.to_owned(),
            format: "",
            priority: 0,
            source,
        }
    }

    pub fn name() -> Self {
        let mut column = Self::of("Name", "string", Source::Code(|o, _| at(o, "/metadata/name")));
        column.format = "name";
        column
    }

    pub fn age() -> Self {
        Self::text("Age", |o, now| json!(age::since(o, "/metadata/creationTimestamp", now)))
    }

    /// Kinds that no printer knows show when they were made.
    pub fn created_at() -> Self {
        let mut column = Self::text("Created At", |o, _| at(o, "/metadata/creationTimestamp"));
        "date".clone_into(&mut column.kind);
        column
    }

    pub fn text(name: &str, cell: CellOf) -> Self {
        Self::of(name, "string", Source::Code(cell))
    }

    pub fn number(name: &str, cell: CellOf) -> Self {
        Self::of(name, "integer", Source::Code(cell))
    }

    pub fn flag(name: &str, cell: CellOf) -> Self {
        Self::of(name, "boolean", Source::Code(cell))
    }

    pub fn pointed(name: &str, kind: &str, pointer: String, priority: i64) -> Self {
        let mut column = Self::of(name, kind, Source::Pointer(pointer));
        column.priority = priority;
        column
    }

    /// Shown only where there is room.
    pub fn wide(mut self) -> Self {
        self.priority = 1;
        self
    }

    pub fn definition(&self) -> Value {
        json!({
            "name": self.name, "type": self.kind, "format": self.format, "description": "", "priority": self.priority,
        })
    }

    pub fn cell(&self, object: &Value, now_ms: i64) -> Value {
        match &self.source {
            Source::Code(cell) => cell(object, now_ms),
            Source::Pointer(pointer) => match object.pointer(pointer) {
                Some(Value::String(time)) if self.kind == "date" => {
                    parse_ms(time).map_or_else(|| json!("<invalid>"), |ms| json!(age::span((now_ms - ms) / 1000)))
                }
                Some(value) => value.clone(),
                None if self.kind == "date" => json!("<unknown>"),
                None => Value::Null,
            },
        }
    }
}

pub(super) fn at(object: &Value, pointer: &str) -> Value {
    object.pointer(pointer).cloned().unwrap_or_else(|| json!(""))
}

pub(super) fn count(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

pub(super) fn or_none(text: Option<&str>) -> Value {
    json!(text.filter(|t| !t.is_empty()).unwrap_or("<none>"))
}

pub(super) fn list<'a>(object: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    object.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

pub(super) fn joined<'a>(items: impl Iterator<Item = &'a str>) -> String {
    items.collect::<Vec<_>>().join(",")
}

/// `app=web,tier=front`, or `<none>`.
pub(super) fn labels(map: Option<&Value>) -> String {
    let pairs: Vec<String> = map
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    if pairs.is_empty() {
        "<none>".to_owned()
    } else {
        pairs.join(",")
    }
}

/// Containers, images and selector of a pod template, as workloads show them where there is room.
pub(super) fn template_columns() -> Vec<Column> {
    vec![
        Column::text("Containers", |o, _| json!(of_template(o, "/name"))).wide(),
        Column::text("Images", |o, _| json!(of_template(o, "/image"))).wide(),
        Column::text("Selector", |o, _| {
            json!(labels(o.pointer("/spec/selector/matchLabels")))
        })
        .wide(),
    ]
}

fn of_template(object: &Value, field: &str) -> String {
    let cron = object.pointer("/spec/jobTemplate").is_some();
    let path = if cron {
        "/spec/jobTemplate/spec/template/spec/containers"
    } else {
        "/spec/template/spec/containers"
    };
    joined(list(object, path).map(|c| text(c, field).unwrap_or_default()))
}
