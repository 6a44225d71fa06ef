//! Keys as a keymap spells them: `ctrl-d`, `shift-tab`, `F5`, `!`, `N`.

use std::fmt;
use std::str::FromStr;

/// A key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub code: KeyCode,
    pub ctrl: bool,
    pub alt: bool,
    /// Only for keys that are not characters; for characters the case carries it.
    pub shift: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyCode {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("space", KeyCode::Char(' ')),
];

impl Key {
    pub const fn plain(code: KeyCode) -> Self {
        Self {
            code,
            ctrl: false,
            alt: false,
            shift: false,
        }
    }

    pub const fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    pub const fn ctrl(c: char) -> Self {
        Self {
            ctrl: true,
            ..Self::char(c)
        }
    }
}

/// A key that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key; {SPELLING}")]
pub struct BadKey(pub String);

/// The cure of a key that could not be read.
pub const SPELLING: &str = "write for example `ctrl-d`, `shift-tab`, `F5`, `!`, `shift-n`, `space`";

impl FromStr for Key {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let mut key = Self::plain(KeyCode::Esc);
        let mut rest = text;
        // A single `-` is the key itself, hence the length.
        while rest.chars().count() > 1 {
            let Some((prefix, after)) = rest.split_once('-').filter(|(_, after)| !after.is_empty()) else {
                break;
            };
            match prefix {
                "ctrl" if !key.ctrl => key.ctrl = true,
                "alt" if !key.alt => key.alt = true,
                "shift" if !key.shift => key.shift = true,
                _ => return Err(BadKey(text.into())),
            }
            rest = after;
        }
        key.code = code(rest).ok_or_else(|| BadKey(text.into()))?;
        key.normal().ok_or_else(|| BadKey(text.into()))
    }
}

fn code(name: &str) -> Option<KeyCode> {
    let mut chars = name.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control()).then_some(KeyCode::Char(c));
    }
    if let Some(number) = name.strip_prefix(['F', 'f']) {
        return number.parse().ok().filter(|n| (1..=24).contains(n)).map(KeyCode::F);
    }
    NAMED.iter().find(|(n, _)| *n == name).map(|&(_, code)| code)
}

impl Key {
    /// The one spelling a terminal sends: `shift-n` is `N`, `shift-tab` its own code, and under
    /// ctrl the case is lost.
    fn normal(mut self) -> Option<Self> {
        match self.code {
            KeyCode::Char(c) if self.ctrl => self.code = KeyCode::Char(c.to_ascii_lowercase()),
            KeyCode::Char(c) if self.shift => {
                let upper = c.to_ascii_uppercase();
                // Which character shift and a digit give depends on the keyboard.
                if !upper.is_ascii_uppercase() {
                    return None;
                }
                self.code = KeyCode::Char(upper);
                self.shift = false;
            }
            KeyCode::Tab if self.shift => {
                self.code = KeyCode::BackTab;
                self.shift = false;
            }
            _ => {}
        }
        Some(self)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (on, word) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if on {
                f.write_str(word)?;
            }
        }
        match self.code {
            KeyCode::BackTab => f.write_str("shift-tab"),
            KeyCode::F(n) => write!(f, "F{n}"),
            // A capital alone is easily read as the small letter.
            KeyCode::Char(c) if c.is_ascii_uppercase() && !self.ctrl => {
                write!(f, "shift-{}", c.to_ascii_lowercase())
            }
            code => match NAMED.iter().find(|(_, c)| *c == code) {
                Some((name, _)) => f.write_str(name),
                None => match code {
                    KeyCode::Char(c) => write!(f, "{c}"),
                    _ => Ok(()),
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Key {
        text.parse().expect("a key")
    }

    #[test]
    fn keys_are_read_as_a_terminal_sends_them() {
        assert_eq!(read("ctrl-D"), Key::ctrl('d'));
        assert_eq!(read("shift-n"), Key::char('N'));
        assert_eq!(read("shift-tab"), Key::plain(KeyCode::BackTab));
        assert_eq!(read("-"), Key::char('-'));
        assert_eq!(read("ctrl--"), Key::ctrl('-'));
        assert_eq!(read("space"), Key::char(' '));
        assert_eq!(read("f5"), Key::plain(KeyCode::F(5)));
        assert!(read("shift-left").shift);
    }

    #[test]
    fn what_no_terminal_sends_is_no_key() {
        for text in ["", "shift-1", "ctrl-ctrl-a", "meta-x", "F0", "F99", "entre", "ctrl-"] {
            assert_eq!(text.parse::<Key>(), Err(BadKey(text.into())), "{text}");
        }
    }

    #[test]
    fn a_capital_is_written_so_that_nobody_takes_it_for_a_small_letter() {
        assert_eq!(Key::char('N').to_string(), "shift-n");
        assert_eq!(Key::char('!').to_string(), "!");
        assert_eq!(Key::ctrl('d').to_string(), "ctrl-d");
        assert_eq!(Key::plain(KeyCode::PageUp).to_string(), "pgup");
    }
}
