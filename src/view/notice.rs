//! What stands in the body when there is nothing to list: still loading, empty, filtered away, or
//! refused with cause and cure.

use ratatui::layout::Rect;

use super::canvas::{Canvas, Span, span};
use super::layout::line;
use super::{age, counts, cut, keys};
use crate::app::{State, TableScreen};
use crate::cluster::{Freshness, ReadError};
use crate::config::Scope;
use crate::config::theme::glyph::CUT;

/// Text is not wider than this, for reading.
const WIDEST: u16 = 76;

/// Why no row is shown.
pub fn empty_table(canvas: &mut Canvas, state: &State, table: &TableScreen, body: Rect) {
    if let Some(error) = &table.error {
        return failed(canvas, error, body);
    }
    let title = table.title();
    if let (None, Freshness::Stale { since_boot_ms }) = (&table.snapshot, table.freshness) {
        let silence = format!(
            "the server has said nothing for {}",
            counts::silence(state, since_boot_ms)
        );
        let waits = format!("{title} come when it answers");
        return paragraphs(canvas, body, &[(silence, Scope::Problem), (waits, Scope::Muted)]);
    }
    let place = match table.namespace() {
        Some(namespace) if table.counts.total == 0 => format!(" in {namespace}"),
        _ => String::new(),
    };
    let is_loading = table.snapshot.is_none() || matches!(table.freshness, Freshness::Loading { rows: 0 });
    let (total, filter) = (table.counts.total, &table.filter);
    let text = if is_loading {
        format!("loading {title}{CUT}")
    } else if total == 0 {
        format!("no {title}{place}")
    } else if filter.is_on() {
        format!("none of {total} match /{}", filter.text)
    } else if table.faults_only {
        format!("all {total} are well")
    } else {
        String::new()
    };
    let cure = match total {
        0 if place.is_empty() || is_loading => String::new(),
        0 => keys::said(keys::of_tables(state, "namespace.all"), "shows all namespaces"),
        _ => keys::said(keys::everywhere(state, "app.back"), "shows all"),
    };
    paragraphs(canvas, body, &[(text, Scope::Muted), (cure, Scope::Muted)]);
}

/// A read that failed: cause, then cure.
pub fn failed(canvas: &mut Canvas, error: &ReadError, body: Rect) {
    let again = if error.retrying {
        "kglass tries again by itself"
    } else {
        ""
    };
    paragraphs(
        canvas,
        body,
        &[
            (error.cause.clone(), Scope::Problem),
            (error.cure.clone(), Scope::Text),
            (again.into(), Scope::Muted),
        ],
    );
}

/// Before any screen is there: which context is being opened, or why it could not be.
pub fn connection(canvas: &mut Canvas, state: &State, body: Rect) {
    let connection = &state.connection;
    let command = keys::everywhere(state, "app.command");
    let mut lines = Vec::new();
    if let Some(error) = &connection.error {
        lines.push((error.clone(), Scope::Problem));
        lines.push((
            format!("{command}ctx shows the contexts of your kubeconfig"),
            Scope::Text,
        ));
    } else if connection.connecting.is_some() || connection.facts.is_none() {
        let name = match connection.context() {
            "" => "a context",
            name => name,
        };
        lines.push((format!("opening {name}{CUT}"), Scope::Muted));
    }
    if let Some(trouble) = &connection.trouble {
        lines.push((trouble.cause.clone(), Scope::Problem));
        lines.push((trouble.cure.clone(), Scope::Text));
    }
    paragraphs(canvas, body, &lines);
}

fn paragraphs(canvas: &mut Canvas, body: Rect, texts: &[(String, Scope)]) {
    let room = body.width.saturating_sub(4).min(WIDEST);
    let lines = texts
        .iter()
        .filter(|(text, _)| !text.is_empty())
        .flat_map(|(text, scope)| cut::wrap(text, room.into()).into_iter().map(|line| (line, *scope)));
    // A third down, where the eye is; at the top if there is no room to spare.
    let first = if body.height > 9 { body.height / 3 } else { 0 };
    for (n, (text, scope)) in lines.enumerate() {
        let line = line(body, first + n as u16);
        if line.height > 0 {
            canvas.put(line.x + 2, line.y, room, text, scope);
        }
    }
}

/// `02:15:40 3m ago`: in UTC, as the API server's audit log has it.
pub fn clock(wall_ms: i64) -> String {
    match jiff::Timestamp::from_millisecond(wall_ms) {
        Ok(time) => time.strftime("%H:%M:%S").to_string(),
        Err(_) => "--:--:--".into(),
    }
}

/// A day and a time of it, in the form that is named.
pub fn day(wall_ms: i64, form: &str) -> String {
    match jiff::Timestamp::from_millisecond(wall_ms) {
        Ok(time) => time.strftime(form).to_string(),
        Err(_) => "at an unknown time".into(),
    }
}

/// A time of the past for a list, with its age.
pub fn when(wall_ms: i64, now_ms: i64) -> Vec<Span<'static>> {
    vec![
        span(clock(wall_ms), Scope::LogTime),
        span(format!(" {:>5} ", age::text(wall_ms, now_ms)), Scope::Muted),
    ]
}
