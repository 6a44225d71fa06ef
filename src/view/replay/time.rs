//! The line of time: `●──▲──▌──✕──■   01:38 / 14:51   x1 playing`.

use ratatui::layout::Rect;

use super::events::look;
use crate::app::ReplayScreen;
use crate::config::Scope;
use crate::config::theme::glyph::{CURSOR, HORIZONTAL};
use crate::view::canvas::{Canvas, span};

pub fn draw(canvas: &mut Canvas, screen: &ReplayScreen, line: Rect) {
    let duration = screen.recording.duration_ms();
    let facts = format!("  {} ", words(screen));
    let used = canvas.spans_right(line, &[span(facts, Scope::Strong)]);
    let strip = Rect {
        x: line.x + 1,
        width: line.width.saturating_sub(used + 1),
        ..line
    };
    if strip.width == 0 || strip.height == 0 {
        return;
    }
    let quiet = canvas.style(Scope::Muted);
    for x in strip.left()..strip.right() {
        canvas.symbol(x, strip.y, HORIZONTAL, quiet);
    }
    let column = |ms: u64| {
        let last = u64::from(strip.width - 1);
        strip.x + (ms.min(duration) * last).checked_div(duration).unwrap_or(0) as u16
    };
    for event in &screen.recording.events {
        let (sign, scope) = look(event);
        canvas.put(column(event.at_ms), strip.y, 1, sign, scope);
    }
    let here = column(screen.position_ms);
    canvas.put(here, strip.y, 1, CURSOR, Scope::Accent);
}

/// `01:38 / 14:51  x1 playing`
pub fn words(screen: &ReplayScreen) -> String {
    let duration = screen.recording.duration_ms();
    let state = if screen.playing { "playing" } else { "paused" };
    let (at, of) = (clock(screen.position_ms), clock(duration));
    format!("{at} / {of}  x{} {state}", screen.speed)
}

/// `01:38`, `1:02:03`; rounded down, as players do.
fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}
