//! What differs from run to run, and means nothing, taken out of an answer.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

static MASKS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(:\d+)?\b", "IP"),
        // A name that a controller or `generateName` made.
        (
            r"-[bcdfghjklmnpqrstvwxz2456789]{5,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b",
            "-HASH-XXXXX",
        ),
        (
            r"\b(contract-[a-z]+|made|web)-[bcdfghjklmnpqrstvwxz2456789]{5}\b",
            "$1-XXXXX",
        ),
        (r"-[bcdfghjklmnpqrstvwxz2456789]{8,10}\b", "-HASH"),
        (r"pod-template-hash=[a-z0-9]+", "pod-template-hash=HASH"),
        (r"in record \(\d+\)", "in record (N)"),
        (r"/kglass-rig-\d+/", "/RIG/"),
        (
            r"resource version: \d+( \(\d+\)|, current: \d+)?",
            "resource version: N",
        ),
    ]
    .into_iter()
    .map(|(pattern, put)| (Regex::new(pattern).expect("a good pattern"), put))
    .collect()
});

pub fn text(text: &str) -> String {
    MASKS.iter().fold(text.to_owned(), |text, (pattern, put)| {
        pattern.replace_all(&text, *put).into_owned()
    })
}

pub fn value(value: &Value) -> Value {
    match value {
        Value::String(inner) => Value::String(text(inner)),
        Value::Array(items) => items.iter().map(self::value).collect(),
        Value::Object(fields) => fields.iter().map(|(key, v)| (key.clone(), self::value(v))).collect(),
        other => other.clone(),
    }
}

/// A cell of a table: ages pass.
pub fn cell(cell: &Value) -> Value {
    static AGE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(\d+[smhdy]){1,2}$|<unknown>").expect("a good pattern"));
    // `3 (5m ago)`: restarts with the age of the last one.
    static AGO: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\((\d+[smhdy]){1,2} ago\)").expect("a good pattern"));
    match cell {
        Value::String(inner) if AGO.is_match(inner) => {
            value(&Value::String(AGO.replace_all(inner, "(AGE ago)").into_owned()))
        }
        Value::String(inner) if AGE.is_match(inner) => Value::String("AGE".to_owned()),
        other => value(other),
    }
}
