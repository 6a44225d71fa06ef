//! Requests: nobody asks in another's name, with nothing to say, or changes what was asked.

use serde_json::{Value, json};

use super::attacker::{KIT, REASON, hash, refused, request, send, with};
use super::stage::rig;
use crate::harness::{self, Reply};

fn ask(user: &str, object: &Value) -> Reply {
    send(rig(), user, "POST", &format!("{KIT}/configmaps"), object)
}

#[test]
fn a_proper_request_is_taken_and_never_changed_again() {
    if harness::require().is_none() {
        return;
    }
    let name = hash();
    let made = ask("oncall", &request(&name));
    assert_eq!(made.status, 201, "{}", made.message());
    let path = format!("{KIT}/configmaps/{name}");
    for (what, patch) in [
        ("reason", json!({"data": {"reason": "x".repeat(30)}})),
        ("label", json!({"metadata": {"labels": null}})),
        (
            "label and reason",
            json!({"metadata": {"labels": null}, "data": {"role": "restarter"}}),
        ),
        ("finalizer", json!({"metadata": {"finalizers": ["a.b/c"]}})),
        (
            "owner",
            json!({"metadata": {"ownerReferences": [
            {"apiVersion": "v1", "kind": "ConfigMap", "name": "kube-root-ca.crt", "uid": "x"}]}}),
        ),
    ] {
        refused(what, &send(rig(), "admin", "PATCH", &path, &patch), "denied request");
    }
    refused(
        "by its maker",
        &send(rig(), "oncall", "PATCH", &path, &json!({"data": {"reason": "y"}})),
        "cannot patch",
    );
}

#[test]
fn requests_that_claim_or_hide_something_are_refused() {
    if harness::require().is_none() {
        return;
    }
    let good = || request(&hash());
    let data = |key: &str, value: &str| with(good(), &format!("/data/{key}"), value.into());
    for (what, object, words) in [
        ("short reason", data("reason", "help"), "at least 20"),
        ("blank reason", data("reason", &" ".repeat(40)), "at least 20"),
        (
            "another's name",
            data("requester", "lead"),
            "the requester must be the caller",
        ),
        (
            "unknown role",
            data("role", "cluster-admin"),
            "you may not request the role cluster-admin",
        ),
        ("a role with signs", data("role", "x\u{7}"), "no such role"),
        ("no ticket", data("ticket", ""), "are required"),
        ("no key", with(good(), "/data/sessionKey", Value::Null), "are required"),
        ("no key at all", data("sessionKey", "key"), "base64"),
        (
            "control character",
            data("reason", &format!("{}\u{1b}[2J", "x".repeat(30))),
            "invisible",
        ),
        ("direction mark", data("ticket", "INC\u{202e}7"), "invisible"),
        ("zero-width", data("trigger", "ma\u{200b}nual"), "invisible"),
        ("endless", data("reason", &"x".repeat(2001)), "at most 2000"),
        ("field of one's own", data("approvedBy", "lead"), "no fields of its own"),
        ("no ttl", data("ttlSeconds", "0"), "ttlSeconds"),
        ("negative", data("ttlSeconds", "-5"), "ttlSeconds"),
        ("words", data("ttlSeconds", "ten"), "ttlSeconds"),
        ("more than the role allows", data("ttlSeconds", "1801"), "ttlSeconds"),
        (
            "no label",
            with(good(), "/metadata/labels", Value::Null),
            "has the label",
        ),
        (
            "bytes",
            with(good(), "/binaryData", json!({"x": "AAAA"})),
            "at most 2000",
        ),
        ("a name of one's own", request("my-request"), "named by the hash"),
        ("a name too long", request(&format!("{}a", hash())), "named by the hash"),
        (
            "finalizer",
            with(good(), "/metadata/finalizers", json!(["a.b/c"])),
            "no finalizers",
        ),
        (
            "generated name",
            with(
                with(good(), "/metadata/name", Value::Null),
                "/metadata/generateName",
                "x".into(),
            ),
            "named by the hash",
        ),
    ] {
        refused(what, &ask("oncall", &object), words);
    }
    refused("viewer", &ask("viewer", &good()), "cannot create");
    refused(
        "cap of its role",
        &ask(
            "oncall",
            &with(data("role", "restarter"), "/data/ttlSeconds", "601".into()),
        ),
        "ttlSeconds",
    );
    refused(
        "approver alone",
        &ask("lead", &with(good(), "/data/requester", "lead".into())),
        "cannot create",
    );
}

#[test]
fn what_looks_like_nothing_says_nothing() {
    if harness::require().is_none() {
        return;
    }
    let data = |key: &str, value: &str| with(request(&hash()), &format!("/data/{key}"), value.into());
    for (what, object, words) in [
        (
            "line separator",
            data("reason", &format!("{REASON}\u{2028}approved")),
            "invisible",
        ),
        ("private use", data("ticket", "INC\u{e000}7"), "invisible"),
        (
            "braille blank",
            data("reason", &format!("{REASON}\u{2800}")),
            "invisible",
        ),
        ("Hangul filler", data("trigger", "ma\u{3164}nual"), "invisible"),
        ("half-width filler", data("ticket", "INC\u{ffa0}7"), "invisible"),
        (
            "jamo fillers",
            data("reason", &format!("{REASON}\u{115f}\u{1160}")),
            "invisible",
        ),
        ("signs only", data("reason", &"-. ".repeat(20)), "at least 20"),
        (
            "19 letters among signs",
            data("reason", &format!("{} ......", "a".repeat(19))),
            "at least 20",
        ),
    ] {
        refused(what, &ask("oncall", &object), words);
    }
}

#[test]
fn a_reason_is_counted_in_letters_of_any_script() {
    if harness::require().is_none() {
        return;
    }
    for reason in [
        "a".repeat(20),
        "а".repeat(20),
        "障".repeat(20),
        format!("{}12", "é ".repeat(18)),
    ] {
        let object = with(request(&hash()), "/data/reason", reason.clone().into());
        let made = ask("oncall", &object);
        assert_eq!(made.status, 201, "{reason}: {}", made.message());
    }
}

#[test]
fn the_servers_log_holds_what_was_asked() {
    if harness::require().is_none() {
        return;
    }
    let rig = rig();
    let mark = rig.audit_mark();
    let name = hash();
    assert_eq!(ask("oncall", &request(&name)).status, 201);
    let event = rig.await_audit("the request is logged", mark, |event| {
        event["objectRef"]["name"] == *name && event["stage"] == "ResponseComplete"
    });
    let said = event["annotations"]["kglass-request/request"]
        .as_str()
        .unwrap_or_default();
    assert!(
        said.contains("ticket=INC-7") && said.contains("reason=checkout is down"),
        "{event}"
    );
    assert_eq!(event["user"]["username"], "oncall");
}
