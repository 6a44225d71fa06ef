//! ConfigMaps with their texts; Secrets with names and sizes, never a value.

use serde_json::Value;

use super::line::Tone;
use super::page::Page;
use super::value::{shown_at, text};

pub fn config_map(page: &mut Page, object: &Value) {
    if object["immutable"] == true {
        page.fact("Immutable", "true");
    }
    let data = object.get("data").and_then(Value::as_object);
    page.section("Data", |page| {
        for (name, value) in data.into_iter().flatten() {
            let text = value.as_str().unwrap_or_default();
            if text.contains('\n') {
                page.section(&format!("{name} ({})", bytes(text.len())), |page| {
                    page.plain(text.trim_end_matches('\n'), Tone::Text);
                });
            } else {
                page.fact(name, text);
            }
        }
    });
    let binary = object.get("binaryData").and_then(Value::as_object);
    page.section("Binary data", |page| {
        for (name, value) in binary.into_iter().flatten() {
            // Of four characters three bytes.
            let text = value.as_str().unwrap_or_default();
            let padding = text.bytes().rev().take_while(|b| *b == b'=').count();
            page.fact(name, &bytes((text.len() / 4 * 3).saturating_sub(padding)));
        }
    });
    if data.is_none_or(serde_json::Map::is_empty) && binary.is_none_or(serde_json::Map::is_empty) {
        page.list("Data", []);
    }
}

fn bytes(count: usize) -> String {
    format!("{count} bytes")
}

pub fn secret(page: &mut Page, object: &Value) {
    page.fact("Type", text(object, "/type"));
    page.maybe("Immutable", &shown_at(object, "/immutable"));
    let data = object.get("data").and_then(Value::as_object);
    page.section("Data", |page| {
        for (name, value) in data.into_iter().flatten() {
            page.fact(name, size(value));
        }
    });
    if data.is_none_or(serde_json::Map::is_empty) {
        page.list("Data", []);
    }
}

/// The size that the reader left in the place of the value. Anything else is not shown at all:
/// should a value ever get this far, it ends here.
fn size(value: &Value) -> &str {
    let inner = || value.as_str()?.strip_prefix("(redacted, ")?.strip_suffix(')');
    match inner() {
        Some(size) if size.trim_end_matches(" bytes").bytes().all(|b| b.is_ascii_digit()) => size,
        _ => "not shown",
    }
}
