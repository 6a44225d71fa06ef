//! The card of the demo: which step, and what to do next. Stands in lines of its own, so that it
//! covers nothing.

use ratatui::layout::Rect;

use super::banner::padded;
use super::canvas::{Canvas, Span, span, width_of};
use super::{cut, keys, layout};
use crate::app::{Guide, State};
use crate::config::Scope;
use crate::config::theme::glyph::{CRUMB, MARK, UNCHOSEN};

pub fn draw(canvas: &mut Canvas, state: &State, guide: &Guide, area: Rect) {
    canvas.clear(area);
    let head = layout::line(area, 0);
    canvas.rule(head);
    let used = canvas.spans(padded(head), &steps(guide));
    let key = keys::everywhere(state, "guide.toggle");
    let hide = [
        span(" ", Scope::Text),
        span(key, Scope::Key),
        span(" hides this ", Scope::KeyLabel),
    ];
    if used + width_of(&hide) < padded(head).width {
        canvas.spans_right(padded(head), &hide);
    }
    let text = guide.task().map_or(guide.farewell, |task| task.text);
    let lines = wrapped(words(state, guide, text), usize::from(padded(area).width));
    for (n, line) in (1..area.height).zip(lines) {
        canvas.spans(padded(layout::line(area, n)), &line);
    }
}

fn steps(guide: &Guide) -> Vec<Span<'static>> {
    let current = guide.current();
    let mut spans = vec![span(" demo ", Scope::Muted)];
    for (n, step) in guide.steps.iter().enumerate() {
        let (sign, scope) = match current {
            Some(at) if at == n => (CRUMB, Scope::Strong),
            _ if step.is_done() => (MARK, Scope::RowOk),
            _ => (UNCHOSEN, Scope::Muted),
        };
        spans.push(span(format!(" {sign} {}. {} ", n + 1, step.title), scope));
    }
    spans
}

/// Names of actions and of the session, as this user has them; keys stand out.
fn words<'g>(state: &State, guide: &'g Guide, text: &'g str) -> Vec<Span<'g>> {
    let word = |word: &'g str| -> Vec<Span<'g>> {
        let Some((before, rest)) = word.split_once('{') else {
            let scope = if word.starts_with(':') { Scope::Key } else { Scope::Text };
            return vec![span(word, scope)];
        };
        let (id, after) = rest.split_once('}').unwrap_or((rest, ""));
        let name = match id {
            "session" => guide
                .session
                .as_deref()
                .map_or("", |s| s.get(..6).unwrap_or(s))
                .to_owned(),
            id => key_of(state, id),
        };
        vec![
            span(before, Scope::Text),
            span(name, Scope::Key),
            span(after, Scope::Text),
        ]
    };
    let mut spans = Vec::new();
    for part in text.split(' ') {
        spans.extend(word(part));
        spans.push(span(" ", Scope::Text));
    }
    spans
}

/// Wherever it is bound: the task may be about another screen than the one that is seen.
fn key_of(state: &State, id: &str) -> String {
    let keys = state.keymap.keys_of(crate::registry::Mode::ALL, id);
    keys.first().map(ToString::to_string).unwrap_or_default()
}

/// Broken at blanks.
fn wrapped(spans: Vec<Span<'_>>, room: usize) -> Vec<Vec<Span<'_>>> {
    let mut lines = vec![Vec::new()];
    let mut used = 0;
    for words in spans.split_inclusive(|(text, _)| text == " ") {
        let wide: usize = words.iter().map(|(text, _)| cut::width(text)).sum();
        if used > 0 && used + wide > room + 1 {
            lines.push(Vec::new());
            used = 0;
        }
        used += wide;
        lines
            .last_mut()
            .expect("there is one from the start")
            .extend_from_slice(words);
    }
    lines
}
