//! What an application is made of: workload, account, settings, service, and what guards it.

use serde_json::{Value, json};

use super::super::clock::rfc3339;
use super::apps::{App, Form};
use super::template;

const MINUTE_MS: i64 = 60_000;

/// Everything but replica sets and pods, which their controllers make.
pub(super) fn objects(app: &App, now_ms: i64) -> Vec<Value> {
    let mut all = vec![account(app, now_ms), settings(app, now_ms), workload(app, now_ms)];
    if app.port > 0 {
        all.push(service(app, now_ms));
    }
    if app.replicas > 1 && app.form != Form::DaemonSet {
        all.push(budget(app, now_ms));
    }
    all
}

pub(super) fn born_ms(app: &App, now_ms: i64) -> i64 {
    now_ms - app.age_days * 24 * 60 * MINUTE_MS
}

/// What was rolled out days ago was so at some hour of the day: pods that came one after another
/// are of the same age.
pub(super) fn rolled_out_ms(app: &App, now_ms: i64) -> i64 {
    let hours = if app.rolled_out_minutes < 24 * 60 {
        0
    } else {
        3 + app.name.len() as i64
    };
    now_ms - (app.rolled_out_minutes + hours * 60) * MINUTE_MS
}

/// Name, namespace, labels and birthday.
pub(super) fn metadata(app: &App, name: &str, born_ms: i64) -> Value {
    json!({
        "name": name, "namespace": app.namespace, "creationTimestamp": rfc3339(born_ms),
        "labels": {"app": app.name, "app.kubernetes.io/part-of": app.namespace},
    })
}

fn account(app: &App, now_ms: i64) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(app, app.name, born_ms(app, now_ms)),
        "automountServiceAccountToken": false,
    })
}

fn settings(app: &App, now_ms: i64) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap", "data": {"REGION": "eu-1", "TRACING": "off", "SERVICE": app.name},
        "metadata": metadata(app, &format!("{}-config", app.name), born_ms(app, now_ms)),
    })
}

fn service(app: &App, now_ms: i64) -> Value {
    let headless = matches!(app.form, Form::StatefulSet(_));
    let place = app
        .name
        .bytes()
        .fold(7_u32, |sum, b| (sum * 31 + u32::from(b)) % 60_000);
    let address = if headless {
        "None".to_owned()
    } else {
        format!("10.96.{}.{}", place / 250, place % 250 + 1)
    };
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": metadata(app, app.name, born_ms(app, now_ms)),
        "spec": {
            "type": "ClusterIP", "clusterIP": address, "selector": {"app": app.name},
            "ports": [{"name": "main", "port": app.port, "targetPort": app.port, "protocol": "TCP"}],
        },
        "status": {"loadBalancer": {}},
    })
}

fn budget(app: &App, now_ms: i64) -> Value {
    json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": metadata(app, app.name, born_ms(app, now_ms)),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": app.name}}},
    })
}

fn workload(app: &App, now_ms: i64) -> Value {
    let mut spec = json!({
        "selector": {"matchLabels": {"app": app.name}},
        "template": template::of(app),
    });
    if app.form != Form::DaemonSet {
        spec["replicas"] = json!(app.replicas);
    }
    if let Form::StatefulSet(gib) = app.form {
        spec["serviceName"] = json!(app.name);
        spec["volumeClaimTemplates"] = json!([{
            "metadata": {"name": "data"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": format!("{gib}Gi")}}},
        }]);
    }
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": app.kind(),
        "metadata": metadata(app, app.name, born_ms(app, now_ms)), "spec": spec, "status": {},
    });
    object["metadata"]["annotations"]["kubernetes.io/change-cause"] = json!(format!("image {}", app.image));
    object
}
