//! The log screen.

use super::navigate;
use crate::app::screen::Screen;
use crate::app::{Effect, LogsScreen, Move, State};
use crate::cluster::Reading;
use crate::registry::Local;

/// Lines a log starts with when no time is named.
const TAIL: u32 = 500;

pub fn reading(logs: &mut LogsScreen, reading: Reading) -> bool {
    match reading {
        Reading::Logs(lines) => {
            logs.error = None;
            let any = !lines.is_empty();
            logs.append(lines);
            any
        }
        Reading::Failed(error) => {
            logs.ended = !error.retrying;
            logs.error = Some(error);
            true
        }
        Reading::Ended => {
            logs.ended = true;
            logs.read = None;
            true
        }
        _ => false,
    }
}

pub fn act(state: &mut State, act: Local) -> Vec<Effect> {
    let height = state.body_height();
    let Some(Screen::Logs(logs)) = state.screen_mut() else {
        return Vec::new();
    };
    match act {
        Local::Pause => follow(logs, !logs.follow, height),
        Local::Wrap => logs.wrap = !logs.wrap,
        Local::Timestamps => logs.timestamps = !logs.timestamps,
        Local::ClearLog => {
            logs.clear();
        }
        Local::Left | Local::Right if !logs.wrap => logs.scroll.sideways(act == Local::Right),
        Local::NextHit | Local::PreviousHit => jump(logs, act == Local::NextHit, height),
        Local::CopyText => {
            let text: Vec<&str> = logs.buffer.lines.iter().map(|line| line.text.as_str()).collect();
            let text = text.join("\n");
            return super::act::copy(state, text, "the log");
        }
        Local::Previous => {
            logs.query.previous = !logs.query.previous;
            // The run before is over: there is nothing to follow.
            logs.query.follow = !logs.query.previous;
            return restart(state);
        }
        Local::Since(seconds) => {
            logs.query.since_seconds = (seconds > 0).then_some(seconds);
            logs.query.tail = (seconds == 0).then_some(TAIL);
            return restart(state);
        }
        _ => {}
    }
    Vec::new()
}

fn restart(state: &mut State) -> Vec<Effect> {
    if let Some(Screen::Logs(logs)) = state.screen_mut() {
        logs.scroll.top = 0;
        logs.follow = true;
    }
    navigate::refresh(state)
}

/// Held, the view stays at the lines seen when it was paused.
fn follow(logs: &mut LogsScreen, on: bool, height: usize) {
    logs.follow = on;
    logs.scroll.top = logs.buffer.lines.len().saturating_sub(height);
}

fn jump(logs: &mut LogsScreen, forward: bool, height: usize) {
    if logs.follow {
        follow(logs, false, height);
    }
    let from = logs.scroll.top;
    let line = if forward {
        logs.search.next(from)
    } else {
        logs.search.previous(from)
    };
    if let Some(line) = line {
        logs.scroll.reveal(line, logs.buffer.lines.len(), height);
    }
}

/// A step back lets go of the end; one to the end, or past it, takes it up again. With wrapped
/// lines the last page is longer than the screen, so past it is the only way to see its end.
pub fn step(logs: &mut LogsScreen, step: Move, height: usize) {
    let len = logs.buffer.lines.len();
    if logs.follow {
        logs.scroll.top = len.saturating_sub(height);
    }
    let before = logs.scroll.top;
    logs.scroll.step(step, len, height);
    let down = matches!(step, Move::Down | Move::PageDown) && logs.scroll.top == before;
    // A log shorter than the screen has nowhere to go.
    logs.follow = step == Move::Bottom || down || len <= height;
}

/// While a search is typed: the newest hit, since the end of a log is what one looks at.
pub fn last_hit(logs: &mut LogsScreen, height: usize) {
    let Some(last) = logs.search.hits.len().checked_sub(1) else {
        return;
    };
    let line = logs.search.hits[last];
    logs.search.at = Some(last);
    let len = logs.buffer.lines.len();
    if logs.follow && line + height < len {
        follow(logs, false, height);
    }
    logs.scroll.reveal(line, len, height);
}
