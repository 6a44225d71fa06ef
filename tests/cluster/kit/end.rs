//! Ends: by whoever asked, by an approver of the role, by the system; by nobody else.

use serde_json::json;

use super::attacker::{KIT, OPERATOR, RESTARTER, granted, hash, refused, request, send, with};
use super::stage::rig;
use crate::harness;

#[test]
fn only_its_requester_or_an_approver_ends_a_request() {
    if harness::require().is_none() {
        return;
    }
    let make = || {
        let name = hash();
        let made = send(rig(), "oncall", "POST", &format!("{KIT}/configmaps"), &request(&name));
        assert_eq!(made.status, 201, "{}", made.message());
        format!("{KIT}/configmaps/{name}")
    };
    let end = |user: &str, path: &str| send(rig(), user, "DELETE", path, &json!({}));
    let own = make();
    let name = hash();
    let of_mona = with(
        with(request(&name), "/data/requester", "mona".into()),
        "/data/role",
        RESTARTER.into(),
    );
    let made = send(rig(), "mona", "POST", &format!("{KIT}/configmaps"), &of_mona);
    assert_eq!(made.status, 201, "{}", made.message());
    let foreign = format!("{KIT}/configmaps/{name}");
    refused(
        "somebody else's",
        &end("oncall", &foreign),
        "only its requester or an approver",
    );
    refused("a viewer", &end("viewer", &own), "cannot delete");
    assert_eq!(end("oncall", &own).status, 200);
    assert_eq!(end("lead", &make()).status, 200, "an approver of the role may reject");
    refused(
        "orphaned",
        &send(
            rig(),
            "mona",
            "DELETE",
            &foreign,
            &json!({"propagationPolicy": "Orphan"}),
        ),
        "Background",
    );
    refused(
        "in the foreground",
        &send(
            rig(),
            "mona",
            "DELETE",
            &foreign,
            &json!({"propagationPolicy": "Foreground"}),
        ),
        "Background",
    );
    assert_eq!(end("mona", &foreign).status, 200);
}

#[test]
fn only_its_requester_or_an_approver_ends_a_grant() {
    if harness::require().is_none() {
        return;
    }
    let end = |user: &str, name: &str| send(rig(), user, "DELETE", &format!("{KIT}/secrets/{name}"), &json!({}));
    let (restarter, _) = granted(rig(), "oncall", RESTARTER, 60);
    refused(
        "somebody else on call",
        &end("mona", &restarter),
        "only its requester or an approver",
    );
    refused(
        "an approver of other roles",
        &end("lead", &restarter),
        "only its requester or an approver",
    );
    assert_eq!(end("oncall", &restarter).status, 200);
    let (operator, _) = granted(rig(), "lead", OPERATOR, 60);
    assert_eq!(end("lead", &operator).status, 200, "an approver of the role may end it");
}
