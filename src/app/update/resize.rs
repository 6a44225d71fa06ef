//! The terminal has another size: cursors stay in sight.

use crate::app::State;
use crate::app::screen::Screen;

pub fn resize(state: &mut State, width: u16, height: u16) {
    state.width = width;
    state.height = height;
    state.changed = true;
    let height = state.body_height();
    let messages = state.messages.all().len();
    let forwards = state.streams.forwards().count();
    for screen in state.screens.path_mut() {
        match screen {
            Screen::Table(table) => table.cursor.fit(table.shown.len(), height),
            Screen::Describe(screen) => screen.fit(height),
            Screen::Yaml(yaml) => yaml.scroll.fit(yaml.lines.len(), height),
            Screen::Logs(logs) => logs.scroll.fit(logs.buffer.lines.len(), height),
            Screen::Contexts(screen) => screen.cursor.fit(screen.shown.len(), height),
            Screen::Help(screen) => screen.scroll.fit(screen.lines.len(), height),
            Screen::Messages(screen) => screen.cursor.fit(messages, height),
            Screen::Forwards(screen) => screen.cursor.fit(forwards, height),
            Screen::Replay(_) | Screen::Shell(_) => {}
        }
    }
}
