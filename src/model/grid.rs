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
}
