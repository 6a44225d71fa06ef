//! A recorded session: its screen cell by cell at its own size, its events, and one line of time.
//! Side by side where there is room, else the events below; or the recorded screen alone.

mod events;
mod grid;
mod head;
mod time;

use ratatui::layout::Rect;

pub use self::grid::draw_grid;
use self::grid::{draw_rows, rows_seen};
pub use self::head::summary;
use super::banner::padded;
use super::canvas::{Canvas, span, width_of};
use super::{bottom, keys};
use crate::app::{Place, ReplayScreen, Room, STRIP, State};
use crate::config::Scope;
use crate::config::theme::glyph::VERTICAL;
use crate::model::Grid;

/// Cells of the list of events, edges included, at most.
const WIDEST_LIST: u16 = 70;
/// Lines that a box has to have to be worth drawing.
const LEAST_BOX: u16 = 3;
const TITLE: &str = "recorded screen";

pub fn draw(canvas: &mut Canvas, state: &State, screen: &ReplayScreen, heads: Rect, body: Rect) {
    head::draw_about(canvas, state, screen, heads);
    let grid = screen.recording.grid_at(screen.position_ms);
    let seen = Seen::of(state, screen, &grid);
    if seen.room.place == Place::Beside {
        draw_beside(canvas, state, screen, &seen, body);
    } else {
        draw_above(canvas, state, screen, &seen, body);
    }
}

/// A part of the recorded screen.
struct Seen<'g> {
    grid: &'g Grid,
    room: Room,
    rows: Vec<u16>,
}

impl<'g> Seen<'g> {
    fn of(state: &State, screen: &ReplayScreen, grid: &'g Grid) -> Self {
        let room = screen.room(state);
        Self {
            rows: rows_seen(grid, room.rows, screen.top),
            grid,
            room,
        }
    }
}

fn draw_beside(canvas: &mut Canvas, state: &State, screen: &ReplayScreen, seen: &Seen, body: Rect) {
    let above = Rect {
        height: body.height.saturating_sub(1),
        ..body
    };
    let recorded = Rect {
        width: seen.room.columns + 2,
        height: (seen.room.rows + 2).min(above.height),
        ..above
    };
    draw_recorded(canvas, state, screen, seen, recorded);
    let below = Rect {
        y: recorded.bottom(),
        height: above.height - recorded.height,
        ..recorded
    };
    if below.height >= LEAST_BOX {
        events::draw_present(canvas, screen, below);
    }
    // Two columns of its edges, and the blank ones beside them.
    let wanted = events::width(screen).saturating_add(4).min(WIDEST_LIST);
    let right = Rect {
        x: recorded.right(),
        width: wanted.min(above.width - recorded.width),
        ..above
    };
    let inner = canvas.boxed(right, "events");
    events::draw_list(canvas, screen, inner);
    let bottom = Rect {
        y: above.bottom(),
        height: body.height - above.height,
        ..body
    };
    time::draw(canvas, screen, bottom);
}

fn draw_above(canvas: &mut Canvas, state: &State, screen: &ReplayScreen, seen: &Seen, body: Rect) {
    let (columns, rows) = (seen.room.columns, seen.room.rows);
    let has_sides = columns + 2 <= body.width;
    // The line of time is the lower edge where there is no room for another one.
    let has_bottom = has_sides && rows + 3 + STRIP <= body.height;
    let recorded = Rect {
        width: if has_sides { columns + 2 } else { body.width },
        height: (rows + 1 + u16::from(has_bottom)).min(body.height),
        ..body
    };
    draw_recorded(canvas, state, screen, seen, recorded);
    let mut rest = Rect {
        y: recorded.bottom(),
        height: body.height - recorded.height,
        ..body
    };
    time::draw(
        canvas,
        screen,
        Rect {
            height: rest.height.min(1),
            ..rest
        },
    );
    rest.y += rest.height.min(1);
    rest.height = rest.height.saturating_sub(1);
    rest.width = rest.width.min(events::width(screen));
    events::draw_list(canvas, screen, rest);
}

/// The recorded cells in a frame that says what they are: what is in them looks like the real thing.
fn draw_recorded(canvas: &mut Canvas, state: &State, screen: &ReplayScreen, seen: &Seen, area: Rect) {
    let has_sides = area.width > seen.room.columns;
    let edge = Rect {
        height: area.height.min(1),
        ..area
    };
    let mut cells = Rect {
        y: edge.bottom(),
        height: seen.room.rows.min(area.height.saturating_sub(1)),
        ..area
    };
    if has_sides {
        if area.height > seen.room.rows + 1 {
            canvas.boxed(area, "");
        } else {
            draw_sides(canvas, area);
        }
        cells.x += 1;
        cells.width -= 2;
    }
    if !has_sides || area.height <= seen.room.rows + 1 {
        canvas.rule(edge);
    }
    let position = position(state, screen, seen, cells.width);
    let label = [span(format!(" {TITLE} "), Scope::Accent)];
    let inner = padded(edge);
    if width_of(&label) + position.len() as u16 + 2 <= inner.width && !position.is_empty() {
        canvas.spans_right(inner, &[span(format!(" {position} "), Scope::Strong)]);
    }
    canvas.spans(inner, &label);
    draw_rows(canvas, seen.grid, screen.left, &seen.rows, cells);
}

fn draw_sides(canvas: &mut Canvas, area: Rect) {
    let style = canvas.style(canvas.frame_scope());
    for y in area.top() + 1..area.bottom() {
        canvas.symbol(area.x, y, VERTICAL, style);
        canvas.symbol(area.right() - 1, y, VERTICAL, style);
    }
}

/// `rows 1-30, 41-60 of 60 · columns 9-88 of 200 · j k h l`; nothing where all is seen.
fn position(state: &State, screen: &ReplayScreen, seen: &Seen, width: u16) -> String {
    let grid = seen.grid;
    let mut parts = Vec::new();
    let mut ways = Vec::new();
    if seen.rows.len() < usize::from(grid.height) {
        parts.push(format!("rows {} of {}", ranges(&seen.rows), grid.height));
        ways.extend(["move.down", "move.up"]);
    }
    if width < grid.width {
        let first = screen.left.min(grid.width - width);
        parts.push(format!("columns {}-{} of {}", first + 1, first + width, grid.width));
        ways.extend(["move.left", "move.right"]);
    }
    let ways: Vec<String> = ways.into_iter().map(|id| keys::of_movement(state, id)).collect();
    if !parts.is_empty() {
        parts.push(ways.join(" "));
    }
    parts.join(" · ")
}

/// `1-30, 41-60`, counted from 1.
fn ranges(rows: &[u16]) -> String {
    let runs = rows.chunk_by(|row, next| row + 1 == *next);
    let words = runs.map(|run| match run {
        [one] => (one + 1).to_string(),
        [first, .., last] => format!("{}-{}", first + 1, last + 1),
        [] => String::new(),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Nothing but the recorded screen, and above it one line that says so.
pub fn draw_alone(canvas: &mut Canvas, state: &State, screen: &ReplayScreen, area: Rect) {
    let grid = screen.recording.grid_at(screen.position_ms);
    let seen = Seen::of(state, screen, &grid);
    let status = Rect {
        height: area.height.min(1),
        ..area
    };
    let cells = Rect {
        y: status.bottom(),
        width: seen.room.columns.min(area.width),
        height: area.height - status.height,
        ..area
    };
    draw_rows(canvas, &grid, screen.left, &seen.rows, cells);
    draw_status(
        canvas,
        state,
        screen,
        &position(state, screen, &seen, cells.width),
        status,
    );
    if let Some(message) = state.messages.newest() {
        // Over the last row until the next key: the first line must go on saying what this is.
        let last = Rect {
            y: area.bottom().saturating_sub(1),
            ..status
        };
        canvas.clear(last);
        bottom::draw_message(canvas, state, message, last);
    }
}

fn draw_status(canvas: &mut Canvas, state: &State, screen: &ReplayScreen, position: &str, line: Rect) {
    let line = padded(line);
    let summary = &screen.recording.summary;
    let key = keys::of_replay(state, "replay.full");
    let frame = [
        span(format!("   {key}"), Scope::Key),
        span(" its frame", Scope::KeyLabel),
    ];
    let used = canvas.spans_right(line, &frame);
    let mut spans = head::verdict(summary);
    let dot = || span(" · ", Scope::Muted);
    let room = line.width.saturating_sub(used);
    if head::is_over(screen) {
        let left = room.saturating_sub(width_of(&spans) + 3);
        spans.extend([dot(), span(head::end_words(summary, left), Scope::Accent)]);
    } else {
        let time = span(time::words(screen), Scope::Strong);
        spans.extend([dot(), span(TITLE, Scope::Accent), dot(), time]);
        if !position.is_empty() {
            spans.extend([dot(), span(position.to_owned(), Scope::Text)]);
        }
    }
    canvas.spans(line, &head::fit(spans, room));
}
