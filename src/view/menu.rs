//! What can be done with the row under the cursor, with its key. Writes are always shown: what
//! cannot run now is grey and says why.

use ratatui::layout::Rect;

use super::banner::padded;
use super::canvas::{Canvas, Span, span, width_of};
use super::keys;
use crate::app::{Hint, State, hints};
use crate::config::Scope;
use crate::config::theme::glyph::{BLOCKED, VERTICAL};

/// Between two keys.
const GAP: &str = "  ";

/// The menu's own line.
pub fn draw(canvas: &mut Canvas, state: &State, line: Rect) {
    let line = padded(line);
    let hints = hints(state);
    let (writes, reads): (Vec<&Hint>, Vec<&Hint>) = hints.iter().partition(|hint| hint.is_write);
    let between = if writes.is_empty() || reads.is_empty() {
        String::new()
    } else {
        format!(" {VERTICAL} ")
    };
    // One gap of two is the separator instead, which has three.
    let room = line.width.saturating_sub(u16::from(!between.is_empty()));
    let kept = fitting(reads.iter().chain(&writes).copied(), room);
    let said = laid(&kept, &between, true);
    if width_of(&said) <= line.width {
        canvas.spans(line, &said);
        return;
    }
    let why = in_short(state, &kept);
    let why_width = width_of(why.as_slice());
    // What cannot be done with a broken glass is no matter of course: reads that may give way do so to why.
    let fewer = fitting(reads.into_iter().chain(writes), room.saturating_sub(why_width));
    let firm = |hints: &[&Hint]| {
        let stay = hints.iter().filter(|hint| hint.is_write || hint.gives_way == 0);
        stay.count()
    };
    let gives_way = state.glass.grant().is_some() && firm(&fewer) == firm(&kept);
    let mut spans = laid(if gives_way { &fewer } else { &kept }, &between, false);
    if width_of(&spans) + why_width <= line.width {
        spans.extend(why);
    }
    canvas.spans(line, &spans);
}

/// Reads, then writes; `with_reasons` says behind the last key that one holds for why it is blocked.
fn laid(kept: &[&Hint], between: &str, with_reasons: bool) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut has_write = false;
    for (n, hint) in kept.iter().enumerate() {
        if hint.is_write && !has_write && !spans.is_empty() {
            spans.push(span(between.to_owned(), Scope::Muted));
        }
        has_write |= hint.is_write;
        push(&mut spans, hint);
        let again = kept.iter().skip(n + 1).any(|later| later.blocked == hint.blocked);
        if let Some(why) = hint.blocked.as_deref().filter(|_| with_reasons && !again) {
            spans.push(span(format!("  {why}"), Scope::KeyBlocked));
        }
    }
    spans
}

/// The one reason, or `2 reasons: ?` where they cannot all be said here.
fn in_short(state: &State, kept: &[&Hint]) -> Option<Span<'static>> {
    let mut reasons: Vec<&str> = kept.iter().filter_map(|hint| hint.blocked.as_deref()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let help = keys::everywhere(state, "app.help");
    let text = match reasons.as_slice() {
        [] => return None,
        [one] => format!("  {one}"),
        many if help.is_empty() => format!("  {} reasons", many.len()),
        many => format!("  {} reasons: {help}", many.len()),
    };
    Some(span(text, Scope::KeyBlocked))
}

/// The writes alone, for screens without a line for the menu.
pub fn writes(state: &State, room: u16) -> Vec<Span<'static>> {
    in_a_row(hints(state).iter().filter(|hint| hint.is_write), room)
}

/// All of them, for a line that has nothing else.
pub fn all(state: &State, room: u16) -> Vec<Span<'static>> {
    in_a_row(&hints(state), room)
}

/// The rest, for the same screens. While the glass is broken the second line has no room for the
/// writes, and they are what it was broken for: then they stand here, and first.
pub fn on_bottom_line(state: &State, room: u16) -> Vec<Span<'static>> {
    let with_writes = state.glass.grant().is_some();
    let mut hints = hints(state);
    hints.retain(|hint| with_writes || !hint.is_write);
    hints.sort_by_key(|hint| (!hint.is_write, hint.blocked.is_some()));
    in_a_row(&hints, room)
}

fn in_a_row<'h>(hints: impl IntoIterator<Item = &'h Hint>, room: u16) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for hint in fitting(hints, room) {
        push(&mut spans, hint);
    }
    spans
}

/// Those that fit beside each other, in their order; what is wanted least is left out first.
fn fitting<'h>(hints: impl IntoIterator<Item = &'h Hint>, room: u16) -> Vec<&'h Hint> {
    let mut wanted: Vec<(usize, &Hint)> = hints.into_iter().enumerate().collect();
    wanted.sort_by_key(|(_, hint)| hint.gives_way);
    let mut used = 0;
    wanted.retain(|(_, hint)| {
        let gap = if used == 0 { 0 } else { GAP.len() as u16 };
        let width = gap + width_of(&part(hint));
        let fits = used + width <= room;
        used += if fits { width } else { 0 };
        fits
    });
    wanted.sort_by_key(|(place, _)| *place);
    wanted.into_iter().map(|(_, hint)| hint).collect()
}

fn push(spans: &mut Vec<Span<'static>>, hint: &Hint) {
    if spans.last().is_some_and(|(text, _)| !text.ends_with(' ')) {
        spans.push(span(GAP, Scope::Text));
    }
    spans.extend(part(hint));
}

fn part(hint: &Hint) -> [Span<'static>; 2] {
    let is_blocked = hint.blocked.is_some();
    let (key, label) = if is_blocked {
        (Scope::KeyBlocked, Scope::KeyBlocked)
    } else {
        (Scope::Key, Scope::KeyLabel)
    };
    let sign = if is_blocked {
        format!(" {BLOCKED}")
    } else {
        String::new()
    };
    [
        span(hint.key.clone(), key),
        span(format!(" {}{sign}", hint.title), label),
    ]
}
