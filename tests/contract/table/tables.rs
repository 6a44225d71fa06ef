//! Tables of every kind: columns, wide ones too, cells, and what a row carries.

use serde_json::{Value, json};

use super::super::step::{MERGE, Step, TABLE, get, patch, post};
use super::{core, group};

pub fn steps() -> Vec<Step> {
    let mut all = pods();
    let selected = |path: String| format!("{path}?labelSelector=contract%3Dyes");
    let networking = "networking.k8s.io/v1";
    let rbac = "rbac.authorization.k8s.io/v1";
    for (kind, path) in [
        ("configmaps", core("configmaps")),
        ("secrets", core("secrets")),
        ("serviceaccounts", core("serviceaccounts")),
        ("events", core("events")),
        ("services", core("services")),
        ("persistentvolumeclaims", core("persistentvolumeclaims")),
        ("persistentvolumes", "/api/v1/persistentvolumes".to_owned()),
        ("limitranges", core("limitranges")),
        ("namespaces", "/api/v1/namespaces".to_owned()),
        ("nodes", "/api/v1/nodes".to_owned()),
        ("deployments", group("apps/v1", "deployments")),
        ("statefulsets", group("apps/v1", "statefulsets")),
        ("daemonsets", group("apps/v1", "daemonsets")),
        ("jobs", group("batch/v1", "jobs")),
        ("cronjobs", group("batch/v1", "cronjobs")),
        (
            "horizontalpodautoscalers",
            group("autoscaling/v2", "horizontalpodautoscalers"),
        ),
        ("poddisruptionbudgets", group("policy/v1", "poddisruptionbudgets")),
        ("ingresses", group(networking, "ingresses")),
        ("ingressclasses", "/apis/networking.k8s.io/v1/ingressclasses".to_owned()),
        ("networkpolicies", group(networking, "networkpolicies")),
        ("endpointslices", group("discovery.k8s.io/v1", "endpointslices")),
        ("roles", group(rbac, "roles")),
        ("rolebindings", group(rbac, "rolebindings")),
        (
            "clusterroles",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles".to_owned(),
        ),
        ("leases", group("coordination.k8s.io/v1", "leases")),
        ("storageclasses", "/apis/storage.k8s.io/v1/storageclasses".to_owned()),
        (
            "priorityclasses",
            "/apis/scheduling.k8s.io/v1/priorityclasses".to_owned(),
        ),
        ("promotions", group("shop.example.com/v1", "promotions")),
    ] {
        all.push(get(&format!("table {kind}"), &selected(path)).accept(TABLE));
    }
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    all.extend([
        get("table replicasets", &group("apps/v1", "replicasets")).accept(TABLE),
        get(
            "table definitions",
            &format!("{definitions}?fieldSelector=metadata.name%3Dpromotions.shop.example.com"),
        )
        .accept(TABLE),
        get("table without objects", &core("configmaps?includeObject=None&limit=2")).accept(TABLE),
        get(
            "table with whole objects",
            &core("configmaps?includeObject=Object&limit=2"),
        )
        .accept(TABLE),
        get("table of nothing", &core("configmaps?labelSelector=none%3Dyes")).accept(TABLE),
        get("table refused", &core("secrets")).accept(TABLE).by("viewer"),
        get("table of a missing object", &core("configmaps/none")).accept(TABLE),
    ]);
    all
}

/// Pods on a node that nobody runs, with statuses written by hand.
fn pods() -> Vec<Step> {
    let pod = |name: &str| {
        json!({
            "metadata": {"name": name, "labels": {"contract": "yes", "app": name}},
            "spec": {"nodeName": "ghost", "restartPolicy": "Always", "terminationGracePeriodSeconds": 600,
                "containers": [{"name": "main", "image": "registry.invalid/a:1"}]},
        })
    };
    let state = |phase: &str, ready: bool, restarts: u32, state: Value, last: Value| {
        json!({"status": {
            "phase": phase, "podIP": "10.9.9.9", "podIPs": [{"ip": "10.9.9.9"}],
            "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}],
            "containerStatuses": [{"name": "main", "image": "registry.invalid/a:1", "imageID": "x", "ready": ready,
                "restartCount": restarts, "state": state, "lastState": last}],
        }})
    };
    let ended = json!({"terminated": {"exitCode": 1, "reason": "Error", "startedAt": "2026-01-01T00:00:00Z",
        "finishedAt": "2026-01-01T00:00:10Z"}});
    let well = json!({"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": "2026-01-01T00:00:00Z",
        "finishedAt": "2026-01-01T00:00:10Z"}});
    let running = json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}});
    let crash = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}});
    let none = || json!({});
    let mut all = Vec::new();
    for (name, status) in [
        ("crash", state("Running", false, 3, crash, ended.clone())),
        ("done", state("Succeeded", false, 0, well, none())),
        ("failed", state("Failed", false, 0, ended, none())),
        ("fresh", json!({"status": {"phase": "Pending"}})),
        ("runs", state("Running", true, 0, running.clone(), none())),
        ("going", state("Running", true, 2, running, none())),
    ] {
        let make = post(&format!("create pod {name}"), &core("pods"), &pod(name));
        all.push(if name == "runs" {
            make.see(&POD_DEFAULTS)
        } else {
            make.silent()
        });
        let write = patch(
            &format!("status of pod {name}"),
            &core(&format!("pods/{name}/status")),
            &status,
        );
        all.push(write.media(MERGE).silent());
    }
    let end = super::super::step::delete("delete a pod that takes its time", &core("pods/going"));
    all.push(end.see(&["/metadata/deletionGracePeriodSeconds", "/metadata/deletionTimestamp"]));
    let listed = core("pods?labelSelector=contract%3Dyes");
    all.extend([
        get("table pods", &listed).accept(TABLE),
        get("list pods", &listed),
        get("list pods on a node", &core("pods?fieldSelector=spec.nodeName%3Dghost")),
        get(
            "list pods on another node",
            &core("pods?fieldSelector=spec.nodeName%3Dnone"),
        ),
        get(
            "list pods that run",
            &core("pods?fieldSelector=status.phase%3DRunning,spec.nodeName%3Dghost"),
        ),
        get("get pod", &core("pods/crash")).see(&["/status/phase", "/status/containerStatuses/0/restartCount"]),
    ]);
    all
}

const POD_DEFAULTS: [&str; 7] = [
    "/status/phase",
    "/status/qosClass",
    "/spec/dnsPolicy",
    "/spec/schedulerName",
    "/spec/containers/0/imagePullPolicy",
    "/spec/containers/0/terminationMessagePath",
    "/metadata/generation",
];
