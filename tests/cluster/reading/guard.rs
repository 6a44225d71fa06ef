//! Attacks on the reading transport with an identity that may do everything: whatever it lets
//! pass, the API server's own audit log shows as a read or a review about oneself.

use std::collections::BTreeMap;

use http::{Method, Request};
use kglass::cluster::guard::{Guarded, Refused, read_rules};
use kglass::cluster::{Endpoint, Identity, Transport};
use kube::client::Body;
use serde_json::{Value, json};
use tower::{Service, ServiceExt};

use super::open;
use crate::harness::{self, AuditMark, Options, Rig};

const POD: &str = "/api/v1/namespaces/target/pods/victim";

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT"];

/// Things that write, run or tunnel, by their paths and by paths that only look harmless.
fn targets() -> Vec<String> {
    let mut targets: Vec<String> = [
        "",
        "/exec?command=id&stdout=true",
        "/attach?stdout=true",
        "/portforward?ports=80",
        "/proxy",
        "/proxy/",
        "/proxy/x/y",
        "/eviction",
        "/binding",
        "/ephemeralcontainers",
        "/resize",
        "/log",
        "/status",
        "/scale",
        "/",
        "//exec",
        "/%65xec",
        "/exec/",
        "/./exec",
        "/../victim/exec",
        ";/exec",
        "/EXEC",
        "%2fexec",
    ]
    .iter()
    .map(|end| format!("{POD}{end}"))
    .collect();
    targets.extend(
        [
            "/api/v1/namespaces/target/pods",
            "/api/v1/namespaces/target",
            "/api/v1/namespaces/target/finalize",
            "/api/v1/namespaces",
            "/api/v1/namespaces/target/configmaps",
            "/api/v1/namespaces/target/configmaps/kept",
            "/api/v1/namespaces/target/secrets",
            "/api/v1/namespaces/target/serviceaccounts/default/token",
            "/api/v1/namespaces/target/services/kept/proxy/",
            "/api/v1/namespaces/target/services/https:kept:443/proxy/",
            "/api/v1/nodes/made-up/proxy/metrics",
            "/api/v1/proxy/namespaces/target/pods/victim",
            "/api/v1/watch/namespaces/target/pods",
            "/api/v1/namespaces/target/pods?watch=true&timeoutSeconds=1",
            "/apis/apps/v1/namespaces/target/deployments",
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin",
            "/apis/certificates.k8s.io/v1/certificatesigningrequests",
            "/apis/authentication.k8s.io/v1/tokenreviews",
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            "/apis/authorization.k8s.io/v1/namespaces/target/localsubjectaccessreviews",
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            "/version",
            "/healthz",
            "/readyz",
            "/api",
            "/apis",
            "/openapi/v3",
            "/metrics",
            "/logs/",
            "/debug/pprof/",
            "//api/v1/namespaces/target/pods",
            "/api/v1/namespaces/target/../target/pods",
        ]
        .map(str::to_owned),
    );
    targets
}

const TRICKS: [Option<(&str, &str)>; 7] = [
    None,
    Some(("x-http-method-override", "DELETE")),
    Some(("x-http-method", "DELETE")),
    Some(("connection", "Upgrade")),
    Some(("upgrade", "SPDY/3.1")),
    Some(("impersonate-user", "system:admin")),
    Some(("sec-websocket-protocol", "v5.channel.k8s.io")),
];

fn body(path: &str) -> Value {
    let meta = json!({"name": "made-by-attack", "namespace": "target"});
    match path.split('?').next().unwrap_or_default().rsplit('/').next() {
        Some("configmaps") => json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}),
        Some("selfsubjectaccessreviews") => json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {"verb": "delete", "resource": "pods"}}}),
        Some("selfsubjectrulesreviews") => json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": "target"}}),
        Some("selfsubjectreviews") => json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}),
        _ => json!({"metadata": {"labels": {"attacked": "yes"}}}),
    }
}

fn attacks() -> Vec<Request<Body>> {
    let mut attacks = Vec::new();
    for path in targets() {
        for method in METHODS {
            for trick in TRICKS {
                let method = Method::from_bytes(method.as_bytes()).expect("a method");
                let is_read = method == Method::GET || method == Method::HEAD;
                let kind = if method == Method::PATCH {
                    "application/merge-patch+json"
                } else {
                    "application/json"
                };
                let mut request = Request::builder().method(&method).uri(&path);
                if !is_read {
                    request = request.header("content-type", kind);
                }
                if let Some((name, value)) = trick {
                    request = request.header(name, value);
                }
                let bytes = if is_read {
                    Vec::new()
                } else {
                    body(&path).to_string().into_bytes()
                };
                // What is no URI cannot be sent at all.
                attacks.extend(request.body(Body::from(bytes)).ok());
            }
        }
    }
    attacks
}

/// Sends all; tells how many were refused before they were sent.
async fn send<S>(service: &mut S, attacks: Vec<Request<Body>>) -> usize
where
    S: Service<Request<Body>, Response = http::Response<Body>, Error = tower::BoxError>,
{
    let mut refused = 0;
    for attack in attacks {
        let answer = tokio::time::timeout(std::time::Duration::from_secs(5), async {
            service.ready().await?.call(attack).await
        });
        // An answer, an error of the server and a stream are all the same here: the log tells.
        if let Ok(Err(error)) = answer.await {
            refused += usize::from(error.downcast_ref::<Refused>().is_some());
        }
    }
    refused
}

/// Verbs of what god sent, as the server understood them, with how often.
fn verbs(rig: &Rig, mark: AuditMark) -> BTreeMap<String, usize> {
    let mut verbs = BTreeMap::new();
    for event in rig.audit_since(mark) {
        if event["user"]["username"] != "god" || event["stage"] != "RequestReceived" {
            continue;
        }
        let object = &event["objectRef"];
        let resource = match (object["resource"].as_str(), object["subresource"].as_str()) {
            (Some(resource), Some(subresource)) => format!("{resource}/{subresource}"),
            (Some(resource), None) => resource.to_owned(),
            (None, _) => "non-resource".to_owned(),
        };
        let name = format!("{} {resource}", event["verb"].as_str().unwrap_or_default());
        *verbs.entry(name).or_insert(0) += 1;
    }
    verbs
}

fn is_read(verb_and_resource: &str) -> bool {
    let (verb, resource) = verb_and_resource.split_once(' ').unwrap_or_default();
    let subresource = resource.split_once('/').map(|(_, sub)| sub);
    match verb {
        "get" | "list" | "watch" | "head" => matches!(subresource, None | Some("log" | "status" | "scale")),
        "create" => matches!(
            resource,
            "selfsubjectreviews" | "selfsubjectaccessreviews" | "selfsubjectrulesreviews"
        ),
        _ => false,
    }
}

async fn transport(endpoint: &dyn Endpoint) -> Transport {
    endpoint
        .transport(Identity::Base)
        .await
        .expect("a token needs no plugin")
}

#[tokio::test]
async fn whatever_passes_the_guard_is_a_read_by_the_servers_own_audit_log() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options {
        users: vec![("god".to_owned(), vec!["system:masters".to_owned()])],
        ..Options::default()
    });
    rig.create_namespace("target");
    rig.apply(
        "admin",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: victim, namespace: target}\n\
         spec: {nodeName: made-up, containers: [{name: c, image: x}]}\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, namespace: target}\n",
    );
    let endpoint = open(&rig.kubeconfig_of(&["god"])).expect("the rig's kubeconfig is good");

    let mark = rig.audit_mark();
    let all = attacks();
    let sent = all.len();
    let mut guarded = Guarded::new(read_rules, transport(&*endpoint).await);
    let refused = send(&mut guarded, all).await;
    let passed = verbs(&rig, mark);
    println!("{sent} requests, {refused} refused; the server saw {passed:#?}");
    assert!(passed.values().sum::<usize>() > 20, "reads do pass");
    assert_eq!(
        passed.values().sum::<usize>(),
        sent - refused,
        "nothing was sent that is not counted"
    );
    let wrong: Vec<_> = passed.keys().filter(|verb| !is_read(verb)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let admin = rig.token("admin");
    assert_eq!(rig.http("GET", POD, Some(&admin), None).status, 200, "the victim lives");

    // The same without the guard: the attacks are real, and this test would see them.
    let mark = rig.audit_mark();
    let mut open = transport(&*endpoint).await;
    let some = attacks().into_iter().filter(|a| {
        let path = a.uri().path();
        a.headers().get("upgrade").is_none()
            && (path == POD || path.ends_with("/configmaps") || path.ends_with("/proxy"))
    });
    send(&mut open, some.collect()).await;
    let unguarded = verbs(&rig, mark);
    for verb in ["delete pods", "create configmaps", "get pods/proxy"] {
        assert!(unguarded.contains_key(verb), "{verb}: {unguarded:#?}");
    }
}
