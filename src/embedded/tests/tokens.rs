//! Who is let in, with what, and until when.

use super::*;

#[tokio::test]
async fn no_token_is_anonymous_and_an_unknown_one_is_refused() {
    let nobody = authn::Authn::new().authenticate(0, None, &store::Store::new(), 0);
    assert_eq!(
        nobody.map(|user| user.username).ok().as_deref(),
        Some("system:anonymous")
    );
    let server = EmbeddedServer::seeded();
    let mut stranger = Asker::base(&server, "made-up").await;
    assert_eq!(stranger.get("/version").await.0, 401);
}

#[tokio::test]
async fn a_minted_token_is_the_service_account_and_names_its_credential() {
    let server = with_operator();
    let mut oncall = Asker::base(&server, ONCALL).await;
    let mut elevated = minted(&server, &mut oncall, "g").await;
    let (status, who) = elevated.ask("POST", SELF, json!({})).await;
    assert_eq!(status, 201);
    let user = &who["status"]["userInfo"];
    assert_eq!(user["username"], "system:serviceaccount:shop:operator");
    let id = user["extra"]["authentication.kubernetes.io/credential-id"][0]
        .as_str()
        .expect("an id")
        .to_owned();
    let mint = server
        .audit_events()
        .into_iter()
        .find(|e| e.act() == "create serviceaccounts/token")
        .expect("logged");
    assert_eq!(mint.annotations.values().next(), Some(&id));
    assert_eq!(mint.username, "oncall");
    assert_eq!(elevated.get("/api/v1/namespaces/shop/pods/ledger-0").await.0, 200);
    assert_eq!(elevated.get("/api/v1/namespaces/default/pods/ledger-0").await.0, 403);
}

#[tokio::test]
async fn token_requests_are_refused_as_a_real_server_refuses_them() {
    let server = with_operator();
    let mut oncall = Asker::base(&server, ONCALL).await;
    let uid = grant(&mut oncall, "g").await;
    let (status, short) = oncall.ask("POST", TOKEN, token_request("g", &uid, 599)).await;
    assert_eq!(status, 422);
    assert!(
        short["message"]
            .as_str()
            .expect("text")
            .contains("less than 10 minutes")
    );
    assert_eq!(oncall.ask("POST", TOKEN, token_request("none", &uid, 600)).await.0, 404);
    assert_eq!(
        oncall.ask("POST", TOKEN, token_request("g", "another", 600)).await.0,
        409
    );
    let other = TOKEN.replace("operator", "default");
    assert_eq!(oncall.ask("POST", &other, token_request("g", &uid, 600)).await.0, 403);
    assert!(server.minted_tokens().is_empty());
}

#[tokio::test]
async fn a_token_for_another_audience_does_not_authenticate() {
    let server = with_operator();
    let mut oncall = Asker::base(&server, ONCALL).await;
    let uid = grant(&mut oncall, "g").await;
    let mut body = token_request("g", &uid, 600);
    body["spec"]["audiences"] = json!(["https://elsewhere.invalid"]);
    let (status, made) = oncall.ask("POST", TOKEN, body).await;
    assert_eq!(status, 201);
    let token = made["status"]["token"].as_str().expect("a token").to_owned();
    let endpoint = server.endpoint(ONCALL);
    let mut elevated = Asker(
        endpoint
            .transport(Identity::Bearer(&token.into()))
            .await
            .expect("in-process"),
    );
    assert_eq!(elevated.get("/version").await.0, 401);
}

#[tokio::test]
async fn the_token_dies_with_its_secret_after_the_cache_of_each_replica() {
    let server = with_operator();
    server.set_authentication_cache(Duration::from_secs(10));
    server.set_replicas(2);
    let mut oncall = Asker::base(&server, ONCALL).await;
    let mut elevated = minted(&server, &mut oncall, "g").await;
    assert_eq!(elevated.ask("POST", SELF, json!({})).await.0, 201);
    assert_eq!(oncall.ask("DELETE", &format!("{SECRETS}/g"), Value::Null).await.0, 200);
    assert_eq!(
        elevated.ask("POST", SELF, json!({})).await.0,
        201,
        "the cache still believes it"
    );
    let token = server.minted_tokens().remove(0);
    let endpoint = server.endpoint(ONCALL);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let mut probe = Asker(endpoint.transport(Identity::Bearer(&token)).await.expect("in-process"));
        seen.push(probe.get("/version").await.0);
    }
    seen.sort_unstable();
    assert_eq!(seen, [200, 401], "the other replica never saw the token alive");
    server.clock().advance(Duration::from_secs(10));
    assert_eq!(elevated.ask("POST", SELF, json!({})).await.0, 401);
}

#[tokio::test]
async fn a_deadline_job_takes_its_grant_and_token_with_it() {
    let server = with_operator();
    let mut oncall = Asker::base(&server, ONCALL).await;
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "g-1"},
        "spec": {"parallelism": 0, "activeDeadlineSeconds": 30, "ttlSecondsAfterFinished": 0},
    });
    let (status, job) = oncall.ask("POST", "/apis/batch/v1/namespaces/shop/jobs", job).await;
    assert_eq!(status, 201, "{job}");
    let owner = json!([{"apiVersion": "batch/v1", "kind": "Job", "name": "g-1", "uid": job["metadata"]["uid"]}]);
    let secret = json!({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "g", "ownerReferences": owner}});
    let (_, secret) = oncall.ask("POST", SECRETS, secret).await;
    let uid = secret["metadata"]["uid"].as_str().expect("a uid");
    let (_, made) = oncall.ask("POST", TOKEN, token_request("g", uid, 600)).await;
    let token = made["status"]["token"].as_str().expect("a token").to_owned();
    let endpoint = server.endpoint(ONCALL);
    let mut elevated = Asker(
        endpoint
            .transport(Identity::Bearer(&token.into()))
            .await
            .expect("in-process"),
    );
    server.clock().advance(Duration::from_secs(28));
    assert_eq!(elevated.get("/version").await.0, 200);
    server.clock().advance(Duration::from_secs(2));
    assert_eq!(elevated.get("/version").await.0, 401);
    assert!(server.names("secrets", "shop").is_empty() && server.names("jobs", "shop").is_empty());
}

#[tokio::test]
async fn a_grant_whose_owner_does_not_exist_is_collected() {
    let server = with_operator();
    let mut oncall = Asker::base(&server, ONCALL).await;
    let owner = json!([{"apiVersion": "batch/v1", "kind": "Job", "name": "none", "uid": "x"}]);
    let secret = json!({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "g", "ownerReferences": owner}});
    assert_eq!(oncall.ask("POST", SECRETS, secret).await.0, 201);
    assert_eq!(oncall.get(&format!("{SECRETS}/g")).await.0, 404);
}

#[tokio::test]
async fn reviews_say_what_requests_then_meet() {
    let server = with_operator();
    let mut oncall = Asker::base(&server, ONCALL).await;
    let mut elevated = minted(&server, &mut oncall, "g").await;
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let may =
        |verb: &str| json!({"spec": {"resourceAttributes": {"verb": verb, "resource": "pods", "namespace": "shop"}}});
    assert_eq!(
        elevated.ask("POST", path, may("delete")).await.1["status"]["allowed"],
        true
    );
    assert_eq!(
        elevated.ask("POST", path, may("create")).await.1["status"]["allowed"],
        false
    );
    let rules = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    let (status, review) = elevated
        .ask("POST", rules, json!({"spec": {"namespace": "shop"}}))
        .await;
    assert_eq!((status, &review["status"]["incomplete"]), (201, &json!(false)));
    let text = review["status"]["resourceRules"].to_string();
    assert!(
        text.contains("deployments/scale") && text.contains("selfsubjectreviews"),
        "{text}"
    );
}

#[tokio::test]
async fn minted_tokens_have_the_shape_of_real_ones() {
    use base64::Engine as _;
    let server = with_operator();
    let mut oncall = Asker::base(&server, ONCALL).await;
    minted(&server, &mut oncall, "g").await;
    let token = server.minted_tokens().remove(0);
    let part = token.expose_secret().split('.').nth(1).expect("three parts").to_owned();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(part)
        .expect("base64");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!(
        claims["exp"].as_i64().expect("seconds") - claims["iat"].as_i64().expect("seconds"),
        600
    );
    assert_eq!(claims["kubernetes.io"]["secret"]["name"], "g");
    assert_eq!(claims["jti"].as_str().expect("an id").len(), 36);
}
