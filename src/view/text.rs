//! Long texts line by line: a part of each line, moved to the side or wrapped, with what was found
//! marked in it.

use std::borrow::Cow;

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::canvas::{Canvas, Span, span, width_of};
use super::cut;
use crate::app::Search;
use crate::config::Scope;
use crate::config::theme::glyph::CUT;
use crate::model::term_safe;

/// A part of a line in one style, safe to draw.
pub type Piece<'t> = (Cow<'t, str>, Style);

pub fn width(pieces: &[Piece]) -> usize {
    pieces.iter().map(|(text, _)| cut::width(text)).sum()
}

/// Draws the pieces without their first `left` cells.
pub fn draw(canvas: &mut Canvas, line: Rect, left: usize, pieces: &[Piece]) {
    let (mut column, mut used) = (0, 0);
    for (text, style) in pieces {
        let cells = cut::width(text);
        let hidden = left.saturating_sub(column).min(cells);
        column += cells;
        if hidden < cells {
            let seen = cut::skip(text, hidden);
            used += canvas.put_styled(line.x + used, line.y, line.width - used, seen, *style);
        }
        if used >= line.width {
            return;
        }
    }
}

/// Shows that the line goes on to the right.
pub fn mark_cut(canvas: &mut Canvas, line: Rect, left: usize, pieces: &[Piece]) {
    if line.width > 0 && width(pieces) > left + usize::from(line.width) {
        canvas.put(line.right() - 1, line.y, 1, CUT, Scope::Muted);
    }
}

/// Lays a scope over each hit. `text` is what was searched; it begins `indent` cells into the line
/// as it is drawn, of which the first `left` are out of sight.
pub fn mark_hits(
    canvas: &mut Canvas,
    line: Rect,
    left: usize,
    indent: usize,
    text: &str,
    search: &Search,
    is_current: bool,
) {
    let Some(regex) = &search.regex else { return };
    let scope = if is_current { Scope::HitCurrent } else { Scope::Hit };
    let seen = left..left + usize::from(line.width);
    for hit in regex.find_iter(text).filter(|hit| !hit.is_empty()) {
        let start = indent + cells(&text[..hit.start()]);
        if start >= seen.end {
            return;
        }
        let end = start + cells(hit.as_str());
        let (start, end) = (start.max(seen.start), end.min(seen.end));
        if start < end {
            let x = line.x + (start - left) as u16;
            canvas.tint(Rect::new(x, line.y, (end - start) as u16, 1), scope);
        }
    }
}

fn cells(raw: &str) -> usize {
    cut::width(&term_safe::clean(raw))
}

/// The line above a text: what it is, what was found, which part is seen.
pub fn heads(canvas: &mut Canvas, line: Rect, title: &str, search: &Search, first: usize, seen: usize, all: usize) {
    let mut right = found(search);
    if all > seen {
        right.push(span(
            format!("   {}-{} of {all}", first + 1, (first + seen).min(all)),
            Scope::Muted,
        ));
    }
    let used = canvas.spans_right(line, &right);
    let room = line.width.saturating_sub(used + 2);
    let title = cut::middle(title, room.into());
    canvas.spans(Rect { width: room, ..line }, &[(title, Scope::TableHeader)]);
}

fn found(search: &Search) -> Vec<Span<'_>> {
    if !search.is_on() {
        return Vec::new();
    }
    let typed = span(format!("/{}", cut::end(&search.text, 24)), Scope::Accent);
    let result = match (&search.error, search.hits.len(), search.at) {
        (Some(error), _, _) => span(format!(" {}", cut::end(error, 30)), Scope::Problem),
        (None, 0, _) => span(" not found", Scope::Problem),
        (None, hits, Some(at)) => span(format!(" {} of {hits}", at + 1), Scope::Text),
        (None, hits, None) => span(format!(" {hits} found"), Scope::Text),
    };
    let spans = vec![typed, result];
    debug_assert!(width_of(&spans) < 80, "both parts are cut");
    spans
}
