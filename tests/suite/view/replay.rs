//! Replay of a recorded session.

use std::sync::Arc;

use kglass::app::Fact;
use kglass::recording::{EventKind, Recording, ReplayEvent, Summary};

use super::fixture::{NOW, SECOND, World};
use super::{MIDDLE, SMALL, accept, sized};

fn event(at_ms: u64, kind: EventKind, label: &str, status: Option<u16>) -> ReplayEvent {
    ReplayEvent {
        at_ms,
        wall_ms: NOW.wall_ms + at_ms as i64,
        kind,
        label: label.into(),
        status,
        ok: status.is_none_or(|status| status < 300),
        audit_id: None,
        seq: 0,
    }
}

fn recording() -> Recording {
    Recording {
        summary: Summary {
            session: "mfrggzdfmztwq2lk".into(),
            started_ms: NOW.wall_ms,
            context: "prod-eu".into(),
            who: "alice".into(),
            role: "namespace-operator".into(),
            ticket: "INC-4711".into(),
            reason: "checkout crash-loops since the 02:11 rollout".into(),
            writes: 2,
            verdict: "intact".into(),
            intact: true,
            damage: None,
        },
        events: vec![
            event(0, EventKind::Mark, "requested by alice", None),
            event(29 * SECOND, EventKind::Mark, "granted by lead", None),
            event(
                65 * SECOND,
                EventKind::Write,
                "scale deployments.apps/checkout 3 \u{2192} 0",
                Some(200),
            ),
            event(
                98 * SECOND,
                EventKind::Write,
                "scale deployments.apps/checkout 0 \u{2192} 3",
                Some(409),
            ),
            event(
                120 * SECOND,
                EventKind::Refused,
                "delete persistentvolumeclaims/ledger",
                None,
            ),
            event(891 * SECOND, EventKind::Mark, "ended: expired", None),
        ],
        ..Recording::default()
    }
}

#[test]
fn the_events_and_the_line_of_time_are_in_step() {
    for size in [SMALL, MIDDLE] {
        let mut world = World::with_pods(size.0, size.1);
        world.tell(Fact::ReplayOpened(Arc::new(recording())));
        world.press(&["n", "n", "n"]);
        accept(&sized("replay__at_a_write", size), &world);
    }
}

#[test]
fn a_recording_that_is_not_intact_says_so() {
    let mut recording = recording();
    recording.summary.intact = false;
    recording.summary.verdict = "edited at record 7".into();
    recording.summary.damage = Some("the screen recording ends at 04:10, in the middle of a line".into());
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.tell(Fact::ReplayOpened(Arc::new(recording)));
    accept("replay__not_intact", &world);
}
