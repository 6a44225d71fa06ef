//! Discovery, lists, tables and watches.

use super::*;

#[tokio::test]
async fn lists_come_in_pages_and_as_tables() {
    let server = EmbeddedServer::seeded();
    let mut viewer = Asker::base(&server, VIEWER).await;
    let (_, first) = viewer.get("/api/v1/pods?limit=6").await;
    assert_eq!(first["metadata"]["remainingItemCount"], 2);
    let next = first["metadata"]["continue"]
        .as_str()
        .expect("more")
        .replace('=', "%3D")
        .replace('+', "%2B");
    let (_, second) = viewer.get(&format!("/api/v1/pods?limit=6&continue={next}")).await;
    assert_eq!(second["items"].as_array().expect("items").len(), 2);
    assert!(second["metadata"]["continue"].is_null());
    let request = Request::get("/api/v1/namespaces/shop/pods?labelSelector=app%3Dcheckout")
        .header(
            "accept",
            "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
        )
        .body(Body::empty());
    let answer = viewer.send(request.expect("well-formed")).await;
    let table: Value = serde_json::from_slice(&answer.into_body().collect_bytes().await.expect("whole")).expect("JSON");
    assert_eq!(table["kind"], "Table");
    assert_eq!(table["rows"][0]["cells"][2], "CrashLoopBackOff");
    assert_eq!(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
    assert_eq!(table["rows"].as_array().expect("rows").len(), 2);
}

#[tokio::test]
async fn a_watch_tells_what_happens_and_ends_with_the_line() {
    let server = with_operator();
    let mut viewer = Asker::base(&server, VIEWER).await;
    let (_, list) = viewer.get("/apis/apps/v1/namespaces/shop/deployments").await;
    let from = list["metadata"]["resourceVersion"].as_str().expect("a version");
    let mut watch = open_watch(
        &mut viewer,
        &format!("/apis/apps/v1/namespaces/shop/deployments?watch=1&resourceVersion={from}"),
    )
    .await;
    let mut admin = Asker::base(&server, ADMIN).await;
    let web = "/apis/apps/v1/namespaces/shop/deployments/web";
    assert_eq!(admin.ask("PATCH", web, json!({"spec": {"replicas": 1}})).await.0, 200);
    let event = watch.next().await.expect("an event");
    assert_eq!(
        (&event["type"], &event["object"]["spec"]["replicas"]),
        (&json!("MODIFIED"), &json!(1))
    );
    assert_eq!(admin.ask("DELETE", web, Value::Null).await.0, 200);
    let mut last = watch.next().await.expect("an event");
    while last["type"] == "MODIFIED" {
        assert_eq!(last["object"]["spec"]["replicas"], 1, "the controllers' own changes");
        last = watch.next().await.expect("an event");
    }
    assert_eq!(last["type"], "DELETED");
    server.cut_streams();
    assert!(watch.next().await.is_none());
}

#[tokio::test]
async fn a_watch_wakes_when_a_deadline_passes() {
    let server = with_operator();
    let mut oncall = Asker::base(&server, ONCALL).await;
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "g-1"},
        "spec": {"parallelism": 0, "activeDeadlineSeconds": 30, "ttlSecondsAfterFinished": 0},
    });
    let (_, job) = oncall.ask("POST", "/apis/batch/v1/namespaces/shop/jobs", job).await;
    let owner = json!([{"apiVersion": "batch/v1", "kind": "Job", "name": "g-1", "uid": job["metadata"]["uid"]}]);
    let secret = json!({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "g", "ownerReferences": owner}});
    assert_eq!(oncall.ask("POST", SECRETS, secret).await.0, 201);
    let mut watch = open_watch(
        &mut oncall,
        &format!(
            "{SECRETS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        ),
    )
    .await;
    assert_eq!(watch.next().await.expect("initial")["type"], "ADDED");
    assert_eq!(watch.next().await.expect("end of initial")["type"], "BOOKMARK");
    server.clock().advance(Duration::from_secs(30));
    let event = watch.next().await.expect("an event");
    assert_eq!(
        (&event["type"], &event["object"]["metadata"]["name"]),
        (&json!("DELETED"), &json!("g"))
    );
}

#[tokio::test]
async fn kube_discovers_the_kinds_in_both_forms() {
    for legacy in [false, true] {
        let server = EmbeddedServer::seeded();
        if legacy {
            server.set_legacy_discovery();
        }
        let transport = server
            .endpoint(LEAD)
            .transport(Identity::Base)
            .await
            .expect("in-process");
        let client = kube::Client::new(transport, "default");
        let discovery = kube::Discovery::new(client);
        let found = if legacy {
            discovery.run().await
        } else {
            discovery.run_aggregated().await
        };
        let found = found.expect("readable");
        let apps = found.get("apps").expect("served");
        let (resource, capabilities) = apps.recommended_kind("Deployment").expect("served");
        assert_eq!(resource.plural, "deployments");
        assert!(capabilities.supports_operation("patch") && capabilities.supports_operation("deletecollection"));
        assert!(
            found
                .get("")
                .expect("the core group")
                .recommended_kind("Secret")
                .is_some()
        );
    }
}
