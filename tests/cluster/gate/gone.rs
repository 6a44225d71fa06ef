//! The API server is gone while the glass is broken: what could not be sent is certain not to have
//! been, and the end does not wait for a refusal that cannot come.

use std::time::Duration;

use kglass::escalation::{EndReason, GateError, Mutation, Revocation};

use super::people::{deployment, person, run, see};
use crate::harness::{self, Component, Options, Rig};
use crate::kit::stage;

#[test]
fn where_nothing_listens_nothing_was_sent_and_the_end_says_how_to_end_the_grant() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::default());
    stage::install(&rig, &stage::policy());
    let namespace = rig.namespace("gone");
    deployment(&rig, &namespace, "web");
    let state = tempfile::tempdir().expect("a folder");
    run(async {
        let oncall = person(&rig, "oncall", state.path());
        let live = oncall.ask("restarter", 300).await.expect("the glass opens");
        let seen = see(&rig, &namespace, "web");
        let again = |action| Mutation::scale(&live, action, vec![seen.clone()], 1);
        rig.kill(Component::ApiServer);
        rig.wait("nobody listens", Duration::from_secs(10), || rig.connect().is_err());
        // The first may still take the connection that has just died, and then nobody knows.
        let _ = oncall.gate.execute(again(1)).await;
        let error = oncall.gate.execute(again(2)).await.unwrap_err();
        assert!(matches!(error, GateError::Unsendable { .. }), "{error}");
        assert!(error.to_string().contains("nothing was sent"), "{error}");
        assert!(error.to_string().contains("onnection refused"), "{error}");

        let ended = oncall.gate.end(live, EndReason::Operator).await;
        let why = "the grant is not deleted".to_owned();
        assert_eq!(ended.revocation, Revocation::Unconfirmed { why }, "{ended:?}");
        let left = &ended.left[0].text;
        assert!(
            left.starts_with("the grant was NOT deleted (") && left.contains("kubectl --context"),
            "{left}"
        );
    });
}
