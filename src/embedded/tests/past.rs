//! What is forgotten, what is measured, and what the log says of it.

use super::*;

fn encoded(token: &Value) -> String {
    token.as_str().expect("more").replace('=', "%3D")
}

#[tokio::test]
async fn pages_show_one_moment_and_after_compaction_the_rest_of_the_present() {
    let server = EmbeddedServer::seeded();
    let mut admin = Asker::base(&server, ADMIN).await;
    let (_, first) = admin.get("/api/v1/namespaces/shop/pods?limit=6").await;
    let next = encoded(&first["metadata"]["continue"]);
    assert!(server.remove("pods", "shop", "web-5d9c7b8f64-00002"));
    let path = format!("/api/v1/namespaces/shop/pods?limit=6&continue={next}");
    let (_, second) = admin.get(&path).await;
    let names: Vec<_> = second["items"].as_array().expect("items").iter().collect();
    assert_eq!(names.len(), 2);
    assert_eq!(
        names[1]["metadata"]["name"], "web-5d9c7b8f64-00002",
        "as it was at the first page"
    );
    server.compact();
    let (status, gone) = admin.get(&path).await;
    assert_eq!((status, &gone["reason"]), (410, &json!("Expired")));
    let path = format!(
        "/api/v1/namespaces/shop/pods?continue={}",
        encoded(&gone["metadata"]["continue"])
    );
    let (status, rest) = admin.get(&path).await;
    assert_eq!(status, 200);
    let names = rest["items"].as_array().expect("items");
    assert!(
        names
            .iter()
            .all(|pod| pod["metadata"]["name"] != "web-5d9c7b8f64-00002")
    );
}

#[tokio::test]
async fn a_watch_from_before_the_compaction_is_told_to_list_again() {
    let server = EmbeddedServer::seeded();
    let mut admin = Asker::base(&server, ADMIN).await;
    let (_, list) = admin.get("/api/v1/namespaces/shop/pods").await;
    let seen = list["metadata"]["resourceVersion"]
        .as_str()
        .expect("a version")
        .to_owned();
    assert!(server.remove("pods", "shop", "agent-node-a"));
    assert!(!server.names("pods", "shop").is_empty());
    server.compact();
    let path = format!("/api/v1/namespaces/shop/pods?watch=1&resourceVersion={seen}");
    let (status, gone) = admin.get(&path).await;
    assert_eq!((status, &gone["reason"]), (410, &json!("Expired")), "{gone}");
}

#[tokio::test]
async fn metrics_are_served_while_somebody_measures() {
    let server = EmbeddedServer::seeded();
    let mut admin = Asker::base(&server, ADMIN).await;
    let path = "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods";
    assert_eq!(admin.get(path).await.0, 404);
    server.set_metrics(Metrics::Up);
    let (status, measured) = admin.get(path).await;
    assert_eq!((status, &measured["kind"]), (200, &json!("PodMetricsList")));
    let web = measured["items"].as_array().expect("items").iter();
    let mut web = web.filter(|m| m["metadata"]["labels"]["app"] == "web");
    assert_eq!(
        web.next().expect("measured")["containers"][0]["usage"]["cpu"],
        "12000000n"
    );
    let (_, nodes) = admin.get("/apis/metrics.k8s.io/v1beta1/nodes").await;
    assert_eq!(nodes["items"].as_array().expect("items").len(), 2);
    server.set_metrics(Metrics::Down);
    assert_eq!(admin.get(path).await.0, 503);
    let request = Request::get("/apis").header(
        "accept",
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    );
    let answer = admin.send(request.body(Body::empty()).expect("well-formed")).await;
    let bytes = answer.into_body().collect_bytes().await.expect("whole");
    assert!(String::from_utf8_lossy(&bytes).contains("\"Stale\""));
}

#[tokio::test]
async fn a_seeded_server_draws_the_same_and_its_log_reads_as_a_real_ones() {
    let run = async || {
        let server = with_operator();
        server.seed_randomness(7);
        server.clock().stand_still_at(1_764_000_000_000);
        let mut oncall = Asker::base(&server, ONCALL).await;
        minted(&server, &mut oncall, "g").await;
        assert_eq!(oncall.ask("DELETE", "/api/v1/nodes/node-a", Value::Null).await.0, 403);
        server.audit_lines()
    };
    let lines = run().await;
    assert_eq!(lines, run().await);
    let events: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    let last = events.last().expect("logged");
    assert_eq!(
        (&last["kind"], &last["apiVersion"]),
        (&json!("Event"), &json!("audit.k8s.io/v1"))
    );
    assert_eq!(
        last["objectRef"],
        json!({"resource": "nodes", "name": "node-a", "apiVersion": "v1"})
    );
    assert_eq!(last["annotations"]["authorization.k8s.io/decision"], "forbid");
    assert_eq!(events[1]["objectRef"]["subresource"], "token");
    assert_eq!(events[1]["responseStatus"]["code"], 201);
}
