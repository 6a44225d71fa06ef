//! Changes: every form of patch, PUT, scale, what is fixed, what is stale.

use serde_json::json;

use super::super::step::{APPLY, JSON_PATCH, STRATEGIC, Step, get, patch, put};
use super::{core, group};

pub fn steps() -> Vec<Step> {
    let mut all = forms();
    all.extend(stale());
    all.extend(fixed());
    all.extend(scale());
    all
}

fn forms() -> Vec<Step> {
    let map = core("configmaps/b");
    let web = group("apps/v1", "deployments/web");
    let promotion = group("shop.example.com/v1", "promotions/summer");
    let image =
        json!({"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "registry.invalid/b:2"}]}}}});
    let restart = json!({"spec": {"template": {"metadata": {"annotations": {"restartedAt": "now"}}}}});
    let test = |value: &str| json!([{"op": "test", "path": "/data/k", "value": value}, {"op": "add", "path": "/data/j", "value": "json"}]);
    let apply = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: applied\ndata:\n  a: '1'\n";
    let applied = core("configmaps/applied");
    vec![
        patch("patch merge", &map, &json!({"data": {"k": "b2", "new": "x"}})).see(&["/data"]),
        patch("patch merge null", &map, &json!({"data": {"new": null}})).see(&["/data"]),
        patch("patch merge nothing", &map, &json!({"data": {"k": "b2"}})).see(&["/data"]),
        patch(
            "patch merge dry",
            &format!("{map}?dryRun=All"),
            &json!({"data": {"k": "dry"}}),
        )
        .see(&["/data"]),
        get("a dry patch left nothing", &map).see(&["/data/k"]),
        patch("patch strategic by key", &web, &image).media(STRATEGIC).see(&[
            "/spec/template/spec/containers/0/image",
            "/spec/template/spec/containers/1/image",
            "/metadata/generation",
        ]),
        patch("patch strategic restart", &web, &restart)
            .media(STRATEGIC)
            .see(&["/spec/template/metadata/annotations", "/metadata/generation"]),
        patch("patch json", &map, &test("b2")).media(JSON_PATCH).see(&["/data"]),
        patch("patch json whose test fails", &map, &test("other")).media(JSON_PATCH),
        patch(
            "patch json bad path",
            &map,
            &json!([{"op": "remove", "path": "/data/none"}]),
        )
        .media(JSON_PATCH),
        patch("patch apply makes", &format!("{applied}?fieldManager=me"), &json!({}))
            .media(APPLY)
            .body(apply)
            .see(&["/data"]),
        patch("patch apply changes", &format!("{applied}?fieldManager=me"), &json!({}))
            .media(APPLY)
            .body(&apply.replace("'1'", "'2'"))
            .see(&["/data"]),
        patch("patch apply by nobody", &applied, &json!({}))
            .media(APPLY)
            .body(apply),
        patch("patch in an unknown form", &map, &json!({})).media("application/json"),
        patch("patch custom strategic", &promotion, &json!({"spec": {"discount": 1}})).media(STRATEGIC),
        patch("patch custom merge", &promotion, &json!({"spec": {"discount": 30}}))
            .see(&["/spec/discount", "/metadata/generation"]),
        patch(
            "patch custom status",
            &format!("{promotion}/status"),
            &json!({"spec": {"discount": 99}, "status": {"phase": "on"}}),
        )
        .see(&["/spec/discount", "/status/phase", "/metadata/generation"]),
        patch("patch nothing there", &core("configmaps/none"), &json!({"data": {}})),
        patch("patch by viewer", &map, &json!({"data": {}})).by("viewer"),
        patch("patch that is no object", &map, &json!([])),
        patch(
            "patch labels",
            &map,
            &json!({"metadata": {"labels": {"patched": "yes"}}}),
        )
        .see(&["/metadata/labels"]),
        patch(
            "patch deployment status ignored",
            &web,
            &json!({"status": {"replicas": 77}}),
        )
        .see(&["/status/replicas"]),
        patch(
            "cordon",
            "/api/v1/nodes/ghost",
            &json!({"spec": {"unschedulable": true}}),
        )
        .see(&["/spec/unschedulable"]),
    ]
}

fn stale() -> Vec<Step> {
    let map = core("configmaps/c");
    let whole = |version: &str| {
        format!(
            r#"{{"metadata":{{"name":"c","labels":{{"contract":"yes","tier":"back"}}{version}}},"data":{{"k":"put"}}}}"#
        )
    };
    vec![
        get("get for a put", &map)
            .keep("seen", "/metadata/resourceVersion")
            .keep("its uid", "/metadata/uid")
            .silent(),
        put("put", &map, &whole(r#","resourceVersion":"{seen}""#)).see(&["/data"]),
        put("put stale", &map, &whole(r#","resourceVersion":"{seen}""#)),
        put("put without a version", &map, &whole("")).see(&["/data"]),
        put("put with another uid", &map, &whole(r#","uid":"another""#)),
        put("put another name", &core("configmaps/d"), &whole("")),
        put(
            "put nothing there",
            &core("configmaps/none"),
            &whole("").replace("\"c\"", "\"none\""),
        ),
        put(
            "put custom without a version",
            &group("shop.example.com/v1", "promotions/summer"),
            r#"{"apiVersion":"shop.example.com/v1","kind":"Promotion","metadata":{"name":"summer"},"spec":{}}"#,
        ),
        patch("patch with the right uid", &map, &json!({}))
            .body(r#"{"metadata":{"uid":"{its uid}"},"data":{"u":"1"}}"#),
        patch(
            "patch with another uid",
            &map,
            &json!({"metadata": {"uid": "another"}, "data": {"u": "2"}}),
        ),
        patch("patch stale", &map, &json!({})).body(r#"{"metadata":{"resourceVersion":"{seen}"},"data":{"u":"3"}}"#),
    ]
}

fn fixed() -> Vec<Step> {
    let image = json!({"spec": {"containers": [{"name": "main", "image": "registry.invalid/a:2"}]}});
    let command = json!({"spec": {"containers": [{"name": "main", "command": ["x"]}]}});
    vec![
        patch(
            "patch immutable secret",
            &core("secrets/fixed"),
            &json!({"data": {"k": "djI="}}),
        ),
        patch("patch secret type", &core("secrets/s"), &json!({"type": "other"})),
        patch(
            "patch selector",
            &group("apps/v1", "deployments/web"),
            &json!({"spec": {"selector": {"matchLabels": {"x": "y"}}}}),
        ),
        patch("patch pod image", &core("pods/runs"), &image)
            .media(STRATEGIC)
            .see(&["/spec/containers/0/image", "/metadata/generation"]),
        patch("patch pod command", &core("pods/runs"), &command).media(STRATEGIC),
        patch(
            "patch role",
            &group("rbac.authorization.k8s.io/v1", "roles/reader"),
            &json!({"rules": []}),
        )
        .see(&["/rules"]),
    ]
}

fn scale() -> Vec<Step> {
    let scale = group("apps/v1", "deployments/web/scale");
    let replicas = |n: i32| json!({"spec": {"replicas": n}});
    vec![
        get("scale get", &scale)
            .see(&["/spec", "/status/replicas", "/status/selector", "/metadata/name"])
            .keep("scale seen", "/metadata/resourceVersion"),
        get("scale by viewer", &scale).by("viewer").see(&["/spec"]),
        patch("scale patch by viewer", &scale, &replicas(1)).by("viewer"),
        patch("scale below nothing", &scale, &replicas(-1)),
        patch("scale dry", &format!("{scale}?dryRun=All"), &replicas(3)).see(&["/spec/replicas"]),
        patch("scale same", &scale, &replicas(0)).see(&["/spec"]),
        patch("scale stale", &scale, &json!({"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 0}})),
        patch("scale of another", &scale, &json!({"metadata": {"uid": "another"}, "spec": {"replicas": 0}})),
        put("scale put", &scale,
            r#"{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web","namespace":"contract"},"spec":{"replicas":0}}"#)
            .see(&["/spec"]),
        get("scale of a statefulset", &group("apps/v1", "statefulsets/set/scale")).see(&["/spec", "/status/selector"]),
        get("scale of a daemonset", &group("apps/v1", "daemonsets/agent/scale")),
    ]
}
