//! A recorded session: its screen cell by cell at its own size, its events, and one line of time.
//! Side by side where there is room, else the events as a strip below.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Span, span};
use super::counts::number;
use super::layout::line;
use super::{cut, notice, style};
use crate::app::ReplayScreen;
use crate::config::Scope;
use crate::config::theme::glyph::{CURSOR, ENDED, HORIZONTAL, MARK, REFUSED, WRITE};
use crate::model::Grid;
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

/// The recorded cells from `pan` on, as many as the area has.
fn draw_grid(canvas: &mut Canvas, grid: &Grid, pan: (u16, u16), area: Rect) {
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
