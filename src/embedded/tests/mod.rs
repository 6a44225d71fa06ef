//! The server, asked over its transport the way the gate and the Reader ask it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use http::Request;
use http_body_util::BodyExt as _;
use kube::client::Body;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

mod admission;
mod collections;
mod living;
mod past;
mod requests;
mod streams;
mod tokens;

use super::*;
use crate::cluster::{Endpoint, Identity, Transport};
use seed::{ADMIN, LEAD, ONCALL, VIEWER};

struct Asker(Transport);

impl Asker {
    async fn base(server: &EmbeddedServer, token: &str) -> Self {
        Self(
            server
                .endpoint(token)
                .transport(Identity::Base)
                .await
                .expect("in-process"),
        )
    }

    async fn send(&mut self, request: Request<Body>) -> http::Response<Body> {
        self.0.ready().await.expect("ready").call_it(request).await
    }

    async fn ask(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let media = if method == "PATCH" {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let bytes = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", media)
            .body(bytes.into());
        let answer = self.send(request.expect("well-formed")).await;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect_bytes().await.expect("whole body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn get(&mut self, path: &str) -> (u16, Value) {
        self.ask("GET", path, Value::Null).await
    }
}

trait CallIt {
    async fn call_it(self, request: Request<Body>) -> http::Response<Body>;
}

impl CallIt for &mut Transport {
    async fn call_it(self, request: Request<Body>) -> http::Response<Body> {
        tower::Service::call(self, request).await.expect("answered")
    }
}

/// The pod that the seed has, not one that took its name and place.
fn ledger_lives(server: &EmbeddedServer) -> bool {
    let pod = server.object("pods", "shop", "ledger-0");
    pod.is_some_and(|pod| {
        pod["status"]["containerStatuses"][0]["image"].is_null()
            && pod["status"]["podIP"].is_null()
            && pod["status"]["containerStatuses"][0]["ready"] == true
    })
}

const SECRETS: &str = "/api/v1/namespaces/shop/secrets";
const SELF: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
const TOKEN: &str = "/api/v1/namespaces/shop/serviceaccounts/operator/token";

/// `shop/operator` may delete pods and scale; the on-call may mint for it and write Secrets.
fn with_operator() -> EmbeddedServer {
    let server = EmbeddedServer::seeded();
    let bind = |name: &str, subject: Value| {
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": name, "namespace": "shop"},
            "roleRef": {"kind": "Role", "name": name}, "subjects": [subject],
        })
    };
    let role = |name: &str, rules: Value| {
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": name, "namespace": "shop"}, "rules": rules,
        })
    };
    let objects = [
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "operator", "namespace": "shop"}}),
        role(
            "operator",
            json!([
                {"apiGroups": [""], "resources": ["pods"], "verbs": ["delete", "get"]},
                {"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["get", "patch"]},
                {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]},
            ]),
        ),
        bind(
            "operator",
            json!({"kind": "ServiceAccount", "name": "operator", "namespace": "shop"}),
        ),
        role(
            "asker",
            json!([
                {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "delete", "get", "list", "watch"]},
                {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "get", "list", "watch"]},
                {"apiGroups": [""], "resources": ["serviceaccounts/token"], "resourceNames": ["operator"], "verbs": ["create"]},
            ]),
        ),
        bind("asker", json!({"kind": "Group", "name": "oncall"})),
    ];
    server.install(&objects).expect("served kinds");
    server
}

async fn grant(asker: &mut Asker, name: &str) -> String {
    let body = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}});
    let (status, made) = asker.ask("POST", SECRETS, body).await;
    assert_eq!(status, 201, "{made}");
    made["metadata"]["uid"]
        .as_str()
        .expect("the server sets a uid")
        .to_owned()
}

fn token_request(name: &str, uid: &str, seconds: u32) -> Value {
    json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {
        "expirationSeconds": seconds,
        "boundObjectRef": {"apiVersion": "v1", "kind": "Secret", "name": name, "uid": uid},
    }})
}

async fn minted(server: &EmbeddedServer, asker: &mut Asker, name: &str) -> Asker {
    let uid = grant(asker, name).await;
    let (status, made) = asker.ask("POST", TOKEN, token_request(name, &uid, 600)).await;
    assert_eq!(status, 201, "{made}");
    let token = made["status"]["token"].as_str().expect("a token").to_owned();
    let endpoint = server.endpoint(ONCALL);
    Asker(
        endpoint
            .transport(Identity::Bearer(&token.into()))
            .await
            .expect("in-process"),
    )
}

async fn open_watch(asker: &mut Asker, path: &str) -> futures_util::stream::BoxStream<'static, Value> {
    let answer = asker
        .send(Request::get(path).body(Body::empty()).expect("well-formed"))
        .await;
    assert_eq!(answer.status(), 200);
    let chunks = answer.into_body().into_data_stream();
    chunks
        .map(|chunk| serde_json::from_slice(&chunk.expect("not broken")).expect("one event each"))
        .boxed()
}
