//! `meta.k8s.io/v1` Table and plain lists as they come over the wire, only what a row needs.
//! Everything else (managedFields above all) is skipped while parsing.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

/// One page of a collection.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    #[serde(default)]
    pub kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: ListMeta,
    #[serde(default, deserialize_with = "or_default")]
    pub column_definitions: Vec<ColumnDefinition>,
    #[serde(default, deserialize_with = "or_default")]
    pub rows: Vec<WireRow>,
    /// Of a plain list.
    #[serde(default, deserialize_with = "or_default")]
    pub items: Vec<Partial>,
}

impl Page {
    pub fn is_table(&self) -> bool {
        self.kind == "Table"
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListMeta {
    #[serde(default)]
    pub resource_version: String,
    #[serde(default, rename = "continue")]
    pub next: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ColumnDefinition {
    pub name: String,
    /// `string`, `integer`, `number`, `boolean`, `date`.
    #[serde(default, rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub format: String,
    #[serde(default)]
    pub priority: i32,
}

#[derive(Deserialize)]
pub struct WireRow {
    #[serde(default, deserialize_with = "or_default")]
    pub cells: Vec<serde_json::Value>,
    #[serde(default)]
    pub object: Option<Partial>,
}

#[derive(Deserialize)]
pub struct Partial {
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: Meta,
}

/// The part of ObjectMeta that a row keeps.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub namespace: Option<String>,
    #[serde(default)]
    pub uid: Option<String>,
    #[serde(default)]
    pub resource_version: Option<String>,
    #[serde(default)]
    pub creation_timestamp: Option<Timestamp>,
    #[serde(default)]
    pub deletion_timestamp: Option<Timestamp>,
    #[serde(default, deserialize_with = "or_default")]
    pub owner_references: Vec<OwnerReference>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct OwnerReference {
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub controller: Option<bool>,
}

impl Meta {
    /// `Kind/name` of the controlling owner.
    pub fn owner(&self) -> Option<String> {
        let owner = self.owner_references.iter().find(|o| o.controller == Some(true))?;
        Some(format!("{}/{}", owner.kind, owner.name))
    }
}

/// One line of a watch.
#[derive(Deserialize)]
pub struct Event<T> {
    /// `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK`, `ERROR`.
    #[serde(rename = "type")]
    pub kind: String,
    pub object: T,
}

/// The object of an event: a Table of one row, a whole object, or a Status.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WatchObject {
    #[serde(default)]
    pub kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(default, deserialize_with = "or_default")]
    pub rows: Vec<WireRow>,
    /// Of a Status.
    #[serde(default)]
    pub code: u16,
    #[serde(default)]
    pub message: String,
}

impl WatchObject {
    /// Where the watch can be resumed after this event.
    pub fn resource_version(&self) -> Option<&str> {
        let of_row = || self.rows.first()?.object.as_ref()?.metadata.resource_version.as_deref();
        let of_list = self.metadata.resource_version.as_deref();
        // A Table repeats the row's version in its own metadata, but not every server fills both.
        of_row().filter(|v| !v.is_empty()).or(of_list).filter(|v| !v.is_empty())
    }
}

/// Go writes empty lists as null.
fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
