//! What can be done with the row under the cursor, with its key. Writes are always shown: what
//! cannot run now is grey and says why.

use ratatui::layout::Rect;

use super::banner::padded;
use super::canvas::{Canvas, Span, span, width_of};
use crate::app::{Hint, State, hints};
use crate::config::Scope;
use crate::config::theme::glyph::{BLOCKED, VERTICAL};

/// The menu's own line.
pub fn draw(canvas: &mut Canvas, state: &State, line: Rect) {
    let line = padded(line);
    let (writes, reads): (Vec<Hint>, Vec<Hint>) = hints(state).into_iter().partition(|hint| hint.is_write);
    let mut spans = Vec::new();
    for hint in &reads {
        push(&mut spans, hint, line.width);
    }
    if !writes.is_empty() && !spans.is_empty() {
        spans.push(span(format!(" {VERTICAL} "), Scope::Muted));
    }
    let before = spans.len();
    for hint in &writes {
        push(&mut spans, hint, line.width);
    }
    if spans.len() > before
        && let Some(why) = writes.iter().find_map(|hint| hint.blocked.as_deref())
    {
        let why = span(format!("  {why}"), Scope::KeyBlocked);
        if width_of(&spans) + width_of(std::slice::from_ref(&why)) <= line.width {
            spans.push(why);
        }
    }
    canvas.spans(line, &spans);
}

/// The writes alone, for screens without a line for the menu.
pub fn writes(state: &State, room: u16) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for hint in hints(state).iter().filter(|hint| hint.is_write) {
        push(&mut spans, hint, room);
    }
    spans
}

/// All of them, for a line that has nothing else.
pub fn all(state: &State, room: u16) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for hint in &hints(state) {
        push(&mut spans, hint, room);
    }
    spans
}

/// The rest, for the same screens. While the glass is broken the second line has no room for the
/// writes, and they are what it was broken for: then they stand here, and first.
pub fn on_bottom_line(state: &State, room: u16) -> Vec<Span<'static>> {
    let with_writes = state.glass.grant().is_some();
    let mut hints = hints(state);
    hints.retain(|hint| with_writes || !hint.is_write);
    hints.sort_by_key(|hint| (!hint.is_write, hint.blocked.is_some()));
    let mut spans = Vec::new();
    for hint in &hints {
        push(&mut spans, hint, room);
    }
    spans
}

/// Adds a hint if it still fits.
fn push(spans: &mut Vec<Span<'static>>, hint: &Hint, room: u16) {
    let is_blocked = hint.blocked.is_some();
    let (key, label) = if is_blocked {
        (Scope::KeyBlocked, Scope::KeyBlocked)
    } else {
        (Scope::Key, Scope::KeyLabel)
    };
    let gap = match spans.last() {
        None => "",
        Some((text, _)) if text.ends_with(' ') => "",
        Some(_) => "  ",
    };
    let sign = if is_blocked {
        format!(" {BLOCKED}")
    } else {
        String::new()
    };
    let part = [
        span(gap, Scope::Text),
        span(hint.key.clone(), key),
        span(format!(" {}{sign}", hint.title), label),
    ];
    if width_of(spans) + width_of(&part) <= room {
        spans.extend(part);
    }
}
