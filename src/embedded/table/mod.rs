//! An object as it was asked for: whole, as a row of a Table, or as its metadata.

mod age;
mod cluster;
mod column;
mod config;
mod custom;
mod network;
mod pod;
mod workload;

use std::sync::Arc;

use serde_json::{Value, json};

use self::column::Column;
use super::asked::Asked;
use super::kinds::Kind;
use super::store::{Store, text};

#[derive(Clone)]
pub(super) enum Form {
    Object,
    Table { include: Include, columns: Arc<[Column]> },
    Metadata,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Include {
    None,
    Metadata,
    Object,
}

impl Form {
    /// The first form of `Accept` that is known, as a server negotiates.
    pub fn asked(store: &Store, kind: &Kind, asked: &Asked) -> Self {
        let known = asked.header("accept").split(',').find_map(|media| match () {
            () if media.contains("as=Table") => Some(true),
            () if media.contains("as=PartialObjectMetadata") => Some(false),
            () => None,
        });
        let plain = asked.header("accept").split(',').position(is_plain_json);
        let special = asked.header("accept").split(',').position(|m| m.contains("as="));
        let include = match asked.query.get("includeObject") {
            Some("None") => Include::None,
            Some("Object") => Include::Object,
            _ => Include::Metadata,
        };
        match known {
            Some(_) if plain < special && plain.is_some() => Self::Object,
            Some(true) => Self::Table {
                include,
                columns: columns_of(store, kind).into(),
            },
            Some(false) => Self::Metadata,
            None => Self::Object,
        }
    }

    pub fn list(&self, kind: &Kind, objects: &[Value], metadata: Value, now_ms: i64) -> Value {
        match self {
            Self::Table { include, columns } => table(columns, objects, metadata, *include, true, now_ms),
            Self::Metadata => json!({
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                "items": objects.iter().map(partial).collect::<Vec<_>>(),
            }),
            Self::Object => json!({
                "kind": format!("{}List", kind.name), "apiVersion": kind.api_version(), "metadata": metadata,
                "items": objects.iter().map(|object| bare(kind, object)).collect::<Vec<_>>(),
            }),
        }
    }

    /// One object, for `get` and in watch events; `first` says whether columns were not told yet.
    pub fn one(&self, object: &Value, first: bool, now_ms: i64) -> Value {
        match self {
            Self::Table { include, columns } => {
                let metadata = json!({"resourceVersion": text(object, "/metadata/resourceVersion")});
                table(columns, std::slice::from_ref(object), metadata, *include, first, now_ms)
            }
            Self::Metadata => partial(object),
            Self::Object => object.clone(),
        }
    }

    /// A bookmark: of an object it has no more than the version, and of a row no cells.
    pub fn bookmark(&self, kind: &Kind, metadata: &Value) -> Value {
        let object = json!({"kind": kind.name, "apiVersion": kind.api_version(), "metadata": metadata});
        match self {
            Self::Table { columns, .. } => json!({
                "kind": "Table", "apiVersion": "meta.k8s.io/v1",
                "metadata": {"resourceVersion": metadata["resourceVersion"]}, "columnDefinitions": null,
                "rows": [{"cells": columns.iter().map(|_| "").collect::<Vec<_>>(), "object": partial(&object)}],
            }),
            Self::Metadata => partial(&object),
            Self::Object => object,
        }
    }
}

fn is_plain_json(media: &str) -> bool {
    media.trim().starts_with("application/json") && !media.contains("as=")
}

/// Items of a list of built-in kinds carry no kind of their own.
fn bare(kind: &Kind, object: &Value) -> Value {
    let mut object = object.clone();
    if let (Some(fields), false) = (object.as_object_mut(), kind.is_custom()) {
        fields.remove("kind");
        fields.remove("apiVersion");
    }
    object
}

fn partial(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

fn table(columns: &[Column], objects: &[Value], metadata: Value, include: Include, told: bool, now_ms: i64) -> Value {
    let rows: Vec<Value> = objects
        .iter()
        .map(|object| {
            let cells: Vec<Value> = columns.iter().map(|c| c.cell(object, now_ms)).collect();
            let shown = match include {
                Include::None => Value::Null,
                Include::Metadata => partial(object),
                Include::Object => object.clone(),
            };
            json!({"cells": cells, "object": shown})
        })
        .collect();
    let definitions = told.then(|| columns.iter().map(Column::definition).collect::<Vec<_>>());
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": definitions, "rows": rows,
    })
}

fn columns_of(store: &Store, kind: &Kind) -> Vec<Column> {
    if kind.is_custom() {
        return custom::columns(store, kind);
    }
    let own = [
        pod::columns as fn(&str) -> Option<Vec<Column>>,
        workload::columns,
        network::columns,
        config::columns,
        cluster::columns,
    ];
    let found = own
        .iter()
        .find_map(|columns| columns(kind.plural))
        .filter(|_| !kind.is_measured());
    found.unwrap_or_else(|| vec![Column::name(), Column::created_at()])
}
