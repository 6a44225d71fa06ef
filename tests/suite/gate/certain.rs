//! Whose word counts: only the API server's own answers say what became of anything, and an end is confirmed
//! only when neither grant nor request is there.

use kglass::embedded::{Fault, On, seed};
use kglass::escalation::{EndReason, Ended, GateError, GateEvent, Mutation, Revocation};
use serde_json::json;

use super::stage::{Stage, request};

const LOGIN: &str = "<html>log in</html>";
const KIT: &str = "kglass-system";

fn requests() -> On {
    On::any().resource("configmaps")
}

fn grants() -> On {
    On::any().resource("secrets")
}

fn why(ended: &Ended) -> &str {
    match &ended.revocation {
        Revocation::Unconfirmed { why } => why,
        Revocation::Confirmed { .. } => panic!("confirmed: {ended:?}"),
    }
}

#[tokio::test]
async fn an_end_whose_request_stays_is_not_confirmed_and_the_next_start_says_so() {
    for fault in [Fault::Status(429), Fault::DropRequest, Fault::Page(404, LOGIN)] {
        let stage = Stage::new();
        let oncall = stage.oncall();
        let live = oncall.ask("restarter").await.unwrap();
        let session = live.grant().session.clone();
        stage.server.inject(requests().verb("delete"), fault.clone());
        let ended = oncall.gate.end(live, EndReason::Operator).await;
        assert!(why(&ended).contains("the request may be there"), "{fault:?}: {ended:?}");
        let left = &ended.left[0].text;
        assert!(left.contains(&format!("delete configmap {session}")), "{left}");
        assert!(
            stage.server.names("secrets", KIT).is_empty(),
            "the grant is gone all the same"
        );

        let told = stage.oncall().gate.recover().await;
        assert!(
            told[0].is_error && told[0].text.contains("its request is still there"),
            "{told:?}"
        );
        stage.server.clear_faults();
        stage.server.remove("configmaps", KIT, &session);
        let told = stage.oncall().gate.recover().await;
        assert!(!told[0].is_error && told[0].text.contains("is gone"), "{told:?}");
    }
}

#[tokio::test]
async fn a_page_of_a_gateway_is_no_empty_list_and_no_proof_that_anything_is_gone() {
    for page in [Fault::Page(200, LOGIN), Fault::Page(200, "{}"), Fault::Page(404, LOGIN)] {
        let stage = Stage::new();
        let oncall = stage.oncall();
        let live = oncall.ask("restarter").await.unwrap();
        stage.server.inject(grants().verb("list"), page.clone());
        let ended = oncall.gate.end(live, EndReason::Operator).await;
        assert!(why(&ended).contains("is not known"), "{page:?}: {ended:?}");
        // A login page before everything: the next start has seen nothing either.
        stage.server.clear_faults();
        stage.server.inject(On::any(), page);
        let told = stage.oncall().gate.recover().await;
        assert!(told.iter().all(|told| told.is_error), "{told:?}");
        stage.server.clear_faults();
        assert!(!stage.oncall().gate.recover().await[0].is_error);
    }
}

#[tokio::test]
async fn what_a_gateway_says_of_a_write_is_recorded_as_unknown() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let pages = [
        Fault::PageAfter(403, r#"{"kind":"error"}"#),
        Fault::PageAfter(429, "too many"),
        Fault::PageAfter(302, r#"{"kind":"Redirect"}"#),
        Fault::Page(200, r#"{"kind":"LoginRequired"}"#),
        Fault::Page(200, r#"{"kind":"Status","status":"Failure"}"#),
    ];
    for (action, page) in (1..).zip(pages) {
        stage.server.inject_once(On::any().verb("patch"), page.clone());
        let write = Mutation::restart(&live, action, vec![stage.web()]);
        oncall.gate.execute(write).await.unwrap();
        let told = oncall.told();
        let outcome = told.iter().find_map(|event| match event {
            GateEvent::Outcome(outcome) => Some(outcome.clone()),
            _ => None,
        });
        let outcome = outcome.expect("it is told");
        assert_eq!(outcome.status, 0, "{page:?}: {outcome:?}");
        assert!(outcome.message.contains("unknown"), "{page:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn who_waits_for_consent_goes_on_waiting_while_the_link_is_down() {
    let stage = Stage::new();
    let (mut oncall, lead) = (stage.oncall(), stage.person(seed::LEAD));
    let gate = oncall.gate.clone();
    stage
        .server
        .inject_once(grants().verb("list").user("oncall"), Fault::DropRequest);
    stage
        .server
        .inject_once(grants().verb("list").user("oncall"), Fault::Page(404, LOGIN));
    let asking = async { gate.ask(request("namespace-operator")).await };
    let approving = async {
        let hash = oncall.waiting().await;
        let pending = lead.gate.pending(&hash).await.unwrap();
        lead.gate.approve(&pending, "").await.unwrap()
    };
    let (escalation, _) = tokio::join!(asking, approving);
    assert_eq!(escalation.expect("the glass opens").grant().approved_by, "lead");
}

#[tokio::test]
async fn a_withdrawal_that_leaves_its_request_is_looked_after_at_the_next_start() {
    let stage = Stage::new();
    let mut oncall = stage.oncall();
    let gate = oncall.gate.clone();
    stage.server.inject(requests().verb("delete"), Fault::DropRequest);
    let asking = async { gate.ask(request("namespace-operator")).await };
    let withdrawing = async {
        let hash = oncall.waiting().await;
        oncall.gate.withdraw();
        hash
    };
    let (result, hash) = tokio::join!(asking, withdrawing);
    let Err(GateError::LeftBehind { left, .. }) = &result else {
        panic!("{result:?}")
    };
    assert!(left.contains(&format!("configmaps/{hash}")), "{left}");
    assert_eq!(stage.ended(&hash)["revocation"], "unconfirmed");
    stage.server.clear_faults();
    let told = stage.oncall().gate.recover().await;
    assert!(
        told[0].is_error && told[0].text.contains("its request is still there"),
        "{told:?}"
    );
}

#[tokio::test]
async fn grants_for_others_under_the_same_hash_are_nobodys_business() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let hash = live.grant().session.clone();
    let others: Vec<_> = (0..40)
        .map(|n| {
            json!({
                "apiVersion": "v1", "kind": "Secret", "type": "kglass.dev/grant",
                "metadata": {"name": format!("restarter.uother{n}.18000000{n:02}-{hash}"), "namespace": KIT, "uid": format!("uid-{n}")},
            })
        })
        .collect();
    stage.server.install(&others).unwrap();
    let ended = oncall.gate.end(live, EndReason::Operator).await;
    assert!(matches!(ended.revocation, Revocation::Confirmed { .. }), "{ended:?}");
    assert_eq!(stage.server.names("secrets", KIT).len(), others.len());
}

/// A second consent of the same name, made after the deletion and before the look.
#[tokio::test]
async fn a_grant_made_anew_under_the_same_name_is_another_one() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let name = stage.server.names("secrets", KIT).remove(0);
    let mut anew = stage.server.object("secrets", KIT, &name).unwrap();
    anew["metadata"]["uid"] = json!("another");
    anew["metadata"].as_object_mut().unwrap().remove("ownerReferences");
    let server = stage.server.clone();
    stage.server.on_arrival(move |arrival| {
        let at = &arrival.attributes;
        if at.verb == "list" && at.resource_path() == "secrets" && server.object("secrets", KIT, &name).is_none() {
            server.install(std::slice::from_ref(&anew)).unwrap();
        }
    });
    let ended = oncall.gate.end(live, EndReason::Operator).await;
    // Made again whenever it is looked for: that such an end is not confirmed is what counts.
    assert!(!why(&ended).is_empty());
}

/// One lost answer to the first look is made up for by the second.
#[tokio::test]
async fn a_look_that_fails_once_keeps_no_end_from_being_confirmed() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    stage.server.inject_once(grants().verb("list"), Fault::DropRequest);
    let ended = oncall.gate.end(live, EndReason::Operator).await;
    assert!(matches!(ended.revocation, Revocation::Confirmed { .. }), "{ended:?}");
}

/// What got no answer can still land when everything has been looked for.
#[tokio::test]
async fn an_ask_that_got_no_answer_is_not_over_before_it_cannot_arrive_any_more() {
    for lost in [requests(), grants()] {
        let stage = Stage::new();
        stage.server.inject_once(lost.verb("create"), Fault::DropRequest);
        let failed = stage.oncall().gate.ask(request("restarter")).await;
        assert!(failed.is_err());
        let sessions = std::fs::read_dir(stage.state_dir().join("sessions")).unwrap();
        let sessions: Vec<_> = sessions.map(|entry| entry.unwrap().path()).collect();
        let session = sessions[0].file_name().unwrap().to_str().unwrap();
        assert_eq!(stage.ended(session)["revocation"], "unconfirmed");
        let told = stage.oncall().gate.recover().await;
        assert!(told[0].text.contains("may still arrive"), "{told:?}");
        assert!(!sessions[0].join("confirmation.json").exists());
        assert!(!stage.oncall().gate.recover().await.is_empty(), "looked for again");
    }
}

/// What the server refused to make is nothing that could be left behind.
#[tokio::test]
async fn a_request_that_is_refused_leaves_nothing_to_look_after() {
    let stage = Stage::new();
    stage
        .server
        .inject(On::any().resource("configmaps"), Fault::Status(403));
    let failed = stage.oncall().gate.ask(request("restarter")).await;
    assert!(
        matches!(failed, Err(GateError::Refused { status: 403, .. })),
        "{failed:?}"
    );
    assert!(stage.oncall().gate.recover().await.is_empty());
}
