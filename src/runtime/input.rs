//! Terminal events → facts. Keys that arrive in one read carry `burst`, so that no confirmation
//! takes them for a decision.

use crossterm::event::{Event, KeyCode as Code, KeyEvent, KeyEventKind, KeyModifiers};

use crate::app::{Fact, Key, KeyCode};

/// The facts of one read of the terminal, in order. `burst`: it was part of something longer.
pub fn facts(events: &[Event], burst: bool) -> Vec<Fact> {
    let keys = events
        .iter()
        .filter(|e| matches!(e, Event::Key(k) if k.kind != KeyEventKind::Release))
        .count();
    events
        .iter()
        .filter_map(|event| fact(event, burst || keys > 1))
        .collect()
}

fn fact(event: &Event, burst: bool) -> Option<Fact> {
    match event {
        Event::Key(press) => key(press).map(|key| Fact::Key { key, burst }),
        Event::Paste(text) => Some(Fact::Paste(text.clone())),
        Event::Resize(width, height) => Some(Fact::Resize {
            width: *width,
            height: *height,
        }),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

fn key(press: &KeyEvent) -> Option<Key> {
    if press.kind == KeyEventKind::Release {
        return None;
    }
    let code = match press.code {
        Code::Char(c) => KeyCode::Char(c),
        Code::Enter => KeyCode::Enter,
        Code::Esc => KeyCode::Esc,
        Code::Tab => KeyCode::Tab,
        Code::BackTab => KeyCode::BackTab,
        Code::Backspace => KeyCode::Backspace,
        Code::Delete => KeyCode::Delete,
        Code::Insert => KeyCode::Insert,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        Code::F(n) => KeyCode::F(n),
        _ => return None,
    };
    let is_char = matches!(code, KeyCode::Char(_));
    let shift = press.modifiers.contains(KeyModifiers::SHIFT) && !is_char && code != KeyCode::BackTab;
    Some(Key {
        code,
        ctrl: press.modifiers.contains(KeyModifiers::CONTROL),
        alt: press.modifiers.contains(KeyModifiers::ALT),
        shift,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(c: char) -> Event {
        Event::Key(KeyEvent::new(Code::Char(c), KeyModifiers::NONE))
    }

    #[test]
    fn a_single_key_is_no_burst_and_two_in_one_read_are() {
        assert!(matches!(
            facts(&[press('y')], false)[..],
            [Fact::Key { burst: false, .. }]
        ));
        assert!(matches!(
            facts(&[press('y'), press('y')], false)[..],
            [Fact::Key { burst: true, .. }, Fact::Key { burst: true, .. }]
        ));
        assert!(matches!(
            facts(&[press('y')], true)[..],
            [Fact::Key { burst: true, .. }]
        ));
    }

    #[test]
    fn the_case_of_a_character_carries_its_shift() {
        let event = Event::Key(KeyEvent::new(Code::Char('N'), KeyModifiers::SHIFT));
        let facts = facts(&[event], false);
        assert!(matches!(
            facts[..],
            [Fact::Key {
                key: Key {
                    code: KeyCode::Char('N'),
                    shift: false,
                    ..
                },
                ..
            }]
        ));
    }
}
