//! Single objects, the audit log, hooks and faults.

use super::*;

#[tokio::test]
async fn a_viewer_reads_and_is_refused_writes_in_the_servers_words() {
    let server = EmbeddedServer::seeded();
    let mut viewer = Asker::base(&server, VIEWER).await;
    let (status, pods) = viewer.get("/api/v1/namespaces/shop/pods").await;
    assert_eq!((status, pods["items"].as_array().expect("items").len()), (200, 8));
    let (status, refusal) = viewer
        .ask("DELETE", "/api/v1/namespaces/shop/pods/ledger-0", Value::Null)
        .await;
    assert_eq!(status, 403);
    assert_eq!(
        refusal["message"],
        "pods \"ledger-0\" is forbidden: User \"viewer\" cannot delete resource \"pods\" in API group \"\" \
         in the namespace \"shop\""
    );
    assert_eq!(viewer.get("/api/v1/namespaces/shop/secrets").await.0, 403);
    assert!(ledger_lives(&server));
}

#[tokio::test]
async fn preconditions_are_checked_on_delete_patch_and_scale() {
    let server = with_operator();
    let mut admin = Asker::base(&server, ADMIN).await;
    let pod = server.object("pods", "shop", "ledger-0").expect("seeded");
    let path = "/api/v1/namespaces/shop/pods/ledger-0";
    for precondition in [
        json!({"uid": "another"}),
        json!({"uid": pod["metadata"]["uid"], "resourceVersion": "1"}),
    ] {
        let (status, refusal) = admin.ask("DELETE", path, json!({"preconditions": precondition})).await;
        assert_eq!((status, &refusal["reason"]), (409, &json!("Conflict")), "{refusal}");
    }
    let scale = "/apis/apps/v1/namespaces/shop/deployments/web/scale";
    let stale = json!({"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 0}});
    assert_eq!(admin.ask("PATCH", scale, stale).await.0, 409);
    let (status, seen) = admin.get(scale).await;
    assert_eq!((status, &seen["spec"]["replicas"]), (200, &json!(3)));
    let fresh = json!({"metadata": {"resourceVersion": seen["metadata"]["resourceVersion"]}, "spec": {"replicas": 0}});
    let (status, scaled) = admin.ask("PATCH", scale, fresh).await;
    assert_eq!((status, &scaled["spec"]["replicas"]), (200, &Value::Null));
    assert_eq!(scaled["status"]["replicas"], 3, "the controllers have not seen it yet");
    let later = server.object("deployments", "shop", "web").expect("there");
    assert!(later["status"]["replicas"].is_null(), "nothing is not told");
    assert_ne!(
        later["metadata"]["resourceVersion"],
        scaled["metadata"]["resourceVersion"]
    );
    let right = json!({"preconditions": {"uid": pod["metadata"]["uid"]}, "gracePeriodSeconds": 0});
    assert_eq!(admin.ask("DELETE", path, right).await.0, 200);
    assert!(!ledger_lives(&server));
}

#[tokio::test]
async fn a_pod_that_runs_is_terminating_before_it_is_gone() {
    let server = with_operator();
    let mut admin = Asker::base(&server, ADMIN).await;
    let (status, pod) = admin
        .ask("DELETE", "/api/v1/namespaces/shop/pods/ledger-0", Value::Null)
        .await;
    assert_eq!(status, 200);
    assert!(pod["metadata"]["deletionTimestamp"].is_string());
    assert!(ledger_lives(&server));
    server.clock().advance(Duration::from_secs(2));
    assert!(!ledger_lives(&server));
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let server = with_operator();
    let before = server.object("deployments", "shop", "web");
    let mut admin = Asker::base(&server, ADMIN).await;
    let path = "/apis/apps/v1/namespaces/shop/deployments/web?dryRun=All";
    let (status, shown) = admin.ask("PATCH", path, json!({"spec": {"replicas": 9}})).await;
    assert_eq!((status, &shown["spec"]["replicas"]), (200, &json!(9)));
    assert_eq!(admin.ask("DELETE", path, Value::Null).await.0, 200);
    assert_eq!(server.object("deployments", "shop", "web"), before);
}

#[tokio::test]
async fn the_audit_id_and_date_come_back_and_the_log_has_them() {
    let server = EmbeddedServer::seeded();
    server.clock().stand_still_at(1_764_000_000_000);
    let mut viewer = Asker::base(&server, VIEWER).await;
    let request = Request::get("/version")
        .header("Audit-ID", "mine")
        .header("user-agent", "kglass/test");
    let answer = viewer.send(request.body(Body::empty()).expect("well-formed")).await;
    assert_eq!(answer.headers()["audit-id"], "mine");
    assert_eq!(answer.headers()["date"], "Mon, 24 Nov 2025 16:00:00 GMT");
    let event = server.audit_events().pop().expect("logged");
    assert_eq!(
        (event.audit_id.as_str(), event.audit_id_given, event.status),
        ("mine", true, 200)
    );
    assert_eq!(
        (event.username.as_str(), event.user_agent.as_str()),
        ("viewer", "kglass/test")
    );
}

#[tokio::test]
async fn hooks_see_a_request_before_anything_is_done() {
    let server = with_operator();
    let seen = Arc::new(AtomicBool::new(false));
    let (flag, inside) = (Arc::clone(&seen), server.clone());
    server.on_arrival(move |arrival| {
        if arrival.attributes.verb == "delete" {
            assert!(ledger_lives(&inside));
            flag.store(true, Ordering::SeqCst);
        }
    });
    let mut admin = Asker::base(&server, ADMIN).await;
    let now = json!({"gracePeriodSeconds": 0});
    assert_eq!(
        admin
            .ask("DELETE", "/api/v1/namespaces/shop/pods/ledger-0", now)
            .await
            .0,
        200
    );
    assert!(seen.load(Ordering::SeqCst));
    assert!(!ledger_lives(&server));
}

#[tokio::test]
async fn faults_meet_the_requests_they_are_meant_for() {
    let server = with_operator();
    let mut admin = Asker::base(&server, ADMIN).await;
    let pod = "/api/v1/namespaces/shop/pods/ledger-0";
    server.inject_once(On::any().verb("delete"), Fault::Status(503));
    assert_eq!(admin.ask("DELETE", pod, Value::Null).await.0, 503);
    assert!(ledger_lives(&server));
    server.inject_once(On::any().resource("pods").verb("delete"), Fault::DropAnswer);
    let body = Body::from(br#"{"gracePeriodSeconds":0}"#.to_vec());
    let request = Request::delete(pod).body(body).expect("well-formed");
    let transport = admin.0.ready().await.expect("ready");
    assert!(tower::Service::call(transport, request).await.is_err());
    assert!(!ledger_lives(&server), "carried out, though no answer came");
    server.inject_once(On::any(), Fault::DropRequest);
    let transport = admin.0.ready().await.expect("ready");
    let request = Request::get("/version").body(Body::empty()).expect("well-formed");
    assert!(tower::Service::call(transport, request).await.is_err());
    assert_eq!(server.audit_events().last().expect("logged").status, 0);
}

#[tokio::test]
async fn a_held_request_waits_until_it_is_released() {
    let server = with_operator();
    let hold = server.hold(On::any().verb("delete"));
    let mut admin = Asker::base(&server, ADMIN).await;
    let now = json!({"gracePeriodSeconds": 0});
    let deleting = admin.ask("DELETE", "/api/v1/namespaces/shop/pods/ledger-0", now);
    let watching = async {
        hold.arrived(1).await;
        assert!(ledger_lives(&server));
        hold.release();
    };
    let ((status, _), ()) = tokio::join!(deleting, watching);
    assert_eq!(status, 200);
    assert!(!ledger_lives(&server));
}
