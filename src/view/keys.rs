//! Names of keys, as this user's keymap has them. Never invents a key.

use crate::app::State;
use crate::registry::Mode;

/// The first key of an action that holds everywhere; empty if it has none.
pub fn everywhere(state: &State, id: &str) -> String {
    first(state, Mode::Global, id)
}

/// The first key of an action that every table has; empty if it has none.
pub fn of_tables(state: &State, id: &str) -> String {
    first(state, Mode::Table, id)
}

/// The first key of a movement; empty if it has none.
pub fn of_movement(state: &State, id: &str) -> String {
    first(state, Mode::Move, id)
}

/// The first key of an action of a replay; empty if it has none.
pub fn of_replay(state: &State, id: &str) -> String {
    first(state, Mode::Replay, id)
}

/// `esc shows all`; nothing where there is no key.
pub fn said(key: String, does: &str) -> String {
    if key.is_empty() { key } else { format!("{key} {does}") }
}

fn first(state: &State, mode: Mode, id: &str) -> String {
    let keys = state.keymap.keys_of(&[mode], id);
    keys.first().map(ToString::to_string).unwrap_or_default()
}

/// The key that opens and ends the glass.
pub fn glass(state: &State) -> String {
    everywhere(state, "glass.toggle")
}

/// The key that is the way out of a shell.
pub fn shell_menu(state: &State) -> String {
    let keys = state.keymap.keys_of(&[Mode::Shell], "shell.menu");
    keys.first().map(ToString::to_string).unwrap_or_default()
}
