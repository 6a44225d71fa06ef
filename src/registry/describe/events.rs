//! The object's events, newest last as kubectl has them, with ages that run.

use super::line::{Span, Tone};
use super::page::Page;
use crate::cluster::ReadError;
use crate::model::{Row, Snapshot, SortKey};

pub fn add(page: &mut Page, events: Option<&Result<Snapshot, ReadError>>) {
    match events {
        None => page.toned("Events", "loading", Tone::Muted),
        Some(Err(error)) => page.toned("Events", &format!("{}; {}", error.cause, error.cure), Tone::Bad),
        Some(Ok(snapshot)) if snapshot.rows.is_empty() => page.toned("Events", "<none>", Tone::Muted),
        Some(Ok(snapshot)) => page.section("Events", |page| {
            page.table(
                &["LAST SEEN", "COUNT", "TYPE", "REASON", "FROM", "MESSAGE"],
                rows(snapshot),
            );
        }),
    }
}

/// Place of FROM among the cells of a row.
const SOURCE: usize = 4;

fn rows(snapshot: &Snapshot) -> Vec<Vec<Span>> {
    let at = |name: &str| snapshot.columns.iter().position(|column| column.name.as_str() == name);
    let columns = [at("COUNT"), at("TYPE"), at("REASON"), at("SOURCE"), at("MESSAGE")];
    let seen = at("LAST SEEN");
    let mut rows: Vec<&Row> = snapshot.rows.iter().collect();
    // Told in one second, they are in the order in which the server wrote them.
    rows.sort_by_key(|row| (last_seen(row, seen), version(row)));
    rows.into_iter()
        .map(|row| {
            let mut cells = vec![match last_seen(row, seen) {
                Some(ms) => Span::age(ms, 9),
                None => Span::new("", Tone::Text),
            }];
            cells.extend(columns.iter().map(|at| cell(row, *at)));
            // The component; where it runs would push the message off an 80-column screen.
            if let Some(source) = cells.get_mut(SOURCE)
                && let Some((component, _)) = source.text.clone().split_once(", ")
            {
                *source = Span::new(component, Tone::Text);
            }
            cells
        })
        .collect()
}

fn version(row: &Row) -> Option<u64> {
    row.resource_version.as_deref()?.parse().ok()
}

fn last_seen(row: &Row, at: Option<usize>) -> Option<i64> {
    let cell = row.cells.get(at?)?;
    match cell.sort {
        SortKey::Time(ms) => Some(ms),
        _ => cell.since_ms.or(row.created_ms),
    }
}

fn cell(row: &Row, at: Option<usize>) -> Span {
    let text = at
        .and_then(|at| row.cells.get(at))
        .map_or("", |cell| cell.text.as_str());
    let tone = if text == "Warning" { Tone::Bad } else { Tone::Text };
    Span::new(text, tone)
}
