//! What is served, in both forms, and the paths that are no resource.

use super::super::step::{DISCOVERY, Step, get};

pub fn steps() -> Vec<Step> {
    let known = |id: &str, path: &str, tag: &str| get(id, path).accept(DISCOVERY).header("If-None-Match", tag);
    vec![
        get("discovery core", "/api").accept(DISCOVERY).keep("core tag", "etag"),
        get("discovery groups", "/apis")
            .accept(DISCOVERY)
            .keep("groups tag", "etag"),
        known("discovery core known", "/api", "{core tag}"),
        known("discovery groups known", "/apis", "{groups tag}"),
        known("discovery core outdated", "/api", "\"AB\""),
        get("legacy core", "/api"),
        get("legacy groups", "/apis"),
        get("legacy core resources", "/api/v1"),
        get("legacy group", "/apis/apps").see(&["/name", "/preferredVersion/version"]),
        get("legacy apps resources", "/apis/apps/v1"),
        get("legacy batch resources", "/apis/batch/v1"),
        get("legacy policy resources", "/apis/policy/v1"),
        get("legacy rbac resources", "/apis/rbac.authorization.k8s.io/v1"),
        get("legacy networking resources", "/apis/networking.k8s.io/v1"),
        get("legacy custom resources", "/apis/shop.example.com/v1"),
        get("legacy authorization resources", "/apis/authorization.k8s.io/v1"),
        get("legacy no such group", "/apis/nope.example.com"),
        get("legacy no such version", "/apis/apps/v9"),
        get("version", "/version").see(&["/major", "/minor", "/gitVersion"]),
        get("version with an audit id", "/version").header("Audit-ID", "a-b-c-d"),
        get("readyz", "/readyz"),
        get("livez", "/livez"),
        get("healthz of norights", "/healthz").by("norights"),
        get("discovery by viewer", "/api").by("viewer"),
        get("no such path", "/nope"),
        get("no such path by viewer", "/nope").by("viewer"),
        get("version by a stranger", "/version").by("outsider"),
    ]
}
