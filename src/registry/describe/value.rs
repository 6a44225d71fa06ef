//! Looking into an object: what is missing or of another type than expected is empty, never a fault.

use jiff::Timestamp;
use serde_json::Value;

use super::line::{Span, Tone};
use crate::registry::health::{RowState, of_status};

/// The text at a pointer, or nothing.
pub fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

pub fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer).and_then(Value::as_i64)
}

pub fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Whatever stands there as one line: texts as they are, everything else as JSON.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub fn shown_at(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map(shown).unwrap_or_default()
}

/// `a=b` of each entry of a map.
pub fn pairs(value: &Value, pointer: &str, between: &str) -> Vec<String> {
    let map = value.pointer(pointer).and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}{between}{}", shown(value)))
        .collect()
}

/// A LabelSelector, or a map of labels, as kubectl prints it.
pub fn selector(value: &Value, pointer: &str) -> String {
    let Some(selector) = value.pointer(pointer) else {
        return "<none>".into();
    };
    let mut parts = if selector.get("matchLabels").is_some() || selector.get("matchExpressions").is_some() {
        pairs(selector, "/matchLabels", "=")
    } else {
        pairs(selector, "", "=")
    };
    for expression in list(selector, "/matchExpressions") {
        let values: Vec<String> = list(expression, "/values").iter().map(shown).collect();
        let (key, operator) = (text(expression, "/key"), text(expression, "/operator"));
        parts.push(match operator {
            "Exists" => key.to_owned(),
            "DoesNotExist" => format!("!{key}"),
            _ => format!("{key} {} ({})", operator.to_lowercase(), values.join(",")),
        });
    }
    if parts.is_empty() {
        "<none>".into()
    } else {
        parts.join(",")
    }
}

pub fn millis(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// `2026-11-24 02:15:40 UTC`
pub fn moment(unix_ms: i64) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => unix_ms.to_string(),
    }
}

/// A time with its age behind it; a text that is no time stands as it is.
pub fn time(sent: &str) -> Vec<Span> {
    match millis(sent) {
        Some(ms) => vec![
            Span::new(&moment(ms), Tone::Text),
            Span::new("  ", Tone::Text),
            Span::age(ms, 6),
        ],
        None => vec![Span::new(sent, Tone::Text)],
    }
}

/// How well a word of state sounds.
pub fn tone_of(word: &str) -> Tone {
    match of_status(word) {
        RowState::Ok => Tone::Ok,
        RowState::Pending | RowState::Held => Tone::Pending,
        RowState::Bad => Tone::Bad,
        RowState::Done => Tone::Done,
        RowState::Unknown => Tone::Text,
    }
}
