//! The only place that writes cells. All text passes the sanitiser here once more, so that no
//! screen can forget it, and nothing is ever written outside the room it was given.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::{cut, style};
use crate::config::theme::glyph;
use crate::config::{Scope, Theme};
use crate::model::term_safe;

/// A piece of a line.
pub type Span<'t> = (Cow<'t, str>, Scope);

/// A span of text that lives as long as the state.
pub fn span<'t>(text: impl Into<Cow<'t, str>>, scope: Scope) -> Span<'t> {
    (text.into(), scope)
}

/// Cells of all spans together.
pub fn width_of(spans: &[Span]) -> u16 {
    spans.iter().map(|(text, _)| cut::width(text) as u16).sum()
}

pub struct Canvas<'b> {
    buffer: &'b mut Buffer,
    theme: &'b Theme,
    /// Lines and boxes carry the state of the glass.
    frame: Scope,
}

impl<'b> Canvas<'b> {
    /// Blanks the whole buffer.
    pub fn new(buffer: &'b mut Buffer, theme: &'b Theme, frame: Scope) -> Self {
        let mut canvas = Self { buffer, theme, frame };
        canvas.clear(canvas.area());
        canvas
    }

    pub fn area(&self) -> Rect {
        self.buffer.area
    }

    pub fn frame_scope(&self) -> Scope {
        self.frame
    }

    /// Blanks with the ground.
    pub fn clear(&mut self, area: Rect) {
        let ground = self.style(Scope::Text);
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            // Half of a wide glyph would stick out under the edge of a box.
            if area.x > 0 && self.buffer[(area.x - 1, y)].symbol().width() > 1 {
                self.buffer[(area.x - 1, y)].set_symbol(" ");
            }
            for x in area.left()..area.right() {
                let cell = &mut self.buffer[(x, y)];
                cell.reset();
                cell.set_style(ground);
            }
        }
    }

    /// Lays a scope over cells, whatever is written in them.
    pub fn tint(&mut self, area: Rect, scope: Scope) {
        let style = self.style(scope);
        self.buffer.set_style(area, style);
    }

    /// Writes what fits into `room` cells; says how many were used.
    pub fn put(&mut self, x: u16, y: u16, room: u16, text: &str, scope: Scope) -> u16 {
        let style = self.style(scope);
        self.put_styled(x, y, room, text, style)
    }

    /// As `put`, with a style that comes from a program or a recording instead of the theme.
    pub fn put_styled(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if y < area.top() || y >= area.bottom() || x < area.left() {
            return 0;
        }
        let room = room.min(area.right().saturating_sub(x));
        let text = term_safe::clean(text);
        let mut used = 0;
        if text.is_ascii() {
            let fits = &text[..text.len().min(room.into())];
            for at in 0..fits.len() {
                let cell = &mut self.buffer[(x + used, y)];
                cell.set_symbol(&fits[at..=at]).set_style(style);
                used += 1;
            }
            return used;
        }
        for grapheme in text.graphemes(true) {
            let cells = grapheme.width() as u16;
            if cells == 0 {
                continue;
            }
            if used + cells > room {
                break;
            }
            self.buffer[(x + used, y)].set_symbol(grapheme).set_style(style);
            for hidden in 1..cells {
                // As ratatui leaves the cell behind a wide glyph: it is never sent.
                let cell = &mut self.buffer[(x + used + hidden, y)];
                cell.reset();
                cell.set_style(style);
            }
            used += cells;
        }
        used
    }

    /// Writes the spans one after the other from the left of `line`; says how many cells were used.
    pub fn spans(&mut self, line: Rect, spans: &[Span]) -> u16 {
        let mut used = 0;
        for (text, scope) in spans {
            used += self.put(line.x + used, line.y, line.width - used, text, *scope);
        }
        used
    }

    /// Writes the spans so that they end at the right of `line`; says how many cells were used.
    pub fn spans_right(&mut self, line: Rect, spans: &[Span]) -> u16 {
        let used = width_of(spans).min(line.width);
        let from = Rect {
            x: line.right() - used,
            width: used,
            ..line
        };
        self.spans(from, spans)
    }

    /// A horizontal line over the whole of `line`.
    pub fn rule(&mut self, line: Rect) {
        let style = self.style(self.frame);
        for x in line.left()..line.right() {
            self.symbol(x, line.y, glyph::HORIZONTAL, style);
        }
    }

    /// A box with a title in its upper edge; says what is inside, one blank column from the edges.
    pub fn boxed(&mut self, area: Rect, title: &str) -> Rect {
        self.clear(area);
        if area.width < 4 || area.height < 2 {
            return Rect {
                width: 0,
                height: 0,
                ..area
            };
        }
        let style = self.style(self.frame);
        let (right, bottom) = (area.right() - 1, area.bottom() - 1);
        self.rule(Rect { height: 1, ..area });
        self.rule(Rect {
            y: bottom,
            height: 1,
            ..area
        });
        for y in area.top()..=bottom {
            self.symbol(area.x, y, glyph::VERTICAL, style);
            self.symbol(right, y, glyph::VERTICAL, style);
        }
        self.symbol(area.x, area.y, glyph::TOP_LEFT, style);
        self.symbol(right, area.y, glyph::TOP_RIGHT, style);
        self.symbol(area.x, bottom, glyph::BOTTOM_LEFT, style);
        self.symbol(right, bottom, glyph::BOTTOM_RIGHT, style);
        if !title.is_empty() {
            let title = cut::end(title, usize::from(area.width).saturating_sub(6));
            self.put(area.x + 1, area.y, area.width - 2, &format!(" {title} "), Scope::Strong);
        }
        Rect {
            x: area.x + 2,
            y: area.y + 1,
            width: area.width - 4,
            height: area.height - 2,
        }
    }

    /// One cell of a box or line.
    pub fn symbol(&mut self, x: u16, y: u16, symbol: &str, style: Style) {
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(style);
        }
    }

    pub fn style(&self, scope: Scope) -> Style {
        style::of_scope(self.theme, scope)
    }

    /// Replaces the glyphs of the table by their ASCII stand-ins, if the theme asks for it. Done
    /// once at the end, so that both look the same to every screen.
    pub fn finish(self) {
        if !self.theme.ascii {
            return;
        }
        for cell in &mut self.buffer.content {
            if !cell.symbol().is_ascii()
                && let Some(ascii) = glyph::ascii(cell.symbol())
            {
                cell.set_symbol(ascii);
            }
        }
    }
}
