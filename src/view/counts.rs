//! The second line: how much there is and how fresh it is; while the glass is broken the path too,
//! since the banner has taken its place.

use ratatui::layout::Rect;

use super::banner::{self, padded};
use super::canvas::{Canvas, Span, span, width_of};
use super::{age, cut, path, replay, sinks, ways};
use crate::app::{Counts, DescribeScreen, HelpScreen, LogsScreen, Screen, State, TableScreen};
use crate::cluster::{Freshness, ReadError, ReadErrorKind};
use crate::config::Scope;
use crate::config::theme::glyph::CUT;

pub fn draw(canvas: &mut Canvas, state: &State, line: Rect, with_menu: bool) {
    if line.height == 0 {
        return;
    }
    let line = padded(line);
    let mut left = Vec::new();
    if state.glass.grant().is_some() {
        left = path::spans(state, line.width / 2, false);
        left.push(span("  ", Scope::Text));
    }
    let is_named = state.glass.grant().is_some();
    let free = line.width.saturating_sub(width_of(&left));
    left.extend(facts(state, free, is_named));
    let used = canvas.spans(line, &left);
    let room = Rect {
        x: line.x + used,
        width: line.width - used,
        ..line
    };
    let free = room.width.saturating_sub(2);
    let kept = match state.glass.grant() {
        // Said once, in the banner if it has room for it.
        Some(grant) if !banner::shows_sink(state, grant, line.width) => {
            sinks::words(&state.sinks, state.now).unwrap_or_else(|| grant.kept.clone())
        }
        _ => String::new(),
    };
    let right = match state.glass.grant() {
        Some(grant) => {
            let mut right = ways::identity(grant, &kept, sinks::is_in_trouble(&state.sinks), free);
            let around = ways::around(state);
            if width_of(&right) + 3 + width_of(&around) <= free {
                right.push(span("   ", Scope::Text));
                right.extend(around);
            }
            right
        }
        None => ways::ways_on(state, free, with_menu),
    };
    if width_of(&right) <= free {
        canvas.spans_right(room, &right);
    }
}

/// Counts and freshness of what is seen. Where its name stands beside it (`is_named`) it is not said twice.
fn facts(state: &State, room: u16, is_named: bool) -> Vec<Span<'_>> {
    match state.screens.current() {
        Some(Screen::Table(table)) => of_table(state, table, room, is_named),
        Some(Screen::Describe(screen)) => of_description(state, screen),
        Some(Screen::Yaml(yaml)) => match &yaml.error {
            Some(error) => vec![trouble(error)],
            None if yaml.value.is_none() => vec![span(format!("loading{CUT}"), Scope::FreshWait)],
            None => vec![span(format!("{} lines", grouped(yaml.lines.len())), Scope::Text)],
        },
        Some(Screen::Logs(logs)) => of_logs(logs),
        Some(Screen::Contexts(list)) => vec![span(number(list.names.len(), "context", "contexts"), Scope::Text)],
        Some(Screen::Help(help)) => of_help(help, state.body_height()),
        Some(Screen::Messages(_)) => {
            vec![span(
                number(state.messages.all().len(), "message", "messages"),
                Scope::Text,
            )]
        }
        Some(Screen::Replay(screen)) => replay::summary(screen, room),
        Some(Screen::Forwards(_)) => vec![span(format!("{} open", state.streams.forwards().count()), Scope::Text)],
        Some(Screen::Shell(shell)) => vec![span(shell.title.as_str(), Scope::Text)],
        None => Vec::new(),
    }
}

/// `52 keys · 1-28`, `3 of 52 keys · /mark`: more are below than a screen has lines.
fn of_help(help: &HelpScreen, height: usize) -> Vec<Span<'static>> {
    let (shown, total) = (help.lines.len(), help.every().len());
    let of = if shown == total {
        String::new()
    } else {
        format!("{shown} of ")
    };
    let mut spans = vec![span(format!("{of}{}", number(total, "key", "keys")), Scope::Text)];
    let mut add = |text: String, scope| spans.extend([span(" · ", Scope::Muted), span(text, scope)]);
    if shown > height {
        let first = help.scroll.top;
        add(format!("{}-{}", first + 1, (first + height).min(shown)), Scope::Text);
    }
    if help.filter.is_on() {
        add(format!("/{}", help.filter.text), Scope::Accent);
    }
    spans
}

fn of_table<'s>(state: &State, table: &'s TableScreen, room: u16, is_named: bool) -> Vec<Span<'s>> {
    let Counts {
        total,
        shown,
        not_ready,
        held,
        hidden_marks,
    } = table.counts;
    let dot = || span(" · ", Scope::Muted);
    let mut spans = Vec::new();
    if let Some(snapshot) = &table.snapshot {
        let resource = &snapshot.resource;
        let one = if resource.singular.is_empty() {
            &resource.plural
        } else {
            &resource.singular
        };
        let counted = if is_named {
            grouped(total)
        } else {
            number(total, one, &resource.plural)
        };
        let of = if shown == total {
            String::new()
        } else {
            format!("{} of ", grouped(shown))
        };
        spans.extend([span(format!("{of}{counted}"), Scope::Text), dot()]);
        if not_ready > 0 && table.health.any() {
            let unwell = if table.kind.plural == "events" {
                number(not_ready, "warning", "warnings")
            } else {
                format!("{} not ready", grouped(not_ready))
            };
            spans.extend([span(unwell, Scope::RowBad), dot()]);
        }
        if held > 0 {
            spans.extend([span(format!("{} cordoned", grouped(held)), Scope::RowPending), dot()]);
        }
    }
    spans.push(freshness(state, table));
    if !table.namespaces.is_empty() {
        spans.extend([dot(), span("all namespaces refused", Scope::FreshOld)]);
    }
    if table.faults_only {
        spans.extend([dot(), span("faults only", Scope::Accent)]);
    }
    if table.filter.is_on() {
        spans.extend([
            dot(),
            span(
                format!("/{}", cut::end(&table.filter.text, usize::from(room / 5))),
                Scope::Accent,
            ),
        ]);
    }
    if !table.marks.is_empty() {
        let hidden = if hidden_marks > 0 {
            format!(" ({hidden_marks} hidden)")
        } else {
            String::new()
        };
        spans.extend([
            dot(),
            span(format!("{} marked{hidden}", table.marks.len()), Scope::TableMark),
        ]);
    }
    spans
}

fn of_description(state: &State, screen: &DescribeScreen) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    if screen.value.is_some() {
        let lines = number(screen.lines.len(), "line", "lines");
        spans.extend([span(lines, Scope::Text), span(" · ", Scope::Muted)]);
    }
    if screen.is_another() {
        spans.extend([
            span("another one of this name", Scope::FreshOld),
            span(" · ", Scope::Muted),
        ]);
    }
    spans.push(match &screen.error {
        Some(error) if error.kind == ReadErrorKind::NotFound && screen.value.is_some() => span("gone", Scope::FreshOld),
        Some(error) => trouble(error),
        None => how_fresh(state, screen.freshness),
    });
    spans
}

/// `live`, `loading 12,400…`, `stale 8 s`, `forbidden`.
fn freshness(state: &State, table: &TableScreen) -> Span<'static> {
    match &table.error {
        Some(error) => trouble(error),
        None => match table.freshness {
            Freshness::Stale { since_boot_ms } if table.snapshot.is_none() => {
                span(format!("no answer {}", silence(state, since_boot_ms)), Scope::FreshOld)
            }
            freshness => how_fresh(state, freshness),
        },
    }
}

/// Since when nothing is heard.
pub fn silence(state: &State, since_boot_ms: u64) -> String {
    elapsed(state.now.boot_ms.saturating_sub(since_boot_ms) / 1000)
}

fn how_fresh(state: &State, freshness: Freshness) -> Span<'static> {
    let seconds = |boot_ms: u64| state.now.boot_ms.saturating_sub(boot_ms) / 1000;
    match freshness {
        Freshness::Loading { rows: 0 } => span(format!("loading{CUT}"), Scope::FreshWait),
        Freshness::Loading { rows } => span(format!("loading {}{CUT}", grouped(rows)), Scope::FreshWait),
        Freshness::Live => span("live", Scope::FreshLive),
        Freshness::Stale { since_boot_ms } => span(format!("stale {}", silence(state, since_boot_ms)), Scope::FreshOld),
        Freshness::Refreshed { at_boot_ms } => span(
            format!("refreshed {} ago", elapsed(seconds(at_boot_ms))),
            Scope::FreshWait,
        ),
    }
}

fn trouble(error: &ReadError) -> Span<'static> {
    let word = match error.kind {
        ReadErrorKind::Unreachable => "unreachable",
        ReadErrorKind::Unauthorized => "unauthorized",
        ReadErrorKind::Forbidden => "forbidden",
        ReadErrorKind::NotFound => "not found",
        ReadErrorKind::Gone => "gone",
        ReadErrorKind::Other => "failed",
    };
    let again = if error.retrying { ", trying again" } else { "" };
    span(format!("{word}{again}"), Scope::FreshOld)
}

fn of_logs(logs: &LogsScreen) -> Vec<Span<'_>> {
    let mut spans = vec![span(number(logs.buffer.lines.len(), "line", "lines"), Scope::Text)];
    let mut add = |text: String, scope| spans.extend([span(" · ", Scope::Muted), span(text, scope)]);
    if logs.buffer.dropped > 0 {
        add(
            format!("{} older dropped", grouped(logs.buffer.dropped as usize)),
            Scope::Muted,
        );
    }
    match (&logs.error, logs.ended, logs.follow) {
        (Some(error), _, _) => spans.extend([span(" · ", Scope::Muted), trouble(error)]),
        (None, true, _) => add("ended".into(), Scope::FreshWait),
        (None, false, true) => add("following".into(), Scope::FreshLive),
        (None, false, false) => add("held".into(), Scope::FreshOld),
    }
    for (is_on, word) in [(logs.wrap, "wrapped"), (logs.timestamps, "with times")] {
        if is_on {
            spans.extend([span(" · ", Scope::Muted), span(word, Scope::Text)]);
        }
    }
    spans
}

/// `12,400`
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 pod`, `12 pods`
pub fn number(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// `8 s`, then as ages.
pub fn elapsed(seconds: u64) -> String {
    if seconds < 60 {
        format!("{seconds} s")
    } else {
        age::text(0, seconds as i64 * 1000)
    }
}
