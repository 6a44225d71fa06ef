//! One line of typed text with a caret, moved by graphemes, so that an accent or an emoji is one
//! step and one deletion. Never holds a line break or a control character.

use unicode_segmentation::UnicodeSegmentation;

use crate::config::{Key, KeyCode};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputLine {
    text: String,
    /// Byte offset, always between two graphemes.
    caret: usize,
    /// Nobody typed it: the first letter replaces it.
    offered: bool,
}

impl InputLine {
    pub fn new(text: &str) -> Self {
        let mut line = Self::default();
        line.insert(text);
        line
    }

    /// A proposal: enter takes it, the first letter replaces it, any other key begins to edit it.
    pub fn offered(text: &str) -> Self {
        Self {
            offered: true,
            ..Self::new(text)
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte offset of the caret in the text.
    pub fn caret(&self) -> usize {
        self.caret
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub fn set(&mut self, text: &str) {
        *self = Self::new(text);
    }

    /// Inserts text at the caret; line breaks become spaces, other control characters are dropped.
    pub fn insert(&mut self, text: &str) {
        let clean: String = text
            .chars()
            .map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c })
            .filter(|c| !c.is_control())
            .collect();
        if std::mem::take(&mut self.offered) {
            self.text.clear();
            self.caret = 0;
        }
        self.text.insert_str(self.caret, &clean);
        self.caret += clean.len();
        // A combining mark joins the grapheme before it; the caret goes behind the whole of it.
        if !self.is_boundary() {
            self.right();
        }
    }

    /// Handles an editing key; false if the key is none.
    pub fn key(&mut self, key: Key) -> bool {
        self.offered &= matches!(key.code, KeyCode::Char(_)) && !key.ctrl && !key.alt;
        match (key.ctrl, key.alt, key.code) {
            (false, false, KeyCode::Char(c)) => self.insert(c.encode_utf8(&mut [0; 4])),
            (false, _, KeyCode::Backspace) | (true, false, KeyCode::Char('h')) => self.delete_back(),
            (false, false, KeyCode::Delete) => self.delete_forward(),
            (false, false, KeyCode::Left) | (true, false, KeyCode::Char('b')) => self.left(),
            (false, false, KeyCode::Right) | (true, false, KeyCode::Char('f')) => self.right(),
            (false, false, KeyCode::Home) | (true, false, KeyCode::Char('a')) => self.caret = 0,
            (false, false, KeyCode::End) | (true, false, KeyCode::Char('e')) => self.caret = self.text.len(),
            (true, false, KeyCode::Left) | (false, true, KeyCode::Char('b')) => self.caret = self.word_start(),
            (true, false, KeyCode::Right) | (false, true, KeyCode::Char('f')) => self.caret = self.word_end(),
            (true, false, KeyCode::Char('w')) => self.delete_from(self.word_start()),
            (true, false, KeyCode::Char('u')) => self.delete_from(0),
            (true, false, KeyCode::Char('k')) => self.text.truncate(self.caret),
            _ => return false,
        }
        true
    }

    fn is_boundary(&self) -> bool {
        self.caret == self.text.len() || self.text.grapheme_indices(true).any(|(at, _)| at == self.caret)
    }

    fn left(&mut self) {
        self.caret = self.text[..self.caret]
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(at, _)| at);
    }

    fn right(&mut self) {
        self.caret = self
            .text
            .grapheme_indices(true)
            .map(|(at, _)| at)
            .find(|&at| at > self.caret)
            .unwrap_or(self.text.len());
    }

    fn delete_back(&mut self) {
        let end = self.caret;
        self.left();
        self.text.replace_range(self.caret..end, "");
    }

    fn delete_forward(&mut self) {
        let start = self.caret;
        self.right();
        self.text.replace_range(start..self.caret, "");
        self.caret = start;
    }

    fn delete_from(&mut self, start: usize) {
        self.text.replace_range(start..self.caret, "");
        self.caret = start;
    }

    /// Start of the word before the caret. Words are parted by blanks only: a name with dashes is
    /// one word, as in a shell's ctrl-w.
    fn word_start(&self) -> usize {
        let before = self.text[..self.caret].trim_end_matches(' ');
        before.rfind(' ').map_or(0, |blank| blank + 1)
    }

    fn word_end(&self) -> usize {
        let after = &self.text[self.caret..];
        let blanks = after.len() - after.trim_start_matches(' ').len();
        after[blanks..]
            .find(' ')
            .map_or(self.text.len(), |at| self.caret + blanks + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &mut InputLine, keys: &[&str]) {
        for key in keys {
            assert!(line.key(key.parse().expect("a key")), "{key}");
        }
    }

    #[test]
    fn an_emoji_and_an_accent_are_one_step_and_one_deletion() {
        let mut line = InputLine::new("a👩‍🚒e\u{301}");
        typed(&mut line, &["backspace"]);
        assert_eq!(line.text(), "a👩‍🚒");
        typed(&mut line, &["left"]);
        assert_eq!(line.caret(), 1);
        typed(&mut line, &["delete"]);
        assert_eq!(line.text(), "a");
    }

    #[test]
    fn a_proposal_is_replaced_by_the_first_letter_and_edited_by_other_keys() {
        let mut line = InputLine::offered("2");
        typed(&mut line, &["3"]);
        assert_eq!(line.text(), "3");
        typed(&mut line, &["1"]);
        assert_eq!(line.text(), "31");
        let mut line = InputLine::offered("12");
        typed(&mut line, &["backspace", "5"]);
        assert_eq!(line.text(), "15");
        let mut line = InputLine::offered("2");
        typed(&mut line, &["end", "0"]);
        assert_eq!(line.text(), "20");
    }

    #[test]
    fn the_shell_keys_move_and_delete() {
        let mut line = InputLine::new("po kube-system /web");
        typed(&mut line, &["ctrl-w"]);
        assert_eq!(line.text(), "po kube-system ");
        typed(&mut line, &["ctrl-w", "ctrl-a", "ctrl-e", "x"]);
        assert_eq!(line.text(), "po x");
        typed(&mut line, &["ctrl-u"]);
        assert!(line.is_empty());
    }

    #[test]
    fn what_is_pasted_loses_its_line_breaks_and_control_characters() {
        let mut line = InputLine::default();
        line.insert("a\r\nb\u{1b}[31m\u{7}c");
        assert_eq!(line.text(), "a  b[31mc");
    }

    #[test]
    fn a_combining_mark_typed_alone_joins_the_letter_before_it() {
        let mut line = InputLine::new("e");
        line.insert("\u{301}");
        assert_eq!(line.caret(), line.text().len());
        typed(&mut line, &["backspace"]);
        assert!(line.is_empty());
    }

    #[test]
    fn a_command_key_is_left_to_others() {
        assert!(!InputLine::default().key(Key::ctrl('s')));
        assert!(!InputLine::default().key(Key::plain(KeyCode::Enter)));
    }
}
