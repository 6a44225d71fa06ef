//! Questions before a write and before leaving, in proportion to what may break. Names are printed
//! in a restricted alphabet, so that consent is never given to a look-alike.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Span, span, width_of};
use super::layout::{centred, line};
use super::{cut, prompt};
use crate::app::{Choice, Confirm, Leave, LeaveFor};
use crate::config::Scope;
use crate::config::theme::glyph::CUT;
use crate::model::{ObjectRef, term_safe};
use crate::registry::Friction;

const WIDTH: u16 = 76;
/// Lines for the names of the objects, however little room there is.
const LEAST_NAMED: usize = 2;

/// Reversible: one line and `y`.
pub fn draw_line(canvas: &mut Canvas, confirm: &Confirm, line: Rect) {
    let keys = vec![
        span("  y", Scope::Key),
        span(" yes", Scope::KeyLabel),
        span("  esc", Scope::Key),
        span(" no", Scope::KeyLabel),
    ];
    let hint = span(
        confirm.hint.map(|hint| format!("  {hint}")).unwrap_or_default(),
        Scope::Problem,
    );
    let room = line
        .width
        .saturating_sub(width_of(&keys) + width_of(std::slice::from_ref(&hint)) + 1);
    let headline = headline(confirm);
    let mut spans = vec![
        (cut::middle(&headline, room.into()), Scope::Strong),
        span("?", Scope::Strong),
    ];
    spans.extend(keys);
    spans.push(hint);
    canvas.spans(line, &spans);
}

/// Before quitting or switching with a broken glass.
pub fn draw_leave(canvas: &mut Canvas, leave: &Leave, line: Rect) {
    let (what, does) = match &leave.to {
        LeaveFor::Quit => ("End the escalation and quit?".to_owned(), " end and leave"),
        LeaveFor::Context(name) => {
            let what = format!("End the escalation and switch to {}?", cut::middle(name, 40));
            (what, " end and switch")
        }
    };
    canvas.spans(
        line,
        &[
            span(what, Scope::Strong),
            span("  q", Scope::Key),
            span(" or ", Scope::KeyLabel),
            span("y", Scope::Key),
            span(does, Scope::KeyLabel),
            span("  esc", Scope::Key),
            span(" stay", Scope::KeyLabel),
        ],
    );
}

/// Disruptive or destructive: a box. Says where the caret is, if a name is typed.
pub fn draw_box(canvas: &mut Canvas, confirm: &Confirm, body: Rect) -> Option<(u16, u16)> {
    let inner_width = usize::from(WIDTH.min(body.width)).saturating_sub(4);
    let answer_height = if confirm.friction == Friction::Name { 4 } else { 3 };
    let lines = body.height.saturating_sub(answer_height + 2);
    let content = content(confirm, inner_width, lines.into());
    let height = content.len() as u16 + answer_height + 2;
    let inner = canvas.boxed(centred(body, WIDTH, height), confirm.action.title);
    // The answer is always seen; of the content as much as there is room for.
    let room = inner.height.saturating_sub(answer_height);
    for (n, spans) in content.iter().take(room.into()).enumerate() {
        canvas.spans(line(inner, n as u16), spans);
    }
    let answer = Rect {
        y: inner.y + (content.len() as u16).min(room),
        height: answer_height.min(inner.height),
        ..inner
    };
    if confirm.friction == Friction::Name {
        return draw_typed(canvas, confirm, answer);
    }
    draw_choice(canvas, confirm, answer);
    None
}

/// Headline, the objects by name, what will be hit. The names take what room the rest leaves.
fn content(confirm: &Confirm, width: usize, room: usize) -> Vec<Vec<Span<'_>>> {
    let mut lines = wrapped(&headline(confirm), width, Scope::Strong);
    let mut impact = Vec::new();
    if !confirm.impact.is_empty() {
        impact.push(Vec::new());
    }
    for line in &confirm.impact {
        impact.extend(wrapped(line, width, Scope::Text));
    }
    let left = room.saturating_sub(lines.len() + impact.len());
    lines.extend(names(&confirm.targets, width, left.max(LEAST_NAMED)));
    lines.extend(impact);
    lines
}

fn wrapped(text: &str, width: usize, scope: Scope) -> Vec<Vec<Span<'static>>> {
    let lines = cut::wrap(text, width).into_iter();
    lines.map(|text| vec![span(text.to_owned(), scope)]).collect()
}

/// As many as there is room for; the rest is counted. One alone stands in the headline.
fn names(targets: &[ObjectRef], width: usize, room: usize) -> Vec<Vec<Span<'_>>> {
    let unusual = targets.iter().any(|target| term_safe::restricted(&target.name).1);
    if targets.len() < 2 && !unusual {
        return Vec::new();
    }
    let shown = if targets.len() > room {
        room.saturating_sub(1)
    } else {
        room
    };
    let named = targets.iter().take(shown).map(|target| named(target, width));
    let mut lines: Vec<_> = named.collect();
    if targets.len() > shown {
        let rest = format!("  {CUT} and {} more", targets.len() - shown);
        lines.push(vec![span(rest, Scope::Text)]);
    }
    lines
}

/// What will be done, with a name that could be mistaken for another spelt out.
fn headline(confirm: &Confirm) -> String {
    match confirm.targets.as_slice() {
        [one] => confirm.headline.replace(&one.name, &term_safe::restricted(&one.name).0),
        _ => confirm.headline.clone(),
    }
}

fn named(target: &ObjectRef, width: usize) -> Vec<Span<'_>> {
    let (name, unusual) = term_safe::restricted(&target.name);
    let place = target
        .namespace
        .as_deref()
        .map(|namespace| format!("{namespace}/"))
        .unwrap_or_default();
    let badge = if unusual { "  unusual characters" } else { "" };
    let room = width.saturating_sub(badge.len() + 2);
    vec![
        span(
            format!("  {}", cut::middle(&format!("{place}{name}"), room)),
            Scope::Text,
        ),
        span(badge, Scope::Problem),
    ]
}

fn draw_choice(canvas: &mut Canvas, confirm: &Confirm, area: Rect) {
    let choices = [("cancel", Choice::Cancel), (confirm.action.title, Choice::Proceed)];
    let mut spans = Vec::new();
    for (word, choice) in choices {
        let chosen = confirm.choice == choice;
        let scope = if chosen { Scope::HitCurrent } else { Scope::Text };
        let text = if chosen {
            format!("[ {word} ]")
        } else {
            format!("  {word}  ")
        };
        spans.extend([span(text, scope), span("  ", Scope::Text)]);
    }
    canvas.spans(line(area, 1), &spans);
    let keys = [
        span("tab", Scope::Key),
        span(" choose  ", Scope::KeyLabel),
        span("enter", Scope::Key),
        span(" do it  ", Scope::KeyLabel),
        span("esc", Scope::Key),
        span(" cancel", Scope::KeyLabel),
    ];
    draw_keys(canvas, confirm, &keys, line(area, 2));
}

fn draw_typed(canvas: &mut Canvas, confirm: &Confirm, area: Rect) -> Option<(u16, u16)> {
    let expected = match confirm.targets.as_slice() {
        [_] => term_safe::restricted(&confirm.expected).0,
        // `3 objects` is our own wording.
        _ => confirm.expected.clone(),
    };
    canvas.spans(
        line(area, 1),
        &[
            span("Type ", Scope::Text),
            span(expected, Scope::Strong),
            span(" to go on:", Scope::Text),
        ],
    );
    let field = line(area, 2);
    canvas.tint(field, Scope::Focus);
    let caret = prompt::draw_input(canvas, &confirm.typed, field, Scope::Focus);
    let keys = [
        span("enter", Scope::Key),
        span(" do it  ", Scope::KeyLabel),
        span("esc", Scope::Key),
        span(" cancel", Scope::KeyLabel),
    ];
    draw_keys(canvas, confirm, &keys, line(area, 3));
    (field.height > 0).then_some(caret)
}

fn draw_keys(canvas: &mut Canvas, confirm: &Confirm, keys: &[Span], line: Rect) {
    let used = canvas.spans(line, keys);
    if let Some(hint) = confirm.hint {
        let room = line.width.saturating_sub(used + 2);
        let hint = cut::end(hint, room.into());
        canvas.spans_right(line, &[(hint, Scope::Problem)]);
    }
}
