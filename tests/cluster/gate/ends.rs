//! Expiry as the server sees it, and what changed behind one's back.

use std::time::{Duration, Instant};

use kglass::escalation::{BUILT_IN, EndReason, Enforced, GateError, Mutation, Policy, Revocation};

use super::people::{deployment, person, person_under, run, see};
use crate::harness;
use crate::kit::stage::rig;

#[test]
fn at_the_deadline_nothing_is_accepted_and_the_server_refuses() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let namespace = rig.namespace("expiry");
    deployment(rig, &namespace, "web");
    let state = tempfile::tempdir().expect("a folder");
    run(async {
        let oncall = person(rig, "oncall", state.path());
        let start = Instant::now();
        let live = oncall.ask("restarter", 12).await.expect("the glass opens");
        println!("glass open after {:?}", start.elapsed());
        let target = see(rig, &namespace, "web");
        let left = live.grant().deadline.since(live.grant().granted_at);
        let pending = Mutation::restart(&live, 1, vec![target.clone()]);
        let late = Mutation::restart(&live, 2, vec![target]);
        tokio::time::sleep(Duration::from_millis(left)).await;
        let refused = oncall.gate.execute(pending).await;
        assert!(matches!(refused, Err(GateError::Expired)), "{refused:?}");
        println!("refused {:?} after the ask; the grant was for 12 s", start.elapsed());
        let ended = oncall.gate.end(live, EndReason::Expired).await;
        let Revocation::Confirmed { after_ms } = ended.revocation else {
            panic!("{ended:?}");
        };
        println!(
            "401 on three new connections {after_ms} ms after the end, {:?} after the ask",
            start.elapsed()
        );
        assert!(matches!(oncall.gate.execute(late).await, Err(GateError::Closed)));
        assert_eq!(ended.writes, 0);
    });
}

#[test]
fn an_object_that_changed_is_left_alone() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let namespace = rig.namespace("changed");
    deployment(rig, &namespace, "web");
    let state = tempfile::tempdir().expect("a folder");
    run(async {
        let mut oncall = person(rig, "oncall", state.path());
        let live = oncall.ask("restarter", 60).await.expect("the glass opens");
        let seen = see(rig, &namespace, "web");
        for (action, replicas) in [(1, 1), (2, 0)] {
            let scale = Mutation::scale(&live, action, vec![seen.clone()], replicas);
            oncall.gate.execute(scale).await.expect("sent");
        }
        let restart = Mutation::restart(&live, 3, vec![seen.clone()]);
        oncall.gate.execute(restart).await.expect("sent");
        let mut other = see(rig, &namespace, "web");
        other.uid = Some("00000000-0000-0000-0000-000000000000".into());
        oncall
            .gate
            .execute(Mutation::scale(&live, 4, vec![other], 0))
            .await
            .expect("sent");
        let outcomes = oncall.outcomes();
        let status: Vec<_> = outcomes.iter().map(|o| o.status).collect();
        assert_eq!(status, [200, 409, 409, 409], "{outcomes:#?}");
        assert!(outcomes[0].message.ends_with("→ 1"), "{}", outcomes[0].message);
        oncall.gate.end_fast(live, EndReason::Quit).await;
    });
}

#[test]
fn without_the_kit_the_secret_ends_the_token() {
    if harness::require().is_none() {
        return;
    }
    let rig = harness::Rig::start(harness::Options::default());
    rig.create_namespace("shop");
    rig.apply("admin", CLIENT_ONLY);
    deployment(&rig, "shop", "web");
    let text = BUILT_IN.replacen(
        "self_approve = true",
        "self_approve = true\nservice_account = \"shop/breaker\"",
        1,
    );
    let policy = Policy::parse(&text, "test").expect("good");
    let state = tempfile::tempdir().expect("a folder");
    run(async {
        let mut oncall = person_under(&rig, "oncall", state.path(), policy.clone());
        let live = oncall.ask("restarter", 60).await.expect("the glass opens");
        assert_eq!(live.grant().enforced, Enforced::ClientOnly);
        let restart = Mutation::restart(&live, 1, vec![see(&rig, "shop", "web")]);
        oncall.gate.execute(restart).await.expect("sent");
        assert_eq!(oncall.outcomes()[0].status, 200);
        let ended = oncall.gate.end(live, EndReason::Operator).await;
        assert!(matches!(ended.revocation, Revocation::Confirmed { .. }), "{ended:?}");
        println!("without the kit: {:?}", ended.revocation);
        let viewer = person_under(&rig, "mona", state.path(), policy);
        rig.http(
            "DELETE",
            "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings/asks",
            Some(&rig.token("admin")),
            None,
        );
        let refused = viewer.ask("restarter", 60).await;
        assert!(
            matches!(refused, Err(GateError::Refused { status: 403, .. })),
            "{refused:?}"
        );
    });
}

#[test]
fn a_wrong_audience_is_named_with_its_cure() {
    if harness::require().is_none() {
        return;
    }
    let rig = harness::Rig::start(harness::Options::default());
    let text = BUILT_IN.replace(
        "https://kubernetes.default.svc.cluster.local",
        "https://elsewhere.example",
    );
    let policy = Policy::parse(&text, "test").expect("good");
    crate::kit::stage::install(&rig, &policy);
    let state = tempfile::tempdir().expect("a folder");
    run(async {
        let oncall = person_under(&rig, "oncall", state.path(), policy);
        let error = oncall
            .ask("restarter", 60)
            .await
            .expect_err("no server takes it")
            .to_string();
        println!("{error}");
        assert!(
            error.contains("https://elsewhere.example") && error.contains("[audiences]"),
            "{error}"
        );
    });
    let secrets = "/api/v1/namespaces/kglass-system/secrets";
    let left = rig.http("GET", secrets, Some(&rig.token("admin")), None).json;
    assert_eq!(
        left["items"].as_array().map(Vec::len),
        Some(0),
        "the grant is taken back"
    );
}

const CLIENT_ONLY: &str = r#"
apiVersion: v1
kind: ServiceAccount
metadata: {name: breaker, namespace: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: breaker, namespace: shop}
rules:
- {apiGroups: [apps], resources: [deployments], verbs: [get, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: breaker, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: breaker}
subjects: [{kind: ServiceAccount, name: breaker, namespace: shop}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: asks, namespace: shop}
rules:
- {apiGroups: [""], resources: [secrets], verbs: [create, delete]}
- {apiGroups: [""], resources: [serviceaccounts/token], resourceNames: [breaker], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: asks, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: asks}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: oncall}]
"#;
