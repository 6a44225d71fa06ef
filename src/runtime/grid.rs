//! Copies ratatui's buffer into `model::Grid`, the form that `recording` writes. Here and not in
//! `view`, so that `view` stays without knowledge of recordings.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use crate::model::{Colour, Grid, GridCell, Style};

/// The buffer as plain data.
pub fn copy(buffer: &Buffer) -> Grid {
    let area = buffer.area;
    let mut cells = Vec::with_capacity(buffer.content.len());
    let mut covered = 0_usize;
    for (i, cell) in buffer.content.iter().enumerate() {
        if i % usize::from(area.width.max(1)) == 0 {
            covered = 0;
        }
        let symbol = if covered > 0 {
            String::new()
        } else {
            cell.symbol().to_owned()
        };
        covered = if covered > 0 {
            covered - 1
        } else {
            unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1)
        };
        cells.push(GridCell {
            symbol,
            style: style(cell),
        });
    }
    Grid {
        width: area.width,
        height: area.height,
        cells,
    }
}

fn style(cell: &ratatui::buffer::Cell) -> Style {
    let m = cell.modifier;
    Style {
        foreground: colour(cell.fg),
        background: colour(cell.bg),
        bold: m.contains(Modifier::BOLD),
        dim: m.contains(Modifier::DIM),
        italic: m.contains(Modifier::ITALIC),
        underline: m.contains(Modifier::UNDERLINED),
        reversed: m.contains(Modifier::REVERSED),
    }
}

fn colour(colour: Color) -> Colour {
    match colour {
        Color::Reset => Colour::Default,
        Color::Rgb(r, g, b) => Colour::Rgb(r, g, b),
        Color::Indexed(i) => Colour::Indexed(i),
        Color::Black => Colour::Indexed(0),
        Color::Red => Colour::Indexed(1),
        Color::Green => Colour::Indexed(2),
        Color::Yellow => Colour::Indexed(3),
        Color::Blue => Colour::Indexed(4),
        Color::Magenta => Colour::Indexed(5),
        Color::Cyan => Colour::Indexed(6),
        Color::Gray => Colour::Indexed(7),
        Color::DarkGray => Colour::Indexed(8),
        Color::LightRed => Colour::Indexed(9),
        Color::LightGreen => Colour::Indexed(10),
        Color::LightYellow => Colour::Indexed(11),
        Color::LightBlue => Colour::Indexed(12),
        Color::LightMagenta => Colour::Indexed(13),
        Color::LightCyan => Colour::Indexed(14),
        Color::White => Colour::Indexed(15),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    #[test]
    fn the_cell_behind_a_wide_glyph_is_empty() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        buffer.set_string(0, 0, "日a", ratatui::style::Style::new().fg(Color::Red));
        let grid = copy(&buffer);
        let symbols: Vec<_> = grid.cells.iter().map(|c| c.symbol.as_str()).collect();
        assert_eq!(symbols, ["日", "", "a", " "]);
        assert_eq!(grid.cells[2].style.foreground, Colour::Indexed(1));
    }
}
