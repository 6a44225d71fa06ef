//! TokenRequest.

use serde_json::{Value, json};

use super::super::step::{Step, post};
use super::core;

pub fn steps() -> Vec<Step> {
    let path = core("serviceaccounts/robot/token");
    let bound = |kind: &str, name: &str, uid: &str| {
        json!({"spec": {"expirationSeconds": 600,
            "boundObjectRef": {"apiVersion": "v1", "kind": kind, "name": name, "uid": uid}}})
    };
    let seconds = |n: i64| json!({"spec": {"expirationSeconds": n}});
    let seen = [
        "/spec/expirationSeconds",
        "/spec/boundObjectRef/name",
        "/metadata/name",
        "/status/expirationTimestamp",
    ];
    vec![
        post("token", &path, &json!({})).see(&["/spec/audiences", "/metadata/name", "/metadata/namespace"]),
        post("token of ten minutes", &path, &seconds(600)).see(&["/spec/expirationSeconds"]),
        post("token too short", &path, &seconds(599)),
        post("token too long", &path, &seconds((1 << 32) + 1)),
        post("token bound", &path, &bound("Secret", "fixed", "{secret}")).see(&seen),
        post(
            "token bound to another uid",
            &path,
            &bound("Secret", "fixed", "another"),
        ),
        post("token bound to nothing", &path, &bound("Secret", "none", "{secret}")),
        post(
            "token bound to a configmap",
            &path,
            &bound("ConfigMap", "a", "{secret}"),
        ),
        post(
            "token bound to a pod of another account",
            &path,
            &bound("Pod", "runs", ""),
        ),
        post(
            "token for another audience",
            &path,
            &json!({"spec": {"audiences": ["https://elsewhere"]}}),
        )
        .see(&["/spec/audiences"]),
        post(
            "token of nobody",
            &core("serviceaccounts/none/token"),
            &Value::Object(serde_json::Map::new()),
        ),
        post("token by viewer", &path, &json!({})).by("viewer"),
    ]
}
