//! The pod template of an application, as it stands in its workload.

use serde_json::{Value, json};

use super::apps::{App, Form};

pub(super) const REGISTRY: &str = "registry.example";

pub(super) fn of(app: &App) -> Value {
    let mut container = json!({
        "name": app.name, "image": format!("{REGISTRY}/{}", app.image), "imagePullPolicy": "IfNotPresent",
        "envFrom": [{"configMapRef": {"name": format!("{}-config", app.name)}}],
        "resources": {
            "requests": {"cpu": format!("{}m", app.cpu.0), "memory": format!("{}Mi", app.memory.0)},
            "limits": {"memory": format!("{}Mi", app.memory.1)},
        },
    });
    if !app.env.is_empty() {
        let env = app
            .env
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}));
        container["env"] = env.collect();
    }
    if app.port > 0 {
        container["ports"] = json!([{"name": "main", "containerPort": app.port, "protocol": "TCP"}]);
        container["readinessProbe"] = json!({"tcpSocket": {"port": app.port}, "periodSeconds": 5});
    }
    let mut spec = json!({
        "serviceAccountName": app.name, "terminationGracePeriodSeconds": 10, "restartPolicy": "Always",
    });
    match app.form {
        // The claim itself is its controller's to add.
        Form::StatefulSet(_) => container["volumeMounts"] = json!([{"name": "data", "mountPath": "/data"}]),
        // What runs on every node is about the node.
        Form::DaemonSet => {
            spec["hostNetwork"] = json!(true);
            if app.port > 0 {
                container["ports"][0]["hostPort"] = json!(app.port);
            }
        }
        Form::Deployment if app.has_scratch => {
            container["volumeMounts"] = json!([{"name": "scratch", "mountPath": "/tmp/work"}]);
            spec["volumes"] = json!([{"name": "scratch", "emptyDir": {}}]);
        }
        Form::Deployment => {}
    }
    spec["containers"] = json!([container]);
    json!({
        "metadata": {"labels": {"app": app.name, "app.kubernetes.io/part-of": app.namespace}}, "spec": spec,
    })
}

/// The image of the version before: `5.12.1` → `5.12.0`, `8.1.0` → `8.0.9`.
pub(super) fn earlier(image: &str) -> String {
    let Some((name, version)) = image.rsplit_once(':') else {
        return image.to_owned();
    };
    let parts: Vec<u32> = version
        .trim_start_matches('v')
        .split('.')
        .filter_map(|p| p.parse().ok())
        .collect();
    let [major, minor, patch] = parts[..] else {
        return format!("{image}-rc.1");
    };
    let (minor, patch) = match (minor, patch) {
        (minor, patch) if patch > 0 => (minor, patch - 1),
        (minor, _) => (minor.saturating_sub(1), 9),
    };
    format!(
        "{name}:{}{major}.{minor}.{patch}",
        if version.starts_with('v') { "v" } else { "" }
    )
}
