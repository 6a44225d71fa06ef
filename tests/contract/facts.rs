//! What clients depend on in an answer, by name: code, form, reason, columns, names in order, which
//! fields are there, the sequence of a watch.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::mask;
use super::step::Step;

pub type Facts = BTreeMap<String, Value>;

pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

pub fn of(step: &Step, reply: &Reply) -> Facts {
    let mut facts = Facts::new();
    facts.insert("code".into(), json!(reply.status));
    let header = |name: &str| reply.headers.get(name).map_or("", String::as_str);
    facts.insert("type".into(), json!(header("content-type")));
    for name in ["etag", "retry-after", "vary", "cache-control"] {
        let shown = match name {
            "etag" if !header(name).is_empty() => "ETAG",
            _ => header(name),
        };
        if !shown.is_empty() {
            facts.insert(format!("header {name}"), json!(shown));
        }
    }
    if let Some((_, sent)) = step.headers.iter().find(|(name, _)| *name == "Audit-ID") {
        facts.insert("audit id comes back".into(), json!(header("audit-id") == sent));
    }
    match reply.json() {
        _ if step.is_watch() && reply.status == 200 => watch(&mut facts, &reply.body),
        Some(Value::Object(body)) => object(&mut facts, step, &body),
        _ => {
            let text = String::from_utf8_lossy(&reply.body);
            facts.insert("text".into(), json!(mask::text(&text)));
        }
    }
    facts
}

fn object(facts: &mut Facts, step: &Step, body: &Map<String, Value>) {
    let whole = Value::Object(body.clone());
    for field in ["kind", "apiVersion"] {
        facts.insert(field.into(), body.get(field).cloned().unwrap_or_default());
    }
    match body.get("kind").and_then(Value::as_str) {
        Some("Status") => {
            for field in ["status", "reason", "message", "details"] {
                if let Some(value) = body.get(field) {
                    facts.insert(field.into(), mask::value(value));
                }
            }
        }
        Some("Table") => table(facts, &whole),
        Some("APIGroupDiscoveryList") => discovery(facts, &whole),
        Some("APIResourceList") => legacy(facts, &whole),
        Some("APIGroupList") => {
            for group in list(&whole, "/groups") {
                let name = group["name"].as_str().unwrap_or_default();
                facts.insert(format!("group {name}"), group["preferredVersion"]["version"].clone());
            }
        }
        Some(kind) if kind.ends_with("List") => collection(facts, &whole),
        _ => {
            facts.insert("fields".into(), keys(&whole));
            facts.insert(
                "metadata".into(),
                keys(&body.get("metadata").cloned().unwrap_or_default()),
            );
        }
    }
    for pointer in &step.see {
        let value = whole.pointer(pointer).map_or_else(|| json!("nothing"), mask::value);
        facts.insert(format!("see {pointer}"), value);
    }
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Which fields are there; who owns which is nobody's business here.
fn keys(value: &Value) -> Value {
    let fields = value.as_object();
    let mut names: Vec<&str> = fields.into_iter().flat_map(Map::keys).map(String::as_str).collect();
    names.retain(|name| *name != "managedFields");
    names.sort_unstable();
    json!(names.join(" "))
}

fn name_of(object: &Value) -> String {
    let part = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    match part("namespace") {
        namespace if namespace.is_empty() => mask::text(&part("name")),
        namespace => mask::text(&format!("{namespace}/{}", part("name"))),
    }
}

fn page(facts: &mut Facts, whole: &Value) {
    let metadata = &whole["metadata"];
    facts.insert(
        "has more".into(),
        json!(metadata["continue"].as_str().is_some_and(|c| !c.is_empty())),
    );
    facts.insert("remaining".into(), metadata["remainingItemCount"].clone());
    facts.insert("has revision".into(), json!(metadata["resourceVersion"].is_string()));
}

fn collection(facts: &mut Facts, whole: &Value) {
    page(facts, whole);
    let items = list(whole, "/items");
    let names: Vec<String> = items.iter().map(name_of).collect();
    facts.insert("names".into(), json!(names));
    if let Some(first) = items.first() {
        facts.insert("item fields".into(), keys(first));
        facts.insert("item metadata".into(), keys(&first["metadata"]));
    }
}

fn table(facts: &mut Facts, whole: &Value) {
    page(facts, whole);
    facts.insert("columns".into(), columns(whole));
    let rows: Vec<Value> = list(whole, "/rows")
        .iter()
        .map(|row| row["cells"].as_array().into_iter().flatten().map(mask::cell).collect())
        .collect();
    facts.insert("rows".into(), json!(rows));
    if let Some(first) = list(whole, "/rows").first() {
        facts.insert("row object".into(), first["object"]["kind"].clone());
    }
}

fn columns(table: &Value) -> Value {
    list(table, "/columnDefinitions")
        .iter()
        .map(|c| {
            let part = |field: &str| c[field].as_str().unwrap_or_default().to_owned();
            json!(format!("{} {} {}", part("name"), part("type"), c["priority"]))
        })
        .collect()
}

fn described(verbs: &Value, short: &Value, categories: &Value, kind: &Value, scope: &str) -> Value {
    let words = |value: &Value| -> String {
        let all: Vec<&str> = list(value, "").iter().filter_map(Value::as_str).collect();
        all.join(",")
    };
    json!(format!(
        "{} {scope} [{}] [{}] {}",
        kind.as_str().unwrap_or_default(),
        words(short),
        words(categories),
        words(verbs)
    ))
}

fn discovery(facts: &mut Facts, whole: &Value) {
    for group in list(whole, "/items") {
        let name = group["metadata"]["name"].as_str().unwrap_or_default();
        // The preferred version; what else a group is served in does not matter to whoever takes that.
        let Some(version) = list(group, "/versions").first() else {
            continue;
        };
        let label = version["version"].as_str().unwrap_or_default();
        facts.insert(format!("group {name}/{label}"), version["freshness"].clone());
        for resource in list(version, "/resources") {
            let plural = resource["resource"].as_str().unwrap_or_default();
            let scope = resource["scope"].as_str().unwrap_or_default();
            let shown = described(
                &resource["verbs"],
                &resource["shortNames"],
                &resource["categories"],
                &resource["responseKind"]["kind"],
                scope,
            );
            facts.insert(format!("resource {name}/{label}/{plural}"), shown);
            facts.insert(
                format!("singular {name}/{label}/{plural}"),
                resource["singularResource"].clone(),
            );
            for sub in list(resource, "/subresources") {
                let sub_name = sub["subresource"].as_str().unwrap_or_default();
                let shown = described(
                    &sub["verbs"],
                    &Value::Null,
                    &Value::Null,
                    &sub["responseKind"]["kind"],
                    "",
                );
                facts.insert(format!("resource {name}/{label}/{plural}/{sub_name}"), shown);
            }
        }
    }
}

fn legacy(facts: &mut Facts, whole: &Value) {
    facts.insert("groupVersion".into(), whole["groupVersion"].clone());
    for resource in list(whole, "/resources") {
        let name = resource["name"].as_str().unwrap_or_default();
        let scope = if resource["namespaced"] == true {
            "Namespaced"
        } else {
            "Cluster"
        };
        let shown = described(
            &resource["verbs"],
            &resource["shortNames"],
            &resource["categories"],
            &resource["kind"],
            scope,
        );
        facts.insert(format!("resource {name}"), shown);
    }
}

/// The sequence of events; of a table's, whether the columns were told again.
fn watch(facts: &mut Facts, body: &[u8]) {
    let mut events = Vec::new();
    let mut told = Vec::new();
    for line in body.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let Ok(event) = serde_json::from_slice::<Value>(line) else {
            continue;
        };
        let object = &event["object"];
        let kind = event["type"].as_str().unwrap_or_default();
        let shown = match (kind, object["kind"].as_str()) {
            ("ERROR", _) => format!(
                "ERROR {} {}",
                object["code"],
                object["reason"].as_str().unwrap_or_default()
            ),
            ("BOOKMARK", Some("Table")) => "BOOKMARK Table".to_owned(),
            ("BOOKMARK", Some(of)) => {
                let end = object["metadata"]["annotations"]["k8s.io/initial-events-end"] == "true";
                format!("BOOKMARK {of}{}", if end { " end of initial" } else { "" })
            }
            (kind, Some("Table")) => {
                told.push(object["columnDefinitions"].is_array());
                let row = &object["rows"][0];
                format!(
                    "{kind} {}",
                    row["cells"][0].as_str().map(mask::text).unwrap_or_default()
                )
            }
            (kind, of) => format!("{kind} {} {}", of.unwrap_or_default(), name_of(object)),
        };
        events.push(shown);
    }
    facts.insert("events".into(), json!(events));
    if !told.is_empty() {
        facts.insert("columns told".into(), json!(told));
    }
}
