//! What is stored, claimed, allowed and told.

use serde_json::{Value, json};

use super::super::store::text;
use super::age;
use super::column::{Column, at, count, joined, list, or_none};

pub(super) fn columns(plural: &str) -> Option<Vec<Column>> {
    let mut columns = vec![Column::name()];
    match plural {
        "configmaps" => columns.extend([Column::text("Data", |o, _| json!(entries(o))), Column::age()]),
        "secrets" => columns.extend([
            Column::text("Type", |o, _| at(o, "/type")),
            Column::text("Data", |o, _| json!(entries(o))),
            Column::age(),
        ]),
        "serviceaccounts" => columns.push(Column::age()),
        "events" => return Some(event()),
        "persistentvolumeclaims" => columns.extend([
            Column::text("Status", |o, _| json!(phase(o))),
            Column::text("Volume", |o, _| at(o, "/spec/volumeName")),
            Column::text("Capacity", |o, _| at(o, "/status/capacity/storage")),
            Column::text("Access Modes", |o, _| json!(modes(o, "/status/accessModes"))),
            Column::text("StorageClass", |o, _| at(o, "/spec/storageClassName")),
            Column::text("VolumeAttributesClass", |o, _| {
                unset(o, "/spec/volumeAttributesClassName")
            }),
            Column::age(),
            Column::text("VolumeMode", |o, _| at(o, "/spec/volumeMode")).wide(),
        ]),
        "persistentvolumes" => columns.extend(volume()),
        "storageclasses" => columns.extend([
            Column::text("Provisioner", |o, _| at(o, "/provisioner")),
            Column::text("ReclaimPolicy", |o, _| {
                json!(text(o, "/reclaimPolicy").unwrap_or("Delete"))
            }),
            Column::text("VolumeBindingMode", |o, _| {
                json!(text(o, "/volumeBindingMode").unwrap_or("Immediate"))
            }),
            Column::text("AllowVolumeExpansion", |o, _| {
                json!(o["allowVolumeExpansion"] == json!(true))
            }),
            Column::age(),
        ]),
        "rolebindings" | "clusterrolebindings" => columns.extend([
            Column::text("Role", |o, _| {
                let part = |p: &str| text(o, p).unwrap_or_default().to_owned();
                json!(format!("{}/{}", part("/roleRef/kind"), part("/roleRef/name")))
            }),
            Column::age(),
            Column::text("Users", |o, _| json!(subjects(o, "User"))).wide(),
            Column::text("Groups", |o, _| json!(subjects(o, "Group"))).wide(),
            Column::text("ServiceAccounts", |o, _| json!(subjects(o, "ServiceAccount"))).wide(),
        ]),
        "resourcequotas" => columns.extend([
            Column::text("Request", |o, _| json!(quota(o, false))),
            Column::text("Limit", |o, _| json!(quota(o, true))),
            Column::age(),
        ]),
        _ => return None,
    }
    Some(columns)
}

fn entries(object: &Value) -> usize {
    let of = |field: &str| {
        object
            .get(field)
            .and_then(Value::as_object)
            .map_or(0, serde_json::Map::len)
    };
    of("data") + of("binaryData")
}

fn event() -> Vec<Column> {
    vec![
        Column::text("Last Seen", |o, now| json!(age::since(o, "/lastTimestamp", now))),
        Column::text("Type", |o, _| at(o, "/type")),
        Column::text("Reason", |o, _| at(o, "/reason")),
        Column::text("Object", |o, _| {
            let kind = text(o, "/involvedObject/kind").unwrap_or_default().to_lowercase();
            json!(format!(
                "{kind}/{}",
                text(o, "/involvedObject/name").unwrap_or_default()
            ))
        }),
        Column::text("Subobject", |o, _| at(o, "/involvedObject/fieldPath")).wide(),
        Column::text("Source", |o, _| {
            let component = text(o, "/source/component").unwrap_or_default();
            match text(o, "/source/host") {
                Some(host) => json!(format!("{component}, {host}")),
                None => json!(component),
            }
        })
        .wide(),
        Column::text("Message", |o, _| json!(text(o, "/message").unwrap_or_default().trim())),
        Column::text("First Seen", |o, now| json!(age::since(o, "/firstTimestamp", now))).wide(),
        Column::text("Count", |o, _| json!(count(o, "/count"))).wide(),
        {
            let mut name = Column::name();
            name = name.wide();
            name
        },
    ]
}

fn phase(object: &Value) -> &str {
    if text(object, "/metadata/deletionTimestamp").is_some() {
        return "Terminating";
    }
    text(object, "/status/phase").unwrap_or_default()
}

fn unset(object: &Value, pointer: &str) -> Value {
    json!(text(object, pointer).unwrap_or("<unset>"))
}

fn modes(object: &Value, pointer: &str) -> String {
    joined(list(object, pointer).filter_map(Value::as_str).map(|mode| match mode {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        other => other,
    }))
}

fn volume() -> Vec<Column> {
    vec![
        Column::text("Capacity", |o, _| at(o, "/spec/capacity/storage")),
        Column::text("Access Modes", |o, _| json!(modes(o, "/spec/accessModes"))),
        Column::text("Reclaim Policy", |o, _| {
            json!(text(o, "/spec/persistentVolumeReclaimPolicy").unwrap_or("Retain"))
        }),
        Column::text("Status", |o, _| json!(phase(o))),
        Column::text("Claim", |o, _| match text(o, "/spec/claimRef/name") {
            Some(name) => json!(format!(
                "{}/{name}",
                text(o, "/spec/claimRef/namespace").unwrap_or_default()
            )),
            None => json!(""),
        }),
        Column::text("StorageClass", |o, _| at(o, "/spec/storageClassName")),
        Column::text("VolumeAttributesClass", |o, _| {
            unset(o, "/spec/volumeAttributesClassName")
        }),
        Column::text("Reason", |o, _| at(o, "/status/reason")),
        Column::age(),
        Column::text("VolumeMode", |o, _| at(o, "/spec/volumeMode")).wide(),
    ]
}

fn subjects(binding: &Value, kind: &str) -> String {
    let names: Vec<String> = list(binding, "/subjects")
        .filter(|s| text(s, "/kind") == Some(kind))
        .map(|s| match (kind, text(s, "/namespace")) {
            ("ServiceAccount", Some(ns)) => format!("{ns}/{}", text(s, "/name").unwrap_or_default()),
            _ => text(s, "/name").unwrap_or_default().to_owned(),
        })
        .collect();
    names.join(", ")
}

fn quota(quota: &Value, limits: bool) -> Value {
    let hard = quota.pointer("/status/hard").and_then(Value::as_object);
    let shown: Vec<String> = hard
        .into_iter()
        .flatten()
        .filter(|(name, _)| name.starts_with("limits") == limits)
        .map(|(name, most)| {
            let used = quota["status"]["used"][name].as_str().unwrap_or("0");
            format!("{name}: {used}/{}", most.as_str().unwrap_or_default())
        })
        .collect();
    or_none(Some(shown.join(", ").as_str()))
        .as_str()
        .map_or_else(|| json!(""), |s| json!(if s == "<none>" { "" } else { s }))
}
