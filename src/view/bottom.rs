//! The last line: a question if there is one, else the newest message, else why the row under the
//! cursor is not well.

use ratatui::layout::Rect;

use super::banner::padded;
use super::canvas::{Canvas, Span, span, width_of};
use super::{confirm, cut, keys, layout, menu, prompt, table};
use crate::app::{Level, Message, Overlay, Screen, State, TableScreen};
use crate::config::Scope;
use crate::config::theme::glyph::{CUT, TIMES};
use crate::model::Row;
use crate::registry::Friction;

/// Lines that the newest message takes at most.
const MOST_LINES: u16 = 3;
/// The newest event is not shown in less.
const NARROWEST_WHY: u16 = 24;
/// Columns that tell why, in this order; others are not worth the line.
const TELLING: &[&str] = &[
    "STATUS",
    "PHASE",
    "REASON",
    "READY",
    "COMPLETIONS",
    "RESTARTS",
    "MESSAGE",
];

/// Draws the line; says where the caret is, if something is typed there.
pub fn draw(canvas: &mut Canvas, state: &State, line: Rect) -> Option<(u16, u16)> {
    let inner = padded(line);
    match &state.overlay {
        Some(Overlay::Prompt(prompt)) => return Some(prompt::draw_line(canvas, state, prompt, inner)),
        Some(Overlay::Confirm(confirm)) if confirm.friction == Friction::Line => {
            confirm::draw_line(canvas, confirm, inner);
        }
        Some(Overlay::Leave(leave)) => confirm::draw_leave(canvas, leave, inner),
        _ => match state.messages.newest() {
            Some(message) => draw_message(canvas, state, message, line),
            None => draw_row(canvas, state, inner),
        },
    }
    None
}

/// One line where it fits; else as many as it needs, over the lines above, since the cure stands
/// at the end. Any key dismisses it.
pub fn draw_message(canvas: &mut Canvas, state: &State, message: &Message, line: Rect) {
    let scope = scope_of(message.level);
    let times = if message.times > 1 {
        format!(" {TIMES}{}", message.times)
    } else {
        String::new()
    };
    let text = format!("{}{times}", message.text);
    let room = usize::from(padded(line).width);
    // What lies over the screen has its own place for what went wrong.
    let wanted = if state.overlay.is_some() { 1 } else { MOST_LINES };
    let most = usize::from(wanted.min(line.y.saturating_sub(state.header_height()).max(1)));
    let rest = format!("{CUT}  {}messages", keys::everywhere(state, "app.command"));
    let more = cut::wrap(&text, room).len() > most;
    let text = if more {
        shortened(&text, room, most, cut::width(&rest) + 2)
    } else {
        text
    };
    let lines = cut::wrap(&text, room);
    let height = lines.len() as u16;
    let area = Rect {
        y: line.bottom().saturating_sub(height),
        height,
        ..line
    };
    if height > 1 {
        canvas.clear(area);
    }
    for (n, text) in lines.iter().enumerate() {
        canvas.spans(padded(layout::line(area, n as u16)), &[span(*text, scope)]);
    }
    if more {
        canvas.spans_right(padded(line), &[span(rest, Scope::Key)]);
    }
}

/// As much of both ends as `most` lines hold, the last of them with `behind` cells to spare.
fn shortened(text: &str, room: usize, most: usize, behind: usize) -> String {
    let mut kept = (room * most).saturating_sub(behind);
    if most < 2 {
        // Too short for both ends: what lies over the screen says the rest itself.
        return cut::end(text, kept).into_owned();
    }
    loop {
        let shorter = cut::around(text, kept).into_owned();
        let lines = cut::wrap(&shorter, room);
        let last = lines.get(most - 1).map_or(0, |last| cut::width(last));
        if kept == 0 || (lines.len() <= most && last + behind <= room) {
            return shorter;
        }
        // Lines end at blanks, so that less fits than there are cells.
        kept = kept.saturating_sub(4);
    }
}

pub fn scope_of(level: Level) -> Scope {
    match level {
        Level::Note => Scope::Note,
        Level::Warning => Scope::FreshOld,
        Level::Error => Scope::Problem,
    }
}

fn draw_row(canvas: &mut Canvas, state: &State, line: Rect) {
    let mut left = Vec::new();
    if let Some(Screen::Table(table)) = state.screens.current()
        && let Some(row) = table.cursor_line()
    {
        left = explanation(state, table, row, line.width);
    }
    if let Some(Screen::Forwards(list)) = state.screens.current()
        && let Some(trouble) = state
            .streams
            .forwards()
            .nth(list.cursor.index)
            .and_then(|one| one.trouble.as_deref())
    {
        left.push((cut::around(trouble, line.width.into()), Scope::FreshOld));
    }
    let used = canvas.spans(line, &left);
    // Screens with a menu line of their own need no second one; what lies over the screen takes the keys.
    if state.header_height() < 3 && state.overlay.is_none() {
        let room = Rect {
            x: line.x + used,
            width: line.width - used,
            ..line
        };
        let keys = menu::on_bottom_line(state, room.width.saturating_sub(3));
        if width_of(&keys) > 0 {
            canvas.spans_right(room, &keys);
        }
    }
}

/// An event is about its object; its own name says nothing, and its message is what the table cuts.
fn of_event<'s>(table: &'s TableScreen, row: &'s Row, width: u16) -> Vec<Span<'s>> {
    let cell = |name: &str| {
        let columns = table
            .snapshot
            .as_ref()
            .map(|snapshot| snapshot.columns.as_ref())
            .unwrap_or_default();
        let at = columns.iter().position(|column| column.name.as_str() == name)?;
        row.cells.get(at).map(|cell| cell.text.as_str())
    };
    let object = cell("OBJECT").unwrap_or(&row.name);
    let mut spans = vec![
        (cut::middle(object, usize::from(width / 2)), Scope::Strong),
        span("  ", Scope::Text),
    ];
    let room = width.saturating_sub(width_of(&spans));
    let message = cell("MESSAGE").unwrap_or_default();
    spans.push((cut::end(message, room.into()), Scope::Text));
    spans
}

/// The whole name, which the table may have cut; and for a row that is not well what its columns
/// say about it.
fn explanation<'s>(state: &State, table: &'s TableScreen, row: &'s Row, width: u16) -> Vec<Span<'s>> {
    if table.kind.plural == "events" {
        return of_event(table, row, width);
    }
    let mut spans = vec![span(row.name.as_ref(), Scope::Strong)];
    if !table.state_of(row).is_unwell() {
        return spans;
    }
    let Some(snapshot) = &table.snapshot else {
        return spans;
    };
    let mut scratch = String::new();
    let mut gap = "  ";
    for name in TELLING {
        let Some(at) = snapshot.columns.iter().position(|column| column.name.as_str() == *name) else {
            continue;
        };
        let Some(cell) = row.cells.get(at) else { continue };
        let text = table::shown(cell, state.now.wall_ms, &mut scratch);
        if text.is_empty() || text == "0" {
            continue;
        }
        let (label, scope) = match *name {
            "STATUS" | "PHASE" => (String::new(), Scope::RowBad),
            "REASON" | "MESSAGE" => (String::new(), Scope::Text),
            label => (format!("{} ", label.to_lowercase()), Scope::Text),
        };
        spans.push(span(gap, Scope::Muted));
        spans.push(span(label, Scope::Muted));
        spans.push(span(text.to_owned(), scope));
        gap = " · ";
    }
    if let Some(why) = state
        .connection
        .why
        .as_ref()
        .filter(|why| !why.text.is_empty() && why.row.is(row))
    {
        let room = width.saturating_sub(width_of(&spans));
        // A few letters of a message say nothing.
        if room >= NARROWEST_WHY {
            // Quotes around quotes say nothing.
            let quote = if why.text.contains('"') { "" } else { "\"" };
            let why = cut::end(&why.text, usize::from(room) - gap.len() - 2);
            spans.push(span(format!("{gap}{quote}{why}{quote}"), Scope::Text));
        }
    }
    spans
}
