//! EndpointSlices: the pods behind each service, and which of them are ready.

use serde_json::{Value, json};

use super::super::store::{Key, Store, text, uid};
use super::super::{kinds, lifecycle};
use super::pods;

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let mut changed = false;
    for (key, service) in pods::all(store, "services") {
        let Some(selector) = service.pointer("/spec/selector").and_then(Value::as_object) else {
            continue;
        };
        let behind: Vec<Value> = store
            .of_kind(kinds::known("pods"))
            .filter(|(pod, object)| {
                let labels = &object["metadata"]["labels"];
                pod.namespace == key.namespace && selector.iter().all(|(k, v)| labels.get(k) == Some(v))
            })
            .filter(|(_, pod)| pods::is_active(pod) && text(pod, "/status/podIP").is_some())
            .map(|(_, pod)| endpoint(pod))
            .collect();
        changed |= put(store, &key, &service, &behind, now_ms);
    }
    changed
}

fn endpoint(pod: &Value) -> Value {
    let ready = pods::is_ready(pod);
    json!({
        "addresses": [text(pod, "/status/podIP")],
        "conditions": {"ready": ready, "serving": ready, "terminating": false},
        "nodeName": text(pod, "/spec/nodeName"),
        "targetRef": {"kind": "Pod", "namespace": pod["metadata"]["namespace"], "name": pod["metadata"]["name"],
            "uid": uid(pod)},
    })
}

fn put(store: &mut Store, service_key: &Key, service: &Value, endpoints: &[Value], now_ms: i64) -> bool {
    let kind = kinds::known("endpointslices");
    let owned = pods::controlled(store, kind, service);
    let named = service.pointer("/spec/ports").and_then(Value::as_array);
    let named = named.filter(|_| !endpoints.is_empty());
    let ports: Vec<Value> = named
        .into_iter()
        .flatten()
        .map(|p| {
            let target = p.get("targetPort").filter(|t| t.is_number()).unwrap_or(&p["port"]);
            json!({"name": text(p, "/name").unwrap_or_default(), "port": target,
                "protocol": text(p, "/protocol").unwrap_or("TCP")})
        })
        .collect();
    if let Some((key, slice)) = owned.first() {
        let mut after = slice.clone();
        after["endpoints"] = json!(endpoints);
        after["ports"] = json!(ports);
        if after == *slice {
            return false;
        }
        store.put(key.clone(), after);
        return true;
    }
    let mut labels = service["metadata"]["labels"].clone();
    labels["kubernetes.io/service-name"] = json!(service_key.name);
    labels["endpointslice.kubernetes.io/managed-by"] = json!("endpointslice-controller.k8s.io");
    let slice = json!({
        "metadata": {
            "name": format!("{}-{}", service_key.name, store.next_suffix()),
            "labels": labels,
            "ownerReferences": pods::owner_reference(service),
        },
        "addressType": "IPv4", "endpoints": endpoints, "ports": ports,
    });
    let slice = lifecycle::created(store, kind, &service_key.namespace, slice, now_ms);
    let key = Key::new(
        kind,
        &service_key.namespace,
        text(&slice, "/metadata/name").unwrap_or_default(),
    );
    store.put(key, slice);
    true
}
