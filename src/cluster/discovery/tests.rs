use serde_json::json;

use crate::cluster::mock::{Asked, Mock, Reply, status};
use crate::cluster::{Catalog, Query, ReadErrorKind, Reading};
use crate::model::Verb;

async fn discovered(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (Catalog, Vec<Asked>) {
    let mock = Mock::new(script);
    let readings = mock.run(Query::Discovery).await.all().await;
    match &readings[..] {
        [Reading::Discovered(catalog), Reading::Ended] => ((**catalog).clone(), mock.seen()),
        other => panic!("{other:?}"),
    }
}

fn resource(plural: &str, kind: &str, short: &[&str]) -> serde_json::Value {
    json!({
        "resource": plural, "responseKind": {"kind": kind}, "scope": "Namespaced", "singularResource": kind.to_lowercase(),
        "verbs": ["get", "list", "watch", "delete"], "shortNames": short,
        "subresources": [{"subresource": "status"}],
    })
}

fn aggregated(items: serde_json::Value) -> Reply {
    Reply::Json(200, json!({"kind": "APIGroupDiscoveryList", "items": items}))
}

fn modern(asked: &Asked) -> Reply {
    match asked.path.as_str() {
        "/api" => aggregated(
            json!([{"versions": [{"version": "v1", "freshness": "Current", "resources": [
                resource("pods", "Pod", &["po"]), resource("events", "Event", &["ev"]),
                {"resource": "bindings", "responseKind": {"kind": "Binding"}, "scope": "Namespaced", "verbs": ["create"]},
            ]}]}]),
        ),
        "/apis" => aggregated(json!([
            {"metadata": {"name": "example.com"}, "versions": [
                {"version": "v2", "resources": [resource("pods", "Pod", &["po"]), resource("widgets", "Widget", &[])]},
                {"version": "v1", "resources": [resource("widgets", "Widget", &[]), resource("gadgets", "Gadget", &[])]},
            ]},
            {"metadata": {"name": "apps"}, "versions": [
                {"version": "v1", "resources": [resource("deployments", "Deployment", &["deploy"])]},
            ]},
            {"metadata": {"name": "metrics.k8s.io"}, "versions": [
                {"version": "v1beta1", "freshness": "Stale", "resources": []},
            ]},
        ])),
        "/version" => Reply::Json(200, json!({"gitVersion": "v1.36.2"})),
        _ => status(404, "no"),
    }
}

#[tokio::test]
async fn a_modern_server_tells_everything_in_two_documents() {
    let (catalog, seen) = discovered(modern).await;
    assert_eq!(seen.len(), 3, "two documents and the version: {seen:?}");
    assert!(
        seen.iter()
            .filter(|a| a.path.starts_with("/api"))
            .all(|a| a.accept.contains("apidiscovery.k8s.io"))
    );
    assert_eq!(catalog.server_version, "v1.36.2");
    let names: Vec<String> = catalog.resources.iter().map(|r| r.qualified()).collect();
    assert_eq!(
        names,
        [
            "pods",
            "events",
            "deployments.apps",
            "pods.example.com",
            "widgets.example.com",
            "gadgets.example.com"
        ],
        "built-in kinds first, and nothing that can only be created"
    );
    let widget = catalog.find("widgets").unwrap();
    assert_eq!(widget.gvk.version, "v2", "the preferred version");
    assert_eq!(
        catalog.find("gadgets").unwrap().gvk.version,
        "v1",
        "the only one that has it"
    );
    assert_eq!(widget.subresources, ["status"]);
    assert!(widget.can(Verb::Watch) && !widget.can(Verb::Patch));
    assert_eq!(catalog.failed_groups.len(), 1);
    assert_eq!(catalog.failed_groups[0].0, "metrics.k8s.io");
}

#[tokio::test]
async fn names_mean_the_built_in_kind_unless_a_group_is_named() {
    let (catalog, _) = discovered(modern).await;
    let found = |typed: &str| catalog.find(typed).map(|r| r.qualified());
    for typed in ["pods", "pod", "po", "Pod", "PODS", "v1/pods"] {
        assert_eq!(found(typed).as_deref(), Some("pods"), "{typed}");
    }
    for typed in [
        "deploy",
        "deployments.apps",
        "deploy.apps",
        "apps/v1/deployments",
        "deployments.v1.apps",
        "deploy.ap",
    ] {
        assert_eq!(found(typed).as_deref(), Some("deployments.apps"), "{typed}");
    }
    for typed in ["pods.example.com", "po.example", "pods.v2.example.com"] {
        assert_eq!(found(typed).as_deref(), Some("pods.example.com"), "{typed}");
    }
    for typed in ["", "nothing", "pods.nowhere", "apps/v1/pods", "pods.v1.example.com"] {
        assert_eq!(found(typed), None, "{typed}");
    }
}

/// A server before 1.26: it ignores the Accept header.
fn old(asked: &Asked) -> Reply {
    let list =
        |resources: serde_json::Value| Reply::Json(200, json!({"kind": "APIResourceList", "resources": resources}));
    match asked.path.as_str() {
        "/api" => Reply::Json(200, json!({"kind": "APIVersions", "versions": ["v1"]})),
        "/api/v1" => list(json!([
            {"name": "pods", "singularName": "", "namespaced": true, "kind": "Pod", "verbs": ["get", "list", "watch"]},
            {"name": "pods/log", "namespaced": true, "kind": "Pod", "verbs": ["get"]},
        ])),
        "/apis" => Reply::Json(
            200,
            json!({"kind": "APIGroupList", "groups": [
                {"name": "broken.io", "versions": [{"version": "v1"}], "preferredVersion": {"version": "v1"}},
                {"name": "apps", "versions": [{"version": "v1beta1"}, {"version": "v1"}], "preferredVersion": {"version": "v1"}},
            ]}),
        ),
        "/apis/apps/v1" => list(json!([
            {"name": "deployments", "singularName": "deployment", "namespaced": true, "kind": "Deployment", "verbs": ["list"]},
        ])),
        "/apis/apps/v1beta1" => list(json!([
            {"name": "deployments", "namespaced": true, "kind": "Deployment", "verbs": ["list"]},
        ])),
        "/apis/broken.io/v1" => status(503, "the server is currently unable to handle the request"),
        _ => status(404, "no"),
    }
}

#[tokio::test]
async fn an_old_server_is_asked_group_by_group_and_a_broken_group_is_reported() {
    let (catalog, _) = discovered(old).await;
    let pods = catalog.find("po").or_else(|| catalog.find("pods")).unwrap();
    assert_eq!(
        (pods.singular.as_str(), pods.subresources.as_slice()),
        ("pod", &["log".to_owned()][..])
    );
    assert_eq!(
        catalog.find("deployments").unwrap().gvk.version,
        "v1",
        "the preferred version"
    );
    assert_eq!(catalog.resources.len(), 2);
    assert_eq!(catalog.failed_groups.len(), 1);
    assert!(
        catalog.failed_groups[0].1.contains("503"),
        "{:?}",
        catalog.failed_groups
    );
    assert_eq!(catalog.server_version, "", "it is served without one");
}

#[tokio::test]
async fn groups_that_cannot_be_listed_leave_the_core() {
    let (catalog, _) = discovered(|asked| match asked.path.as_str() {
        "/apis" => status(500, "etcd is down"),
        _ => modern(asked),
    })
    .await;
    assert!(catalog.find("pods").is_some());
    assert!(catalog.failed_groups[0].1.contains("etcd is down"));
}

#[tokio::test]
async fn a_refused_identity_is_told_with_a_cure() {
    let readings = Mock::new(|_| status(401, "Unauthorized"))
        .run(Query::Discovery)
        .await
        .all()
        .await;
    let Reading::Failed(error) = &readings[0] else {
        panic!("{readings:?}");
    };
    assert_eq!(error.kind, ReadErrorKind::Unauthorized);
    assert!(error.cure.contains("log in again"), "{error}");
}

fn tagged(asked: &Asked) -> Reply {
    match modern(asked) {
        Reply::Json(200, document) if asked.path.starts_with("/api") => Reply::Tagged("\"one\"", document),
        other => other,
    }
}

async fn names(mock: &Mock) -> Vec<String> {
    let readings = mock.run(Query::Discovery).await.all().await;
    let Reading::Discovered(catalog) = &readings[0] else {
        panic!("{readings:?}");
    };
    catalog.resources.iter().map(|r| r.qualified()).collect()
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = Mock::new(tagged).caching(folder.path());
    let told = names(&first).await;
    assert!(first.seen().iter().all(|asked| asked.if_none_match.is_empty()));
    let second = Mock::new(tagged).caching(folder.path());
    assert_eq!(names(&second).await, told);
    let conditional = second
        .seen()
        .iter()
        .filter(|asked| asked.if_none_match == "\"one\"")
        .count();
    assert_eq!(
        (conditional, second.seen().len()),
        (2, 3),
        "two conditional documents and the version"
    );
}

#[tokio::test]
async fn a_server_that_changed_is_read_and_a_bad_cache_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    names(&Mock::new(tagged).caching(folder.path())).await;
    let changed = Mock::new(|asked: &Asked| match asked.path.as_str() {
        "/apis" => Reply::Tagged("\"two\"", json!({"kind": "APIGroupDiscoveryList", "items": []})),
        _ => tagged(asked),
    });
    let told = names(&changed.caching(folder.path())).await;
    assert_eq!(
        told,
        ["pods", "events"],
        "the core group from the cache, the others as told now"
    );

    // The server calls unchanged what was never a discovery document.
    for entry in std::fs::read_dir(folder.path().join("discovery")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"items\":[", "\"items\":[7,")).unwrap();
    }
    let mock = Mock::new(tagged).caching(folder.path());
    assert!(names(&mock).await.contains(&"deployments.apps".to_owned()));
}
