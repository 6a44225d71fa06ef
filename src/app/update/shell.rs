//! Keys in a shell: what they are to the remote terminal, and the menu that is the way out. Never
//! takes a key from the remote but that of the menu.

use super::keys::Press;
use super::{act, streams};
use crate::app::screen::Screen;
use crate::app::{Effect, Key, KeyCode, Level, ShellScreen, State};
use crate::escalation::Input;
use crate::model::TerminalFrame;
use crate::registry::Local;
use std::sync::Arc;

/// What ctrl-] is to a terminal.
const MENU_BYTE: u8 = 0x1d;

pub fn key(state: &mut State, press: Press) -> Vec<Effect> {
    let Some(Screen::Shell(shell)) = state.screens.current() else {
        return Vec::new();
    };
    let modes = if shell.menu {
        crate::registry::Mode::ShellMenu.chain()
    } else {
        crate::registry::Mode::Shell.chain()
    };
    if let Some(action) = state.keymap.action(modes, press.key) {
        return act::act(state, action, press);
    }
    if shell.menu {
        return Vec::new();
    }
    let application = shell.frame.as_ref().is_some_and(|frame| frame.application_cursor);
    let (action, bytes) = (shell.action, encode(press.key, application));
    send(action, bytes)
}

/// Whether a key goes to the remote and changes nothing here.
pub fn takes_keys(state: &State) -> bool {
    let in_shell = matches!(state.screens.current(), Some(Screen::Shell(shell)) if !shell.menu);
    in_shell && state.overlay.is_none() && state.messages.newest().is_none()
}

fn send(action: u64, bytes: Vec<u8>) -> Vec<Effect> {
    if bytes.is_empty() {
        return Vec::new();
    }
    vec![Effect::Input(action, Input::Bytes(bytes))]
}

/// The keys of the menu, and the one that opens it.
pub fn act(state: &mut State, local: Local) -> Vec<Effect> {
    let Some(Screen::Shell(shell)) = state.screen_mut() else {
        return Vec::new();
    };
    let action = shell.action;
    shell.menu = local == Local::ShellMenu;
    state.changed = true;
    match local {
        Local::ShellClose => {
            let mut effects = vec![Effect::CloseStream(action)];
            // What the gate says of its end is a message; the screen need not wait for it.
            effects.extend(super::navigate::leave_shell(state, action));
            effects
        }
        Local::ShellSendKey => send(action, vec![MENU_BYTE]),
        _ => Vec::new(),
    }
}

pub fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    let Some(Screen::Shell(shell)) = state.screens.current() else {
        return Vec::new();
    };
    if shell.menu {
        state.say(
            Level::Note,
            "pasted text goes to the remote only when the menu is closed",
        );
        return Vec::new();
    }
    let bracketed = shell.frame.as_ref().is_some_and(|frame| frame.bracketed_paste);
    send(shell.action, pasted(text, bracketed))
}

/// Between marks where the remote wants them; a mark inside the text would end them early.
fn pasted(text: &str, bracketed: bool) -> Vec<u8> {
    let text = text.replace("\r\n", "\n").replace('\n', "\r");
    if bracketed {
        let text = text.replace("\u{1b}[201~", "").replace("\u{1b}[200~", "");
        format!("\u{1b}[200~{text}\u{1b}[201~").into_bytes()
    } else {
        text.into_bytes()
    }
}

/// The remote has drawn something.
pub fn drawn(state: &mut State, action: u64, frame: Arc<TerminalFrame>) {
    if let Some(shell) = find(state, action) {
        shell.frame = Some(frame);
        state.changed = true;
    }
}

fn find(state: &mut State, action: u64) -> Option<&mut ShellScreen> {
    state.screens.path_mut().iter_mut().find_map(|screen| match screen {
        Screen::Shell(shell) if shell.action == action => Some(shell.as_mut()),
        _ => None,
    })
}

/// The terminal has another size, and so has the remote's.
pub fn resized(state: &mut State) -> Vec<Effect> {
    let size = streams::size(state);
    let shells = state.screens.path().iter().filter_map(|screen| match screen {
        Screen::Shell(shell) => Some(shell.action),
        _ => None,
    });
    shells
        .map(|action| Effect::Input(action, Input::Resize(size)))
        .collect()
}

/// As xterm sends it.
fn encode(key: Key, application: bool) -> Vec<u8> {
    let mut bytes = match key.code {
        KeyCode::Char(c) if key.ctrl => vec![control(c)],
        KeyCode::Char(c) => c.to_string().into_bytes(),
        KeyCode::Enter => vec![b'\r'],
        KeyCode::Esc => vec![0x1b],
        KeyCode::Tab => vec![b'\t'],
        KeyCode::Backspace if key.ctrl => vec![8],
        KeyCode::Backspace => vec![0x7f],
        other => return special(other, modifiers(key), application),
    };
    if key.alt {
        bytes.insert(0, 0x1b);
    }
    bytes
}

fn control(c: char) -> u8 {
    match c {
        '2' | ' ' | '@' => 0,
        // What a terminal cannot tell apart: crossterm calls these by their digits.
        '3' => 0x1b,
        '4' => 0x1c,
        '5' => MENU_BYTE,
        '6' => 0x1e,
        '7' | '/' | '-' => 0x1f,
        '8' | '?' => 0x7f,
        c if c.is_ascii() => c.to_ascii_uppercase() as u8 & 0x1f,
        _ => 0,
    }
}

fn modifiers(key: Key) -> u8 {
    1 + u8::from(key.shift) + 2 * u8::from(key.alt) + 4 * u8::from(key.ctrl)
}

fn special(code: KeyCode, modifiers: u8, application: bool) -> Vec<u8> {
    let letter = |c: char| match (modifiers, application) {
        (1, true) => format!("\u{1b}O{c}"),
        (1, false) => format!("\u{1b}[{c}"),
        (m, _) => format!("\u{1b}[1;{m}{c}"),
    };
    let number = |n: u8| match modifiers {
        1 => format!("\u{1b}[{n}~"),
        m => format!("\u{1b}[{n};{m}~"),
    };
    let text = match code {
        KeyCode::Up => letter('A'),
        KeyCode::Down => letter('B'),
        KeyCode::Right => letter('C'),
        KeyCode::Left => letter('D'),
        KeyCode::Home => letter('H'),
        KeyCode::End => letter('F'),
        KeyCode::BackTab => "\u{1b}[Z".into(),
        KeyCode::Insert => number(2),
        KeyCode::Delete => number(3),
        KeyCode::PageUp => number(5),
        KeyCode::PageDown => number(6),
        KeyCode::F(n @ 1..=4) if modifiers == 1 => format!("\u{1b}O{}", char::from(b'O' + n)),
        KeyCode::F(n @ 1..=4) => format!("\u{1b}[1;{modifiers}{}", char::from(b'O' + n)),
        KeyCode::F(5) => number(15),
        KeyCode::F(n @ 6..=10) => number(n + 11),
        KeyCode::F(n @ 11..=12) => number(n + 12),
        _ => String::new(),
    };
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(spelt: &str, application: bool) -> Vec<u8> {
        encode(spelt.parse().expect("a key"), application)
    }

    #[test]
    fn keys_become_what_xterm_sends() {
        for (key, sent) in [
            ("a", "a"),
            ("ü", "ü"),
            ("enter", "\r"),
            ("backspace", "\u{7f}"),
            ("esc", "\u{1b}"),
            ("ctrl-c", "\u{3}"),
            ("ctrl-d", "\u{4}"),
            ("ctrl-z", "\u{1a}"),
            ("ctrl-4", "\u{1c}"),
            ("alt-b", "\u{1b}b"),
            ("up", "\u{1b}[A"),
            ("ctrl-right", "\u{1b}[1;5C"),
            ("delete", "\u{1b}[3~"),
            ("pgdn", "\u{1b}[6~"),
            ("F1", "\u{1b}OP"),
            ("F5", "\u{1b}[15~"),
            ("F12", "\u{1b}[24~"),
        ] {
            assert_eq!(bytes(key, false), sent.as_bytes(), "{key}");
        }
        assert_eq!(bytes("up", true), b"\x1bOA");
        assert_eq!(bytes("home", true), b"\x1bOH");
    }

    #[test]
    fn a_paste_cannot_end_its_own_marks() {
        assert_eq!(pasted("a\nb", false), b"a\rb");
        assert_eq!(pasted("x\u{1b}[201~rm\n", true), b"\x1b[200~xrm\r\x1b[201~");
    }
}
