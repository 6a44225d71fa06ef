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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_secrets_are_taken_out_and_their_names_and_sizes_stay() {
        let mut secret = json!({
            "kind": "Secret", "type": "Opaque",
            "metadata": {"name": "db", "annotations": {LAST_APPLIED: "{\"data\":{\"password\":\"aHVudGVyMg==\"}}", "x": "y"}},
            "data": {"password": "aHVudGVyMg==", "broken": "?", "odd": 7},
            "stringData": {"more": "hunter2"},
        });
        redact(&mut secret);
        let text = secret.to_string();
        assert!(
            !text.contains("aHVudGVyMg") && !text.contains("hunter2") && !text.contains(": 7"),
            "{text}"
        );
        assert_eq!(secret["data"]["password"], "(redacted, 7 bytes)");
        assert_eq!(secret["data"]["broken"], "(redacted)");
        assert_eq!(secret["data"]["odd"], "(redacted)");
        assert_eq!(secret["stringData"]["more"], "(redacted, 7 bytes)");
        assert_eq!(secret["metadata"]["annotations"][LAST_APPLIED], "(redacted)");
        assert_eq!(secret["metadata"]["annotations"]["x"], "y");
    }

    #[test]
    fn secrets_in_lists_and_of_an_odd_shape_are_redacted_too() {
        let mut list = json!({"kind": "SecretList", "items": [{"type": "Opaque", "data": {"a": "aHVudGVyMg=="}}]});
        redact(&mut list);
        assert!(!list.to_string().contains("aHVudGVyMg"));
        let mut odd = json!({"kind": "Secret", "data": "aHVudGVyMg=="});
        redact(&mut odd);
        assert_eq!(odd["data"], "(redacted)");
    }

    #[test]
    fn other_objects_are_left_alone() {
        let map = json!({"kind": "ConfigMap", "data": {"a": "b"}, "metadata": {"annotations": {LAST_APPLIED: "x"}}});
        let mut same = map.clone();
        redact(&mut same);
        assert_eq!(same, map);
    }
}
