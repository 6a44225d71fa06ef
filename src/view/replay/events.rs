//! The events of a replay: a list in which the present one is marked, and that one in full.

use ratatui::layout::Rect;

use crate::app::ReplayScreen;
use crate::config::Scope;
use crate::config::theme::glyph::{CURSOR, ENDED, MARK, REFUSED, WRITE};
use crate::recording::{EventKind, ReplayEvent};
use crate::view::canvas::{Canvas, span};
use crate::view::layout::line;
use crate::view::{cut, notice};

/// The mark of the present one, the time, the sign.
const BEFORE: usize = 12;
/// Names of the fields of an event.
const NAME: usize = 14;

/// Cells that the longest line takes.
pub fn width(screen: &ReplayScreen) -> u16 {
    let events = screen.recording.events.iter();
    let widths = events.map(|event| {
        let status = cut::width(&status(event));
        BEFORE + cut::width(&event.label) + status + 2 * usize::from(status > 0)
    });
    widths.max().unwrap_or(0).min(usize::from(u16::MAX)) as u16
}

/// How many have passed: the last of them is the present one.
fn passed(screen: &ReplayScreen) -> usize {
    let events = &screen.recording.events;
    events.partition_point(|event| event.at_ms <= screen.position_ms)
}

/// The events around the present one.
pub fn draw_list(canvas: &mut Canvas, screen: &ReplayScreen, area: Rect) {
    let events = &screen.recording.events;
    let passed = passed(screen);
    let height = usize::from(area.height);
    let first = passed
        .saturating_sub(height / 2 + 1)
        .min(events.len().saturating_sub(height));
    for (n, event) in events.iter().skip(first).take(height).enumerate() {
        draw_event(canvas, event, first + n + 1 == passed, line(area, n as u16));
    }
}

fn draw_event(canvas: &mut Canvas, event: &ReplayEvent, is_present: bool, line: Rect) {
    let (sign, scope) = look(event);
    let used = canvas.spans_right(line, &[span(status(event), scope)]);
    let room = Rect {
        width: line.width.saturating_sub(used),
        ..line
    };
    let label = cut::end(&event.label, usize::from(room.width).saturating_sub(BEFORE + 1));
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

fn status(event: &ReplayEvent) -> String {
    match event.status {
        Some(0) => "no answer".into(),
        Some(status) => format!("answered {status}"),
        None if event.kind == EventKind::Refused => "refused".into(),
        None => String::new(),
    }
}

/// The sign of an event on the time line and in the list.
pub fn look(event: &ReplayEvent) -> (&'static str, Scope) {
    match event.kind {
        EventKind::Refused => (REFUSED, Scope::EventRefused),
        EventKind::Write if event.ok => (WRITE, Scope::EventWrite),
        EventKind::Write => (WRITE, Scope::EventRefused),
        EventKind::Mark if event.label.starts_with("granted") => (MARK, Scope::EventGranted),
        EventKind::Mark if event.label.starts_with("journal closed") || event.label.starts_with("ended") => {
            (ENDED, Scope::EventOther)
        }
        EventKind::Mark | EventKind::Request => (MARK, Scope::EventOther),
    }
}

/// Everything that the record of the present one holds.
pub fn draw_present(canvas: &mut Canvas, screen: &ReplayScreen, area: Rect) {
    let Some(event) = passed(screen)
        .checked_sub(1)
        .and_then(|at| screen.recording.events.get(at))
    else {
        return;
    };
    let inner = canvas.boxed(area, "event");
    let mut at = 0;
    for part in cut::wrap(&event.label, inner.width.into()) {
        canvas.spans(line(inner, at), &[span(part, Scope::Strong)]);
        at += 1;
    }
    for (name, text) in &event.facts {
        let room = usize::from(inner.width).saturating_sub(NAME + 1);
        for (n, part) in cut::wrap(text, room).into_iter().enumerate() {
            if at >= inner.height {
                return;
            }
            let name = if n == 0 { cut::end(name, NAME) } else { "".into() };
            let name = span(format!("{name:NAME$} "), Scope::Muted);
            canvas.spans(line(inner, at), &[name, span(part, Scope::Text)]);
            at += 1;
        }
    }
}
