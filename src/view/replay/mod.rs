//! A recorded session: its screen cell by cell at its own size, its events, and one line of time.
//! Side by side where there is room, else the events as a strip below.

mod grid;

use ratatui::layout::Rect;

pub use self::grid::draw_grid;
use super::canvas::{Canvas, Span, span};
use super::counts::number;
use super::layout::line;
use super::{cut, notice};
use crate::app::ReplayScreen;
use crate::config::Scope;
use crate::config::theme::glyph::{CURSOR, ENDED, HORIZONTAL, MARK, REFUSED, WRITE};
use crate::recording::{EventKind, ReplayEvent, Summary};

/// Columns that the events take beside the screen.
const EVENTS_WIDTH: u16 = 48;
/// Lines of the strip below.
const STRIP: u16 = 3;

/// For the second line: how long, what was found, by whom.
pub fn summary(screen: &ReplayScreen) -> Vec<Span<'_>> {
    let summary = &screen.recording.summary;
    let verdict = if summary.intact {
        Scope::FreshLive
    } else {
        Scope::Problem
    };
    let dot = || span(" · ", Scope::Muted);
    vec![
        span("REPLAY ", Scope::Accent),
        // First, since it must not be cut: what is seen is worth no more than this.
        span(summary.verdict.as_str(), verdict),
        span(" ", Scope::Text),
        span(day(summary.started_ms), Scope::Text),
        span(format!(" {}", cut::middle(&summary.context, 24)), Scope::Strong),
        dot(),
        span(summary.who.as_str(), Scope::Text),
        dot(),
        span(summary.role.as_str(), Scope::Text),
        dot(),
        span(summary.ticket.as_str(), Scope::Text),
    ]
}

pub fn draw(canvas: &mut Canvas, screen: &ReplayScreen, heads: Rect, body: Rect) {
    let recording = &screen.recording;
    draw_about(canvas, &recording.summary, heads);
    let grid = recording.grid_at(screen.position_ms);
    let time = line(body, body.height.saturating_sub(1));
    let above = Rect {
        height: body.height.saturating_sub(1),
        ..body
    };
    if body.width >= grid.width + EVENTS_WIDTH && grid.width > 0 {
        // The frame takes two of the columns that the recording does not.
        let left = Rect {
            width: grid.width + 2,
            ..above
        };
        let right = Rect {
            x: left.right(),
            width: above.width - left.width,
            ..above
        };
        canvas.boxed(left, "screen");
        draw_grid(canvas, &grid, screen.pan, shrunk(left));
        let inner = canvas.boxed(right, "events");
        draw_events(canvas, screen, inner);
    } else {
        let strip = STRIP.min(above.height / 4);
        let upper = Rect {
            height: above.height - strip,
            ..above
        };
        draw_grid(canvas, &grid, screen.pan, upper);
        let lower = Rect {
            y: upper.bottom(),
            height: strip,
            ..above
        };
        draw_events(canvas, screen, lower);
    }
    draw_time(canvas, screen, time);
}

/// Why it was done and how much; what is damaged goes before both.
fn draw_about(canvas: &mut Canvas, summary: &Summary, line: Rect) {
    if let Some(damage) = &summary.damage {
        let damage = cut::end(damage, line.width.into());
        canvas.spans(line, &[(damage, Scope::Problem)]);
        return;
    }
    let writes = number(summary.writes as usize, "write", "writes");
    let used = canvas.spans_right(line, &[span(writes, Scope::Muted)]);
    let room = line.width.saturating_sub(used + 2);
    let reason = cut::end(&summary.reason, room.into());
    canvas.spans(Rect { width: room, ..line }, &[(reason, Scope::TableHeader)]);
}

fn shrunk(area: Rect) -> Rect {
    Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// The events around the present one, which is marked.
fn draw_events(canvas: &mut Canvas, screen: &ReplayScreen, area: Rect) {
    let events = &screen.recording.events;
    let passed = events.partition_point(|event| event.at_ms <= screen.position_ms);
    let height = usize::from(area.height);
    let first = passed
        .saturating_sub(height / 2 + 1)
        .min(events.len().saturating_sub(height));
    for (n, event) in events.iter().skip(first).take(height).enumerate() {
        let line = line(area, n as u16);
        let (sign, scope) = look(event);
        let status = match event.status {
            Some(status) => format!(" {status}"),
            None if event.kind == EventKind::Refused => " refused".into(),
            None => String::new(),
        };
        let used = canvas.spans_right(line, &[span(status, scope)]);
        let room = Rect {
            width: line.width.saturating_sub(used),
            ..line
        };
        let is_present = first + n + 1 == passed;
        let label = cut::end(&event.label, usize::from(room.width).saturating_sub(12)).into_owned();
        canvas.spans(
            room,
            &[
                span(if is_present { CURSOR } else { " " }, Scope::Accent),
                span(notice::clock(event.wall_ms), Scope::LogTime),
                span(format!(" {sign} "), scope),
                span(label, if is_present { Scope::Strong } else { Scope::Text }),
            ],
        );
        if is_present {
            canvas.tint(line, Scope::TableCursor);
        }
    }
}

fn look(event: &ReplayEvent) -> (&'static str, Scope) {
    match event.kind {
        EventKind::Refused => (REFUSED, Scope::EventRefused),
        EventKind::Write if event.ok => (WRITE, Scope::EventWrite),
        EventKind::Write => (WRITE, Scope::EventRefused),
        EventKind::Mark if event.label.starts_with("granted") => (MARK, Scope::EventGranted),
        EventKind::Mark if event.label.starts_with("closed") || event.label.starts_with("ended") => {
            (ENDED, Scope::EventOther)
        }
        EventKind::Mark | EventKind::Request => (MARK, Scope::EventOther),
    }
}

/// `●──▲──▌──✕──■   01:38 / 14:51   x1 playing`
fn draw_time(canvas: &mut Canvas, screen: &ReplayScreen, line: Rect) {
    let duration = screen.recording.duration_ms();
    let state = if screen.playing { "playing" } else { "paused" };
    let facts = format!(
        "  {} / {}  x{} {state} ",
        clock(screen.position_ms),
        clock(duration),
        screen.speed
    );
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

/// `2026-11-23 02:14`
fn day(wall_ms: i64) -> String {
    match jiff::Timestamp::from_millisecond(wall_ms) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => "at an unknown time".into(),
    }
}
