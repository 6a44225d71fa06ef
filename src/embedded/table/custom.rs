//! The columns of a custom resource, as its definition names them.

use serde_json::Value;

use super::super::kinds::{self, Kind};
use super::super::store::{Key, Store, text};
use super::column::{Column, list};

pub(super) fn columns(store: &Store, kind: &Kind) -> Vec<Column> {
    let definitions = kinds::known("customresourcedefinitions");
    let definition = store.get(&Key::new(definitions, "", &kind.qualified()));
    let version = definition.and_then(|d| list(d, "/spec/versions").find(|v| text(v, "/name") == Some(kind.version)));
    let named: Vec<Column> = version
        .into_iter()
        .flat_map(|version| list(version, "/additionalPrinterColumns"))
        .filter_map(column)
        .collect();
    let mut columns = vec![Column::name()];
    if named.is_empty() {
        columns.push(Column::age());
    }
    columns.extend(named);
    columns
}

/// `.spec.discount` and the like; filters and wildcards are not read.
fn column(spec: &Value) -> Option<Column> {
    let path = text(spec, "/jsonPath")?;
    let pointer = path
        .split('.')
        .skip(1)
        .fold(String::new(), |all, part| format!("{all}/{part}"));
    let priority = spec.get("priority").and_then(Value::as_i64).unwrap_or(0);
    Some(Column::pointed(
        text(spec, "/name")?,
        text(spec, "/type")?,
        pointer,
        priority,
    ))
}
