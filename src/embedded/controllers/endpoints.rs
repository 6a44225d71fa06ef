//! EndpointSlices, and the Endpoints that stand beside them: the pods behind each service, and which
//! of them are ready.

use serde_json::{Value, json};

use super::super::store::{Key, Store, text, uid};
use super::super::{kinds, lifecycle};
use super::pods;

const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const MANAGER: &str = "endpoint-controller";

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
        let ports = ports(&service, &behind);
        changed |= put(store, &key, &service, (&behind, &ports), now_ms);
        changed |= put_endpoints(store, &key, &service, (&behind, &ports), now_ms);
    }
    forget_endpoints(store) || changed
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

fn ports(service: &Value, endpoints: &[Value]) -> Vec<Value> {
    let named = service.pointer("/spec/ports").and_then(Value::as_array);
    let named = named.filter(|_| !endpoints.is_empty());
    named
        .into_iter()
        .flatten()
        .map(|p| {
            let target = p.get("targetPort").filter(|t| t.is_number()).unwrap_or(&p["port"]);
            json!({"name": text(p, "/name").unwrap_or_default(), "port": target,
                "protocol": text(p, "/protocol").unwrap_or("TCP")})
        })
        .collect()
}

fn put(
    store: &mut Store,
    service_key: &Key,
    service: &Value,
    (endpoints, ports): (&[Value], &[Value]),
    now_ms: i64,
) -> bool {
    let kind = kinds::known("endpointslices");
    let owned = pods::controlled(store, kind, service);
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
    let mut slice = lifecycle::created(store, kind, &service_key.namespace, slice, now_ms);
    born_with(&mut slice, service);
    let key = Key::new(
        kind,
        &service_key.namespace,
        text(&slice, "/metadata/name").unwrap_or_default(),
    );
    store.put(key, slice);
    true
}

/// They are made in the moment in which their service is, which a seed's own may be long ago.
fn born_with(object: &mut Value, service: &Value) {
    object["metadata"]["creationTimestamp"] = service["metadata"]["creationTimestamp"].clone();
}

/// Of the service's own name.
fn put_endpoints(
    store: &mut Store,
    service_key: &Key,
    service: &Value,
    (endpoints, ports): (&[Value], &[Value]),
    now_ms: i64,
) -> bool {
    let kind = kinds::known("endpoints");
    let key = Key::new(kind, &service_key.namespace, &service_key.name);
    let subsets = subsets(endpoints, ports);
    if let Some(present) = store.get(&key).cloned() {
        if present.get("subsets").unwrap_or(&json!([])) == &subsets {
            return false;
        }
        let mut after = present;
        after["subsets"] = subsets;
        store.put(key, after);
        return true;
    }
    let mut labels = service["metadata"]["labels"].clone();
    labels[MANAGED_BY] = json!(MANAGER);
    let object = json!({"metadata": {"name": key.name, "labels": labels}, "subsets": subsets});
    let mut object = lifecycle::created(store, kind, &key.namespace, object, now_ms);
    born_with(&mut object, service);
    store.put(key, object);
    true
}

/// Those of a service that is gone. Nobody owns them, so nothing else does it; one that somebody
/// wrote stays.
fn forget_endpoints(store: &mut Store) -> bool {
    let services = kinds::known("services");
    let gone: Vec<Key> = store
        .of_kind(kinds::known("endpoints"))
        .filter(|(_, object)| object["metadata"]["labels"][MANAGED_BY] == json!(MANAGER))
        .map(|(key, _)| key.clone())
        .filter(|key| store.get(&Key::new(services, &key.namespace, &key.name)).is_none())
        .collect();
    for key in &gone {
        store.remove(key);
    }
    !gone.is_empty()
}

fn subsets(endpoints: &[Value], ports: &[Value]) -> Value {
    if endpoints.is_empty() {
        return json!([]);
    }
    let addresses = |ready: bool| -> Vec<Value> {
        let these = endpoints
            .iter()
            .filter(|e| (e["conditions"]["ready"] == json!(true)) == ready);
        these
            .map(|e| json!({"ip": e["addresses"][0], "nodeName": e["nodeName"], "targetRef": e["targetRef"]}))
            .collect()
    };
    let mut subset = json!({"ports": ports});
    for (field, ready) in [("addresses", true), ("notReadyAddresses", false)] {
        let these = addresses(ready);
        if !these.is_empty() {
            subset[field] = json!(these);
        }
    }
    json!([subset])
}
