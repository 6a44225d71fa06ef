//! Who am I, what may I do.

use serde_json::{Value, json};

use super::super::step::{Step, get, post};

pub fn steps() -> Vec<Step> {
    let who = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let may = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let rules = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    let asks = |attributes: Value| json!({"spec": {"resourceAttributes": attributes}});
    let pods = |verb: &str| asks(json!({"verb": verb, "resource": "pods", "namespace": "contract"}));
    let allowed = ["/status/allowed", "/status/denied"];
    vec![
        post("who is viewer", who, &json!({}))
            .by("viewer")
            .see(&["/status/userInfo/username", "/status/userInfo/groups"]),
        post("who is a stranger", who, &json!({})).by("outsider"),
        post("may viewer list pods", may, &pods("list"))
            .by("viewer")
            .see(&allowed),
        post("may viewer delete pods", may, &pods("delete"))
            .by("viewer")
            .see(&allowed),
        post("may norights list pods here", may, &pods("list"))
            .by("norights")
            .see(&allowed),
        post(
            "may viewer read secrets",
            may,
            &asks(json!({"verb": "get", "resource": "secrets", "namespace": "contract"})),
        )
        .by("viewer")
        .see(&allowed),
        post(
            "may viewer read logs",
            may,
            &asks(json!({"verb": "get", "resource": "pods", "subresource": "log", "namespace": "contract"})),
        )
        .by("viewer")
        .see(&allowed),
        post(
            "may viewer open shells",
            may,
            &asks(json!({"verb": "create", "resource": "pods", "subresource": "exec", "namespace": "contract"})),
        )
        .by("viewer")
        .see(&allowed),
        post(
            "may viewer list everywhere",
            may,
            &asks(json!({"verb": "list", "resource": "deployments", "group": "apps"})),
        )
        .by("viewer")
        .see(&allowed),
        post(
            "may viewer list nodes",
            may,
            &asks(json!({"verb": "list", "resource": "nodes"})),
        )
        .by("viewer")
        .see(&allowed),
        post(
            "may admin anything",
            may,
            &asks(json!({"verb": "*", "resource": "*", "group": "*"})),
        )
        .see(&allowed),
        post(
            "may viewer see version",
            may,
            &json!({"spec": {"nonResourceAttributes": {"verb": "get", "path": "/version"}}}),
        )
        .by("viewer")
        .see(&allowed),
        post(
            "may viewer see metrics",
            may,
            &json!({"spec": {"nonResourceAttributes": {"verb": "get", "path": "/metrics"}}}),
        )
        .by("viewer")
        .see(&allowed),
        post("review of nothing", may, &json!({"spec": {}})),
        post(
            "review of both",
            may,
            &json!({"spec": {"resourceAttributes": {"verb": "get"}, "nonResourceAttributes": {"verb": "get"}}}),
        ),
        post("rules of norights", rules, &json!({"spec": {"namespace": "contract"}}))
            .by("norights")
            .see(&["/status/incomplete"]),
        post("rules of no namespace", rules, &json!({"spec": {}})),
        get("reviews cannot be listed", may),
        get("reviews cannot be got", &format!("{who}/x")),
    ]
}
