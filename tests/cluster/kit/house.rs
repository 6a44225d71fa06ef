//! Nothing but requests, deadlines and grants lives in the kit's namespace, whoever brings it.

use serde_json::{Value, json};

use super::attacker::{KIT, refused, send};
use super::stage::rig;
use crate::harness;

#[test]
fn nothing_else_lives_here_not_even_an_administrators() {
    if harness::require().is_none() {
        return;
    }
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"},
        "spec": {"containers": [{"name": "x", "image": "x"}]}});
    let service =
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": [{"port": 1}]}});
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "x"}});
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "x"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    let ns = "kglass-system";
    for (path, object) in [
        (format!("{KIT}/pods"), pod),
        (format!("{KIT}/services"), service),
        (format!("{KIT}/persistentvolumeclaims"), claim),
        (format!("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases"), lease),
    ] {
        refused(&path, &send(rig(), "admin", "POST", &path, &object), "denied request");
    }
    let account = |extra: Value| {
        let mut object = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "x"}});
        object["metadata"]
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        send(rig(), "admin", "POST", &format!("{KIT}/serviceaccounts"), &object)
    };
    refused("finalizer", &account(json!({"finalizers": ["a.b/c"]})), "no finalizers");
    let owner = json!({"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "c", "uid": "u"}]});
    refused("owner", &account(owner), "only a grant has an owner");
}
