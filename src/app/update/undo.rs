//! The way back of a write, offered as a new write with a question of its own. Only a scale has
//! one: a restart has happened, and a deleted object is another one when it comes back.

use super::{impact, write};
use crate::app::screen::Screen;
use crate::app::{Effect, Level, State};
use crate::registry::action;

pub fn offer(state: &mut State) -> Vec<Effect> {
    let Some(undo) = state.glass.undo.iter().rev().find(|undo| undo.done).cloned() else {
        state.say(Level::Note, "there is no write to take back");
        return Vec::new();
    };
    let Some(scale) = action("workload.scale") else {
        return Vec::new();
    };
    if let Some(why) = crate::app::hints::glass_blocks(state) {
        state.say(Level::Warning, format!("undo: {why}"));
        return Vec::new();
    }
    // The object has changed by the write itself: what is sent is what is seen now.
    let seen = match state.screens.current() {
        Some(Screen::Table(table)) => table.snapshot.as_ref().and_then(|snapshot| {
            let row = snapshot
                .rows
                .iter()
                .find(|row| row.uid.as_deref() == undo.target.uid.as_deref())?;
            Some((snapshot.object(row), impact::desired(table, row)))
        }),
        _ => None,
    };
    let Some((target, now)) = seen else {
        state.say(Level::Note, format!("show {} to take its scale back", undo.target));
        return Vec::new();
    };
    write::ask(state, scale, vec![target], Some(undo.replicas), now)
}
