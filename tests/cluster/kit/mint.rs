//! Tokens: only bound to a grant of this person for this role, for this server, no longer.

use std::time::Duration;

use serde_json::{Value, json};

use super::attacker::{
    AUDIENCE, KIT, OPERATOR, RESTARTER, await_401, epoch, granted, id, refused, send, send_as, status_of, token,
    token_path, token_request, with,
};
use super::stage::rig;
use crate::harness::{self, Reply, Request};

const NO_UID: &str = "00000000-0000-0000-0000-000000000000";

fn mint(user: &str, role: &str, body: &Value) -> Reply {
    send(rig(), user, "POST", &token_path(role), body)
}

#[test]
fn a_token_needs_a_grant() {
    if harness::require().is_none() {
        return;
    }
    let nowhere = format!("{OPERATOR}.uoncall.{}", id(60));
    refused(
        "before the grant",
        &mint("oncall", OPERATOR, &token_request(&nowhere, NO_UID)),
        "not found",
    );
    let (name, uid) = granted(rig(), "lead", OPERATOR, 60);
    let good = || token_request(&name, &uid);
    let spec = |key: &str, value: Value| with(good(), &format!("/spec/{key}"), value);
    let bound = |kind: &str| {
        spec(
            "boundObjectRef",
            json!({"apiVersion": "v1", "kind": kind, "name": name, "uid": uid}),
        )
    };
    let unbound = "bound to a grant by name and uid";
    for (what, body, words) in [
        ("unbound", spec("boundObjectRef", Value::Null), unbound),
        ("without uid", token_request(&name, ""), unbound),
        ("to a Pod", bound("Pod"), unbound),
        ("to a Node", bound("Node"), unbound),
        ("wrong uid", token_request(&name, NO_UID), "does not match"),
        ("two hours", spec("expirationSeconds", json!(7200)), "one hour at most"),
        (
            "longer than its grant",
            spec("expirationSeconds", json!(900)),
            "no longer than its grant",
        ),
        (
            "for another system",
            spec("audiences", json!(["https://vault.example"])),
            "for the API server only",
        ),
        (
            "for two",
            spec("audiences", json!([AUDIENCE, "https://vault.example"])),
            "for the API server only",
        ),
    ] {
        refused(what, &mint("oncall", OPERATOR, &body), words);
    }
    refused(
        "another role",
        &mint("oncall", RESTARTER, &good()),
        "another role or another person",
    );
    refused("by the approver", &mint("lead", OPERATOR, &good()), "cannot create");
    refused(
        "by somebody who may ask",
        &mint("mona", OPERATOR, &good()),
        "another role or another person",
    );
    let dry = send(
        rig(),
        "oncall",
        "POST",
        &format!("{}?dryRun=All", token_path(OPERATOR)),
        &good(),
    );
    refused("dry run", &dry, "a dry run would give a real token");
    let made = mint("oncall", OPERATOR, &good());
    assert_eq!(made.status, 201, "{}", made.message());
}

#[test]
fn an_administrator_mints_no_break_glass_token_either() {
    if harness::require().is_none() {
        return;
    }
    let unbound = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    refused("unbound", &mint("admin", OPERATOR, &unbound), "bound to a grant");
    refused(
        "default account",
        &mint("admin", "default", &unbound),
        "bound to a grant",
    );
}

#[test]
fn after_the_deadline_no_token_is_given() {
    if harness::require().is_none() {
        return;
    }
    let (name, uid) = granted(rig(), "oncall", RESTARTER, 4);
    let deadline: u64 = name
        .rsplit('.')
        .next()
        .and_then(|id| id.split('-').next()?.parse().ok())
        .expect("a deadline");
    rig().wait("the deadline", Duration::from_secs(10), || epoch() > deadline);
    let reply = mint("oncall", RESTARTER, &token_request(&name, &uid));
    assert!(
        reply.status == 404 || reply.message().contains("deadline"),
        "{}",
        reply.message()
    );
}

#[test]
fn the_log_joins_token_grant_and_person() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let mark = rig.audit_mark();
    let (bearer, grant) = token(rig, "lead", OPERATOR, 60);
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let who = send_as(
        rig,
        &bearer,
        "POST",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        &review,
    );
    let user = &who.json["status"]["userInfo"];
    assert_eq!(
        user["username"],
        format!("system:serviceaccount:kglass-system:{OPERATOR}")
    );
    let jti = user["extra"]["authentication.kubernetes.io/credential-id"][0]
        .as_str()
        .expect("a credential id")
        .to_owned();
    let event = rig.await_audit("the mint is logged", mark, |event| {
        event["objectRef"]["subresource"] == "token"
            && event["stage"] == "ResponseComplete"
            && event["annotations"]["authentication.kubernetes.io/issued-credential-id"] == *jti
    });
    assert_eq!(event["user"]["username"], "oncall");
    let said = event["annotations"]["kglass-mint/mint"].as_str().unwrap_or_default();
    assert!(said.starts_with(&format!("grant={grant} uid=")), "{event}");
}

#[test]
fn ended_by_deletion_and_by_the_deadline_of_a_dead_client() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let (bearer, name) = token(rig, "oncall", RESTARTER, 60);
    assert_eq!(status_of(rig, &bearer), 201);
    let path = format!("{KIT}/secrets/{name}");
    assert_eq!(
        send(
            rig,
            "oncall",
            "DELETE",
            &path,
            &json!({"propagationPolicy": "Background"})
        )
        .status,
        200
    );
    let after = await_401(rig, "the token is refused", &bearer, Duration::from_secs(15));
    println!(
        "ended by deletion, used just before: 401 after {:.1} s",
        after.as_secs_f32()
    );
    assert!(after < Duration::from_secs(12), "{after:?}");

    let (bearer, name) = token(rig, "lead", OPERATOR, 10);
    let start = epoch();
    let after = await_401(rig, "the deadline ends it", &bearer, Duration::from_secs(30));
    println!(
        "dead client, deadline after 10 s: 401 after {:.1} s",
        after.as_secs_f32()
    );
    assert!(epoch() - start <= 22, "the cache adds ten seconds at most: {after:?}");
    let gone = rig.http("GET", &format!("{KIT}/secrets/{name}"), Some(&rig.token("admin")), None);
    assert_eq!(gone.status, 404, "the grant is gone as well");
}

#[test]
fn a_grant_whose_owner_never_was_is_collected_with_its_token() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let id = id(60);
    let bogus = super::attacker::grant(&id, "11111111-1111-1111-1111-111111111111", "oncall", RESTARTER);
    let made = send(rig, "oncall", "POST", &format!("{KIT}/secrets"), &bogus);
    assert_eq!(made.status, 201, "{}", made.message());
    let uid = made.json["metadata"]["uid"].as_str().expect("a uid");
    let name = format!("{RESTARTER}.uoncall.{id}");
    let minted = mint("oncall", RESTARTER, &token_request(&name, uid));
    let path = format!("{KIT}/secrets/{name}");
    rig.wait("garbage collection takes it", Duration::from_secs(10), || {
        rig.http("GET", &path, Some(&rig.token("admin")), None).status == 404
    });
    if let Some(bearer) = minted.json["status"]["token"].as_str() {
        await_401(rig, "its token dies with it", bearer, Duration::from_secs(15));
    }
}

#[test]
fn an_audit_id_is_the_callers() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let (bearer, _) = token(rig, "oncall", RESTARTER, 60);
    let read = Request::new("GET", "/api/v1/namespaces/default/pods")
        .token(&bearer)
        .audit_id("intent-of-a-test");
    let reply = rig.send(&read).expect("the API server answers");
    assert_eq!(
        (reply.status, reply.header("Audit-Id")),
        (200, Some("intent-of-a-test"))
    );
}
