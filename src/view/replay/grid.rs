//! The recorded screen cell by cell. What a recording holds is foreign text like any other.

use std::ops::Range;

use ratatui::layout::Rect;

use crate::config::Scope;
use crate::model::Grid;
use crate::view::canvas::Canvas;
use crate::view::style;

/// Blank rows that part a table from the lines below it, at least.
const LEAST_GAP: usize = 2;

/// The grid from its first cell on, as much as the area has.
pub fn draw_grid(canvas: &mut Canvas, grid: &Grid, area: Rect) {
    let rows: Vec<u16> = (0..grid.height.min(area.height)).collect();
    draw_rows(canvas, grid, 0, &rows, area);
}

/// These rows of the grid under each other, from column `left` on.
pub fn draw_rows(canvas: &mut Canvas, grid: &Grid, left: u16, rows: &[u16], area: Rect) {
    let ground = canvas.style(Scope::Text);
    let left = left.min(grid.width.saturating_sub(area.width));
    for (y, row) in (0..area.height).zip(rows) {
        for x in 0..area.width.min(grid.width - left) {
            let Some(cell) = grid.cell(left + x, *row) else {
                continue;
            };
            let style = ground.patch(style::of_recorded(cell.style));
            if !cell.symbol.is_empty() {
                canvas.put_styled(area.x + x, area.y + y, area.width - x, &cell.symbol, style);
            }
        }
    }
}

/// The rows that are seen where there is room for `room` of them. While nobody pans, the first that are
/// left out are blank ones, then those above them; where there are none, those at the end are seen.
/// Questions and messages stand at the end. The first row always is seen: it says whether the glass
/// was broken.
pub fn rows_seen(grid: &Grid, room: u16, top: Option<u16>) -> Vec<u16> {
    let over = grid.height.saturating_sub(room);
    if over == 0 || room == 0 {
        return (0..grid.height.min(room)).collect();
    }
    if top.is_none()
        && let Some(blank) = longest_blank(grid).filter(|blank| is_a_fold(grid, blank, room))
    {
        return (0..blank.end - over).chain(blank.end..grid.height).collect();
    }
    let top = top.unwrap_or(over).min(over);
    std::iter::once(0).chain(top + 1..top + room).collect()
}

/// Not any gap in a text: either it is all that has to go, or what is below it is short, as under a
/// table.
fn is_a_fold(grid: &Grid, blank: &Range<u16>, room: u16) -> bool {
    let below = grid.height - blank.end;
    let is_enough = blank.end - blank.start >= grid.height - room;
    is_enough || (blank.len() >= LEAST_GAP && below <= room / 2)
}

fn longest_blank(grid: &Grid) -> Option<Range<u16>> {
    let is_blank = |row: u16| (0..grid.width).all(|x| grid.cell(x, row).is_none_or(|cell| cell.symbol == " "));
    let (mut longest, mut start) = (0..0, None);
    for row in 0..grid.height {
        if !is_blank(row) {
            start = None;
            continue;
        }
        let from = *start.get_or_insert(row);
        if row + 1 - from > longest.end - longest.start {
            longest = from..row + 1;
        }
    }
    (!longest.is_empty()).then_some(longest)
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::style::{Color, Modifier};

    use super::*;
    use crate::config::Theme;
    use crate::model::{Colour, GridCell, Style};

    fn recorded(lines: &[&str]) -> Grid {
        let mut grid = Grid::blank(lines[0].chars().count() as u16, lines.len() as u16);
        for (cell, c) in grid.cells.iter_mut().zip(lines.iter().flat_map(|line| line.chars())) {
            cell.symbol = c.into();
        }
        grid
    }

    fn drawn(grid: &Grid, (left, top): (u16, u16), width: u16, height: u16) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        let theme = Theme::default();
        let mut canvas = Canvas::new(&mut buffer, &theme, Scope::Frame);
        draw_rows(&mut canvas, grid, left, &rows_seen(grid, height, Some(top)), area);
        buffer
    }

    fn line(buffer: &Buffer, y: u16) -> String {
        (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect()
    }

    #[test]
    fn a_recording_is_shown_cell_by_cell_and_nothing_beside_it() {
        let buffer = drawn(&recorded(&["abc", "def"]), (0, 0), 5, 3);
        assert_eq!(
            (0..3).map(|y| line(&buffer, y)).collect::<Vec<_>>(),
            ["abc  ", "def  ", "     "]
        );
    }

    #[test]
    fn a_smaller_screen_pans_and_never_beyond_the_edge() {
        let grid = recorded(&["abcd", "efgh", "ijkl"]);
        assert_eq!(line(&drawn(&grid, (1, 0), 2, 2), 1), "fg");
        assert_eq!(line(&drawn(&grid, (90, 90), 2, 2), 1), "kl");
    }

    #[test]
    fn the_first_row_and_the_last_stay_in_sight() {
        let grid = recorded(&["banner", "heads ", "row   ", "row   ", "asks? "]);
        assert_eq!(rows_seen(&grid, 3, None), [0, 3, 4]);
        assert_eq!(rows_seen(&grid, 3, Some(0)), [0, 1, 2]);
        assert_eq!(rows_seen(&grid, 3, Some(1)), [0, 2, 3]);
        assert_eq!(rows_seen(&grid, 9, Some(1)), [0, 1, 2, 3, 4]);
        assert_eq!(rows_seen(&grid, 1, None), [0]);
        assert!(rows_seen(&grid, 0, None).is_empty());
    }

    #[test]
    fn blank_rows_are_left_out_before_written_ones() {
        let grid = recorded(&["banner", "row   ", "      ", "      ", "      ", "asks? "]);
        assert_eq!(rows_seen(&grid, 4, None), [0, 1, 2, 5]);
        // Too few of them are blank.
        assert_eq!(rows_seen(&grid, 2, None), [0, 5]);
        let grid = recorded(&["banner", "      ", "      ", "a     ", "b     ", "asks? "]);
        assert_eq!(rows_seen(&grid, 4, None), [0, 3, 4, 5]);
        assert_eq!(rows_seen(&grid, 3, None), [0, 4, 5], "a gap in a text");
        // Who pans sees them.
        assert_eq!(rows_seen(&grid, 4, Some(0)), [0, 1, 2, 3]);
    }

    #[test]
    fn recorded_colours_are_kept_and_default_ones_are_ours() {
        let mut grid = recorded(&["xy"]);
        grid.cells[0].style = Style {
            foreground: Colour::Indexed(1),
            bold: true,
            ..Style::default()
        };
        let buffer = drawn(&grid, (0, 0), 2, 1);
        assert_eq!(buffer[(0, 0)].fg, Color::Indexed(1));
        assert!(buffer[(0, 0)].modifier.contains(Modifier::BOLD));
        assert_eq!(buffer[(0, 0)].bg, buffer[(1, 0)].bg);
        assert_ne!(buffer[(1, 0)].fg, Color::Reset);
    }

    #[test]
    fn a_damaged_recording_cannot_send_controls() {
        let mut grid = recorded(&["ab"]);
        grid.cells[0] = GridCell {
            symbol: "\u{1b}[2J".into(),
            style: Style::default(),
        };
        assert!(!line(&drawn(&grid, (0, 0), 2, 1), 0).contains('\u{1b}'));
    }
}
