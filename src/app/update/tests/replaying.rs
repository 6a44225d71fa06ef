use super::*;
use crate::app::{Place, ReplayScreen};
use crate::recording::{EventKind, Recording, ReplayEvent};

fn event(at_ms: u64, kind: EventKind) -> ReplayEvent {
    ReplayEvent {
        at_ms,
        wall_ms: 0,
        kind,
        label: String::new(),
        facts: Vec::new(),
        status: None,
        ok: true,
        audit_id: None,
        seq: 0,
    }
}

fn opened() -> Stage {
    let mut stage = Stage::dark();
    let recording = Recording {
        events: vec![
            event(1000, EventKind::Mark),
            event(8000, EventKind::Write),
            event(20_000, EventKind::Mark),
        ],
        ..Recording::default()
    };
    stage.fact(Fact::ReplayOpened(Arc::new(recording)));
    stage
}

fn replay(stage: &Stage) -> &ReplayScreen {
    match stage.screen() {
        Screen::Replay(replay) => replay,
        other => panic!("no replay: {}", other.title()),
    }
}

#[test]
fn it_plays_by_the_times_of_the_ticks_and_stops_at_the_end() {
    let mut stage = opened();
    stage.wait(1500).tick();
    assert_eq!(replay(&stage).position_ms, 1500);
    stage.wait(60_000).tick();
    assert_eq!((replay(&stage).position_ms, replay(&stage).playing), (20_000, false));
    stage.press("space");
    assert_eq!((replay(&stage).position_ms, replay(&stage).playing), (0, true));
}

#[test]
fn paused_it_stands_still() {
    let mut stage = opened();
    stage.press("space");
    let at = replay(&stage).position_ms;
    stage.wait(5000).tick();
    assert_eq!(replay(&stage).position_ms, at);
    assert_eq!(stage.state.tick_interval_ms(), None);
}

#[test]
fn arrows_seek_five_seconds_and_stay_inside() {
    let mut stage = opened();
    stage.press("space right right");
    assert_eq!(replay(&stage).position_ms, 10_500);
    stage.press("left left left");
    assert_eq!(replay(&stage).position_ms, 0);
    stage.press("right right right right right right");
    assert_eq!(replay(&stage).position_ms, 20_000);
}

#[test]
fn events_and_writes_are_jumped_to() {
    let mut stage = opened();
    stage.press("space w");
    assert_eq!(replay(&stage).position_ms, 8000);
    stage.press("n");
    assert_eq!(replay(&stage).position_ms, 20_000);
    stage.press("shift-n shift-n");
    assert_eq!(replay(&stage).position_ms, 1000);
}

#[test]
fn faster_and_slower_change_how_time_passes() {
    let mut stage = opened();
    stage.press("space + +");
    assert_eq!(replay(&stage).speed, 4);
    stage.press("space");
    let at = replay(&stage).position_ms;
    stage.wait(1000).tick();
    assert_eq!(replay(&stage).position_ms, at + 4000);
    stage.press("- - -");
    assert_eq!(replay(&stage).speed, 1);
}

#[test]
fn escape_leaves_a_replay_that_nothing_lies_under() {
    let mut stage = opened();
    stage.press("esc");
    assert!(matches!(stage.effects[..], [Effect::Quit]));
}

#[test]
fn a_replay_never_asks_the_world_for_anything() {
    let mut stage = opened();
    let keys = "space left right n w shift-n + - j k h l g shift-g pgup pgdn ctrl-d ctrl-k s r y u enter ctrl-r";
    for key in keys.split(' ') {
        stage.press(key);
        assert!(stage.effects.is_empty(), "{key}: {:?}", stage.effects);
    }
}

/// Of a recording of 200 columns and 60 rows, on a terminal of 80 columns and 24.
fn large() -> Stage {
    let mut stage = Stage::dark();
    let recording = Recording {
        events: vec![event(20_000, EventKind::Mark)],
        screen: crate::recording::Screen::read(&b"{\"version\":3,\"term\":{\"cols\":200,\"rows\":60}}\n"[..]),
        ..Recording::default()
    };
    stage.fact(Fact::ReplayOpened(Arc::new(recording)));
    stage.fact(Fact::Resize { width: 80, height: 24 });
    stage
}

#[test]
fn panning_ends_at_the_edges_of_the_recording_and_begins_at_its_end() {
    let mut stage = large();
    let room = replay(&stage).room(&stage.state);
    assert_eq!((room.columns, room.rows), (80, 16));
    assert_eq!(replay(&stage).top, None);
    stage.press("j shift-g pgdn");
    assert_eq!(replay(&stage).top, None, "it is at the end");
    stage.press("k");
    assert_eq!(replay(&stage).top, Some(60 - 16 - 1));
    stage.press("g k");
    assert_eq!(replay(&stage).top, Some(0));
    stage.press("pgdn");
    assert_eq!(replay(&stage).top, Some(15));
    for _ in 0..40 {
        stage.press("l");
    }
    assert_eq!(replay(&stage).left, 200 - 80);
}

#[test]
fn in_the_full_screen_there_is_one_line_beside_the_recording() {
    let mut stage = large();
    stage.press("f");
    assert_eq!(replay(&stage).room(&stage.state).rows, 23);
    stage.break_glass(900);
    assert_eq!(replay(&stage).room(&stage.state).rows, 22, "the banner has its own");
    stage.press(":");
    assert_ne!(
        replay(&stage).room(&stage.state).place,
        Place::Alone,
        "the line has a place"
    );
    stage.press("esc f");
    assert!(!replay(&stage).full);
}
