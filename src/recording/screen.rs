//! The recorded screen at any time: a terminal that is fed the output, with key frames so that a
//! seek never begins at the start. Nothing it is fed reaches a real terminal.

use std::fmt;
use std::io::Read;
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::parse::{self, Cast, Change, Damage, Marker};
use crate::model::{Colour, Grid, GridCell, Style};

/// Output between two key frames; a seek replays half of it on average, in about a millisecond.
const SPACING: usize = 64 * 1024;
/// What key frames may take together; if they want more, every other one is dropped.
const BUDGET: usize = 32 * 1024 * 1024;
/// Output made to be slow to draw is cut off after this, and a second more for each `PER_SECOND`
/// bytes of it: what kglass records is drawn several times as fast, even unoptimised.
const PATIENCE: Duration = Duration::from_secs(5);
const PER_SECOND: usize = 8 * 1024 * 1024;
/// Fed in pieces so small that patience is looked at often enough.
const PIECE: usize = 1024;

/// A parsed screen recording.
#[derive(Default)]
pub struct Screen {
    cast: Cast,
    keyframes: Vec<Keyframe>,
    /// Played on from here if the next time asked for is later.
    cursor: Mutex<Option<Cursor>>,
}

/// The terminal after the first `applied` changes.
struct Keyframe {
    applied: usize,
    width: u16,
    height: u16,
    state: String,
}

struct Cursor {
    terminal: vt100::Parser,
    applied: usize,
    grid: Arc<Grid>,
}

impl Screen {
    /// Reads a recording as far as it is sound.
    pub fn read(file: impl Read) -> Self {
        let mut screen = Self {
            cast: parse::parse(file),
            ..Self::default()
        };
        let more = Duration::from_secs((screen.cast.output.len() / PER_SECOND) as u64);
        screen.make_keyframes(Instant::now() + PATIENCE + more);
        screen
    }

    /// The screen as it was at `ms`; an empty grid if there is no recording.
    pub fn grid_at(&self, ms: u64) -> Arc<Grid> {
        let target = self.cast.changes.partition_point(|(at, _)| *at <= ms);
        let Some(keyframe) = self.keyframes.iter().rfind(|keyframe| keyframe.applied <= target) else {
            return Arc::default();
        };
        let mut kept = self.cursor.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out, so that a panic in between leaves none that is half played.
        let cursor = kept
            .take()
            .filter(|cursor| (keyframe.applied..=target).contains(&cursor.applied));
        let (mut terminal, applied) = match cursor {
            Some(cursor) if cursor.applied == target => {
                let grid = Arc::clone(&cursor.grid);
                *kept = Some(cursor);
                return grid;
            }
            Some(cursor) => (cursor.terminal, cursor.applied),
            None => (keyframe.terminal(), keyframe.applied),
        };
        for (_, change) in &self.cast.changes[applied..target] {
            self.apply(&mut terminal, *change, None);
        }
        let grid = Arc::new(grid_of(terminal.screen()));
        *kept = Some(Cursor {
            terminal,
            applied: target,
            grid: Arc::clone(&grid),
        });
        grid
    }

    /// Columns and rows at `ms`; zero if there is no recording.
    pub fn size_at(&self, ms: u64) -> (u16, u16) {
        let until = self.cast.changes.partition_point(|(at, _)| *at <= ms);
        let resized = self.cast.changes[..until]
            .iter()
            .rev()
            .find_map(|(_, change)| match change {
                Change::Resize { width, height } => Some((*width, *height)),
                Change::Output { .. } => None,
            });
        resized.unwrap_or((self.cast.width, self.cast.height))
    }

    pub fn duration_ms(&self) -> u64 {
        self.cast.duration_ms
    }

    /// Unix milliseconds of time 0.
    pub fn started_ms(&self) -> Option<i64> {
        self.cast.started_ms
    }

    pub fn markers(&self) -> &[Marker] {
        &self.cast.markers
    }

    pub fn damage(&self) -> Option<&Damage> {
        self.cast.damage.as_ref()
    }

    fn make_keyframes(&mut self, until: Instant) {
        let Some(mut terminal) = new_terminal(self.cast.width, self.cast.height) else {
            return;
        };
        let (mut spacing, mut fed, mut size) = (SPACING, 0, 0);
        self.keyframes.push(Keyframe::of(&terminal, 0));
        for i in 0..self.cast.changes.len() {
            let change = self.cast.changes[i].1;
            if !self.apply(&mut terminal, change, Some(until)) {
                return self.give_up(i);
            }
            fed += match change {
                Change::Output { from, to } => to - from,
                // A new size costs as much as its redrawing.
                Change::Resize { .. } => SPACING / 8,
            };
            if fed < spacing {
                continue;
            }
            fed = 0;
            let keyframe = Keyframe::of(&terminal, i + 1);
            size += keyframe.state.len();
            self.keyframes.push(keyframe);
            if size > BUDGET {
                let mut odd = false;
                self.keyframes.retain(|_| {
                    odd = !odd;
                    odd
                });
                size = self.keyframes.iter().map(|keyframe| keyframe.state.len()).sum();
                spacing *= 2;
            }
        }
    }

    fn give_up(&mut self, change: usize) {
        self.cast.changes.truncate(change);
        self.cast.duration_ms = self.cast.changes.last().map_or(0, |(at, _)| *at);
        self.cast.damage.get_or_insert(Damage {
            line: change as u64 + 2,
            cause: "drawing it takes too long".into(),
            cure: "it is played up to about here; no screen of kglass is like that",
        });
    }

    /// False if patience ran out.
    fn apply(&self, terminal: &mut vt100::Parser, change: Change, until: Option<Instant>) -> bool {
        match change {
            Change::Output { from, to } => {
                for piece in self.cast.output[from..to].chunks(PIECE) {
                    if is_over(until) {
                        return false;
                    }
                    terminal.process(piece);
                }
            }
            Change::Resize { width, height } => {
                if let (Some(columns), Some(rows)) = (NonZeroU16::new(width), NonZeroU16::new(height)) {
                    terminal.set_size(rows, columns);
                }
            }
        }
        !is_over(until)
    }
}

fn is_over(until: Option<Instant>) -> bool {
    until.is_some_and(|until| Instant::now() > until)
}

impl Keyframe {
    fn of(terminal: &vt100::Parser, applied: usize) -> Self {
        let (rows, columns) = terminal.screen().size();
        Self {
            applied,
            width: columns.get(),
            height: rows.get(),
            state: terminal.screen().state_formatted(),
        }
    }

    fn terminal(&self) -> vt100::Parser {
        let mut terminal = new_terminal(self.width, self.height).unwrap_or_default();
        terminal.process(self.state.as_bytes());
        terminal
    }
}

fn new_terminal(width: u16, height: u16) -> Option<vt100::Parser> {
    Some(vt100::Parser::new(NonZeroU16::new(height)?, NonZeroU16::new(width)?, 0))
}

/// What an emulator shows, as plain data.
pub fn grid_of(screen: &vt100::Screen) -> Grid {
    let (rows, columns) = screen.size();
    let mut grid = Grid::blank(columns.get(), rows.get());
    for row in 0..rows.get() {
        let mut before = Style::default();
        for column in 0..columns.get() {
            let at = usize::from(row) * usize::from(columns.get()) + usize::from(column);
            let (Some(drawn), Some(cell)) = (screen.cell(row, column), grid.cells.get_mut(at)) else {
                continue;
            };
            *cell = cell_of(drawn);
            // The emulator keeps no style in the second half of a wide glyph; it has the first's.
            if drawn.is_wide_continuation() {
                cell.style = before;
            }
            before = cell.style;
        }
    }
    grid
}

fn cell_of(cell: &vt100::Cell) -> GridCell {
    let symbol = match cell.contents() {
        _ if cell.is_wide_continuation() => "",
        "" => " ",
        contents => contents,
    };
    GridCell {
        symbol: symbol.into(),
        style: Style {
            foreground: colour(cell.fgcolor()),
            background: colour(cell.bgcolor()),
            bold: cell.bold(),
            dim: cell.dim(),
            italic: cell.italic(),
            underline: cell.underline(),
            reversed: cell.inverse(),
        },
    }
}

fn colour(colour: vt100::Color) -> Colour {
    match colour {
        vt100::Color::Default => Colour::Default,
        vt100::Color::Idx(index) => Colour::Indexed(index),
        vt100::Color::Rgb(r, g, b) => Colour::Rgb(r, g, b),
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen")
            .field("size", &(self.cast.width, self.cast.height))
            .field("changes", &self.cast.changes.len())
            .field("keyframes", &self.keyframes.len())
            .field("damage", &self.cast.damage)
            .finish_non_exhaustive()
    }
}
