//! The events of a journal on the time line of its recording, in words for people.

use std::collections::HashMap;

use serde_json::Value;

use super::replay::{EventKind, ReplayEvent};
use crate::audit::{self, Entry, Shown};
use crate::model::TermSafe;

/// Characters of one field: nobody reads more beside a recording.
const LONGEST: usize = 2000;

pub fn events(shown: &Shown, started_ms: i64) -> Vec<ReplayEvent> {
    let outcomes: HashMap<u64, &Entry> = shown
        .entries
        .iter()
        .filter(|entry| entry.kind == "outcome")
        .map(|entry| (entry.number("intent"), entry))
        .collect();
    // The wall clock may be set while a session runs; the boot clock since its first record not.
    let opened_ms = shown.entries.first().map_or(0, |entry| entry.wall_ms);
    let mut recovered = false;
    let mut events = Vec::new();
    for entry in &shown.entries {
        recovered |= entry.kind == "recovered";
        let wall_ms = if recovered {
            entry.wall_ms
        } else {
            opened_ms.saturating_add((entry.mono_ns / 1_000_000) as i64)
        };
        let at_ms = u64::try_from(wall_ms.saturating_sub(started_ms)).unwrap_or(0);
        events.extend(
            event(entry, outcomes.get(&entry.seq).copied()).map(|event| ReplayEvent {
                at_ms,
                wall_ms: entry.wall_ms,
                ..event
            }),
        );
    }
    events.sort_by_key(|event| event.at_ms);
    events
}

/// What the time line shows of a record; outcomes stand with their intents.
fn event(entry: &Entry, outcome: Option<&Entry>) -> Option<ReplayEvent> {
    let status = outcome.map(|outcome| outcome.number("status") as u16);
    // A stream that was taken answers 101.
    let went_well = status.is_some_and(|status| (100..300).contains(&status));
    let (kind, ok) = match entry.kind.as_str() {
        "outcome" | "checkpoint" => return None,
        "intent" if !entry.is_write() => (EventKind::Request, went_well),
        "intent" if status.is_some_and(|status| status >= 400) => (EventKind::Refused, false),
        "intent" => (EventKind::Write, went_well),
        "refused" => (EventKind::Refused, false),
        _ => (EventKind::Mark, true),
    };
    Some(ReplayEvent {
        at_ms: 0,
        wall_ms: 0,
        kind,
        label: TermSafe::new(&label(entry)).to_string(),
        facts: facts(entry, outcome),
        status,
        ok,
        audit_id: entry.audit_id(),
        seq: entry.seq,
    })
}

fn label(entry: &Entry) -> String {
    match entry.kind.as_str() {
        "intent" | "refused" => entry.text("words").to_owned(),
        "requested" => format!("requested by {}", entry.who()),
        "approving" => format!("{} by {}", decided(entry.text("decision")), entry.who()),
        "granted" => match entry.approvers() {
            names if names.is_empty() => "granted".into(),
            names => format!("granted by {names}"),
        },
        "streamOpened" | "streamClosed" => stream(entry),
        "typed" => format!("typed: {}", entry.text("line")),
        "warning" => format!("warned: {}", entry.words()),
        "ended" => ended(entry),
        "recovered" => format!("recovered: {}", entry.words()),
        "close" => format!("journal closed: {}", entry.words()),
        // Sentences by themselves.
        "drained" | "sink_failed" | "sink_recovered" => entry.words().to_string(),
        kind => format!("{kind} {}", entry.words()),
    }
}

fn decided(decision: &str) -> &str {
    match decision {
        "approve" => "approved",
        "reject" => "rejected",
        other => other,
    }
}

/// `shell opened: web-0:web`, `port-forward closed: web-0:80, 1 connection`.
fn stream(entry: &Entry) -> String {
    let words = entry.text("words");
    let (what, to) = words
        .split_once(" in ")
        .or_else(|| words.split_once(" to "))
        .unwrap_or((words, ""));
    let colon = if to.is_empty() { "" } else { ": " };
    if entry.kind == "streamOpened" {
        let local = entry.data["local"].as_str();
        let local = local.map(|local| format!(", listening on {local}")).unwrap_or_default();
        return format!("{what} opened{colon}{to}{local}");
    }
    let connections = match entry.number("connections") {
        1 => "1 connection".to_owned(),
        n => format!("{n} connections"),
    };
    let cut = if entry.data["cut"] == true {
        ", cut by the end"
    } else {
        ""
    };
    format!("{what} closed{colon}{to}, {connections}{cut}")
}

fn ended(entry: &Entry) -> String {
    let why = audit::end_in_words(entry.text("reason"));
    match entry.text("revocation") {
        "confirmed" => format!("ended ({why}), the server refuses the credential"),
        "unconfirmed" => format!("ended ({why}), not confirmed that the server refuses"),
        _ => format!("ended ({why})"),
    }
}

/// Everything that the record says, and for a request what came of it.
fn facts(entry: &Entry, outcome: Option<&Entry>) -> Vec<(String, String)> {
    let mut facts = vec![
        ("record".to_owned(), entry.seq.to_string()),
        ("at".into(), entry.record["ts"].as_str().unwrap_or_default().to_owned()),
    ];
    if let Some(outcome) = outcome {
        let status = outcome.number("status");
        let answer = if status == 0 {
            "no answer".into()
        } else {
            status.to_string()
        };
        let words = format!("{answer} {}", outcome.text("message"));
        facts.push(("answered".into(), words.trim_end().to_owned()));
        facts.push(("after".into(), format!("{} ms", outcome.number("tookMs"))));
    }
    flatten("", &entry.data, &mut facts);
    if let Some(id) = entry.audit_id() {
        facts.push(("Audit-ID".into(), id));
    }
    let safe = |text: String| TermSafe::new(&text.chars().take(LONGEST).collect::<String>()).to_string();
    facts.into_iter().map(|(name, text)| (safe(name), safe(text))).collect()
}

/// The fields of nested objects stand beside the others, by their own names.
fn flatten(name: &str, value: &Value, facts: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(name, value, facts);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for item in items {
                flatten(name, item, facts);
            }
        }
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            facts.push((in_words(name), items.join(", ")));
        }
        Value::Null => {}
        value => facts.push((in_words(name), plain(value))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        other => other.to_string(),
    }
}

/// `ttlSeconds` → `ttl seconds`
fn in_words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}
