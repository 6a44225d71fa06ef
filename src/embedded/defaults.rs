//! What the API server fills in where a manifest is silent, for the fields that clients show or
//! that controllers here go by.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::kinds::Kind;

pub(super) fn fill(kind: &Kind, object: &mut Value) {
    match kind.name {
        "Secret" => {
            set(object, "type", json!("Opaque"));
            fold_string_data(object);
        }
        "Pod" => {
            pod_spec(object, "/spec", "Always");
            set(&mut object["status"], "phase", json!("Pending"));
            let class = qos_class(object);
            set(&mut object["status"], "qosClass", json!(class));
        }
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => workload(kind, object),
        "Job" => job(object),
        "CronJob" => {
            let spec = &mut object["spec"];
            set(spec, "suspend", json!(false));
            set(spec, "concurrencyPolicy", json!("Allow"));
            set(spec, "successfulJobsHistoryLimit", json!(3));
            set(spec, "failedJobsHistoryLimit", json!(1));
            pod_spec(object, "/spec/jobTemplate/spec/template/spec", "Always");
        }
        // Its spec is no pointer: policies find it empty, not absent.
        "Node" => set(object, "spec", json!({})),
        "Event" => {
            set_null(object, "eventTime");
            set(object, "reportingComponent", json!(""));
            set(object, "reportingInstance", json!(""));
        }
        "PriorityClass" => set(object, "preemptionPolicy", json!("PreemptLowerPriority")),
        "StorageClass" => {
            set(object, "reclaimPolicy", json!("Delete"));
            set(object, "volumeBindingMode", json!("Immediate"));
        }
        "CustomResourceDefinition" => {
            let kind = object["spec"]["names"]["kind"].as_str().unwrap_or_default().to_owned();
            let names = &mut object["spec"]["names"];
            set(names, "listKind", json!(format!("{kind}List")));
            set(names, "singular", json!(kind.to_lowercase()));
        }
        "Service" => {
            set(&mut object["spec"], "type", json!("ClusterIP"));
            set(&mut object["spec"], "sessionAffinity", json!("None"));
            let ports = object["spec"].get_mut("ports").and_then(Value::as_array_mut);
            for port in ports.into_iter().flatten() {
                set(port, "protocol", json!("TCP"));
                let number = port["port"].clone();
                set(port, "targetPort", number);
            }
        }
        "Namespace" => {
            let name = object["metadata"]["name"].clone();
            object["metadata"]["labels"]["kubernetes.io/metadata.name"] = name;
            set(&mut object["spec"], "finalizers", json!(["kubernetes"]));
            set(&mut object["status"], "phase", json!("Active"));
        }
        "PersistentVolumeClaim" => {
            set(&mut object["spec"], "volumeMode", json!("Filesystem"));
            set(&mut object["status"], "phase", json!("Pending"));
        }
        "PersistentVolume" => {
            set(&mut object["spec"], "volumeMode", json!("Filesystem"));
            set(&mut object["spec"], "persistentVolumeReclaimPolicy", json!("Retain"));
            set(&mut object["status"], "phase", json!("Available"));
        }
        _ => {}
    }
    if kind.keeps_status() && !kind.is_custom() && object.get("status").is_none() {
        object["status"] = json!({});
    }
}

/// By what its containers ask for: all of them all of it, some of them something, or nothing.
fn qos_class(pod: &Value) -> &'static str {
    let lists = ["/spec/containers", "/spec/initContainers"].map(|at| pod.pointer(at).and_then(Value::as_array));
    let containers = || lists.iter().flatten().flat_map(|list| list.iter());
    let amount = |container: &Value, what: &str, of: &str| container["resources"][what][of].as_str().map(str::to_owned);
    let is_whole = |container: &Value, of: &str| {
        let limit = amount(container, "limits", of);
        limit.is_some() && amount(container, "requests", of).is_none_or(|asked| Some(asked) == limit)
    };
    let asks = |container: &Value| {
        let mut all = ["requests", "limits"]
            .into_iter()
            .flat_map(|w| ["cpu", "memory"].map(|of| (w, of)));
        all.any(|(what, of)| amount(container, what, of).is_some())
    };
    if !containers().any(asks) {
        "BestEffort"
    } else if containers().all(|c| is_whole(c, "cpu") && is_whole(c, "memory")) {
        "Guaranteed"
    } else {
        "Burstable"
    }
}

/// A field that is shown even where it says nothing.
fn set_null(object: &mut Value, field: &str) {
    if object.get(field).is_none() {
        object[field] = Value::Null;
    }
}

/// `stringData` is for writing only: it is stored, and shown to admission, as `data`.
pub(super) fn fold_string_data(secret: &mut Value) {
    let Some(Value::Object(words)) = secret.as_object_mut().and_then(|s| s.remove("stringData")) else {
        return;
    };
    for (key, word) in words {
        secret["data"][key] = json!(STANDARD.encode(word.as_str().unwrap_or_default()));
    }
}

fn set(object: &mut Value, field: &str, value: Value) {
    if object.get(field).is_none_or(Value::is_null) {
        object[field] = value;
    }
}

fn workload(kind: &Kind, object: &mut Value) {
    let spec = &mut object["spec"];
    match kind.name {
        "Deployment" => {
            set(spec, "replicas", json!(1));
            set(spec, "revisionHistoryLimit", json!(10));
            set(spec, "progressDeadlineSeconds", json!(600));
            set(spec, "strategy", json!({"type": "RollingUpdate"}));
            if spec["strategy"]["type"] == json!("RollingUpdate") {
                set(&mut spec["strategy"], "rollingUpdate", json!({}));
                let rolling = &mut spec["strategy"]["rollingUpdate"];
                set(rolling, "maxSurge", json!("25%"));
                set(rolling, "maxUnavailable", json!("25%"));
            }
        }
        "StatefulSet" => {
            set(spec, "replicas", json!(1));
            set(spec, "podManagementPolicy", json!("OrderedReady"));
            set(
                spec,
                "updateStrategy",
                json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}),
            );
        }
        "DaemonSet" => {
            let rolling = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}});
            set(spec, "updateStrategy", rolling);
            set(spec, "revisionHistoryLimit", json!(10));
            let counted = &mut object["metadata"]["annotations"];
            set(counted, "deprecated.daemonset.template.generation", json!("1"));
        }
        _ => set(spec, "replicas", json!(1)),
    }
    pod_spec(object, "/spec/template/spec", "Always");
}

fn job(object: &mut Value) {
    let (name, uid) = (object["metadata"]["name"].clone(), object["metadata"]["uid"].clone());
    let spec = &mut object["spec"];
    if spec.get("parallelism").is_none() {
        set(spec, "completions", json!(1));
    }
    set(spec, "parallelism", json!(1));
    set(spec, "backoffLimit", json!(6));
    set(spec, "completionMode", json!("NonIndexed"));
    set(spec, "suspend", json!(false));
    if spec.get("template").is_some_and(Value::is_object) {
        set(
            spec,
            "selector",
            json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}),
        );
        let labels = &mut spec["template"]["metadata"]["labels"];
        for (key, value) in [
            ("batch.kubernetes.io/controller-uid", &uid),
            ("batch.kubernetes.io/job-name", &name),
            ("controller-uid", &uid),
            ("job-name", &name),
        ] {
            set(labels, key, value.clone());
        }
    }
    pod_spec(object, "/spec/template/spec", "Never");
}

fn pod_spec(object: &mut Value, at: &str, restart: &str) {
    let Some(spec) = object.pointer_mut(at).filter(|spec| spec.is_object()) else {
        return;
    };
    set(spec, "restartPolicy", json!(restart));
    set(spec, "terminationGracePeriodSeconds", json!(30));
    set(spec, "dnsPolicy", json!("ClusterFirst"));
    set(spec, "schedulerName", json!("default-scheduler"));
    set(spec, "securityContext", json!({}));
    for list in ["containers", "initContainers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            set(container, "imagePullPolicy", json!("IfNotPresent"));
            set(container, "resources", json!({}));
            set(container, "terminationMessagePath", json!("/dev/termination-log"));
            set(container, "terminationMessagePolicy", json!("File"));
            let ports = container.get_mut("ports").and_then(Value::as_array_mut);
            ports
                .into_iter()
                .flatten()
                .for_each(|port| set(port, "protocol", json!("TCP")));
        }
    }
}
