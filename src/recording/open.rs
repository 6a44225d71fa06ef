//! Opens a session's folder for replay: verifies it first, then lays journal and screen on one time
//! line. Writes nothing.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::replay::{EventKind, Recording, ReplayEvent, Summary};
use super::screen::Screen;
use crate::audit::{self, Entry, SCREEN_FILE, Shown, VerifyError};
use crate::model::TermSafe;

impl Recording {
    /// Opens the session in `folder`. A damaged one opens as far as it goes and says so.
    pub fn open(folder: &Path) -> Result<Self, VerifyError> {
        let shown = audit::show(folder)?;
        let folder = if folder.is_dir() {
            folder
        } else {
            folder.parent().unwrap_or(folder)
        };
        let (screen, mut damage) = match open_screen(folder) {
            Ok(file) => {
                let screen = Screen::read(file);
                let damage = screen.damage().map(ToString::to_string);
                (screen, damage)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Screen::default(), None),
            Err(error) => (Screen::default(), Some(format!("screen recording: {error}"))),
        };
        if damage.is_none() && !shown.report.screen.is_good() {
            damage = Some(shown.report.screen.words());
        }
        let first_ms = shown.entries.first().map_or(0, |entry| entry.wall_ms);
        let started_ms = screen.started_ms().unwrap_or(first_ms);
        Ok(Self {
            summary: summary(&shown, started_ms, damage),
            events: events(&shown, started_ms),
            screen,
        })
    }
}

fn open_screen(folder: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(folder.join(SCREEN_FILE), flags, Mode::empty())?);
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::other("it is no regular file"))
}

fn summary(shown: &Shown, started_ms: i64, damage: Option<String>) -> Summary {
    let safe = |text: &str| TermSafe::new(text).to_string();
    let first = shown.entries.first();
    let text = |field: &str| safe(first.map_or("", |entry| entry.text(field)));
    Summary {
        session: shown.report.session.clone().unwrap_or_default(),
        started_ms,
        context: safe(
            first
                .and_then(|e| e.record["cluster"]["context"].as_str())
                .unwrap_or_default(),
        ),
        who: safe(&first.map(Entry::who).unwrap_or_default()),
        role: text("role"),
        ticket: text("ticket"),
        reason: text("reason"),
        writes: shown.writes().sent,
        verdict: shown.report.verdict(),
        intact: shown.report.is_intact(),
        damage,
    }
}

fn events(shown: &Shown, started_ms: i64) -> Vec<ReplayEvent> {
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
    let went_well = status.is_some_and(|status| (200..300).contains(&status));
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
        label: label(entry),
        status,
        ok,
        audit_id: entry.audit_id(),
        seq: entry.seq,
    })
}

fn label(entry: &Entry) -> String {
    match entry.kind.as_str() {
        "intent" | "refused" => TermSafe::new(entry.text("words")).to_string(),
        "requested" | "approving" => TermSafe::new(&format!("{}  {}", entry.kind, entry.who())).to_string(),
        "granted" => TermSafe::new(&format!("granted  {}", entry.approvers())).to_string(),
        kind => TermSafe::new(&format!("{kind}  {}", entry.words())).to_string(),
    }
}
