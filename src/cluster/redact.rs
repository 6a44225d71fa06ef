//! Takes the values out of Secrets before anybody sees them: screens, recordings and logs show
//! names and sizes. Revealing a value is an action of its own, with a record.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// kubectl keeps a copy of the whole object here, values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Redacts `object` if it is a Secret, and each item if it is a list that holds some.
pub fn redact(object: &mut Value) {
    if let Some(items) = object.get_mut("items").and_then(Value::as_array_mut) {
        items.iter_mut().for_each(redact);
    }
    if !is_secret(object) {
        return;
    }
    for field in ["data", "stringData"] {
        if let Some(values) = object.get_mut(field) {
            redact_values(values, field == "data");
        }
    }
    if let Some(annotations) = object
        .pointer_mut("/metadata/annotations")
        .and_then(Value::as_object_mut)
        && let Some(copy) = annotations.get_mut(LAST_APPLIED)
    {
        *copy = Value::from("(redacted)");
    }
}

/// By kind; or, in a list whose items carry none, by shape.
fn is_secret(object: &Value) -> bool {
    match object.get("kind").and_then(Value::as_str) {
        Some(kind) => kind == "Secret",
        None => object.get("type").is_some_and(Value::is_string) && object.get("data").is_some(),
    }
}

fn redact_values(values: &mut Value, encoded: bool) {
    let Some(map) = values.as_object_mut() else {
        *values = Value::from("(redacted)");
        return;
    };
    for value in map.values_mut() {
        *value = Value::from(match size(value, encoded) {
            Some(bytes) => format!("(redacted, {bytes} bytes)"),
            None => "(redacted)".to_owned(),
        });
    }
}

fn size(value: &Value, encoded: bool) -> Option<usize> {
    let text = value.as_str()?;
    if encoded {
        return STANDARD
            .decode(text)
            .ok()
            .map(|bytes| zeroize::Zeroizing::new(bytes).len());
    }
    Some(text.len())
}
