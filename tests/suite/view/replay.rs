//! Replay of a recorded session.

use std::sync::Arc;

use kglass::app::Fact;
use kglass::config::Theme;
use kglass::escalation::Enforced;
use kglass::recording::{EventKind, Recording, ReplayEvent, Screen, Summary};

use super::dump::{drawn, grid};
use super::fixture::{MINUTE, NOW, SECOND, World};
use super::{LARGE, MIDDLE, SMALL, accept, sized};

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

/// A cast of 80 columns: pods with the glass broken, and from the second minute on the question.
fn screen() -> Screen {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.break_glass(Enforced::Server, MINUTE);
    let first = frame(&world);
    world.press(&["j", "j", "ctrl-d"]);
    let second = frame(&world);
    let mut cast = serde_json::json!({"version": 3, "term": {"cols": SMALL.0, "rows": SMALL.1}}).to_string();
    cast.push('\n');
    for (seconds, text) in [(0, first), (90, second)] {
        cast.push_str(&serde_json::json!([seconds, "o", text]).to_string());
        cast.push('\n');
    }
    Screen::read(cast.as_bytes())
}

/// What a terminal is sent: the lines, the first one in reverse as the banner.
fn frame(world: &World) -> String {
    let (buffer, _) = drawn(&world.state, &Theme::default());
    let lines = grid(&buffer).replace('\u{258f}', "");
    let lines = lines.trim_end_matches('\n').replace('\n', "\u{1b}[0m\r\n");
    format!("\u{1b}[H\u{1b}[7m{lines}")
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
        screen: screen(),
    }
}

#[test]
fn the_events_and_the_line_of_time_are_in_step() {
    for size in [SMALL, MIDDLE, (130, 36), LARGE] {
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
