//! A session opened for replay: what it was, what verification found, what was done and what was
//! seen, on one time line. Plain data; opened by `open`, shared by an `Arc`.

use std::sync::Arc;

use super::screen::Screen;
use crate::model::Grid;

/// A session opened for replay: verified journal, events and screen.
#[derive(Debug, Default)]
pub struct Recording {
    pub summary: Summary,
    /// In order of time.
    pub events: Vec<ReplayEvent>,
    pub screen: Screen,
}

/// What the replay's header says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub session: String,
    /// Unix milliseconds of time 0.
    pub started_ms: i64,
    pub context: String,
    pub who: String,
    pub role: String,
    pub ticket: String,
    pub reason: String,
    pub writes: u32,
    /// `intact`, `edited at record 7` …
    pub verdict: String,
    pub intact: bool,
    /// What is wrong with the screen recording, if anything; it is played as far as it goes.
    pub damage: Option<String>,
    /// None where the journal does not tell of one.
    pub end: Option<SessionEnd>,
}

/// How a session ended, by its journal. The screen recording cannot say it: it is closed before the
/// server has been asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionEnd {
    /// `by hand`, `expired` …
    pub why: String,
    /// Unix milliseconds.
    pub wall_ms: i64,
    /// `confirmed`, `unconfirmed`, `not needed`.
    pub revocation: String,
    /// How long after its deletion the server was last seen to refuse the credential.
    pub refused_after_ms: Option<u64>,
}

/// The form of an event on the time line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Requested, granted, warned, ended, closed …: `●`.
    Mark,
    /// A write that was sent: `▲`.
    Write,
    /// A write that the gate or the server refused: `✕`.
    Refused,
    /// A petition or another request that is no write.
    Request,
}

/// One event of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayEvent {
    /// Since the start of the recording.
    pub at_ms: u64,
    /// Unix milliseconds.
    pub wall_ms: i64,
    pub kind: EventKind,
    /// `requested alice`, `scale deployments.apps/web 3 → 0`.
    pub label: String,
    /// All that the record holds, each with its name.
    pub facts: Vec<(String, String)>,
    /// HTTP status, 0 if no answer came; None where there was no request or its outcome is unknown.
    pub status: Option<u16>,
    pub ok: bool,
    pub audit_id: Option<String>,
    /// Number of the record.
    pub seq: u64,
}

impl Recording {
    /// The screen as it was at `ms`.
    pub fn grid_at(&self, ms: u64) -> Arc<Grid> {
        self.screen.grid_at(ms)
    }

    /// Columns and rows at `ms`.
    pub fn size_at(&self, ms: u64) -> (u16, u16) {
        self.screen.size_at(ms)
    }

    /// To the last event or frame.
    pub fn duration_ms(&self) -> u64 {
        let events = self.events.last().map_or(0, |event| event.at_ms);
        events.max(self.screen.duration_ms())
    }
}
