//! All ends: nothing is accepted after the first step, what is in flight is recorded, the server is
//! asked until it refuses, and the session is sealed.

use std::time::{Duration, Instant};

use kglass::embedded::{Fault, On, seed};
use kglass::escalation::{EndReason, GateError, Mutation, Revocation, Timing};

use super::stage::{Stage, are_gone, arrives};

#[tokio::test]
async fn an_end_deletes_grant_and_request_and_hears_401_three_times() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let session = live.grant().session.clone();
    let ended = oncall.gate.end(live, EndReason::Operator).await;
    assert!(matches!(ended.revocation, Revocation::Confirmed { .. }), "{ended:?}");
    assert!(stage.server.names("secrets", "kglass-system").is_empty());
    assert!(stage.server.names("configmaps", "kglass-system").is_empty());
    let events = stage.server.audit_events();
    let refused: Vec<_> = events
        .iter()
        .filter(|e| e.status == 401)
        .map(|e| e.connection)
        .collect();
    let mut connections = refused.clone();
    connections.dedup();
    assert_eq!(
        (refused.len(), connections.len()),
        (3, 3),
        "three questions on three connections"
    );
    let ended = stage.ended(&session);
    assert_eq!(
        (&ended["reason"], &ended["revocation"]),
        (&"operator".into(), &"confirmed".into())
    );
    assert_eq!(ended["probes"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn each_api_servers_cache_is_waited_for() {
    let stage = Stage::new();
    stage.server.set_authentication_cache(Duration::from_millis(600));
    stage.server.set_replicas(3);
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let ended = oncall.gate.end(live, EndReason::Operator).await;
    assert!(
        matches!(ended.revocation, Revocation::Confirmed { after_ms } if after_ms >= 20),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_token_that_outlives_its_grant_is_called_unconfirmed() {
    let stage = Stage::new();
    stage.server.set_authentication_cache(Duration::from_secs(3600));
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let ended = oncall.gate.end(live, EndReason::Expired).await;
    assert!(
        matches!(&ended.revocation, Revocation::Unconfirmed { why } if why.contains("201")),
        "{ended:?}"
    );
}

#[tokio::test]
async fn what_is_in_flight_is_recorded_and_nothing_is_accepted_after() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let session = live.grant().session.clone();
    let (first, second) = (
        Mutation::delete(&live, 1, vec![stage.pod(), stage.pod()]),
        Mutation::restart(&live, 2, vec![stage.web()]),
    );
    let hold = stage.server.hold(On::any().verb("delete").resource("pods"));
    let deleting = oncall.gate.execute(first);
    let ending = async {
        arrives(&hold).await;
        let end = oncall.gate.end(live, EndReason::Expired);
        let meanwhile = async {
            let refused = oncall.gate.execute(second).await;
            assert!(matches!(refused, Err(GateError::Closed)), "{refused:?}");
            hold.release();
        };
        tokio::join!(end, meanwhile).0
    };
    let (deleted, ended) = tokio::join!(deleting, ending);
    assert!(
        matches!(deleted, Err(GateError::Closed)),
        "the second target was not sent: {deleted:?}"
    );
    assert_eq!(ended.writes, 1);
    let kinds = stage.kinds(&session);
    let last_outcome_of_write = stage
        .journal(&session)
        .iter()
        .rposition(|r| r["kind"] == "outcome" && r["data"]["message"] == "ends within 1 s")
        .expect("the delete in flight was recorded");
    assert!(last_outcome_of_write < kinds.iter().rposition(|k| k == "ended").unwrap());
    assert_eq!(stage.changes().iter().filter(|c| c.1 == "delete pods").count(), 1);
}

#[tokio::test]
async fn whoever_does_not_wait_leaves_it_unconfirmed() {
    let stage = Stage::new();
    let oncall = stage.person_with(seed::ONCALL, |s| {
        s.timing = Timing {
            settle: Duration::from_secs(3600),
            ..Timing::default()
        }
    });
    let live = oncall.ask("restarter").await.unwrap();
    let end = oncall.gate.end(live, EndReason::Quit);
    let hurrying = async {
        are_gone(&stage, "configmaps").await;
        oncall.gate.hurry();
    };
    let (ended, ()) = tokio::join!(end, hurrying);
    assert!(matches!(ended.revocation, Revocation::Unconfirmed { .. }), "{ended:?}");
    assert!(stage.server.names("secrets", "kglass-system").is_empty());
}

#[tokio::test]
async fn a_signal_takes_no_more_than_two_seconds_even_if_the_server_hangs() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let session = live.grant().session.clone();
    let _hold = stage.server.hold(On::any().verb("delete"));
    let start = Instant::now();
    let ended = oncall.gate.end_fast(live, EndReason::Signal("SIGTERM".into())).await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert!(matches!(ended.revocation, Revocation::Unconfirmed { .. }));
    let journal = stage.journal(&session);
    let record = stage.ended(&session);
    assert_eq!(
        (&record["reason"], &record["revocation"]),
        (&"signal SIGTERM".into(), &"unconfirmed".into())
    );
    assert_eq!(journal.last().unwrap()["kind"], "close");
}

#[tokio::test]
async fn a_grant_that_cannot_be_deleted_is_said_so() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let session = live.grant().session.clone();
    stage
        .server
        .inject(On::any().verb("delete").resource("secrets"), Fault::Status(403));
    let ended = oncall.gate.end(live, EndReason::Operator).await;
    assert!(matches!(ended.revocation, Revocation::Unconfirmed { .. }), "{ended:?}");
    assert!(stage.ended(&session)["cut"][0].as_str().unwrap().contains("stays"));
}

#[tokio::test]
async fn a_request_that_hangs_does_not_keep_the_grant_alive() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let session = live.grant().session.clone();
    let hanging = Mutation::delete(&live, 1, vec![stage.pod()]);
    let hold = stage.server.hold(On::any().verb("delete").resource("pods"));
    let deleting = oncall.gate.execute(hanging);
    let ending = async {
        arrives(&hold).await;
        let releasing = async {
            are_gone(&stage, "secrets").await;
            hold.release();
        };
        tokio::join!(oncall.gate.end(live, EndReason::Expired), releasing).0
    };
    let (_, ended) = tokio::join!(deleting, ending);
    assert_eq!(ended.writes, 1);
    let kinds = stage.kinds(&session);
    assert_eq!(
        kinds.iter().filter(|k| *k == "intent").count(),
        kinds.iter().filter(|k| *k == "outcome").count()
    );
}

#[tokio::test]
async fn haste_at_one_end_is_none_at_the_next() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    oncall.gate.hurry();
    for _ in 0..2 {
        let live = oncall.ask("restarter").await.unwrap();
        oncall.gate.hurry();
        let ended = oncall.gate.end(live, EndReason::Operator).await;
        assert!(matches!(ended.revocation, Revocation::Confirmed { .. }), "{ended:?}");
        oncall.gate.hurry();
    }
}

#[tokio::test]
async fn an_escalation_that_nobody_took_is_ended_when_the_program_leaves() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    assert_eq!(oncall.gate.end_whatever_lives(EndReason::Quit).await, None);
    drop(oncall.ask("restarter").await.unwrap());
    let ended = oncall
        .gate
        .end_whatever_lives(EndReason::Quit)
        .await
        .expect("one was live");
    assert!(stage.server.names("secrets", "kglass-system").is_empty());
    assert_eq!(stage.kinds(&ended.session).last().unwrap(), "close");
}
