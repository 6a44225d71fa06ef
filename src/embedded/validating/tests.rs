//! The shipped kit, compiled and asked. The whole table of attempts is in the suite, where a real
//! API server answers it too.

use serde_json::{Value, json};

use super::super::admission::Operation;
use super::super::authn::UserInfo;
use super::super::request::Attributes;
use super::super::server::EmbeddedServer;
use super::*;
use crate::escalation::kit::{self, Kit};
use crate::escalation::{BUILT_IN, Policy as Rules};

fn kit() -> Kit {
    kit::generate(
        &Rules::parse(BUILT_IN, "tests").expect("the built-in policy is good"),
        "embedded",
    )
}

fn request_of(requester: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "abcdefghij234567", "namespace": "kglass-system", "labels": {"kglass.dev/request": "true"}},
        "data": {
            "requester": requester, "reason": "checkout is down, rolling back web", "ticket": "INC-7",
            "trigger": "manual:customer impact", "role": "restarter", "ttlSeconds": "60",
            "sessionKey": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        },
    })
}

fn created(server: &EmbeddedServer, policies: &ValidatingPolicies, object: &Value) -> Verdict {
    let attributes = Attributes {
        verb: "create".into(),
        version: "v1".into(),
        resource: Some("configmaps".into()),
        namespace: Some("kglass-system".into()),
        name: Some("abcdefghij234567".into()),
        ..Attributes::default()
    };
    let state = server.0.lock();
    policies.review(&AdmissionRequest {
        operation: Operation::Create,
        attributes: &attributes,
        kind: ("", "v1", "ConfigMap"),
        user: &UserInfo::person("oncall", &["oncall"]),
        object: Some(object),
        old_object: None,
        options: &Value::Null,
        dry_run: false,
        now_ms: 0,
        cluster: Sight::new(&state.store),
    })
}

fn server() -> EmbeddedServer {
    let server = EmbeddedServer::new();
    let kit = kit();
    server.install_yaml(&kit.policies).expect("the kit's kinds are served");
    server.install_yaml(&kit.access).expect("the kit's kinds are served");
    server
}

#[test]
fn every_policy_of_the_kit_compiles() {
    let env = library::environment();
    let objects: Vec<Value> = serde_saphyr::from_multiple(&kit().policies).expect("the kit is YAML");
    let policies = objects.iter().filter(|o| o["kind"] == "ValidatingAdmissionPolicy");
    let mut compiled = 0;
    for object in policies {
        if let Err(why) = Policy::compile(&env, object) {
            panic!("{}: {why}", object["metadata"]["name"]);
        }
        compiled += 1;
    }
    assert!(compiled >= 11, "{compiled}");
}

#[test]
fn a_request_in_ones_own_name_passes_and_the_log_is_told() {
    let verdict = created(&server(), &ValidatingPolicies::new(), &request_of("oncall"));
    let Verdict::Allow(said) = verdict else {
        panic!("{verdict:?}");
    };
    let told = said
        .get("kglass-request/request")
        .map(String::as_str)
        .unwrap_or_default();
    assert!(
        told.starts_with("role=restarter ticket=INC-7 reason=checkout is down"),
        "{said:?}"
    );
}

#[test]
fn a_request_in_anothers_name_is_refused_in_the_policys_words() {
    let verdict = created(&server(), &ValidatingPolicies::new(), &request_of("lead"));
    let Verdict::Deny { message, .. } = verdict else {
        panic!("{verdict:?}");
    };
    assert_eq!(
        message,
        "ValidatingAdmissionPolicy 'kglass-request' with binding 'kglass-request' denied request: the requester must be the caller"
    );
}

#[test]
fn a_field_that_this_server_does_not_know_makes_a_policy_refuse() {
    let server = server();
    let mut policy = server
        .object("validatingadmissionpolicies", "", "kglass-request")
        .expect("the kit has it");
    policy["spec"]["paramKind"] = json!({"apiVersion": "v1", "kind": "ConfigMap"});
    server.install(&[policy]).expect("it is served");
    let verdict = created(&server, &ValidatingPolicies::new(), &request_of("oncall"));
    let Verdict::Deny { message, .. } = verdict else {
        panic!("{verdict:?}");
    };
    assert!(message.contains("spec.paramKind is not evaluated"), "{message}");
}
