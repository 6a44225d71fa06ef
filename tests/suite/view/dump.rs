//! A screen as text that a reviewer can read: the grid with a closing edge, so that trailing blanks
//! show, and below it the runs of style by scope name. The probe theme gives each scope colours of
//! its own, so that a cell tells which scopes made it.

use std::fmt::Write;

use kglass::app::State;
use kglass::config::{Scope, Theme};
use kglass::view::{self, Drawn};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

/// Scopes that are laid over others and must leave their words alone.
const GROUNDS: &[Scope] = &[Scope::TableCursor];
/// Scopes that set ground and words.
const BOTH: &[Scope] = &[
    Scope::Text,
    Scope::Hit,
    Scope::HitCurrent,
    Scope::Focus,
    Scope::BrokenBanner,
    Scope::BrokenSoon,
];

pub fn probe_theme() -> Theme {
    let mut text = String::from("[scopes]\n");
    for (index, scope) in Scope::ALL.iter().enumerate() {
        let style = match scope {
            Scope::Changed => "underline = true".to_owned(),
            s if GROUNDS.contains(s) => format!("bg = \"#c8{index:02x}00\""),
            s if BOTH.contains(s) => format!("fg = \"#c8{index:02x}00\", bg = \"#c8{index:02x}00\""),
            _ => format!("fg = \"#c8{index:02x}00\""),
        };
        let _ = writeln!(text, "\"{}\" = {{ {style} }}", scope.as_str());
    }
    let (theme, problems) = Theme::parse("probe", &text, &|_| None);
    assert_eq!(problems, []);
    theme
}

pub fn drawn(state: &State, theme: &Theme) -> (Buffer, Drawn) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, state.width, state.height));
    let drawn = view::draw(state, theme, &mut buffer);
    (buffer, drawn)
}

/// Grid, styles, cursor and what must not be recorded.
pub fn dump(state: &State) -> String {
    let (buffer, drawn) = drawn(state, &probe_theme());
    let mut out = grid(&buffer);
    out.push_str("styles\n");
    for y in 0..buffer.area.height {
        for (from, to, name) in runs(&buffer, y) {
            let _ = writeln!(out, "{y}:{from}-{to} {name}");
        }
    }
    if let Some((x, y)) = drawn.cursor {
        let _ = writeln!(out, "cursor {y}:{x}");
    }
    for area in &drawn.private {
        let _ = writeln!(out, "private {}:{} {}x{}", area.y, area.x, area.width, area.height);
    }
    out
}

pub fn grid(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut out = String::new();
    for y in 0..area.height {
        let mut hidden = 0;
        for x in 0..area.width {
            // The cell behind a wide glyph is never sent.
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            hidden = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            out.push_str(symbol);
        }
        out.push_str("▏\n");
    }
    out
}

/// A run of cells in one line: from, to (exclusive), name.
pub type Run = (u16, u16, String);

/// What the words of a line are, and on which ground they stand where it is not the screen's.
pub fn runs(buffer: &Buffer, y: u16) -> Vec<Run> {
    let cells = || (0..buffer.area.width).map(|x| (x, &buffer[(x, y)]));
    let mut runs = merged(cells(), words, true);
    runs.extend(merged(cells(), ground, false));
    runs
}

/// Runs with the same name; words go on over blanks.
fn merged<'b>(
    cells: impl Iterator<Item = (u16, &'b Cell)>,
    name: fn(&Cell) -> Option<String>,
    over_blanks: bool,
) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut only_blanks = false;
    for (x, cell) in cells {
        match name(cell) {
            Some(name) => {
                match runs.last_mut() {
                    Some((_, to, last)) if *last == name && (*to == x || only_blanks) => *to = x + 1,
                    _ => runs.push((x, x + 1, name)),
                }
                only_blanks = over_blanks;
            }
            None => only_blanks &= cell.symbol() == " ",
        }
    }
    runs
}

fn words(cell: &Cell) -> Option<String> {
    if cell.symbol() == " " {
        return None;
    }
    let mut name = scope(cell.fg);
    if cell.modifier.contains(Modifier::UNDERLINED) {
        name.push_str(" + row.changed");
    }
    (name != "text").then_some(name)
}

fn ground(cell: &Cell) -> Option<String> {
    let name = scope(cell.bg);
    (name != "text").then(|| format!("ground {name}"))
}

fn scope(colour: Color) -> String {
    match colour {
        Color::Rgb(0xc8, index, 0) => Scope::ALL[usize::from(index)].as_str().to_owned(),
        other => format!("{other:?}"),
    }
}
