//! What is refused, and in which words.

use serde_json::json;

use super::super::step::{Step, get, post, put};
use super::{core, group};

pub fn steps() -> Vec<Step> {
    let named = |name: &str| json!({"metadata": {"name": name}});
    let maps = core("configmaps");
    let mut all = vec![
        post("create what is there", &maps, &named("a")),
        post("create with a bad name", &maps, &named("Bad_Name")),
        post(
            "create a service with a dotted name",
            &core("services"),
            &json!({
                "metadata": {"name": "a.b"}, "spec": {"clusterIP": "None", "ports": [{"port": 80}]},
            }),
        ),
        post("create without a name", &maps, &json!({"metadata": {}})),
        post(
            "create by generated name",
            &maps,
            &json!({"metadata": {"generateName": "made-"}}),
        ),
        post(
            "create of another kind",
            &maps,
            &json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}),
        ),
        post(
            "create in another namespace",
            &maps,
            &json!({"metadata": {"name": "x", "namespace": "default"}}),
        ),
        post(
            "create in no namespace",
            "/api/v1/namespaces/nowhere/configmaps",
            &named("x"),
        ),
        post("create of what is no JSON", &maps, &json!({})).body("{nope"),
        post("create in an unknown form", &maps, &named("x")).media("text/plain"),
        post("create as a dry run", &format!("{maps}?dryRun=All"), &named("dry")),
        get("a dry run left nothing", &core("configmaps/dry")),
        post("create by viewer", &maps, &named("x")).by("viewer"),
        post("create by norights", &maps, &named("x")).by("norights"),
        post("create by a stranger", &maps, &named("x")).by("outsider"),
        post(
            "create a role with more than one has",
            &group("rbac.authorization.k8s.io/v1", "roles"),
            &named("x"),
        )
        .by("viewer"),
        put("put on a collection", &maps, "{}"),
        post("post on an object", &core("configmaps/a"), &json!({})),
        post(
            "deployment whose selector misses its template",
            &group("apps/v1", "deployments"),
            &json!({
                "metadata": {"name": "astray"},
                "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": {"metadata": {"labels": {"app": "y"}},
                    "spec": {"containers": [{"name": "a", "image": "a"}]}}},
            }),
        ),
        post(
            "job with a long name",
            &group("batch/v1", "jobs"),
            &json!({
                "metadata": {"name": "j".repeat(64)},
                "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]}}},
            }),
        ),
    ];
    all.extend([
        get("get nothing", &core("configmaps/none")),
        get("get nothing of a group", &group("apps/v1", "deployments/none")),
        get("get nothing of a cluster kind", "/api/v1/nodes/none"),
        get("get no such resource", &core("nopes")),
        get("get no such group", "/apis/nope.example.com/v1/things"),
        get("get in no such namespace", "/api/v1/namespaces/nowhere/configmaps/a"),
        get("list in no such namespace", "/api/v1/namespaces/nowhere/configmaps"),
        get("get secrets by viewer", &core("secrets")).by("viewer"),
        get("list nodes by norights", "/api/v1/nodes").by("norights"),
        get("get by a stranger", &core("configmaps/a")).by("outsider"),
        get("scale of nothing", &group("apps/v1", "deployments/none/scale")),
        get("no such subresource", &group("apps/v1", "deployments/web/nope")),
        get("exec without an upgrade", &core("pods/none/exec?command=ls")).by("viewer"),
    ]);
    all
}
