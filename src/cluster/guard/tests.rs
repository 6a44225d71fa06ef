use std::sync::{Arc, Mutex};

use tower::ServiceExt;
use tower::util::service_fn;

use super::*;

/// Sends one request through the read guard; tells what came through.
async fn passes(request: Request<Body>) -> bool {
    let seen = Arc::new(Mutex::new(0));
    let count = Arc::clone(&seen);
    let inner = service_fn(move |_request: Request<Body>| {
        *count.lock().unwrap() += 1;
        async { Ok::<_, BoxError>(Response::new(Body::empty())) }
    });
    let answer = Guarded::new(read_rules, Transport::new(inner)).oneshot(request).await;
    let came = *seen.lock().unwrap();
    assert_eq!(answer.is_ok(), came == 1, "an answer without a request, or the reverse");
    if let Err(error) = answer {
        assert!(error.downcast_ref::<Refused>().is_some(), "{error}");
    }
    came == 1
}

fn request(method: &str, uri: &str) -> Request<Body> {
    Request::builder().method(method).uri(uri).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn reads_pass() {
    for uri in [
        "/api",
        "/api/v1",
        "/apis",
        "/apis/apps",
        "/apis/apps/v1",
        "/version",
        "/readyz",
        "/livez/etcd",
        "/openapi/v3",
        "/openapi/v3/apis/apps/v1",
        "/api/v1/pods?limit=500",
        "/api/v1/namespaces",
        "/api/v1/namespaces/shop",
        "/api/v1/namespaces/shop/status",
        "/api/v1/namespaces/shop/pods?watch=true&resourceVersion=7",
        "/api/v1/namespaces/shop/pods/web-0",
        "/api/v1/namespaces/shop/pods/web-0/log?follow=true",
        "/apis/apps/v1/namespaces/shop/deployments/web/scale",
        "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods",
        "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/web-0",
        "/apis/metrics.k8s.io/v1beta1/nodes",
        "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.name%3Dweb-0&limit=50",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node",
        "/api/v1/namespaces/proxy/pods",
    ] {
        assert!(passes(request("GET", uri)).await, "{uri}");
        assert!(passes(request("HEAD", uri)).await, "{uri}");
    }
}

#[tokio::test]
async fn gets_that_are_no_reads_are_refused() {
    for uri in [
        "/apis/metrics.k8s.io/v1beta1/nodes/node-a/proxy",
        "/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop/pods/web-0/requests",
        "/api/v1/namespaces/shop/pods/web-0/exec?command=sh",
        "/api/v1/namespaces/shop/pods/web-0/attach",
        "/api/v1/namespaces/shop/pods/web-0/portforward",
        "/api/v1/namespaces/shop/pods/web-0/proxy",
        "/api/v1/namespaces/shop/pods/web-0/proxy/admin/delete",
        "/api/v1/namespaces/shop/services/https:web:443/proxy/",
        "/api/v1/nodes/node-a/proxy/run/shop/web-0/web",
        "/api/v1/proxy/namespaces/shop/pods/web-0",
        "/api/v1/watch/namespaces/shop/pods",
        "/api/v1/redirect/nodes/node-a",
        "/api/v1/namespaces/shop/finalize",
        "/api/v1/namespaces/shop/services/web/log",
        "/apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/vm/vnc",
        "/",
        "/metrics",
        "/logs/kube-apiserver.log",
        "/debug/pprof/profile",
        "/ui",
    ] {
        assert!(!passes(request("GET", uri)).await, "{uri}");
    }
}

#[tokio::test]
async fn paths_with_two_meanings_are_refused() {
    for uri in [
        "/api/v1/namespaces/shop/pods/web-0/ex%65c",
        "/api/v1/namespaces/shop/pods/web-0%2fexec",
        "/api/v1/namespaces/shop/pods/web-0/Exec",
        "/API/v1/pods",
        "/api/v1/Pods",
        "/api//v1/pods",
        "//api/v1/pods",
        "/api/v1/pods/",
        "/api/v1/namespaces/shop/pods/web-0/exec/",
        "/api/v1/namespaces/shop/../kube-system/secrets",
        "/api/v1/./pods",
        "/api/v1/namespaces/shop/pods/web-0;exec",
        "/version/../api/v1/pods",
    ] {
        assert!(!passes(request("GET", uri)).await, "{uri}");
    }
}

#[tokio::test]
async fn writes_are_refused_whatever_the_path() {
    for method in [
        "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "get", "PROPFIND",
    ] {
        for uri in [
            "/api/v1/namespaces/shop/pods",
            "/api/v1/namespaces/shop/pods/web-0",
            "/api/v1/namespaces/shop/pods/web-0/eviction",
            "/api/v1/namespaces/kglass-system/secrets",
            "/api/v1/namespaces/kglass-system/serviceaccounts/restarter/token",
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            "/apis/authorization.k8s.io/v1/namespaces/shop/localsubjectaccessreviews",
            "/apis/authentication.k8s.io/v1/tokenreviews",
            "/version",
        ] {
            assert!(!passes(request(method, uri)).await, "{method} {uri}");
        }
    }
}

#[tokio::test]
async fn only_reviews_about_oneself_may_be_posted_and_only_at_their_exact_path() {
    for path in [
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
    ] {
        assert!(passes(request("POST", path)).await, "{path}");
        for method in ["PUT", "PATCH", "DELETE"] {
            assert!(!passes(request(method, path)).await, "{method} {path}");
        }
        for trick in [
            format!("{path}/"),
            format!("{path}?fieldManager=x"),
            path.to_uppercase(),
            format!("/{path}"),
            path.replace("self", "%73elf"),
        ] {
            assert!(!passes(request("POST", &trick)).await, "{trick}");
        }
    }
}

#[tokio::test]
async fn headers_that_change_the_meaning_of_a_request_are_refused() {
    for name in [
        "upgrade",
        "connection",
        "sec-websocket-key",
        "sec-websocket-protocol",
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
        "impersonate-user",
        "impersonate-group",
        "authorization",
        "cookie",
        "x-remote-user",
        "x-forwarded-uri",
        "x-original-url",
        "transfer-encoding",
    ] {
        let mut bad = request("GET", "/api/v1/pods");
        bad.headers_mut().insert(name, http::HeaderValue::from_static("x"));
        assert!(!passes(bad).await, "{name}");
    }
    let mut good = request("GET", "/api/v1/pods");
    good.headers_mut()
        .insert("accept", http::HeaderValue::from_static("application/json"));
    assert!(passes(good).await);
}

#[tokio::test]
async fn a_read_with_a_body_or_another_server_is_refused() {
    let body = Request::get("/api/v1/pods").body(Body::from(b"{}".to_vec())).unwrap();
    assert!(!passes(body).await);
    assert!(!passes(request("GET", "https://evil.example/api/v1/pods")).await);
}
