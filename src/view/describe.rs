//! An object in words. Draws the lines that are seen; ages by the screen's clock.

use std::borrow::Cow;

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::layout::line;
use super::text::{self, Piece};
use super::{Drawn, age, notice, recordable};
use crate::app::{DescribeScreen, State};
use crate::config::Scope;
use crate::config::theme::glyph::CUT;
use crate::registry::describe::{Line, Span, Tone};

pub fn draw(canvas: &mut Canvas, state: &State, screen: &DescribeScreen, heads: Rect, body: Rect, drawn: &mut Drawn) {
    let scroll = screen.scroll;
    let title = format!("{}/{}", screen.object.gvk.kind, screen.object.name);
    let (seen, all) = (usize::from(body.height), screen.lines.len());
    text::heads(canvas, heads, &title, &screen.search, scroll.top, seen, all);
    if screen.value.is_none() {
        return match &screen.error {
            Some(error) => notice::failed(canvas, error, body),
            None => {
                canvas.put(body.x + 2, body.y, body.width, &format!("loading{CUT}"), Scope::Muted);
            }
        };
    }
    // Values of Secrets are redacted by the reader; should one ever get through, it is kept out of
    // the recording.
    if screen.object.gvk.group.is_empty() && screen.object.resource == "secrets" {
        drawn.private.push(recordable(body));
    }
    let current = screen.search.at.and_then(|at| screen.search.hits.get(at)).copied();
    let room = usize::from(body.width.max(1));
    let mut row = 0;
    let rows_of = |canvas: &Canvas, line: &Line| {
        if screen.wrap {
            text::width(&pieces(canvas, state, line)).div_ceil(room).max(1)
        } else {
            1
        }
    };
    let top = if screen.wrap {
        let last = last_page(&screen.lines, body.height, |line| rows_of(canvas, line));
        scroll.top.min(last)
    } else {
        scroll.top
    };
    for (n, shown) in screen.lines.iter().enumerate().skip(top) {
        let rows = rows_of(canvas, shown);
        let pieces = pieces(canvas, state, shown);
        for part in 0..rows {
            if row >= body.height {
                return;
            }
            let line = line(body, row);
            let left = if screen.wrap { part * room } else { scroll.left };
            text::draw(canvas, line, left, &pieces);
            if screen.search.is_on() {
                let searched = shown.text();
                text::mark_hits(canvas, line, left, 0, &searched, &screen.search, current == Some(n));
            }
            if !screen.wrap {
                text::mark_cut(canvas, line, left, &pieces);
            }
            row += 1;
        }
    }
}

/// Wrapped lines fill more than one row each, so any of them may stand at the top; but the last page
/// is full. The first line of it.
fn last_page(lines: &[Line], height: u16, rows_of: impl Fn(&Line) -> usize) -> usize {
    let mut left = usize::from(height);
    for (at, line) in lines.iter().enumerate().rev() {
        match left.checked_sub(rows_of(line)) {
            Some(rest) => left = rest,
            // The last line is shown, whatever its length.
            None => return (at + 1).min(lines.len() - 1),
        }
    }
    0
}

fn pieces<'l>(canvas: &Canvas, state: &State, line: &'l Line) -> Vec<Piece<'l>> {
    let piece = |span: &'l Span| {
        let text = match span.since_ms {
            Some(since) => {
                let cells = span.text.len();
                Cow::Owned(format!("{:<cells$}", age::text(since, state.now.wall_ms)))
            }
            None => Cow::Borrowed(span.text.as_str()),
        };
        (text, canvas.style(scope_of(span.tone)))
    };
    line.spans.iter().map(piece).collect()
}

fn scope_of(tone: Tone) -> Scope {
    match tone {
        Tone::Text => Scope::Text,
        Tone::Key => Scope::YamlKey,
        Tone::Heading => Scope::TableHeader,
        Tone::Muted => Scope::Muted,
        Tone::Ok => Scope::RowOk,
        Tone::Pending => Scope::RowPending,
        Tone::Bad => Scope::RowBad,
        Tone::Done => Scope::RowDone,
    }
}
