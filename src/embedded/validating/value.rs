//! JSON as CEL sees it: whole numbers are `int`, and a field that is not there is not there.

use std::collections::HashMap;
use std::sync::Arc;

use cel::Value as Cel;
use cel::objects::{Key, Map};
use serde_json::Value;

pub(super) fn cel(json: &Value) -> Cel {
    match json {
        Value::Null => Cel::Null,
        Value::Bool(value) => Cel::Bool(*value),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Cel::Float(number.as_f64().unwrap_or_default()), Cel::Int),
        Value::String(text) => Cel::String(Arc::new(text.clone())),
        Value::Array(items) => Cel::List(Arc::new(items.iter().map(cel).collect())),
        Value::Object(fields) => map(fields.iter().map(|(key, value)| (key.clone(), cel(value)))),
    }
}

pub(super) fn map(fields: impl IntoIterator<Item = (String, Cel)>) -> Cel {
    let fields = fields
        .into_iter()
        .map(|(key, value)| (Key::String(Arc::new(key)), value));
    Cel::Map(Map {
        map: Arc::new(fields.collect::<HashMap<_, _>>()),
    })
}
