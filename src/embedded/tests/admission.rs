//! The door for admission, evictions and rights that cannot be handed on.

use std::sync::Mutex;

use super::*;

const PODS: &str = "/api/v1/namespaces/shop/pods";

#[tokio::test]
async fn admission_sees_old_and_new_and_its_refusal_is_the_answer() {
    let server = with_operator();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    server.set_admission(move |request: &AdmissionRequest<'_>| {
        let label = |o: Option<&Value>| o.and_then(|o| o.pointer("/data/k")?.as_str().map(str::to_owned));
        let line = format!(
            "{} {} {} {:?}→{:?} {}",
            request.operation.as_str(),
            request.attributes.resource_path(),
            request.attributes.name.as_deref().unwrap_or_default(),
            label(request.old_object),
            label(request.object),
            request.user.username,
        );
        log.lock().expect("whole").push(line);
        let notes = Annotations::from([("p/seen".to_owned(), "yes".to_owned())]);
        if request.operation == Operation::Delete {
            return Verdict::Deny {
                message: "ValidatingAdmissionPolicy 'p' with binding 'p' denied request: not yours".into(),
                reason: DenyReason::Invalid,
                annotations: notes,
            };
        }
        Verdict::Allow(notes)
    });
    let mut admin = Asker::base(&server, ADMIN).await;
    let maps = "/api/v1/namespaces/shop/configmaps";
    let made = json!({"metadata": {"name": "c"}, "data": {"k": "1"}});
    assert_eq!(admin.ask("POST", maps, made).await.0, 201);
    let one = format!("{maps}/c");
    assert_eq!(admin.ask("PATCH", &one, json!({"data": {"k": "2"}})).await.0, 200);
    let (status, refusal) = admin.ask("DELETE", &one, Value::Null).await;
    assert_eq!((status, &refusal["reason"]), (422, &json!("Invalid")));
    assert_eq!(
        refusal["message"],
        "configmaps \"c\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: not yours"
    );
    assert_eq!(
        *seen.lock().expect("whole"),
        [
            "CREATE configmaps c None→Some(\"1\") admin",
            "UPDATE configmaps c Some(\"1\")→Some(\"2\") admin",
            "DELETE configmaps c Some(\"2\")→None admin",
        ]
    );
    let events = server.audit_events();
    assert!(events.iter().all(|e| e.annotations["p/seen"] == "yes"));
}

fn eviction(pod: &str) -> Value {
    json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": "shop"}})
}

#[tokio::test]
async fn an_eviction_is_refused_while_a_budget_does_not_allow_it() {
    let server = with_operator();
    server
        .install(&[json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}},
        })])
        .expect("served");
    let mut admin = Asker::base(&server, ADMIN).await;
    let pods = server.names("pods", "shop");
    let web: Vec<&String> = pods.iter().filter(|p| p.starts_with("web-")).collect();
    let at = |pod: &str| format!("{PODS}/{pod}/eviction");
    let (status, done) = admin.ask("POST", &at(web[0]), eviction(web[0])).await;
    assert_eq!((status, &done["status"]), (201, &json!("Success")), "{done}");
    let (status, refusal) = admin.ask("POST", &at(web[1]), eviction(web[1])).await;
    assert_eq!((status, &refusal["reason"]), (429, &json!("TooManyRequests")));
    assert_eq!(
        refusal["message"],
        "Cannot evict pod as it would violate the pod's disruption budget."
    );
    assert_eq!(refusal["details"]["causes"][0]["reason"], "DisruptionBudget");
    assert_eq!(
        refusal["details"]["causes"][0]["message"],
        "The disruption budget web needs 2 healthy pods and has 2 currently"
    );
    let (status, _) = admin.ask("POST", &at("ledger-0"), eviction("ledger-0")).await;
    assert_eq!(status, 201, "no budget speaks of it");
}

#[tokio::test]
async fn nobody_hands_out_rights_they_do_not_have() {
    let server = with_operator();
    server
        .install(&[
            bootstrap::cluster_role(
                "not-escalate",
                vec![
                    json!({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"],
                    "verbs": ["create", "update"]}),
                ],
            ),
            bootstrap::bind_groups("lead", "not-escalate", &["approvers"]),
        ])
        .expect("served");
    let mut lead = Asker::base(&server, LEAD).await;
    let roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles";
    let role = |name: &str, verb: &str| json!({"metadata": {"name": name}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": [verb]}]});
    assert_eq!(lead.ask("POST", roles, role("own", "get")).await.0, 201);
    let (status, refusal) = lead.ask("POST", roles, role("more", "delete")).await;
    assert_eq!(status, 403);
    let message = refusal["message"].as_str().expect("text");
    assert!(
        message.ends_with(
            "is attempting to grant RBAC permissions not currently held:\n\
             {APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\"]}"
        ),
        "{message}"
    );
}
