//! A small shop to look after: one part is well, the other crash-loops and says why.

use std::time::Duration;

use serde_json::{Value, json};

use super::{people, rig::Rig};

/// The rig's only image, made on the spot (`rig/image.go`).
pub const BUSYBOX: &str = "rig.local/busybox:1";

/// Deployment `web`, two pods that serve; deployment `checkout`, whose pod fails again and again.
#[derive(Clone, Copy, Debug)]
pub struct Shop;

impl Shop {
    pub const LOG_LINE: &'static str = "cannot reach ledger";

    /// Puts the shop into a namespace and waits until it shows its state.
    pub fn open(rig: &Rig, namespace: &str) {
        Self::create(rig, namespace);
        let pods = format!("/api/v1/namespaces/{namespace}/pods");
        let admin = people::token("admin");
        rig.wait("the shop is open", Duration::from_secs(60), || {
            let list = rig.http("GET", &pods, Some(&admin), None).json;
            let pods = list["items"].as_array().map_or(&[][..], Vec::as_slice);
            let web = pods
                .iter()
                .filter(|pod| is_of(pod, "web") && pod["status"]["phase"] == "Running")
                .count();
            web == 2 && pods.iter().any(|pod| is_of(pod, "checkout") && restarts(pod) > 0)
        });
    }

    /// Only the objects: for a rig without a node.
    pub fn create(rig: &Rig, namespace: &str) {
        let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments");
        let web = "echo serving on 8080; mkdir -p /www; echo shop >/www/index.html; exec httpd -f -v -p 8080 -h /www";
        let checkout = format!(
            "echo starting; echo ERROR {}: connection refused; exit 1",
            Self::LOG_LINE
        );
        for deployment in [deployment("web", 2, web), deployment("checkout", 1, &checkout)] {
            let reply = rig.http("POST", &path, Some(&people::token("admin")), Some(&deployment));
            assert_eq!(reply.status, 201, "{path}: {}", reply.message());
        }
    }
}

/// A pod spec that starts and ends at once.
pub fn pod_spec(name: &str, script: &str) -> Value {
    json!({
        "terminationGracePeriodSeconds": 0,
        "containers": [{
            "name": name, "image": BUSYBOX, "imagePullPolicy": "Never", "command": ["sh", "-c", script],
            "resources": {"requests": {"cpu": "10m", "memory": "8Mi"}},
        }],
    })
}

fn deployment(name: &str, replicas: u32, script: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "labels": {"app": name, "part-of": "shop"}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name, "part-of": "shop"}}, "spec": pod_spec(name, script)},
        },
    })
}

fn is_of(pod: &Value, app: &str) -> bool {
    pod["metadata"]["labels"]["app"] == app
}

fn restarts(pod: &Value) -> u64 {
    pod["status"]["containerStatuses"][0]["restartCount"]
        .as_u64()
        .unwrap_or(0)
}
