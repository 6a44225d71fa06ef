//! The way back of a write, offered as a new write with a question of its own. A scale and a
//! cordon have one: a restart has happened, and a deleted object is another one when it comes back.

use super::{impact, write};
use crate::app::screen::Screen;
use crate::app::{Desired, Effect, Level, State, WayBack};
use crate::registry::action;

pub fn offer(state: &mut State) -> Vec<Effect> {
    let Some(undo) = state.glass.undo.iter().rev().find(|undo| undo.done).cloned() else {
        state.say(Level::Note, "there is no write to take back");
        return Vec::new();
    };
    let (id, replicas) = match undo.back {
        WayBack::Scale(replicas) => ("workload.scale", Some(replicas)),
        WayBack::Cordon => ("node.cordon", None),
        WayBack::Uncordon => ("node.uncordon", None),
    };
    let Some(back) = action(id) else {
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
            let target = snapshot.object(row);
            let now = match replicas {
                Some(_) => impact::all_desired(table, std::slice::from_ref(&target)),
                None => Desired::default(),
            };
            Some((target, now))
        }),
        _ => None,
    };
    let Some((target, now)) = seen else {
        state.say(
            Level::Note,
            format!("show {} to take its {} back", undo.target, taken(undo.back)),
        );
        return Vec::new();
    };
    write::ask(state, back, vec![target], replicas, now)
}

fn taken(back: WayBack) -> &'static str {
    match back {
        WayBack::Scale(_) => "scale",
        WayBack::Cordon => "uncordon",
        WayBack::Uncordon => "cordon",
    }
}
