//! Grants: consent by somebody who may give it, in their own name, for what was asked.

use serde_json::{Value, json};

use super::attacker::{JOBS, KIT, OPERATOR, RESTARTER, grant, granted, hash, id, job, refused, send, with};
use super::stage::rig;
use crate::harness::{self, Reply};

fn give(user: &str, object: &Value) -> Reply {
    send(rig(), user, "POST", &format!("{KIT}/secrets"), object)
}

fn deadline(seconds: u64) -> (String, String) {
    // A little later than the Job's own time, for machines that are busy.
    let id = id(seconds + 30);
    let made = send(rig(), "lead", "POST", JOBS, &job(&id, seconds));
    assert_eq!(made.status, 201, "{}", made.message());
    let uid = made.json["metadata"]["uid"].as_str().expect("a uid").to_owned();
    (id, uid)
}

#[test]
fn nobody_consents_for_themselves_or_in_anothers_name() {
    if harness::require().is_none() {
        return;
    }
    let (id, uid) = deadline(60);
    let to_lead = with(
        with(
            grant(&id, &uid, "lead", OPERATOR),
            "/metadata/annotations/kglass.dev~1requester",
            "lead".into(),
        ),
        "/metadata/name",
        format!("{OPERATOR}.ulead.{id}").into(),
    );
    let misnamed = with(
        grant(&id, &uid, "oncall", OPERATOR),
        "/metadata/annotations/kglass.dev~1requester",
        "lead".into(),
    );
    for (what, user, object, words) in [
        (
            "to oneself",
            "oncall",
            grant(&id, &uid, "oncall", OPERATOR),
            "another person must approve",
        ),
        (
            "in the lead's name",
            "oncall",
            grant(&id, &uid, "lead", OPERATOR),
            "in their own name",
        ),
        ("as for the lead", "oncall", misnamed, "is named"),
        ("approver to oneself", "lead", to_lead, "another person must approve"),
        (
            "role not one's to approve",
            "lead",
            grant(&id, &uid, "lead", RESTARTER),
            "you may not approve the role restarter",
        ),
        (
            "viewer",
            "viewer",
            grant(&id, &uid, "viewer", OPERATOR),
            "cannot create",
        ),
    ] {
        refused(what, &give(user, &object), words);
    }
}

#[test]
fn a_grant_is_shaped_so_that_nothing_else_passes_for_one() {
    if harness::require().is_none() {
        return;
    }
    let (id, uid) = deadline(60);
    let good = || grant(&id, &uid, "lead", OPERATOR);
    let at = |pointer: &str, value: Value| with(good(), pointer, value);
    let annotation = |key: &str, value: &str| at(&format!("/metadata/annotations/kglass.dev~1{key}"), value.into());
    let owner = |key: &str, value: &str| {
        let mut object = good();
        object["metadata"]["ownerReferences"][0][key] = value.into();
        object
    };
    for (what, object, words) in [
        (
            "name of another role",
            at("/metadata/name", format!("restarter.uoncall.{id}").into()),
            "is named",
        ),
        (
            "name of another person",
            at("/metadata/name", format!("{OPERATOR}.umona.{id}").into()),
            "is named",
        ),
        (
            "four parts",
            at("/metadata/name", format!("{OPERATOR}.uoncall.{id}.x").into()),
            "is named",
        ),
        (
            "no owner",
            at("/metadata/ownerReferences", json!([])),
            "is owned by the deadline Job",
        ),
        (
            "another Job",
            owner("name", "g-1800000000-abcdefghij234567"),
            "is owned by the deadline Job",
        ),
        ("another kind", owner("kind", "CronJob"), "is owned by the deadline Job"),
        (
            "finalizer",
            at("/metadata/finalizers", json!(["a.b/c"])),
            "no finalizers",
        ),
        ("data", at("/data", json!({"x": "AAAA"})), "without data"),
        ("data in words", at("/stringData", json!({"x": "y"})), "without data"),
        ("opaque", at("/type", "Opaque".into()), "only kglass.dev/grant"),
        ("no type", at("/type", Value::Null), "only kglass.dev/grant"),
        ("short reason", annotation("reason", "help"), "at least 20"),
        ("signs only", annotation("reason", &"-. ".repeat(20)), "at least 20"),
        (
            "fillers only",
            annotation("reason", &"\u{3164}".repeat(20)),
            "invisible",
        ),
        (
            "paragraph separator",
            annotation("trigger", "manual:\u{2029}x"),
            "invisible",
        ),
        ("private use", annotation("ticket", "INC\u{f8ff}-7"), "invisible"),
        ("no ticket", annotation("ticket", ""), "are required"),
        ("invisible", annotation("ticket", "INC\u{200b}-7"), "invisible"),
        (
            "letters it cannot carry",
            annotation("requester", "ällice"),
            "cannot carry",
        ),
        (
            "endless remark",
            at("/metadata/annotations/x", "x".repeat(2001).into()),
            "at most 2000",
        ),
    ] {
        refused(what, &give("lead", &object), words);
    }
    let account = "system:serviceaccount:default:default";
    let encoded = "usystem-cserviceaccount-cdefault-cdefault";
    let for_account = with(
        annotation("requester", account),
        "/metadata/name",
        format!("{OPERATOR}.{encoded}.{id}").into(),
    );
    refused(
        "to a service account",
        &give("lead", &for_account),
        "not for a service account",
    );
    let token = with(
        at("/type", "kubernetes.io/service-account-token".into()),
        "/metadata/annotations",
        json!({"kubernetes.io/service-account.name": OPERATOR}),
    );
    refused("token of the old kind", &give("lead", &token), "only kglass.dev/grant");
}

#[test]
fn the_deadline_is_no_further_than_the_role_allows() {
    if harness::require().is_none() {
        return;
    }
    let (id, uid) = deadline(1700);
    let own = |role: &str| grant(&id, &uid, "oncall", role);
    refused(
        "restarter, half an hour",
        &give("oncall", &own(RESTARTER)),
        "further away than this role allows",
    );
    let ok = give("lead", &grant(&id, &uid, "lead", OPERATOR));
    assert_eq!(ok.status, 201, "{}", ok.message());
    let past = format!("{}-{}", 1_700_000_000, hash());
    let words = "ends in its deadline";
    refused("past", &give("lead", &grant(&past, &uid, "lead", OPERATOR)), words);
    let shapeless = format!("soon-{}", hash());
    refused(
        "no number",
        &give("lead", &grant(&shapeless, &uid, "lead", OPERATOR)),
        words,
    );
}

#[test]
fn nobody_changes_a_grant() {
    if harness::require().is_none() {
        return;
    }
    let (name, _) = granted(rig(), "lead", OPERATOR, 60);
    let path = format!("{KIT}/secrets/{name}");
    for (what, patch) in [
        ("owner", json!({"metadata": {"ownerReferences": null}})),
        (
            "role",
            json!({"metadata": {"annotations": {"kglass.dev/role": "restarter"}}}),
        ),
        ("data", json!({"data": {"x": "AAAA"}})),
        ("finalizer", json!({"metadata": {"finalizers": ["a.b/c"]}})),
        ("label", json!({"metadata": {"labels": {"x": "y"}}})),
    ] {
        refused(what, &send(rig(), "admin", "PATCH", &path, &patch), "denied request");
    }
    refused(
        "by the approver",
        &send(rig(), "lead", "PATCH", &path, &json!({"data": {}})),
        "cannot patch",
    );
}

#[test]
fn whoever_may_approve_and_ask_still_needs_another() {
    if harness::require().is_none() {
        return;
    }
    let (id, uid) = deadline(60);
    let own = with(
        with(
            grant(&id, &uid, "mona", OPERATOR),
            "/metadata/annotations/kglass.dev~1requester",
            "mona".into(),
        ),
        "/metadata/name",
        format!("{OPERATOR}.umona.{id}").into(),
    );
    refused(
        "approver who is on call",
        &give("mona", &own),
        "another person must approve",
    );
}
