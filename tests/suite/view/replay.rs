//! Replay of a recorded session.

use std::sync::Arc;

use kglass::app::Fact;
use kglass::recording::{EventKind, Recording, ReplayEvent, Screen, SessionEnd, Summary};

use super::fixture::{NOW, SECOND, World};
use super::{LARGE, MIDDLE, SMALL, accept, sized};

fn event(at_ms: u64, kind: EventKind, label: &str, status: Option<u16>) -> ReplayEvent {
    ReplayEvent {
        at_ms,
        wall_ms: NOW.wall_ms + at_ms as i64,
        kind,
        label: label.into(),
        facts: Vec::new(),
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
            end: None,
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

/// A recorded screen with a banner, a table that is shorter than it, a question at the bottom, and
/// 16 minutes.
fn screen((width, height): (u16, u16)) -> Screen {
    let banner = format!("GLASS BROKEN  prod-eu{}!! end", " ".repeat(usize::from(width) - 27));
    let rows = (2..height / 2).map(|row| format!("\r\nrow {row}"));
    let question = format!("\u{1b}[{height};1Hrestart ledger?  y yes  n no");
    let text = banner + &rows.collect::<String>() + &question;
    let header = format!("{{\"version\":3,\"term\":{{\"cols\":{width},\"rows\":{height}}}}}");
    let output = serde_json::to_string(&text).expect("a string");
    let file = format!("{header}\n[0.0,\"o\",{output}]\n[880.0,\"m\",\"end\"]\n");
    Screen::read(file.as_bytes())
}

fn recorded(size: (u16, u16)) -> Recording {
    let mut recording = recording();
    recording.screen = screen(size);
    recording.summary.end = Some(SessionEnd {
        why: "by hand".into(),
        wall_ms: NOW.wall_ms + 891 * SECOND as i64,
        revocation: "confirmed".into(),
        refused_after_ms: Some(9800),
    });
    recording.events[2].facts = [
        ("record", "7"),
        ("verb", "patch"),
        ("path", "/apis/apps/v1/namespaces/shop/deployments/checkout/scale"),
        ("confirmed", "y"),
        ("answered", "200 scaled"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    recording
}

fn replayed(recording: Recording, size: (u16, u16)) -> World {
    let mut world = World::with_pods(size.0, size.1);
    world.tell(Fact::ReplayOpened(Arc::new(recording)));
    world.press(&["space"]);
    world
}

#[test]
fn a_recording_as_large_as_the_terminal_shows_its_first_line_and_its_last() {
    for size in [LARGE, SMALL] {
        let mut world = replayed(recorded(size), size);
        accept(&sized("replay__as_large", size), &world);
        world.press(&["g", "j"]);
        accept(&sized("replay__as_large_panned", size), &world);
    }
}

#[test]
fn a_small_recording_stands_beside_its_events_with_the_present_one_in_full() {
    let mut world = replayed(recorded(SMALL), LARGE);
    world.press(&["n", "n"]);
    accept("replay__small_beside", &world);
    let mut world = replayed(recorded(SMALL), MIDDLE);
    world.press(&["n", "n"]);
    accept("replay__small_above", &world);
}

#[test]
fn a_larger_recording_says_which_part_is_seen() {
    let mut world = replayed(recorded(MIDDLE), SMALL);
    world.press(&["l", "l", "l", "l", "l", "l"]);
    accept("replay__larger", &world);
}

#[test]
fn at_its_end_the_player_says_how_the_session_ended() {
    let mut world = replayed(recorded(MIDDLE), MIDDLE);
    world.press(&["n", "n", "n", "n", "n"]);
    accept("replay__end", &world);
    world.press(&["f"]);
    accept("replay__end_in_full_screen", &world);
}
