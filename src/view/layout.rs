//! Which line is for what. The numbers are State's, so that cursor movement and screen agree; the
//! banner's line is always there, so that nothing jumps when the glass breaks or closes.

use ratatui::layout::Rect;

use crate::app::State;

pub struct Layout {
    /// Normal mode: path and mode. Glass broken: the banner.
    pub banner: Rect,
    /// Counts and freshness; what opens or ends the glass. Empty where a replay has the first line.
    pub counts: Rect,
    /// Keys of the row under the cursor; only on tall screens.
    pub menu: Option<Rect>,
    pub upper_rule: Option<Rect>,
    /// Names of the columns, or the title of a text.
    pub heads: Rect,
    pub body: Rect,
    /// The card of the demo.
    pub guide: Option<Rect>,
    pub lower_rule: Option<Rect>,
    /// Prompt, question, newest message or the reason why a row is not well.
    pub bottom: Rect,
}

impl Layout {
    pub fn of(state: &State, area: Rect) -> Self {
        let mut lines = Lines { area, next: area.y };
        let banner = lines.take(1);
        let header = state.header_height();
        let counts = lines.take(u16::from(header > 1));
        let menu = (header > 2).then(|| lines.take(1));
        let upper_rule = (state.rule_height() > 0).then(|| lines.take(1));
        let heads = lines.take(1);
        let below = 1 + state.rule_height() + state.guide_height();
        let body = lines.take(area.bottom().saturating_sub(lines.next + below));
        let guide = (state.guide_height() > 0).then(|| lines.take(state.guide_height()));
        let lower_rule = (state.rule_height() > 0).then(|| lines.take(1));
        Self {
            banner,
            counts,
            menu,
            upper_rule,
            heads,
            body,
            guide,
            lower_rule,
            bottom: lines.take(1),
        }
    }
}

/// Hands out lines from the top; nothing where the area is used up.
struct Lines {
    area: Rect,
    next: u16,
}

impl Lines {
    fn take(&mut self, wanted: u16) -> Rect {
        let height = wanted.min(self.area.bottom().saturating_sub(self.next));
        let taken = Rect {
            y: self.next,
            height,
            ..self.area
        };
        self.next += height;
        taken
    }
}

/// The `n`-th line of an area; empty below its end.
pub fn line(area: Rect, n: u16) -> Rect {
    let height = u16::from(n < area.height);
    Rect {
        y: area.y + n.min(area.height),
        height,
        width: if height == 0 { 0 } else { area.width },
        ..area
    }
}

/// A box of this size in the middle, no larger than the area.
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}
