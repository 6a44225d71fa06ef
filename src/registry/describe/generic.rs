//! A kind of which nothing is known: every field under its own name, conditions as a table.

use serde_json::{Map, Value};

use super::line::Tone;
use super::page::Page;
use super::value::shown;
use super::{conditions, value};

pub fn add(page: &mut Page, object: &Value) {
    let fields = object.as_object().into_iter().flatten();
    for (name, value) in
        fields.filter(|(name, _)| !matches!(name.as_str(), "apiVersion" | "kind" | "metadata" | "status"))
    {
        field(page, name, value);
    }
    if let Some(Value::Object(status)) = object.get("status") {
        let others: Map<String, Value> = status
            .iter()
            .filter(|(name, _)| *name != "conditions")
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        field(page, "status", &Value::Object(others));
    }
    conditions::add(page, object);
}

/// One field, whatever it holds.
pub fn field(page: &mut Page, name: &str, value: &Value) {
    match value {
        Value::Object(map) if map.is_empty() => page.toned(name, "{}", Tone::Muted),
        Value::Object(map) => page.section(name, |page| {
            for (name, value) in map {
                field(page, name, value);
            }
        }),
        Value::Array(list) if list.iter().all(|item| !item.is_object() && !item.is_array()) => {
            page.list(name, list.iter().map(shown));
        }
        Value::Array(list) => page.section(name, |page| {
            for (index, item) in list.iter().enumerate() {
                field(page, &item_name(index, item), item);
            }
        }),
        Value::String(text) => text_field(page, name, text),
        Value::Null => page.toned(name, "<none>", Tone::Muted),
        other => page.fact(name, &shown(other)),
    }
}

/// A state word has its colour; a text of many lines stands below its name.
fn text_field(page: &mut Page, name: &str, text: &str) {
    if text.contains('\n') {
        return page.section(name, |page| page.plain(text.trim_end_matches('\n'), Tone::Text));
    }
    let tone = if matches!(name, "phase" | "state" | "status" | "health") {
        value::tone_of(text)
    } else {
        Tone::Text
    };
    page.toned(name, text, tone);
}

/// By its own name if it has one: `containers: web:`.
fn item_name(index: usize, item: &Value) -> String {
    match item.get("name").or_else(|| item.get("type")).and_then(Value::as_str) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => format!("- {index}"),
    }
}
