//! The terminal that a remote program believes to have. What it writes is fed to an emulator and
//! only the cells come out: clipboard writes, titles, device queries and all other strings of
//! control are dropped before it, so none can reach the real terminal or fill the memory. At most
//! one frame per 16 ms; a remote that floods is slowed down by the bounded channel it fills.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::happened::{Happened, Mail};
use crate::app::Fact;
use crate::escalation::TerminalSize;
use crate::model::TerminalFrame;
use crate::recording::grid_of;

const FRAME: Duration = Duration::from_millis(16);

/// Until the stream ends; its last frame is sent before this returns.
pub async fn run(mut output: mpsc::Receiver<Bytes>, mut size: watch::Receiver<TerminalSize>, action: u64, mail: Mail) {
    let mut terminal = Emulator::new(*size.borrow_and_update());
    let (mut changed, mut due) = (false, Instant::now());
    loop {
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(due), if changed => {
                let frame = Arc::new(terminal.frame());
                changed = false;
                due = Instant::now() + FRAME;
                mail.send(Happened::Fact(Fact::Terminal { action, frame })).await;
            }
            Ok(()) = size.changed() => {
                let new = *size.borrow_and_update();
                terminal.resize(new);
                changed = true;
            }
            bytes = output.recv() => match bytes {
                Some(bytes) => {
                    terminal.feed(&bytes);
                    changed = true;
                }
                None => break,
            },
        }
    }
    if changed {
        let frame = Arc::new(terminal.frame());
        mail.send(Happened::Fact(Fact::Terminal { action, frame })).await;
    }
}

struct Emulator {
    parser: vt100::Parser,
    filter: Filter,
}

impl Emulator {
    fn new(size: TerminalSize) -> Self {
        let (rows, columns) = cells(size);
        Self {
            parser: vt100::Parser::new(rows, columns, 0),
            filter: Filter::default(),
        }
    }

    fn resize(&mut self, size: TerminalSize) {
        let (rows, columns) = cells(size);
        self.parser.set_size(rows, columns);
    }

    fn feed(&mut self, bytes: &[u8]) {
        let parser = &mut self.parser;
        self.filter.pass(bytes, |safe| parser.process(safe));
    }

    fn frame(&self) -> TerminalFrame {
        let screen = self.parser.screen();
        let (row, column) = screen.cursor_position();
        TerminalFrame {
            grid: grid_of(screen),
            cursor: (!screen.hide_cursor()).then_some((column, row)),
            application_cursor: screen.application_cursor(),
            bracketed_paste: screen.bracketed_paste(),
        }
    }
}

fn cells(size: TerminalSize) -> (NonZeroU16, NonZeroU16) {
    let cells = |n: u16| NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN);
    (cells(size.rows), cells(size.columns))
}

/// Drops strings of control (OSC, DCS, APC, PM, SOS) whole, however long and however cut into
/// pieces: none of them draws anything.
#[derive(Debug, Default)]
struct Filter {
    place: Place,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// Inside a string.
    String,
    /// After ESC inside a string.
    StringEscape,
}

const ESC: u8 = 0x1b;
const BELL: u8 = 7;
const CANCEL: [u8; 2] = [0x18, 0x1a];

impl Filter {
    fn pass(&mut self, bytes: &[u8], mut out: impl FnMut(&[u8])) {
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            let used = match self.place {
                Place::Text => {
                    let text = rest.iter().position(|b| *b == ESC).unwrap_or(rest.len());
                    out(&rest[..text]);
                    if text < rest.len() {
                        self.place = Place::Escape;
                    }
                    (text + 1).min(rest.len())
                }
                Place::Escape if b"]P^_X".contains(&first) => {
                    self.place = Place::String;
                    1
                }
                Place::Escape if first == ESC => 1,
                Place::Escape => {
                    out(&[ESC, first]);
                    self.place = Place::Text;
                    1
                }
                Place::String => {
                    let ends = |b: &u8| *b == ESC || *b == BELL || CANCEL.contains(b);
                    match rest.iter().position(ends) {
                        Some(at) => {
                            self.place = if rest[at] == ESC {
                                Place::StringEscape
                            } else {
                                Place::Text
                            };
                            at + 1
                        }
                        None => rest.len(),
                    }
                }
                Place::StringEscape if first == b'\\' => {
                    self.place = Place::Text;
                    1
                }
                // The string was broken off by another sequence.
                Place::StringEscape => {
                    self.place = Place::Escape;
                    0
                }
            };
            rest = &rest[used..];
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(pieces: &[&[u8]]) -> String {
        let mut emulator = Emulator::new(TerminalSize { columns: 20, rows: 2 });
        for piece in pieces {
            emulator.feed(piece);
        }
        let grid = emulator.frame().grid;
        grid.cells[..20]
            .iter()
            .map(|c| c.symbol.as_str())
            .collect::<String>()
            .trim_end()
            .to_owned()
    }

    #[test]
    fn clipboard_titles_and_other_strings_are_dropped_however_they_are_cut() {
        assert_eq!(shown(&[b"a\x1b]52;c;aGk=\x07b"]), "ab");
        assert_eq!(shown(&[b"a\x1b", b"]52;c;aGk=", b"\x1b", b"\\b"]), "ab");
        assert_eq!(shown(&[b"\x1b]0;title\x1b\\x\x1bPq#0\x1b\\y\x1b_z\x1b\\z"]), "xyz");
        assert_eq!(shown(&[b"\x1b]8;;http://x\x07link\x1b]8;;\x07"]), "link");
        assert_eq!(shown(&[b"\x1b]52;broken off\x1b[31mred"]), "red");
    }

    #[test]
    fn a_string_without_end_takes_no_memory() {
        let mut passed = 0;
        let mut filter = Filter::default();
        filter.pass(b"\x1b]52;c;", |b| passed += b.len());
        for _ in 0..1000 {
            filter.pass(&[b'A'; 4096], |b| passed += b.len());
        }
        assert_eq!(passed, 0);
        assert_eq!(filter.place, Place::String);
    }

    #[test]
    fn colours_cursor_and_modes_pass() {
        let mut emulator = Emulator::new(TerminalSize { columns: 20, rows: 3 });
        emulator.feed(b"\x1b[?1h\x1b[?2004h\x1b[2;3H\x1b[31mred");
        let frame = emulator.frame();
        assert_eq!(frame.cursor, Some((5, 1)));
        assert!(frame.application_cursor && frame.bracketed_paste);
        emulator.feed(b"\x1b[?25l\x1bc");
        emulator.resize(TerminalSize { columns: 10, rows: 1 });
        assert_eq!((emulator.frame().grid.width, emulator.frame().grid.height), (10, 1));
    }

    /// Bytes that terminals care about, and some that they do not.
    fn wild() -> impl Strategy<Value = Vec<u8>> {
        let sharp = prop::sample::select(b"\x1b[]P?;0123456789mHJKLMPXABCDrhlsu@\r\n\x08\t\x07\x0e\x0f".to_vec());
        prop::collection::vec(prop_oneof![4 => sharp, 1 => any::<u8>()], 0..400)
    }

    proptest! {
        #[test]
        fn nothing_that_a_remote_can_write_brings_it_down(
            bytes in wild(), columns in 1_u16..12, rows in 1_u16..6, later in 1_u16..12,
        ) {
            let mut emulator = Emulator::new(TerminalSize { columns, rows });
            emulator.feed(&bytes);
            emulator.resize(TerminalSize { columns: later, rows: later });
            emulator.feed(&bytes);
            prop_assert_eq!(emulator.frame().grid.cells.len(), usize::from(later) * usize::from(later));
        }
    }
}
