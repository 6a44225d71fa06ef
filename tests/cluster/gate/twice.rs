//! A request that several people consent to, by whatever client: kglass consents once, and the end
//! leaves no grant of the session, so that nobody mints from one that was forgotten.

use kglass::escalation::{AskProgress, EndReason, GateEvent};
use serde_json::json;

use super::people::{person, run};
use crate::harness;
use crate::harness::Rig;
use crate::kit::stage;

const SECRETS: &str = "/api/v1/namespaces/kglass-system/secrets";
const JOBS: &str = "/apis/batch/v1/namespaces/kglass-system/jobs";

/// Names of the grants of a session.
fn grants(rig: &Rig, session: &str) -> Vec<String> {
    let list = rig.http("GET", SECRETS, Some(&rig.token("admin")), None).json;
    let names = list["items"].as_array().expect("a list").iter();
    names
        .filter_map(|item| item["metadata"]["name"].as_str().map(str::to_owned))
        .filter(|name| name.ends_with(session))
        .collect()
}

/// Consents once more with plain requests, seven seconds later than `grant`; the server lets them.
fn consent_again(rig: &Rig, approver: &str, grant: &str) {
    let token = rig.token(approver);
    let old = rig.http("GET", &format!("{SECRETS}/{grant}"), Some(&token), None).json;
    let (before, hash) = grant.rsplit_once('-').expect("a grant's name");
    let (role_and_who, deadline) = before.rsplit_once('.').expect("a grant's name");
    let id = format!("{}-{hash}", deadline.parse::<u64>().expect("seconds") + 7);
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": format!("g-{id}")},
        "spec": {
            "parallelism": 0, "activeDeadlineSeconds": 60, "ttlSecondsAfterFinished": 0, "backoffLimit": 0,
            "template": {"spec": {
                "restartPolicy": "Never", "automountServiceAccountToken": false,
                "containers": [{"name": "none", "image": "kglass.invalid/none"}],
            }},
        },
    });
    let job = rig.http("POST", JOBS, Some(&token), Some(&job));
    assert_eq!(job.status, 201, "{}", job.message());
    let mut annotations = old["metadata"]["annotations"].clone();
    annotations["kglass.dev/approved-by"] = approver.into();
    let owner = json!([{"apiVersion": "batch/v1", "kind": "Job", "name": format!("g-{id}"), "uid": job.json["metadata"]["uid"]}]);
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kglass.dev/grant",
        "metadata": {"name": format!("{role_and_who}.{id}"), "annotations": annotations, "ownerReferences": owner},
    });
    let made = rig.http("POST", SECRETS, Some(&token), Some(&secret));
    assert_eq!(made.status, 201, "{}", made.message());
}

#[test]
fn a_request_consented_to_twice_leaves_no_grant_behind() {
    if harness::require().is_none() {
        return;
    }
    let rig = stage::rig();
    let state = tempfile::tempdir().expect("a folder");
    run(async {
        let mut oncall = person(rig, "oncall", state.path());
        let lead = person(rig, "lead", state.path());
        let gate = oncall.gate.clone();
        let asking = async { gate.ask(super::people::request("namespace-operator", 60)).await };
        let approving = async {
            let waiting = |event: &GateEvent| match event {
                GateEvent::Progress(AskProgress::Waiting { session, .. }) => Some(session.clone()),
                _ => None,
            };
            let hash = oncall.await_event(waiting).await;
            let pending = lead.gate.pending(&hash).await.expect("it is as it claims");
            let approval = lead.gate.approve(&pending, "").await.expect("the lead may");
            (pending, approval)
        };
        let (live, (pending, approval)) = tokio::join!(asking, approving);
        let live = live.expect("the glass opens");
        let session = live.grant().session.clone();

        let mona = person(rig, "mona", state.path());
        for again in [&lead, &mona] {
            let error = again.gate.approve(&pending, "").await.unwrap_err();
            assert!(error.to_string().contains("granted already, by lead"), "{error}");
        }
        assert_eq!(grants(rig, &session), [approval.grant.as_str()]);

        consent_again(rig, "mona", &approval.grant);
        assert_eq!(grants(rig, &session).len(), 2);
        let ended = oncall.gate.end(live, EndReason::Operator).await;
        assert_eq!(ended.left, []);
        assert_eq!(grants(rig, &session), Vec::<String>::new());
        let record = super::people::records(state.path(), &session);
        let ends = record.iter().filter(|r| r["data"]["petition"] == "end");
        assert_eq!(
            ends.count(),
            3,
            "both grants and the request, each recorded before it was sent"
        );
    });
}
