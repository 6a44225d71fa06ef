//! The recorded screen cell by cell. What a recording holds is foreign text like any other.

use ratatui::layout::Rect;

use crate::config::Scope;
use crate::model::Grid;
use crate::view::canvas::Canvas;
use crate::view::style;

/// The recorded cells from `pan` on, as many as the area has.
pub fn draw_grid(canvas: &mut Canvas, grid: &Grid, pan: (u16, u16), area: Rect) {
    let ground = canvas.style(Scope::Text);
    let pan = (
        pan.0.min(grid.width.saturating_sub(area.width)),
        pan.1.min(grid.height.saturating_sub(area.height)),
    );
    for y in 0..area.height.min(grid.height - pan.1) {
        for x in 0..area.width.min(grid.width - pan.0) {
            let Some(cell) = grid.cell(pan.0 + x, pan.1 + y) else {
                continue;
            };
            let style = ground.patch(style::of_recorded(cell.style));
            if !cell.symbol.is_empty() {
                canvas.put_styled(area.x + x, area.y + y, area.width - x, &cell.symbol, style);
            }
        }
    }
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

    fn drawn(grid: &Grid, pan: (u16, u16), width: u16, height: u16) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        let theme = Theme::default();
        let mut canvas = Canvas::new(&mut buffer, &theme, Scope::Frame);
        draw_grid(&mut canvas, grid, pan, area);
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
        assert_eq!(line(&drawn(&grid, (1, 1), 2, 2), 0), "fg");
        assert_eq!(line(&drawn(&grid, (90, 90), 2, 2), 1), "kl");
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
