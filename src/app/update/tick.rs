//! What changes by itself: countdown, ages, marks of changed cells, a replay that plays. Draws
//! nothing new unless something visible did change.

use super::{describe, glass, replay, warning};
use crate::app::screen::{Screen, TableScreen};
use crate::app::{Effect, GlassMode, Message, State};
use crate::cluster::Freshness;
use crate::model::Moment;

/// Between two frames of a replay.
const REPLAY_MS: u64 = 50;
const SECOND_MS: u64 = 1000;
/// How long a message covers the last row of a shell.
const OVER_SHELL_MS: u64 = 5000;

/// Ages above this are shown in whole minutes or more.
const YOUNG_MS: i64 = 600_000;

/// Ages of older rows are drawn anew this often.
const OLD_ROWS_MS: u64 = 30_000;

impl State {
    /// How often a tick is wanted; none while nothing visible depends on the time.
    pub fn tick_interval_ms(&self) -> Option<u64> {
        let second = Some(SECOND_MS);
        match self.screens.current() {
            Some(Screen::Replay(replay)) if replay.playing => return Some(REPLAY_MS),
            // A table without rows waits: how long belongs to the screen as well.
            Some(Screen::Table(_) | Screen::Describe(_) | Screen::Forwards(_)) => return second,
            _ => {}
        }
        let waits = !matches!(self.glass.mode, GlassMode::Normal) || self.connection.connecting.is_some();
        if waits { second } else { None }
    }
}

pub fn tick(state: &mut State) -> Vec<Effect> {
    let effects = warning::warn(state);
    uncover_shell(state);
    glass::disarm(state);
    if !matches!(state.glass.mode, GlassMode::Normal) || state.connection.connecting.is_some() {
        state.changed = true;
    }
    let (now, height) = (state.now, state.body_height());
    let old_due = now.since(state.drawn_for_age) >= OLD_ROWS_MS;
    let changed = match state.screen_mut() {
        Some(Screen::Table(table)) => table.forget_changes(now) | shows_seconds(table, now, height) | old_due,
        Some(Screen::Describe(screen)) => describe::shows_seconds(screen, now, height) | old_due,
        Some(Screen::Replay(screen)) => replay::advance(screen, now),
        _ => false,
    };
    if old_due {
        state.drawn_for_age = now;
    }
    state.changed |= changed;
    effects
}

/// A message lies over the last row of a shell, where its prompt may be: who does not press a key
/// must see it again.
fn uncover_shell(state: &mut State) {
    let is_shell = matches!(state.screens.current(), Some(Screen::Shell(_)));
    let is_old = |message: &Message| state.now.since(message.at) >= OVER_SHELL_MS;
    if is_shell && state.messages.newest().is_some_and(is_old) {
        state.messages.dismiss();
        state.changed = true;
    }
}

/// True if a second makes a difference to what the table shows.
fn shows_seconds(table: &TableScreen, now: Moment, height: usize) -> bool {
    if table.freshness != Freshness::Live {
        return true;
    }
    let is_young = |since: Option<i64>| since.is_some_and(|since| now.wall_ms - since < YOUNG_MS);
    (table.cursor.top..table.cursor.top + height)
        .map_while(|index| table.row(index))
        .any(|row| is_young(row.created_ms) || row.cells.iter().any(|cell| is_young(cell.since_ms)))
}
