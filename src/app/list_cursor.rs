//! Where the cursor of a list is and which part of the list is seen. A value: lists of every kind
//! move by it, and the view only reads it. Never knows what the lines are.

/// A cursor in `len` lines, of which `height` are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListCursor {
    /// Line under the cursor; 0 in an empty list.
    pub index: usize,
    /// First line seen.
    pub top: usize,
}

/// One step of a list or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
}

impl ListCursor {
    /// Moves the cursor, and the seen part after it.
    pub fn step(&mut self, step: Move, len: usize, height: usize) {
        let last = len.saturating_sub(1);
        let page = height.saturating_sub(1).max(1);
        self.index = match step {
            Move::Up => self.index.saturating_sub(1),
            Move::Down => self.index + 1,
            Move::PageUp => self.index.saturating_sub(page),
            Move::PageDown => self.index + page,
            Move::Top => 0,
            Move::Bottom => last,
        };
        self.fit(len, height);
    }

    /// Puts the cursor on `index`.
    pub fn go(&mut self, index: usize, len: usize, height: usize) {
        self.index = index;
        self.fit(len, height);
    }

    /// Brings cursor and seen part back into a list that has changed its length or height.
    pub fn fit(&mut self, len: usize, height: usize) {
        self.index = self.index.min(len.saturating_sub(1));
        let height = height.max(1);
        self.top = self
            .top
            .min(self.index)
            .max((self.index + 1).saturating_sub(height))
            .min(len.saturating_sub(height));
    }
}

/// The first line seen of a text without a cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    pub top: usize,
    /// Columns scrolled to the right.
    pub left: usize,
}

/// Columns that one step to the side moves.
const SIDEWAYS: usize = 8;

impl Scroll {
    pub fn step(&mut self, step: Move, len: usize, height: usize) {
        let page = height.saturating_sub(1).max(1);
        self.top = match step {
            Move::Up => self.top.saturating_sub(1),
            Move::Down => self.top + 1,
            Move::PageUp => self.top.saturating_sub(page),
            Move::PageDown => self.top + page,
            Move::Top => 0,
            Move::Bottom => len,
        };
        self.fit(len, height);
    }

    pub fn fit(&mut self, len: usize, height: usize) {
        self.top = self.top.min(len.saturating_sub(height.max(1)));
    }

    pub fn sideways(&mut self, right: bool) {
        self.left = if right {
            self.left + SIDEWAYS
        } else {
            self.left.saturating_sub(SIDEWAYS)
        };
    }

    /// Shows `line`, in the middle if it was out of sight.
    pub fn reveal(&mut self, line: usize, len: usize, height: usize) {
        if line < self.top || line >= self.top + height.max(1) {
            self.top = line.saturating_sub(height / 2);
        }
        self.fit(len, height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_inside_and_the_seen_part_follows_it() {
        let mut cursor = ListCursor::default();
        cursor.step(Move::Up, 100, 10);
        assert_eq!(cursor.index, 0);
        cursor.step(Move::PageDown, 100, 10);
        assert_eq!(cursor, ListCursor { index: 9, top: 0 });
        cursor.step(Move::Down, 100, 10);
        assert_eq!(cursor, ListCursor { index: 10, top: 1 });
        cursor.step(Move::Bottom, 100, 10);
        assert_eq!(cursor, ListCursor { index: 99, top: 90 });
        cursor.step(Move::Down, 100, 10);
        assert_eq!(cursor.index, 99);
    }

    #[test]
    fn a_list_that_shrinks_takes_the_cursor_with_it() {
        let mut cursor = ListCursor { index: 99, top: 90 };
        cursor.fit(5, 10);
        assert_eq!(cursor, ListCursor { index: 4, top: 0 });
        cursor.fit(0, 10);
        assert_eq!(cursor, ListCursor::default());
    }

    #[test]
    fn a_list_that_fits_is_never_scrolled() {
        let mut cursor = ListCursor { index: 8, top: 5 };
        cursor.fit(9, 10);
        assert_eq!(cursor.top, 0);
    }

    #[test]
    fn a_text_ends_with_its_last_line_at_the_bottom() {
        let mut scroll = Scroll::default();
        scroll.step(Move::Bottom, 100, 10);
        assert_eq!(scroll.top, 90);
        scroll.reveal(3, 100, 10);
        assert_eq!(scroll.top, 0);
        scroll.reveal(50, 100, 10);
        assert_eq!(scroll.top, 45);
    }
}
