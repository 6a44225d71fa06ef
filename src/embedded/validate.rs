//! Validation, as far as clients of this server meet it: names, and the few fields whose refusal
//! they show. Whatever else a manifest gets wrong is stored as it is.

use serde_json::{Value, json};

use super::kinds::Kind;
use super::refusal::Refusal;
use super::store::text;

pub(super) fn created(kind: &Kind, object: &Value) -> Result<(), Refusal> {
    let name = text(object, "/metadata/name").unwrap_or_default();
    check_name(kind, name)?;
    both(kind, object)
}

pub(super) fn updated(kind: &Kind, before: &Value, after: &Value) -> Result<(), Refusal> {
    both(kind, after)?;
    let refuse = |field: &str, why: &str| {
        let name = text(after, "/metadata/name").unwrap_or_default();
        Err(Refusal::invalid(kind.group, kind.name, name, field, why))
    };
    if before.get("immutable") == Some(&json!(true)) {
        for field in ["data", "stringData", "binaryData", "immutable"] {
            if before.get(field) != after.get(field) {
                return refuse(field, "Forbidden: field is immutable when `immutable` is set");
            }
        }
    }
    if kind.name == "Secret" && before.get("type") != after.get("type") {
        let why = format!("Invalid value: {}: field is immutable", after["type"]);
        return refuse("type", &why);
    }
    if matches!(kind.name, "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet") {
        let selector = |o: &Value| o.pointer("/spec/selector").cloned().unwrap_or_default();
        if selector(before) != selector(after) {
            let why = format!("Invalid value: {}: field is immutable", selector(after));
            return refuse("spec.selector", &why);
        }
    }
    if kind.name == "Pod" {
        return pod_updated(kind, before, after);
    }
    Ok(())
}

/// Of a pod's spec only images, deadline, tolerations and grace may change.
fn pod_updated(kind: &Kind, before: &Value, after: &Value) -> Result<(), Refusal> {
    let fixed = |pod: &Value| {
        let mut spec = pod.get("spec").cloned().unwrap_or_default();
        for list in ["containers", "initContainers"] {
            let containers = spec.get_mut(list).and_then(Value::as_array_mut);
            for container in containers.into_iter().flatten() {
                container["image"] = Value::Null;
            }
        }
        for free in [
            "activeDeadlineSeconds",
            "tolerations",
            "terminationGracePeriodSeconds",
            "nodeName",
        ] {
            spec[free] = Value::Null;
        }
        spec["ephemeralContainers"] = Value::Null;
        spec
    };
    if fixed(before) == fixed(after) {
        return Ok(());
    }
    let name = text(after, "/metadata/name").unwrap_or_default();
    let why = "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,\
               `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to \
               existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was \
               previously negative)";
    Err(Refusal::invalid(kind.group, kind.name, name, "spec", why))
}

fn both(kind: &Kind, object: &Value) -> Result<(), Refusal> {
    let name = text(object, "/metadata/name").unwrap_or_default();
    let refuse = |field: &str, why: &str| Err(Refusal::invalid(kind.group, kind.name, name, field, why));
    if let Some(replicas) = object.pointer("/spec/replicas").and_then(Value::as_i64)
        && replicas < 0
    {
        let why = format!("Invalid value: {replicas}: must be greater than or equal to 0");
        return refuse("spec.replicas", &why);
    }
    if matches!(kind.name, "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet") {
        let labels = object
            .pointer("/spec/template/metadata/labels")
            .cloned()
            .unwrap_or_else(|| json!({}));
        let wanted = object.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
        if wanted.is_some_and(|wanted| wanted.iter().any(|(key, value)| labels.get(key) != Some(value))) {
            let why = format!("Invalid value: {labels}: `selector` does not match template `labels`");
            return refuse("spec.template.metadata.labels", &why);
        }
    }
    Ok(())
}

fn check_name(kind: &Kind, name: &str) -> Result<(), Refusal> {
    let refuse = |why: &str| {
        let why = format!("Invalid value: \"{name}\": {why}");
        Err(Refusal::invalid(kind.group, kind.name, name, "metadata.name", &why))
    };
    let label = matches!(kind.name, "Service" | "Namespace");
    // A Job's name becomes a label of its pods.
    let longest = if label || kind.name == "Job" { 63 } else { 253 };
    if name.len() > longest {
        return refuse(&format!("must be no more than {longest} bytes"));
    }
    if kind.group == "rbac.authorization.k8s.io" {
        return Ok(());
    }
    let sound = |part: &str| {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        part.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && edge(part.chars().next())
            && edge(part.chars().last())
    };
    if kind.name == "Service" && name.contains('.') {
        return refuse("must not contain dots");
    }
    if name.split('.').all(sound) && !(label && name.contains('.')) {
        return Ok(());
    }
    refuse(if label {
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end \
         with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
         '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    } else {
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start \
         and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
         '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    })
}
