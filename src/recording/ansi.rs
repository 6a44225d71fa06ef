//! From one grid to the next as the fewest escape sequences: cursor, colours, text. Nothing that a
//! cell holds can become a sequence of its own.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

use crate::model::{Colour, Grid, GridCell, Style};

/// Clears the screen and draws all of `grid`.
pub fn whole(grid: &Grid) -> String {
    let blank = Grid::blank(grid.width, grid.height);
    "\x1b[0m\x1b[?25l\x1b[2J".to_owned() + &diff(&blank, grid)
}

/// Draws what differs between two grids of one size. Begins and ends with default style.
pub fn diff(before: &Grid, after: &Grid) -> String {
    let mut pen = Pen::default();
    let width = usize::from(after.width.max(1));
    for (i, cell) in after.cells.iter().enumerate() {
        // Drawn with the glyph it belongs to.
        if cell.symbol.is_empty() && i % width > 0 {
            continue;
        }
        let continued = (i + 1) % width > 0 && after.cells.get(i + 1).is_some_and(|next| next.symbol.is_empty());
        let changed =
            before.cells.get(i) != Some(cell) || (continued && before.cells.get(i + 1) != after.cells.get(i + 1));
        if changed {
            pen.draw((i / width, i % width), cell, continued);
        }
    }
    if pen.style != Style::default() {
        pen.out.push_str("\x1b[0m");
    }
    pen.out
}

#[derive(Default)]
struct Pen {
    out: String,
    style: Style,
    /// Where the cursor is, if it is known.
    at: Option<(usize, usize)>,
}

impl Pen {
    fn draw(&mut self, (row, column): (usize, usize), cell: &GridCell, continued: bool) {
        if self.at != Some((row, column)) {
            self.go(row, column);
        }
        if cell.style != self.style {
            self.out.push_str(&sgr(cell.style));
            self.style = cell.style;
        }
        let symbol = recordable(&cell.symbol);
        if continued {
            // Terminals disagree about the width of some glyphs: whichever half this one does not
            // paint must not show what was there before.
            self.out.push_str("  ");
            self.go(row, column);
        }
        self.out.push_str(&symbol);
        // For the same reason the cursor is known only after plain text.
        self.at = (symbol.len() == 1).then_some((row, column + 1));
    }

    fn go(&mut self, row: usize, column: usize) {
        // Writing to a String cannot fail.
        let _ = write!(self.out, "\x1b[{};{}H", row + 1, column + 1);
    }
}

/// One glyph that every terminal puts into one place: no control character, nothing that begins a
/// second glyph.
fn recordable(symbol: &str) -> String {
    let mut out = String::new();
    for c in symbol.chars() {
        match c.width() {
            None => return "\u{fffd}".into(),
            Some(0) if out.is_empty() => {}
            Some(0) => out.push(c),
            Some(_) if out.is_empty() => out.push(c),
            Some(_) => break,
        }
    }
    if out.is_empty() { " ".into() } else { out }
}

fn sgr(style: Style) -> String {
    let mut codes = String::from("\x1b[0");
    let flags = [
        (style.bold, ";1"),
        (style.dim, ";2"),
        (style.italic, ";3"),
        (style.underline, ";4"),
        (style.reversed, ";7"),
    ];
    codes.extend(flags.iter().filter(|(on, _)| *on).map(|(_, code)| *code));
    colour(&mut codes, style.foreground, 38);
    colour(&mut codes, style.background, 48);
    codes + "m"
}

fn colour(codes: &mut String, colour: Colour, base: u8) {
    // Writing to a String cannot fail.
    let _ = match colour {
        Colour::Default => Ok(()),
        Colour::Indexed(index) => write!(codes, ";{base};5;{index}"),
        Colour::Rgb(r, g, b) => write!(codes, ";{base};2;{r};{g};{b}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(rows: &[&str]) -> Grid {
        let mut grid = Grid::blank(rows[0].chars().count() as u16, rows.len() as u16);
        for (cell, c) in grid.cells.iter_mut().zip(rows.iter().flat_map(|row| row.chars())) {
            cell.symbol = if c == '_' { String::new() } else { c.to_string() };
        }
        grid
    }

    #[test]
    fn what_did_not_change_is_not_drawn() {
        let before = grid(&["abcd", "efgh"]);
        assert_eq!(diff(&before, &before), "");
        assert_eq!(diff(&before, &grid(&["abcd", "eXYh"])), "\x1b[2;2HXY");
    }

    #[test]
    fn a_style_is_set_once_for_a_run_and_reset_at_the_end() {
        let before = grid(&["abcd"]);
        let mut after = before.clone();
        for cell in &mut after.cells[1..3] {
            cell.style.bold = true;
            cell.style.foreground = Colour::Indexed(9);
            cell.style.background = Colour::Rgb(1, 2, 3);
        }
        assert_eq!(diff(&before, &after), "\x1b[1;2H\x1b[0;1;38;5;9;48;2;1;2;3mbc\x1b[0m");
    }

    #[test]
    fn a_wide_glyph_first_clears_both_its_cells() {
        assert_eq!(diff(&grid(&["abcd"]), &grid(&["a漢_d"])), "\x1b[1;2H  \x1b[1;2H漢");
        assert_eq!(diff(&grid(&["a漢_d"]), &grid(&["abcd"])), "\x1b[1;2Hbc");
    }

    #[test]
    fn no_cell_can_smuggle_a_sequence_or_a_second_glyph() {
        for (symbol, drawn) in [
            ("\x1b[2J", "\u{fffd}"),
            ("\n", "\u{fffd}"),
            ("\u{9b}", "\u{fffd}"),
            ("e\u{301}", "e\u{301}"),
            ("\u{301}", " "),
            ("👨\u{200d}👩", "👨\u{200d}"),
            ("ab", "a"),
            ("", " "),
        ] {
            assert_eq!(recordable(symbol), drawn, "{symbol:?}");
        }
    }
}
