//! Pods of ordinary size on a node that is only written down: made once, then left in peace.

use serde_json::{Value, json};

use super::harness::{Request, Rig};

pub const NODE: &str = "made-up";
const NAMESPACES: usize = 20;
const WORKERS: usize = 8;

/// The one pod whose log is read.
pub const TALKER: &str = "pod-00000";

pub fn namespace(number: usize) -> String {
    format!("ns-{:02}", number % NAMESPACES)
}

pub fn name(number: usize) -> String {
    format!("pod-{number:05}")
}

/// A node whose kubelet is the benchmark itself, so that logs come from somewhere.
pub fn make_node(rig: &Rig, kubelet: u16) {
    let admin = rig.token("admin");
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}});
    assert_eq!(rig.http("POST", "/api/v1/nodes", Some(&admin), Some(&node)).status, 201);
    let status = json!({"status": {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": kubelet}},
    }});
    let path = format!("/api/v1/nodes/{NODE}/status");
    assert_eq!(rig.http("PATCH", &path, Some(&admin), Some(&status)).status, 200);
    for number in 0..NAMESPACES {
        rig.create_namespace(&namespace(number));
    }
}

/// Makes the pods from `from` up to `to`, each running as far as its status says.
pub fn grow(rig: &Rig, from: usize, to: usize) {
    let admin = rig.token("admin");
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let admin = &admin;
            scope.spawn(move || {
                let mut connection = rig.connect().expect("the API server listens");
                for number in (from + worker..to).step_by(WORKERS) {
                    let path = format!("/api/v1/namespaces/{}/pods", namespace(number));
                    let made = connection.send(&Request::new("POST", &path).token(admin).json(&pod(number)));
                    assert_eq!(made.expect("it answers").status, 201);
                    let path = format!("{path}/{}/status", name(number));
                    let runs = Request::new("PATCH", &path).token(admin).merge_patch(&status(number));
                    assert_eq!(connection.send(&runs).expect("it answers").status, 200);
                }
            });
        }
    });
}

fn pod(number: usize) -> Value {
    let digest = format!(
        "{:064x}",
        (number as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
    );
    let environment: Vec<_> = (0..12)
        .map(|n| json!({"name": format!("SETTING_{n}"), "value": format!("{}-{n}", &digest[32..52])}))
        .collect();
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name(number),
            "labels": {"app": format!("app-{}", number % 97), "tier": "front", "pod-template-hash": &digest[40..50]},
            "annotations": {"checksum/config": digest, "prometheus.io/scrape": "true"},
        },
        "spec": {
            "nodeName": NODE, "automountServiceAccountToken": false,
            "containers": [{
                "name": "main", "image": format!("registry.example/shop/app-{}@sha256:{digest}", number % 97),
                "env": environment, "ports": [{"containerPort": 8080}],
                "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
            }],
        },
    })
}

fn status(number: usize) -> Value {
    let started = "2026-01-01T00:00:00Z";
    let condition = |kind: &str| json!({"type": kind, "status": "True", "lastTransitionTime": started});
    let conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition);
    json!({"status": {
        "phase": "Running", "startTime": started, "podIP": format!("10.1.{}.{}", number / 250 % 250, number % 250),
        "conditions": conditions,
        "containerStatuses": [{
            "name": "main", "ready": true, "restartCount": number % 3, "image": "app", "imageID": "app",
            "containerID": format!("containerd://{number:064x}"), "state": {"running": {"startedAt": started}},
        }],
    }})
}
