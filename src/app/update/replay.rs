//! Watching a recorded session. Everything here moves a position; nothing can reach a cluster.

use super::navigate;
use crate::app::screen::{Room, Screen};
use crate::app::{Effect, Move, ReplayScreen, State};
use crate::model::Moment;
use crate::recording::{EventKind, Recording, ReplayEvent};
use crate::registry::Local;
use std::sync::Arc;

const STEP_MS: u64 = 5000;
const SPEEDS: [u32; 5] = [1, 2, 4, 8, 16];

/// Columns that one step pans.
const SIDEWAYS: u16 = 8;

pub fn opened(state: &mut State, recording: Arc<Recording>) -> Vec<Effect> {
    let screen = ReplayScreen {
        recording,
        position_ms: 0,
        playing: true,
        speed: 1,
        moved_at: state.now,
        left: 0,
        top: None,
        full: false,
    };
    navigate::open(state, Screen::Replay(Box::new(screen)))
}

pub fn act(state: &mut State, act: Local) -> Vec<Effect> {
    let now = state.now;
    let Some(room) = room(state) else {
        return Vec::new();
    };
    let Some(Screen::Replay(replay)) = state.screen_mut() else {
        return Vec::new();
    };
    // What has been played until now counts before the position is moved.
    advance(replay, now);
    let end = replay.recording.duration_ms();
    match act {
        Local::Play => {
            if replay.position_ms >= end {
                replay.position_ms = 0;
            }
            replay.playing = !replay.playing;
            replay.moved_at = now;
        }
        Local::SeekBack => replay.position_ms = replay.position_ms.saturating_sub(STEP_MS),
        Local::SeekForward => replay.position_ms = (replay.position_ms + STEP_MS).min(end),
        Local::NextEvent => replay.seek_next(|_| true),
        Local::NextWrite => replay.seek_next(|event| event.kind == EventKind::Write),
        Local::PreviousEvent => replay.seek_previous(),
        Local::Faster => replay.change_speed(true),
        Local::Slower => replay.change_speed(false),
        Local::Left | Local::Right => replay.pan_sideways(act == Local::Right, room),
        Local::FullScreen => replay.full = !replay.full,
        _ => {}
    }
    Vec::new()
}

/// Moves on by what has passed; true if the position changed.
pub fn advance(replay: &mut ReplayScreen, now: Moment) -> bool {
    let passed = now.since(replay.moved_at);
    replay.moved_at = now;
    if !replay.playing || passed == 0 {
        return false;
    }
    let end = replay.recording.duration_ms();
    replay.position_ms = (replay.position_ms + passed * u64::from(replay.speed)).min(end);
    replay.playing = replay.position_ms < end;
    true
}

/// What the recorded screen that is seen is given.
pub fn room(state: &State) -> Option<Room> {
    match state.screens.current() {
        Some(Screen::Replay(replay)) => Some(replay.room(state)),
        _ => None,
    }
}

/// Never past an edge of the recording; at its end the last row stays in sight, whatever its size.
pub fn step(replay: &mut ReplayScreen, step: Move, room: Room) {
    let (_, rows) = replay.recording.size_at(replay.position_ms);
    let most = rows.saturating_sub(room.rows);
    let page = room.rows.saturating_sub(1).max(1);
    let at = replay.top.unwrap_or(most).min(most);
    let next = match step {
        Move::Up => at.saturating_sub(1),
        Move::Down => at + 1,
        Move::PageUp => at.saturating_sub(page),
        Move::PageDown => at + page,
        Move::Top => 0,
        Move::Bottom => most,
    };
    replay.top = (next < most).then_some(next);
}

impl ReplayScreen {
    fn seek_next(&mut self, wanted: impl Fn(&ReplayEvent) -> bool) {
        let at = self.position_ms;
        if let Some(event) = self
            .recording
            .events
            .iter()
            .find(|event| event.at_ms > at && wanted(event))
        {
            self.position_ms = event.at_ms;
        }
    }

    fn seek_previous(&mut self) {
        let at = self.position_ms;
        let before = self.recording.events.iter().rev().find(|event| event.at_ms < at);
        self.position_ms = before.map_or(0, |event| event.at_ms);
    }

    fn change_speed(&mut self, faster: bool) {
        let at = SPEEDS.iter().position(|speed| *speed == self.speed).unwrap_or(0);
        let next = if faster { at + 1 } else { at.saturating_sub(1) };
        self.speed = SPEEDS[next.min(SPEEDS.len() - 1)];
    }

    fn pan_sideways(&mut self, right: bool, room: Room) {
        let (columns, _) = self.recording.size_at(self.position_ms);
        let most = columns.saturating_sub(room.columns);
        let at = self.left.min(most);
        let next = if right {
            at + SIDEWAYS
        } else {
            at.saturating_sub(SIDEWAYS)
        };
        self.left = next.min(most);
    }
}
