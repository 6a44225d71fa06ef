//! metrics-server, so that `top` and the CPU columns have real numbers.

use std::{io, time::Duration};

use serde_json::json;

use super::{component::Component, control_plane::client_flags, people, rig::Rig, slot::Port};

pub fn start(rig: &Rig) -> io::Result<()> {
    let port = rig.slot().port(Port::Metrics);
    let mut flags = client_flags(&rig.kubeconfig("admin").display().to_string(), port);
    flags.extend(
        [
            "--kubelet-insecure-tls",
            "--kubelet-preferred-address-types=InternalIP",
            "--kubelet-use-node-status-port",
            // The resolution must exceed the timeout, or it does not start.
            "--metric-resolution=10s",
            "--kubelet-request-timeout=5s",
        ]
        .map(str::to_owned),
    );
    rig.launch(Component::MetricsServer, &flags)?;
    // A name instead of pods behind the service: no pod network has to lead to it.
    let service = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "metrics-server", "namespace": "kube-system"},
        "spec": {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": port}]},
    });
    let api = json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": "v1beta1.metrics.k8s.io"},
        "spec": {
            "group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
            "insecureSkipTLSVerify": true,
            "service": {"name": "metrics-server", "namespace": "kube-system", "port": port},
        },
    });
    let admin = people::token("admin");
    for (path, object) in [
        ("/api/v1/namespaces/kube-system/services", service),
        ("/apis/apiregistration.k8s.io/v1/apiservices", api),
    ] {
        let reply = rig.http("POST", path, Some(&admin), Some(&object));
        assert_eq!(reply.status, 201, "{path}: {}", reply.message());
    }
    Ok(())
}

impl Rig {
    /// Waits for the first numbers of the node.
    pub fn await_metrics(&self) {
        let admin = people::token("admin");
        self.await_component(
            "node metrics",
            Component::MetricsServer,
            Duration::from_secs(120),
            || {
                let reply = self.http("GET", "/apis/metrics.k8s.io/v1beta1/nodes", Some(&admin), None);
                reply.json["items"].as_array().is_some_and(|items| !items.is_empty())
            },
        );
    }
}
