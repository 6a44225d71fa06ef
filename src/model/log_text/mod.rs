//! One line of log: text with the colours its program chose. SGR is parsed into runs of style and
//! every other escape sequence is dropped; nothing of a sequence can reach the terminal, since only
//! `TermSafe` text and our own `Style` leave this file.

mod escape;

use std::sync::Arc;

use self::escape::{apply, sequence};
use super::{Colour, Style, TermSafe, term_safe};

/// Columns between the tab stops of a log line.
const TAB_STOP: usize = 8;

/// From `start` to `end`, bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StyleRun {
    pub start: u32,
    pub end: u32,
    pub style: Style,
}

/// Text and the runs in it that are not in the default style, in order, without overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogText {
    text: TermSafe,
    runs: Option<Arc<[StyleRun]>>,
}

impl LogText {
    /// Parses one line as a container wrote it, with or without its line end. Complete sequences
    /// other than SGR vanish; an unfinished one is shown, so that it cannot hide the rest.
    pub fn parse(raw: &str) -> Self {
        let raw = raw.strip_suffix('\n').unwrap_or(raw);
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        if raw.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return Self {
                text: TermSafe::new(raw),
                runs: None,
            };
        }
        let mut line = Builder::default();
        let mut rest = raw;
        while let Some(at) = rest.find(['\u{1b}', '\u{9b}', '\u{9d}', '\u{90}', '\u{98}', '\u{9e}', '\u{9f}']) {
            line.text(&rest[..at]);
            rest = &rest[at..];
            let (length, parameters) = sequence(rest);
            if let Some(parameters) = parameters {
                apply(&mut line.style, parameters);
            }
            if length == 0 {
                let introducer = rest.chars().next().map_or(1, char::len_utf8);
                line.text(&rest[..introducer]);
                rest = &rest[introducer..];
            } else {
                rest = &rest[length..];
            }
        }
        line.text(rest);
        line.finish()
    }

    pub fn text(&self) -> &TermSafe {
        &self.text
    }

    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    pub fn runs(&self) -> &[StyleRun] {
        self.runs.as_deref().unwrap_or_default()
    }
}

#[derive(Default)]
struct Builder {
    shown: String,
    runs: Vec<StyleRun>,
    style: Style,
    /// Characters so far: exact columns for ASCII, and close enough for the rest.
    column: usize,
}

impl Builder {
    fn text(&mut self, raw: &str) {
        if raw.is_empty() {
            return;
        }
        let start = self.shown.len();
        for (index, piece) in raw.split('\t').enumerate() {
            if index > 0 {
                let blanks = TAB_STOP - self.column % TAB_STOP;
                self.shown.extend(std::iter::repeat_n(' ', blanks));
                self.column += blanks;
            }
            let piece = term_safe::clean(piece);
            self.column += piece.chars().count();
            self.shown.push_str(&piece);
        }
        if self.style != Style::default() && self.shown.len() > start {
            self.runs.push(StyleRun {
                start: start as u32,
                end: self.shown.len() as u32,
                style: readable(self.style),
            });
        }
    }

    fn finish(self) -> LogText {
        // Pieces were cleaned one by one; marks at the start of a piece already got a base, so a
        // second pass changes nothing and the runs stay where they are.
        LogText {
            text: TermSafe::new(&self.shown),
            runs: (!self.runs.is_empty()).then(|| self.runs.into()),
        }
    }
}

/// Text in the colour of its ground would be hidden; then the ground goes.
fn readable(mut style: Style) -> Style {
    if style.foreground == style.background {
        style.background = Colour::Default;
    }
    style
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn foreground(colour: Colour) -> Style {
        Style {
            foreground: colour,
            ..Style::default()
        }
    }

    #[test]
    fn colours_become_runs_and_the_text_is_bare() {
        let line = LogText::parse("\u{1b}[31mERROR\u{1b}[0m cannot reach \u{1b}[1;38;5;208mledger\u{1b}[m\r\n");
        assert_eq!(line.as_str(), "ERROR cannot reach ledger");
        let [error, ledger] = line.runs() else {
            panic!("{:?}", line.runs())
        };
        assert_eq!(
            (error.start, error.end, error.style),
            (0, 5, foreground(Colour::Indexed(1)))
        );
        assert_eq!((ledger.start, ledger.end, ledger.style.bold), (19, 25, true));
        assert_eq!(ledger.style.foreground, Colour::Indexed(208));
    }

    #[test]
    fn both_spellings_of_a_true_colour_are_read() {
        for raw in ["\u{1b}[38;2;1;2;3mx", "\u{1b}[38:2::1:2:3mx", "\u{9b}38:2:1:2:3mx"] {
            assert_eq!(
                LogText::parse(raw).runs()[0].style.foreground,
                Colour::Rgb(1, 2, 3),
                "{raw:?}"
            );
        }
    }

    #[test]
    fn every_other_sequence_vanishes() {
        let sequences = [
            "\u{1b}[2J",
            "\u{1b}[?1049h",
            "\u{1b}[>1m",
            "\u{1b}]0;title\u{7}",
            "\u{1b}]52;c;ZXZpbA==\u{1b}\\",
            "\u{1b}]8;;http://x\u{9c}",
            "\u{1b}P1$r\u{1b}\\",
            "\u{1b}_apc\u{1b}\\",
            "\u{9d}0;t\u{7}",
            "\u{90}q\u{9c}",
            "\u{1b}(B",
            "\u{1b}c",
            "\u{1b}[5 q",
            "\u{9b}6n",
            "\u{1b}[8m",
        ];
        for raw in sequences {
            let line = LogText::parse(&format!("a{raw}b"));
            assert_eq!((line.as_str(), line.runs()), ("ab", &[][..]), "{raw:?}");
        }
    }

    #[test]
    fn an_unfinished_sequence_hides_nothing() {
        assert_eq!(LogText::parse("a\u{1b}]0;the rest").as_str(), "a␛]0;the rest");
        assert_eq!(LogText::parse("a\u{1b}[12").as_str(), "a␛[12");
        assert_eq!(LogText::parse("a\u{1b}Pq\u{1b}[31mred").as_str(), "a␛Pqred");
        assert_eq!(LogText::parse("end\u{1b}").as_str(), "end␛");
    }

    #[test]
    fn text_in_the_colour_of_its_ground_stays_readable() {
        let style = LogText::parse("\u{1b}[30;40mhidden").runs()[0].style;
        assert_ne!(style.foreground, style.background);
    }

    #[test]
    fn tabs_go_to_the_next_stop_and_carriage_returns_are_seen() {
        assert_eq!(LogText::parse("ab\tc\td").as_str(), "ab      c       d");
        assert_eq!(LogText::parse("12%\r34%").as_str(), "12%␍34%");
    }

    proptest! {
        #[test]
        fn whatever_comes_the_text_is_safe_and_the_runs_lie_in_it(raw in "([ -~]|\u{1b}|[\u{80}-\u{9f}]|\\PC|[\\[\\]0-9;:mPq\u{7}\\\\]){0,60}") {
            let line = LogText::parse(&raw);
            prop_assert_eq!(TermSafe::new(line.as_str()), line.text().clone());
            let mut from = 0;
            for run in line.runs() {
                prop_assert!(from <= run.start && run.start < run.end);
                prop_assert!(line.as_str().get(run.start as usize..run.end as usize).is_some());
                from = run.end;
            }
        }
    }
}
