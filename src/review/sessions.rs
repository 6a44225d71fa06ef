//! One line per session on this machine. A damaged or foreign folder is listed as what it is, never
//! skipped: a session that cannot be read is the one to look at.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::audit::sinks::{count_owed, cursors_in};
use crate::audit::{self, Entry, Shown, rfc3339};
use crate::model::TermSafe;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    Escalation,
    /// Somebody decided about another's request.
    Approval,
    /// The first record cannot be read.
    Unknown,
}

impl SessionKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Escalation => "escalation",
            Self::Approval => "approval",
            Self::Unknown => "unknown",
        }
    }
}

/// What the list says of one session. Texts are safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSummary {
    /// Name of its folder: `<hash>`.
    pub session: String,
    pub folder: PathBuf,
    pub kind: SessionKind,
    /// Unix milliseconds of the first record; None if there is none.
    pub started_ms: Option<i64>,
    pub context: String,
    pub who: String,
    /// `restarter`, or `restarter in shop`.
    pub role: String,
    pub ticket: String,
    /// Requests sent that may have changed something, petitions not counted.
    pub writes: u32,
    /// Of those: no answer is recorded, so nobody knows.
    pub unanswered: u32,
    /// `expired`, `operator` …; `running`, `died`, or empty if it cannot be known.
    pub ended: String,
    /// `intact`, `edited at record 7 …`, or why the journal cannot be read.
    pub verdict: String,
    pub intact: bool,
    /// Its process lives, so that being unclosed is no fault.
    pub running: bool,
    /// Sinks that lack records of it, and how many; by the cursors beside the journal.
    pub unsent: Vec<(String, u64)>,
    /// Some sink was to have it.
    pub has_sinks: bool,
}

/// All sessions in this folder, the newest first, unreadable ones before all.
pub fn sessions(folder: &Path) -> io::Result<Vec<SessionSummary>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // No session yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", folder.display()))),
    };
    let mut all = Vec::new();
    for entry in entries {
        let path = entry?.path();
        // A session that is just being made has no name yet.
        if name_of(&path).starts_with(".new-") {
            continue;
        }
        all.push(summary(&path));
    }
    all.sort_by_key(|session| std::cmp::Reverse(session.started_ms.unwrap_or(i64::MAX)));
    Ok(all)
}

fn name_of(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default();
    TermSafe::new(&name.to_string_lossy()).to_string()
}

/// What one session was; a journal that cannot be read is a verdict too.
pub fn summary(folder: &Path) -> SessionSummary {
    match audit::show(folder) {
        Ok(shown) => of_journal(folder, &shown),
        Err(error) => SessionSummary {
            session: name_of(folder),
            folder: folder.to_owned(),
            kind: SessionKind::Unknown,
            started_ms: None,
            context: String::new(),
            who: String::new(),
            role: String::new(),
            ticket: String::new(),
            writes: 0,
            unanswered: 0,
            ended: String::new(),
            verdict: format!("unreadable: {}", TermSafe::new(&error.cause)),
            intact: false,
            running: false,
            unsent: unsent(folder),
            has_sinks: !cursors_in(folder).is_empty(),
        },
    }
}

fn of_journal(folder: &Path, shown: &Shown) -> SessionSummary {
    let safe = |text: &str| TermSafe::new(text).to_string();
    let first = shown.entries.first().filter(|entry| entry.seq == 1);
    let text = |field: &str| safe(first.map_or("", |entry| entry.text(field)));
    let running = !shown.report.closed && audit::is_running(folder);
    let kind = match first.map(|entry| entry.kind.as_str()) {
        Some("requested") => SessionKind::Escalation,
        Some("approving") => SessionKind::Approval,
        _ => SessionKind::Unknown,
    };
    let writes = shown.writes();
    SessionSummary {
        session: name_of(folder),
        folder: folder.to_owned(),
        kind,
        started_ms: first.map(|entry| entry.wall_ms),
        context: safe(
            first
                .and_then(|e| e.record["cluster"]["context"].as_str())
                .unwrap_or_default(),
        ),
        who: safe(&first.map(Entry::who).unwrap_or_default()),
        role: safe(&first.map(Entry::role).unwrap_or_default()),
        ticket: text("ticket"),
        writes: writes.sent,
        unanswered: writes.unanswered,
        ended: ended(shown, kind, running),
        verdict: if running {
            "running".into()
        } else {
            shown.report.verdict()
        },
        intact: shown.report.is_intact(),
        running,
        unsent: unsent(folder),
        has_sinks: !cursors_in(folder).is_empty(),
    }
}

fn unsent(folder: &Path) -> Vec<(String, u64)> {
    let cursors = cursors_in(folder).into_iter();
    let lacks = cursors.filter_map(|cursor| {
        let owed = count_owed(folder, &cursor).ok().filter(|owed| *owed > 0)?;
        Some((TermSafe::new(&cursor.sink).to_string(), owed))
    });
    lacks.collect()
}

fn ended(shown: &Shown, kind: SessionKind, running: bool) -> String {
    if running {
        return "running".into();
    }
    match shown.last("ended") {
        Some(ended) => TermSafe::new(ended.text("reason")).to_string(),
        None if kind == SessionKind::Approval && shown.report.closed => "decided".into(),
        None if shown.report.closed => String::new(),
        None => "died".into(),
    }
}

impl SessionSummary {
    /// For machines.
    pub fn json(&self) -> Value {
        json!({
            "session": self.session,
            "folder": self.folder.to_string_lossy(),
            "kind": self.kind.as_str(),
            "started": self.started_ms.map(rfc3339),
            "context": self.context,
            "who": self.who,
            "role": self.role,
            "ticket": self.ticket,
            "writes": self.writes,
            "unanswered": self.unanswered,
            "ended": self.ended,
            "verdict": self.verdict,
            "intact": self.intact,
            "running": self.running,
            "unsent": self.has_sinks.then(|| {
                let lacks = self.unsent.iter().map(|(sink, records)| json!({"sink": sink, "records": records}));
                lacks.collect::<Vec<_>>()
            }),
        })
    }
}
