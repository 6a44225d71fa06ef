//! What is typed at the bottom, with what it could become. The caret is the terminal's own, so
//! that screen readers and input methods find it.

use std::borrow::Cow;

use ratatui::layout::Rect;

use super::canvas::{Canvas, span};
use super::layout::line;
use super::{cut, layout};
use crate::app::{Desired, Filter, InputLine, Prompt, PromptKind, Screen, State, Suggestion};
use crate::cluster::PortFacts;
use crate::config::Scope;
use crate::model::term_safe;

/// Suggestions shown at once.
const MOST_SHOWN: usize = 8;

/// The line itself; says where the caret is.
pub fn draw_line(canvas: &mut Canvas, state: &State, prompt: &Prompt, area: Rect) -> (u16, u16) {
    let sign = match &prompt.kind {
        PromptKind::Command => ":".to_owned(),
        PromptKind::Filter { .. } | PromptKind::Search { .. } => "/".to_owned(),
        PromptKind::Replicas { targets, now } => question(targets, now),
        PromptKind::Forward { pod, .. } => format!("local:remote of {}: ", cut::middle(&pod.name, 32)),
    };
    let used = canvas.put(area.x, area.y, area.width, &sign, Scope::Prompt);
    let typing = Rect {
        x: area.x + used,
        width: area.width - used,
        ..area
    };
    let caret = draw_input(canvas, &prompt.line, typing, Scope::Strong);
    let end = input_end(&prompt.line, typing);
    let rest = Rect {
        x: typing.x + end,
        width: typing.width - end,
        ..typing
    };
    let ghost = ghost(prompt);
    let used = canvas.put(rest.x, rest.y, rest.width, ghost, Scope::Suggestion);
    let hint = hint(state, prompt);
    let (text, scope) = match (&prompt.error, &hint) {
        (Some(error), _) => (error.as_str(), Scope::Problem),
        (None, hint) => (hint.as_ref(), Scope::Muted),
    };
    let room = rest.width.saturating_sub(used + 2);
    if usize::from(room) > 8 {
        let right = Rect {
            x: rest.right() - room,
            width: room,
            ..rest
        };
        canvas.spans_right(right, &[(cut::end(text, room.into()), scope)]);
    }
    caret
}

fn question(targets: &[crate::model::ObjectRef], now: &Desired) -> String {
    let what = match targets {
        [one] => one.name.clone(),
        many => format!("{} objects", many.len()),
    };
    let now = now.words().map(|now| format!(" (now {now})")).unwrap_or_default();
    format!("replicas of {what}{now}: ")
}

/// The rest of the first suggestion, where it goes on from what is typed.
fn ghost(prompt: &Prompt) -> &str {
    let typed = prompt.line.text();
    if typed.is_empty() || prompt.line.caret() < typed.len() {
        return "";
    }
    let best = prompt.suggestions.get(prompt.selected.unwrap_or(0));
    best.and_then(|suggestion| suggestion.line.strip_prefix(typed))
        .unwrap_or("")
}

/// `http 8080, 9090`
fn names(ports: &[PortFacts]) -> String {
    let name = |port: &PortFacts| format!("{} {}", port.name, port.number).trim().to_owned();
    ports.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn hint(state: &State, prompt: &Prompt) -> Cow<'static, str> {
    let hint = match &prompt.kind {
        PromptKind::Forward { ports, .. } => {
            return match ports.len() {
                0 => "the pod names no ports".into(),
                1 => names(ports).into(),
                _ => format!("tab: {}", names(ports)).into(),
            };
        }
        PromptKind::Command if prompt.suggestions.is_empty() => "",
        PromptKind::Command => "tab completes",
        // What is not listed by the server has no labels.
        PromptKind::Filter { .. } if !matches!(state.screens.current(), Some(Screen::Table(_))) => {
            "regex, !inverse, -f letters"
        }
        PromptKind::Filter { .. } if Filter::parse(prompt.line.text()).labels().is_some() => {
            "labels, asked of the server"
        }
        PromptKind::Filter { .. } => "regex, !inverse, -l labels",
        PromptKind::Search { .. } => "regex",
        PromptKind::Replicas { .. } => "a number",
    };
    hint.into()
}

/// The box of suggestions above the bottom line.
pub fn draw_suggestions(canvas: &mut Canvas, prompt: &Prompt, body: Rect) {
    let all = &prompt.suggestions;
    if !matches!(prompt.kind, PromptKind::Command) || all.is_empty() || body.height < 4 {
        return;
    }
    let height = all.len().min(MOST_SHOWN).min(usize::from(body.height) - 2);
    let selected = prompt.selected.unwrap_or(0);
    let first = selected.saturating_sub(height - 1).min(all.len() - height);
    let shown = &all[first..first + height];
    let line_width = shown.iter().map(|s| cut::width(&s.line)).max().unwrap_or(0);
    let about_width = shown.iter().map(|s| cut::width(&s.about)).max().unwrap_or(0);
    let width = (line_width + about_width + 7).min(usize::from(body.width)) as u16;
    let area = Rect {
        x: body.x,
        y: body.bottom() - height as u16 - 2,
        width,
        height: height as u16 + 2,
    };
    let title = if all.len() > height {
        format!("{} more", all.len() - height)
    } else {
        String::new()
    };
    let inner = canvas.boxed(area, &title);
    for (n, suggestion) in shown.iter().enumerate() {
        let line = layout::line(inner, n as u16);
        let room = usize::from(line.width)
            .saturating_sub(about_width + 1)
            .max(usize::from(line.width) / 2);
        draw_suggestion(
            canvas,
            suggestion,
            line,
            room.min(line_width),
            prompt.selected == Some(first + n),
        );
    }
}

fn draw_suggestion(canvas: &mut Canvas, suggestion: &Suggestion, line: Rect, room: usize, is_selected: bool) {
    canvas.spans(line, &[(cut::middle(&suggestion.line, room), Scope::Text)]);
    let about = usize::from(line.width).saturating_sub(room + 1);
    canvas.spans_right(line, &[(cut::end(&suggestion.about, about), Scope::Muted)]);
    if is_selected {
        canvas.tint(line, Scope::TableCursor);
    }
}

/// Typed text, scrolled so that the caret is seen; says where the caret is.
pub fn draw_input(canvas: &mut Canvas, input: &InputLine, area: Rect, scope: Scope) -> (u16, u16) {
    let (before, after) = split(input);
    let skipped = skipped(&before, area.width);
    let seen = cut::skip(&before, skipped);
    let used = canvas.put(area.x, area.y, area.width, seen, scope);
    canvas.put(area.x + used, area.y, area.width - used, &after, scope);
    (area.x + used.min(area.width.saturating_sub(1)), area.y)
}

/// Cells from the left of `area` to the end of what `draw_input` wrote.
fn input_end(input: &InputLine, area: Rect) -> u16 {
    let (before, after) = split(input);
    let seen = cut::width(&before) - skipped(&before, area.width).min(cut::width(&before));
    (seen + cut::width(&after)).min(usize::from(area.width)) as u16
}

/// Before and after the caret, each as it is drawn.
fn split(input: &InputLine) -> (String, String) {
    let (before, after) = input.text().split_at(input.caret());
    (
        term_safe::clean(before).into_owned(),
        term_safe::clean(after).into_owned(),
    )
}

/// Cells of the text that are left of the seen part.
fn skipped(before: &str, room: u16) -> usize {
    (cut::width(before) + 1).saturating_sub(usize::from(room))
}

/// Typed text over several lines, broken at blanks: the end is seen, and the caret.
pub fn draw_input_wrapped(canvas: &mut Canvas, input: &InputLine, area: Rect, scope: Scope) -> (u16, u16) {
    let (before, after) = split(input);
    let room = usize::from(area.width);
    let whole = format!("{before}{after}");
    let lines = broken(&whole, room);
    // The line that the caret is in: the last one that starts at or before it.
    let at = lines.iter().rposition(|(start, _)| *start <= before.len()).unwrap_or(0);
    let first = (at + 1).saturating_sub(area.height.max(1).into());
    for (n, (_, text)) in lines.iter().skip(first).enumerate() {
        let line = line(area, n as u16);
        if line.height > 0 {
            canvas.spans(line, &[span(*text, scope)]);
        }
    }
    let column = lines
        .get(at)
        .map_or(0, |(start, _)| cut::width(&whole[*start..before.len()]));
    (
        area.x + (column.min(room.saturating_sub(1))) as u16,
        area.y + (at - first) as u16,
    )
}

/// Lines with the byte they start at. Unlike `cut::wrap` no blank is lost, so that a caret behind
/// a blank has a place.
fn broken(text: &str, room: usize) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut start = 0;
    while cut::width(&text[start..]) >= room.max(2) {
        let fits = cut::fitting(&text[start..], room.max(2) - 1);
        let end = fits.rfind(' ').map_or(fits.len(), |blank| blank + 1);
        lines.push((start, &text[start..start + end]));
        start += end;
    }
    lines.push((start, &text[start..]));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_blank_is_lost_where_typed_text_is_broken() {
        let text = "checkout crash-loops since the rollout  ";
        let lines = broken(text, 12);
        assert_eq!(lines.iter().map(|(_, line)| *line).collect::<String>(), text);
        assert!(lines.iter().all(|(_, line)| cut::width(line) < 12), "{lines:?}");
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken_too() {
        assert_eq!(broken("日本", 1).len(), 3);
        let lines = broken("日本日本日本", 4);
        assert!(
            lines.len() > 2 && lines.iter().all(|(_, line)| cut::width(line) < 4),
            "{lines:?}"
        );
    }
}
