//! Ends in bad times: a disk that hangs or fails, a server that hangs, a write on its way. Whatever
//! hangs, the end comes, and what it could not do is said.

use std::time::{Duration, Instant};

use kglass::embedded::{On, seed};
use kglass::escalation::{EndReason, EndStep, Ended, GateError, GateEvent, Mutation, Revocation, Timing};
use kglass::model::ObjectRef;

use super::stage::{Failing, Hanging, Person, Stage, arrives};

const TWO_SECONDS: Duration = Duration::from_secs(2);

fn on_hanging_disk(stage: &Stage) -> (Person, Hanging) {
    let disk = Hanging::default();
    let around = disk.clone();
    let oncall = stage.person_with(seed::ONCALL, |s| {
        s.disk = std::sync::Arc::new(move |file| around.around(file));
    });
    (oncall, disk)
}

/// That the grant is there, until when, and how to end it now.
fn says_that_the_grant_stays(ended: &Ended) {
    let text = ended
        .left
        .iter()
        .map(|left| left.text.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    for words in [
        "the grant was NOT deleted (",
        "), it ends by itself at ",
        "kubectl --context embedded --namespace kglass-system delete secret restarter.",
    ] {
        assert!(text.contains(words), "{words:?} in {text:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_hangs_does_not_keep_a_signal_from_ending() {
    let stage = Stage::new();
    let (oncall, disk) = on_hanging_disk(&stage);
    let live = oncall.ask("restarter").await.unwrap();
    disk.hang();
    let start = Instant::now();
    let ended = oncall.gate.end_fast(live, EndReason::Signal("SIGTERM".into())).await;
    assert!(start.elapsed() < TWO_SECONDS, "{:?}", start.elapsed());
    says_that_the_grant_stays(&ended);
    assert!(ended.left[1].text.contains("is not recorded: the disk does not answer"));
    assert_eq!(stage.changes().iter().filter(|c| c.1.starts_with("delete")).count(), 0);
    disk.go_on();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_does_not_wait_for_ever_for_a_disk_and_says_what_it_waits_for() {
    let stage = Stage::new();
    let (mut oncall, disk) = on_hanging_disk(&stage);
    let live = oncall.ask("restarter").await.unwrap();
    let write = Mutation::restart(&live, 1, vec![stage.web()]);
    disk.hang();
    let writing = {
        let gate = oncall.gate.clone();
        tokio::spawn(async move { gate.execute(write).await })
    };
    let start = Instant::now();
    let ended = oncall.gate.end(live, EndReason::Operator).await;
    // What is in flight has three seconds, then petitions and seal the test's own.
    assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
    assert!(
        matches!(&ended.revocation, Revocation::Unconfirmed { why } if why.contains("in time")),
        "{ended:?}"
    );
    says_that_the_grant_stays(&ended);
    let steps = oncall.told().into_iter().filter_map(|event| match event {
        GateEvent::Ending(step) => Some(step),
        _ => None,
    });
    let steps: Vec<EndStep> = steps.collect();
    assert!(
        steps.contains(&EndStep::Disk) && !steps.contains(&EndStep::Confirm),
        "{steps:?}"
    );
    disk.go_on();
    // The disk is back: the intent is there, and its request is not sent.
    assert!(writing.await.unwrap().is_err());
    assert_eq!(stage.changes().iter().filter(|c| c.1.starts_with("patch")).count(), 0);
}

#[tokio::test]
async fn who_leaves_while_an_end_waits_for_the_server_leaves_a_sealed_record() {
    let stage = Stage::new();
    let oncall = stage.person_with(seed::ONCALL, |s| {
        s.timing = Timing {
            petitions: Duration::from_secs(3600),
            ..Timing::default()
        }
    });
    let live = oncall.ask("restarter").await.unwrap();
    let session = live.grant().session.clone();
    let hold = stage.server.hold(On::any().verb("delete"));
    let end = oncall.gate.end(live, EndReason::Operator);
    let leaving = async {
        arrives(&hold).await;
        oncall.gate.hurry();
        Instant::now()
    };
    let (ended, hurried) = tokio::join!(end, leaving);
    assert!(hurried.elapsed() < TWO_SECONDS, "{:?}", hurried.elapsed());
    assert!(matches!(ended.revocation, Revocation::Unconfirmed { .. }), "{ended:?}");
    assert!(
        ended.left[0]
            .text
            .contains("it is not known whether the grant was deleted"),
        "{ended:?}"
    );
    assert_eq!(stage.ended(&session)["revocation"], "unconfirmed");
    let kinds = stage.kinds(&session);
    assert_eq!(kinds.last().unwrap(), "close");
    let of = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
    assert_eq!(
        of("intent"),
        of("outcome"),
        "what was not waited for is recorded as such"
    );
}

#[tokio::test]
async fn an_intent_that_the_disk_refuses_ends_the_escalation_and_the_grant_is_said_to_stay() {
    let stage = Stage::new();
    let disk = Failing::default();
    let around = disk.clone();
    let mut oncall = stage.person_with(seed::ONCALL, |s| {
        s.disk = std::sync::Arc::new(move |file| around.around(file));
    });
    let live = oncall.ask("restarter").await.unwrap();
    let again = Mutation::restart(&live, 2, vec![stage.web()]);
    disk.fail();
    let refused = oncall
        .gate
        .execute(Mutation::restart(&live, 1, vec![stage.web()]))
        .await;
    assert!(matches!(refused, Err(GateError::Record { .. })), "{refused:?}");
    let told = oncall.told();
    let failed = |event: &&GateEvent| matches!(event, GateEvent::RecordFailed { .. });
    assert_eq!(told.iter().filter(failed).count(), 1, "{told:?}");
    let closed = oncall.gate.execute(again).await;
    assert!(
        matches!(closed, Err(GateError::Closed)),
        "nothing is accepted any more: {closed:?}"
    );
    let ended = oncall.gate.end(live, EndReason::RecordFailed).await;
    says_that_the_grant_stays(&ended);
    assert_eq!((ended.writes, ended.refused), (0, 1), "{ended:?}");
    assert!(
        matches!(&ended.revocation, Revocation::Unconfirmed { why } if why == "the grant is not deleted"),
        "{ended:?}"
    );
    assert!(!stage.server.names("secrets", "kglass-system").is_empty());
}

#[tokio::test]
async fn a_write_on_its_way_when_a_signal_comes_is_counted_and_its_outcome_is_unknown() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let session = live.grant().session.clone();
    let write = Mutation::delete(&live, 1, vec![stage.pod()]);
    let hold = stage.server.hold(On::any().verb("delete").resource("pods"));
    let ending = async {
        arrives(&hold).await;
        oncall.gate.end_fast(live, EndReason::Signal("SIGTERM".into())).await
    };
    let (_, ended) = tokio::join!(oncall.gate.execute(write), ending);
    assert_eq!((ended.writes, ended.unknown, ended.refused), (1, 1, 0), "{ended:?}");
    let record = stage.ended(&session);
    assert_eq!(
        (&record["writes"], &record["unknown"]),
        (&1.into(), &1.into()),
        "{record}"
    );
    assert_eq!(stage.kinds(&session).last().unwrap(), "close");
}

#[tokio::test]
async fn what_our_own_guard_refuses_was_certainly_not_sent() {
    let stage = Stage::new();
    let oncall = stage.oncall();
    let live = oncall.ask("restarter").await.unwrap();
    let session = live.grant().session.clone();
    let crooked = ObjectRef {
        resource: "pods/exec".into(),
        ..stage.pod()
    };
    let refused = oncall.gate.execute(Mutation::delete(&live, 1, vec![crooked])).await;
    assert!(matches!(refused, Err(GateError::Unsendable { .. })), "{refused:?}");
    let outcome = stage
        .journal(&session)
        .into_iter()
        .rfind(|r| r["kind"] == "outcome")
        .expect("its intent is concluded");
    let message = outcome["data"]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("not sent: refused before it was sent"), "{message}");
    let ended = oncall.gate.end(live, EndReason::Operator).await;
    assert_eq!((ended.writes, ended.unknown, ended.refused), (0, 0, 1), "{ended:?}");
}
