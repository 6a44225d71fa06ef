//! The reason: a small box of its own inside the pane, with the count in its lower edge.

use ratatui::layout::Rect;

use super::{Form, LABEL, shortened};
use crate::config::Scope;
use crate::config::theme::glyph::{BOTTOM_LEFT, BOTTOM_RIGHT, HORIZONTAL, TOP_LEFT, TOP_RIGHT, VERTICAL};
use crate::escalation::{Field, reason_length};
use crate::view::canvas::span;
use crate::view::prompt;

/// Lines of the reason that are seen.
const REASON_LINES: u16 = 2;

impl Form<'_, '_> {
    /// Its own small box, with the count in the lower edge.
    pub(super) fn draw_reason(&mut self) {
        let frame = self.canvas.style(self.canvas.frame_scope());
        let top = self.field(Field::Reason, "Reason");
        self.edge(top, TOP_LEFT, TOP_RIGHT);
        let first = self.next;
        for _ in 0..REASON_LINES {
            let line = self.line();
            if line.height > 0 {
                self.canvas.symbol(line.x + LABEL, line.y, VERTICAL, frame);
                self.canvas.symbol(line.right() - 1, line.y, VERTICAL, frame);
            }
        }
        let area = Rect {
            x: self.inner.x + LABEL + 2,
            y: self.inner.y + first,
            width: self.inner.width.saturating_sub(LABEL + 4),
            height: REASON_LINES.min(self.inner.height.saturating_sub(first)),
        };
        let is_focused = self.pane.field == Field::Reason;
        let scope = if is_focused { Scope::Focus } else { Scope::Strong };
        if is_focused {
            self.canvas.tint(area, Scope::Focus);
        }
        let caret = prompt::draw_input_wrapped(self.canvas, &self.pane.reason, area, scope);
        if is_focused && area.height > 0 {
            self.caret = Some(caret);
        }
        let bottom = self.line();
        let bottom = Rect {
            x: bottom.x + LABEL,
            width: bottom.width.saturating_sub(LABEL),
            ..bottom
        };
        self.edge(bottom, BOTTOM_LEFT, BOTTOM_RIGHT);
        self.draw_reason_count(bottom);
    }

    fn draw_reason_count(&mut self, edge: Rect) {
        let length = reason_length(self.pane.reason.text());
        let (text, scope) = match self.missing(Field::Reason) {
            Some(missing) => (
                format!(" {} ", shortened(missing, usize::from(edge.width).saturating_sub(6))),
                Scope::Problem,
            ),
            None => (
                format!(" {length}, at least {} ", self.offers.minimum_reason),
                Scope::Muted,
            ),
        };
        let inside = Rect {
            width: edge.width.saturating_sub(2),
            ..edge
        };
        self.canvas.spans_right(inside, &[span(text, scope)]);
    }

    fn edge(&mut self, line: Rect, left: &str, right: &str) {
        if line.width < 2 || line.height == 0 {
            return;
        }
        let frame = self.canvas.style(self.canvas.frame_scope());
        for x in line.left()..line.right() {
            self.canvas.symbol(x, line.y, HORIZONTAL, frame);
        }
        self.canvas.symbol(line.x, line.y, left, frame);
        self.canvas.symbol(line.right() - 1, line.y, right, frame);
    }
}
