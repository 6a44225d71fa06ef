//! What belongs to the whole cluster, and the few namespaced kinds that only controllers use.

use serde_json::{Value, json};

use super::super::store::text;
use super::column::{Column, at, count, list, or_none};

pub(super) fn columns(plural: &str) -> Option<Vec<Column>> {
    let mut columns = vec![Column::name()];
    match plural {
        "nodes" => columns.extend(node()),
        "namespaces" => columns.extend([Column::text("Status", |o, _| at(o, "/status/phase")), Column::age()]),
        "leases" => columns.extend([
            Column::text("Holder", |o, _| at(o, "/spec/holderIdentity")),
            Column::age(),
        ]),
        "priorityclasses" => columns.extend([
            Column::number("Value", |o, _| json!(count(o, "/value"))),
            Column::flag("Global-Default", |o, _| json!(o["globalDefault"] == json!(true))),
            Column::age(),
            Column::text("PreemptionPolicy", |o, _| {
                json!(text(o, "/preemptionPolicy").unwrap_or("PreemptLowerPriority"))
            }),
        ]),
        "validatingadmissionpolicies" => columns.extend([
            Column::number("Validations", |o, _| json!(list(o, "/spec/validations").count())),
            Column::text("ParamKind", |o, _| match text(o, "/spec/paramKind/kind") {
                Some(kind) => json!(format!(
                    "{}/{kind}",
                    text(o, "/spec/paramKind/apiVersion").unwrap_or_default()
                )),
                None => json!("<unset>"),
            }),
            Column::age(),
        ]),
        "validatingadmissionpolicybindings" => columns.extend([
            Column::text("PolicyName", |o, _| at(o, "/spec/policyName")),
            Column::text("ParamRef", |o, _| match text(o, "/spec/paramRef/name") {
                Some(name) => json!(name),
                None => json!("<unset>"),
            }),
            Column::age(),
        ]),
        _ => return None,
    }
    Some(columns)
}

fn node() -> Vec<Column> {
    vec![
        Column::text("Status", |o, _| json!(node_status(o))),
        Column::text("Roles", |o, _| json!(roles(o))),
        Column::age(),
        Column::text("Version", |o, _| at(o, "/status/nodeInfo/kubeletVersion")),
        Column::text("Internal-IP", |o, _| address(o, "InternalIP")).wide(),
        Column::text("External-IP", |o, _| address(o, "ExternalIP")).wide(),
        Column::text("OS-Image", |o, _| unknown(o, "/status/nodeInfo/osImage")).wide(),
        Column::text("Kernel-Version", |o, _| unknown(o, "/status/nodeInfo/kernelVersion")).wide(),
        Column::text("Container-Runtime", |o, _| {
            unknown(o, "/status/nodeInfo/containerRuntimeVersion")
        })
        .wide(),
    ]
}

fn node_status(node: &Value) -> String {
    let ready = list(node, "/status/conditions").find(|c| text(c, "/type") == Some("Ready"));
    let mut shown = match ready.and_then(|c| text(c, "/status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if node.pointer("/spec/unschedulable") == Some(&json!(true)) {
        shown.push_str(",SchedulingDisabled");
    }
    shown
}

fn roles(node: &Value) -> String {
    let labels = node.pointer("/metadata/labels").and_then(Value::as_object);
    let roles: Vec<&str> = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, _)| key.strip_prefix("node-role.kubernetes.io/"))
        .collect();
    if roles.is_empty() {
        "<none>".to_owned()
    } else {
        roles.join(",")
    }
}

fn address(node: &Value, kind: &str) -> Value {
    let found = list(node, "/status/addresses").find(|a| text(a, "/type") == Some(kind));
    or_none(found.and_then(|a| text(a, "/address")))
}

fn unknown(node: &Value, pointer: &str) -> Value {
    json!(text(node, pointer).filter(|t| !t.is_empty()).unwrap_or("<unknown>"))
}
