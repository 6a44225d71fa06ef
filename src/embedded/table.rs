//! An object as it was asked for: whole, as a row of a Table, or as its metadata.

use serde_json::{Value, json};

use super::clock::parse_ms;
use super::kinds::Kind;
use super::request::Params;
use super::store::text;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Object,
    Table { include: Include },
    Metadata,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Include {
    None,
    Metadata,
    Object,
}

impl Form {
    pub fn asked(accept: &str, query: &Params) -> Self {
        let include = match query.get("includeObject") {
            Some("None") => Include::None,
            Some("Object") => Include::Object,
            _ => Include::Metadata,
        };
        // The first form that is known, as a server negotiates.
        accept
            .split(',')
            .find_map(|media| match () {
                () if media.contains("as=Table") => Some(Self::Table { include }),
                () if media.contains("as=PartialObjectMetadata") => Some(Self::Metadata),
                () if media.trim().starts_with("application/json") && !media.contains("as=") => Some(Self::Object),
                () => None,
            })
            .unwrap_or(Self::Object)
    }

    pub fn list(self, kind: &Kind, objects: &[Value], metadata: Value, now_ms: i64) -> Value {
        match self {
            Self::Table { include } => table(kind, objects, metadata, include, true, now_ms),
            Self::Metadata => json!({
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                "items": objects.iter().map(partial).collect::<Vec<_>>(),
            }),
            Self::Object => json!({
                "kind": format!("{}List", kind.name), "apiVersion": kind.api_version(), "metadata": metadata,
                "items": objects.iter().map(bare).collect::<Vec<_>>(),
            }),
        }
    }

    /// One object, for `get` and in watch events; `first` says whether columns were not told yet.
    pub fn one(self, kind: &Kind, object: &Value, first: bool, now_ms: i64) -> Value {
        match self {
            Self::Table { include } => {
                let metadata = json!({"resourceVersion": text(object, "/metadata/resourceVersion")});
                table(kind, std::slice::from_ref(object), metadata, include, first, now_ms)
            }
            Self::Metadata => partial(object),
            Self::Object => object.clone(),
        }
    }
}

/// Items of a list carry no kind of their own.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("kind");
        fields.remove("apiVersion");
    }
    object
}

fn partial(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

fn table(kind: &Kind, objects: &[Value], metadata: Value, include: Include, columns: bool, now_ms: i64) -> Value {
    let specs = columns_of(kind);
    let rows: Vec<Value> = objects
        .iter()
        .map(|object| {
            let cells: Vec<Value> = specs.iter().map(|c| (c.cell)(object, now_ms)).collect();
            let shown = match include {
                Include::None => Value::Null,
                Include::Metadata => partial(object),
                Include::Object => object.clone(),
            };
            json!({"cells": cells, "object": shown})
        })
        .collect();
    let definitions = columns.then(|| specs.iter().map(Column::definition).collect::<Vec<_>>());
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": definitions, "rows": rows,
    })
}

type CellOf = fn(&Value, i64) -> Value;

struct Column {
    name: &'static str,
    kind: &'static str,
    priority: u8,
    cell: CellOf,
}

impl Column {
    fn definition(&self) -> Value {
        let format = if self.name == "Name" { "name" } else { "" };
        json!({"name": self.name, "type": self.kind, "format": format, "description": "", "priority": self.priority})
    }
}

const fn column(name: &'static str, kind: &'static str, cell: CellOf) -> Column {
    let priority = 0;
    Column {
        name,
        kind,
        priority,
        cell,
    }
}

fn columns_of(kind: &Kind) -> Vec<Column> {
    let mut columns = vec![column("Name", "string", |o, _| at(o, "/metadata/name"))];
    match kind.plural {
        "pods" => columns.extend([
            column("Ready", "string", |o, _| pod_ready(o)),
            column("Status", "string", |o, _| pod_status(o)),
            column("Restarts", "string", |o, _| json!(restarts(o).to_string())),
        ]),
        "deployments" => columns.extend([
            column("Ready", "string", |o, _| ready_of_wanted(o)),
            column("Up-to-date", "string", |o, _| number(o, "/status/updatedReplicas")),
            column("Available", "string", |o, _| number(o, "/status/availableReplicas")),
        ]),
        "statefulsets" => columns.push(column("Ready", "string", |o, _| ready_of_wanted(o))),
        "namespaces" => columns.push(column("Status", "string", |o, _| at(o, "/status/phase"))),
        "nodes" => columns.extend([
            column("Status", "string", |o, _| node_status(o)),
            column("Version", "string", |o, _| at(o, "/status/nodeInfo/kubeletVersion")),
        ]),
        "secrets" => columns.push(column("Type", "string", |o, _| at(o, "/type"))),
        _ => {}
    }
    columns.push(column("Age", "string", |o, now| json!(age(o, now))));
    if kind.plural == "pods" {
        let cell: CellOf = |o, _| text(o, "/spec/nodeName").map_or_else(|| json!("<none>"), |n| json!(n));
        columns.push(Column {
            name: "Node",
            kind: "string",
            priority: 1,
            cell,
        });
    }
    columns
}

fn at(object: &Value, pointer: &str) -> Value {
    object.pointer(pointer).cloned().unwrap_or_else(|| json!(""))
}

fn number(object: &Value, pointer: &str) -> Value {
    json!(object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0))
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    pod.pointer("/status/containerStatuses")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn pod_ready(pod: &Value) -> Value {
    let all = pod
        .pointer("/spec/containers")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let ready = containers(pod).filter(|c| c["ready"] == json!(true)).count();
    json!(format!("{ready}/{all}"))
}

fn pod_status(pod: &Value) -> Value {
    if text(pod, "/metadata/deletionTimestamp").is_some() {
        return json!("Terminating");
    }
    containers(pod)
        .find_map(|c| text(c, "/state/waiting/reason"))
        .map_or_else(|| at(pod, "/status/phase"), |reason| json!(reason))
}

fn restarts(pod: &Value) -> i64 {
    containers(pod).filter_map(|c| c["restartCount"].as_i64()).sum()
}

fn ready_of_wanted(workload: &Value) -> Value {
    let count = |pointer: &str| workload.pointer(pointer).and_then(Value::as_i64).unwrap_or(0);
    json!(format!(
        "{}/{}",
        count("/status/readyReplicas"),
        count("/spec/replicas")
    ))
}

fn node_status(node: &Value) -> Value {
    let cordoned = node.pointer("/spec/unschedulable") == Some(&json!(true));
    json!(if cordoned { "Ready,SchedulingDisabled" } else { "Ready" })
}

/// As the server prints ages: the largest unit or two.
fn age(object: &Value, now_ms: i64) -> String {
    let Some(created) = text(object, "/metadata/creationTimestamp").and_then(parse_ms) else {
        return "<unknown>".to_owned();
    };
    let seconds = ((now_ms - created) / 1000).max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 if seconds % 60 != 0 => format!("{}m{}s", seconds / 60, seconds % 60),
        120..10_800 => format!("{}m", seconds / 60),
        10_800..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}
