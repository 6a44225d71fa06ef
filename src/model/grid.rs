//! A terminal screen as plain data: what was drawn, cell by cell. `runtime` copies ratatui's
//! buffer into it, `recording` writes and plays it; neither needs to know the other.

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

impl Rect {
    pub fn contains(self, x: u16, y: u16) -> bool {
        x >= self.x && y >= self.y && x < self.x.saturating_add(self.width) && y < self.y.saturating_add(self.height)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Colour {
    #[default]
    Default,
    /// 0-255 of the terminal's palette.
    Indexed(u8),
    Rgb(u8, u8, u8),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    pub foreground: Colour,
    pub background: Colour,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub reversed: bool,
}

/// One cell. A cell covered by the wide glyph to its left has an empty symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridCell {
    pub symbol: String,
    pub style: Style,
}

impl Default for GridCell {
    fn default() -> Self {
        Self {
            symbol: " ".into(),
            style: Style::default(),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    pub width: u16,
    pub height: u16,
    /// Row by row, `width * height` of them.
    pub cells: Vec<GridCell>,
}

impl Grid {
    pub fn blank(width: u16, height: u16) -> Self {
        Self {
            width,
            height,
            cells: vec![GridCell::default(); usize::from(width) * usize::from(height)],
        }
    }

    pub fn cell(&self, x: u16, y: u16) -> Option<&GridCell> {
        if x >= self.width {
            return None;
        }
        self.cells
            .get(usize::from(y) * usize::from(self.width) + usize::from(x))
    }

    /// This grid with every cell of `hidden` blotted out: what must not be recorded leaves no trace
    /// in it. A wide glyph that is hidden by half is hidden whole.
    #[must_use]
    pub fn masked(&self, hidden: &[Rect]) -> Self {
        let mut masked = self.clone();
        if hidden.is_empty() {
            return masked;
        }
        let blot = || GridCell {
            symbol: "\u{2592}".into(),
            style: Style::default(),
        };
        for (i, cell) in masked.cells.iter_mut().enumerate() {
            let (x, y) = self.position(i);
            let is_hidden = |x: u16| hidden.iter().any(|rect| rect.contains(x, y));
            let tail_hidden = self.is_continued(x, y) && is_hidden(x + 1);
            let head_hidden = x > 0 && self.is_continued(x - 1, y) && is_hidden(x - 1);
            if is_hidden(x) || tail_hidden || head_hidden {
                *cell = blot();
            }
        }
        masked
    }

    /// Is the glyph at this place continued in the cell to its right?
    fn is_continued(&self, x: u16, y: u16) -> bool {
        self.cell(x + 1, y).is_some_and(|cell| cell.symbol.is_empty())
    }

    fn position(&self, i: usize) -> (u16, u16) {
        let width = usize::from(self.width.max(1));
        ((i % width) as u16, (i / width) as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(text: &str) -> Grid {
        let mut grid = Grid::blank(6, 2);
        for (i, c) in text.chars().enumerate() {
            grid.cells[i].symbol = if c == '_' { String::new() } else { c.to_string() };
        }
        grid
    }

    fn text(grid: &Grid) -> String {
        grid.cells.iter().map(|cell| cell.symbol.as_str()).collect()
    }

    fn rect(x: u16, width: u16) -> Rect {
        Rect {
            x,
            y: 0,
            width,
            height: 1,
        }
    }

    #[test]
    fn a_masked_rectangle_leaves_nothing_of_its_cells() {
        let mut secret = grid("abcdefghijkl");
        secret.cells[2].style.bold = true;
        let masked = secret.masked(&[rect(1, 3)]);
        assert_eq!(text(&masked), "a▒▒▒efghijkl");
        assert_eq!(masked.cells[2].style, Style::default());
        assert_eq!(secret.masked(&[]), secret);
    }

    #[test]
    fn a_wide_glyph_is_hidden_whole_if_either_half_is() {
        let wide = grid("a漢_字_fghijkl");
        assert_eq!(text(&wide.masked(&[rect(2, 1)])), "a▒▒字fghijkl");
        assert_eq!(text(&wide.masked(&[rect(3, 1)])), "a漢▒▒fghijkl");
    }

    #[test]
    fn a_rectangle_beyond_the_grid_hides_what_is_there() {
        let all = Rect {
            x: 0,
            y: 0,
            width: u16::MAX,
            height: u16::MAX,
        };
        assert_eq!(text(&grid("abcdefghijkl").masked(&[all])), "▒".repeat(12));
    }
}
