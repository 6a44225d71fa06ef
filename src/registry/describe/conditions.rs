//! `status.conditions` as a table, for whatever kind has them.

use serde_json::Value;

use super::line::{Span, Tone};
use super::page::Page;
use super::value::{list, millis, text};

/// Types that are well when they are False.
const WELL_IF_FALSE: [&str; 7] = [
    "MemoryPressure",
    "DiskPressure",
    "PIDPressure",
    "NetworkUnavailable",
    "ReplicaFailure",
    "Failed",
    "ScalingLimited",
];

pub fn add(page: &mut Page, object: &Value) {
    let rows: Vec<Vec<Span>> = list(object, "/status/conditions").iter().map(row).collect();
    page.section("Conditions", |page| {
        page.table(&["TYPE", "STATUS", "SINCE", "REASON", "MESSAGE"], rows);
    });
}

fn row(condition: &Value) -> Vec<Span> {
    let (kind, status) = (text(condition, "/type"), text(condition, "/status"));
    let word = |text: &str| Span::new(&text.replace('\n', " "), Tone::Text);
    let since = match millis(text(condition, "/lastTransitionTime")) {
        Some(ms) => Span::age(ms, 6),
        None => Span::new("", Tone::Text),
    };
    vec![
        word(kind),
        Span::new(status, tone(kind, status)),
        since,
        word(text(condition, "/reason")),
        word(text(condition, "/message")),
    ]
}

fn tone(kind: &str, status: &str) -> Tone {
    match (WELL_IF_FALSE.contains(&kind), status) {
        (false, "True") | (true, "False") => Tone::Ok,
        (false, "False") | (true, "True") => Tone::Bad,
        _ => Tone::Pending,
    }
}
