//! A small shop with one sick workload, and four people: the cluster that tests and screens start
//! from. The same objects, uids and order every time.

use serde_json::{Value, json};

use super::bootstrap::{bind_groups, cluster_role, namespace};
use super::server::EmbeddedServer;

/// Tokens of the people in the seed, by name. They open nothing but the server in this process.
pub const ADMIN: &str = "admin-token";
pub const VIEWER: &str = "viewer-token";
pub const ONCALL: &str = "oncall-token";
pub const LEAD: &str = "lead-token";

impl EmbeddedServer {
    /// People and a namespace `shop` with workloads, as on the real rig; no kit. The kit is
    /// installed from what the program prints: [`EmbeddedServer::install`].
    pub fn seeded() -> Self {
        let server = Self::new();
        server.add_person(ADMIN, "admin", &["system:masters"]);
        server.add_person(VIEWER, "viewer", &["viewers"]);
        server.add_person(ONCALL, "oncall", &["oncall", "viewers"]);
        server.add_person(LEAD, "lead", &["approvers", "viewers"]);
        server.install(&objects()).expect("the seed is of kinds in the table");
        server
    }
}

fn objects() -> Vec<Value> {
    let nodes = json!({"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]});
    let mut all = vec![
        bind_groups("viewers", "view", &["viewers"]),
        cluster_role("node-viewer", vec![nodes]),
        bind_groups("viewers-nodes", "node-viewer", &["viewers"]),
        node("node-a"),
        node("node-b"),
        namespace("shop"),
    ];
    all.extend(deployment("web", 3, 3));
    all.extend(deployment("checkout", 2, 0));
    all.push(workload("StatefulSet", "ledger", 1, 1));
    all.push(pod("ledger-0", ("StatefulSet", "ledger"), "node-a", true));
    all.push(workload("DaemonSet", "agent", 2, 2));
    for node in ["node-a", "node-b"] {
        all.push(pod(&format!("agent-{node}"), ("DaemonSet", "agent"), node, true));
    }
    all
}

fn node(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
        "spec": {},
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "nodeInfo": {"kubeletVersion": "v1.36.2"},
        },
    })
}

fn deployment(name: &str, replicas: u32, ready: u32) -> Vec<Value> {
    let mut all = vec![workload("Deployment", name, replicas, ready)];
    let set = format!("{name}-5d9c7b8f64");
    let mut replica_set = workload("ReplicaSet", name, replicas, ready);
    replica_set["metadata"]["name"] = json!(set);
    replica_set["spec"]["template"]["metadata"]["labels"]["pod-template-hash"] = json!("5d9c7b8f64");
    replica_set["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!("1");
    replica_set["metadata"]["ownerReferences"] = json!([owner_reference(("Deployment", name))]);
    all.push(replica_set);
    for n in 0..replicas {
        let node = if n % 2 == 0 { "node-a" } else { "node-b" };
        let mut pod = pod(&format!("{set}-{n:05}"), ("ReplicaSet", &set), node, ready > 0);
        pod["metadata"]["labels"]["app"] = json!(name);
        all.push(pod);
    }
    all
}

fn workload(kind: &str, name: &str, replicas: u32, ready: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": kind,
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [container(name)]},
            },
        },
        "status": {
            "observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas,
            "readyReplicas": ready, "availableReplicas": ready,
        },
    })
}

fn owner_reference((kind, name): (&str, &str)) -> Value {
    json!({"apiVersion": "apps/v1", "kind": kind, "name": name, "controller": true, "blockOwnerDeletion": true})
}

fn container(name: &str) -> Value {
    json!({"name": "main", "image": format!("registry.invalid/shop/{name}:1.4")})
}

fn pod(name: &str, owner: (&str, &str), node: &str, well: bool) -> Value {
    let state = if well {
        json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}})
    } else {
        json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}})
    };
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "shop", "labels": {"app": owner.1},
            "ownerReferences": [owner_reference(owner)],
        },
        "spec": {"nodeName": node, "terminationGracePeriodSeconds": 1, "containers": [container(owner.1)]},
        "status": {
            "phase": "Running",
            "containerStatuses": [{
                "name": "main", "ready": well, "restartCount": if well { 0 } else { 17 }, "state": state,
            }],
        },
    })
}
