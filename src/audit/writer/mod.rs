//! Numbers, chains, signs and appends records to one medium, each durable before the next. After a
//! failure it writes nothing more: a torn line must not be followed by good ones.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::append_error::{AppendError, AppendFault};
use super::clock;
use super::event::{Event, Intent, Outcome};
use super::hash::{self, Hash};
use super::key::SessionKey;
use super::medium::Medium;
use super::receipt::{Receipt, Sent};
use super::record::{self, Appended, Draft, Mode, Origin};
use super::screen_head::{ScreenHead, ScreenMark};

/// Longer lines are refused when written and called edited when read.
pub const MAX_LINE: usize = 256 * 1024;
/// A journal of tens of thousands of records; longer ones could not be verified in bounded memory.
pub const MAX_JOURNAL: u64 = 64 * 1024 * 1024;
/// Kept for the outcomes and the end of what was sent, when the journal is nearly full.
const RESERVED: u64 = 1024 * 1024;
const RECORDS_PER_CHECKPOINT: u64 = 64;
/// Unless the journal is told otherwise.
pub const CHECKPOINT_EVERY: Duration = Duration::from_secs(10);

/// Is told of each record once it is durable.
pub(super) type Observer = Box<dyn FnMut(&Appended) + Send>;

/// Is told why the journal broke where nobody waits for an answer that would say it.
pub(super) type Alarm = Box<dyn FnMut(&AppendError) + Send>;

/// The one writer of a journal. Blocking; lives on the journal's thread.
pub(super) struct Writer {
    path: PathBuf,
    medium: Box<dyn Medium>,
    key: SessionKey,
    session: String,
    origin: Map<String, Value>,
    next_seq: u64,
    head: Hash,
    mode: Mode,
    opened_ns: u64,
    broken: bool,
    length: u64,
    counts: BTreeMap<String, u64>,
    since_checkpoint: u64,
    checkpointed_ns: u64,
    /// Between two looks whether a checkpoint is due, and whether the journal still is what it was.
    pub checkpoint_every: Duration,
    marked: Option<ScreenMark>,
    alarms: Vec<Alarm>,
    pub clock_skew_ms: Option<i64>,
    pub screen: Option<ScreenHead>,
    pub observers: Vec<Observer>,
    /// Are told of records that the disk did not take.
    pub losers: Vec<Observer>,
}

/// Where a writer begins: at the start of a session, or after the last good record of a dead one.
pub(super) struct Start {
    pub session: String,
    pub next_seq: u64,
    pub head: Hash,
    pub mode: Mode,
    /// Bytes that are in the journal already.
    pub length: u64,
    pub counts: BTreeMap<String, u64>,
}

impl Writer {
    pub(super) fn new(path: PathBuf, medium: Box<dyn Medium>, key: SessionKey, origin: &Origin, start: Start) -> Self {
        let origin = match serde_json::to_value(origin) {
            Ok(Value::Object(map)) => map,
            // Strings and numbers in structs always make an object.
            _ => Map::new(),
        };
        let now = clock::boot_ns();
        Self {
            path,
            medium,
            key,
            session: start.session,
            origin,
            next_seq: start.next_seq,
            head: start.head,
            mode: start.mode,
            opened_ns: now,
            broken: false,
            length: start.length,
            counts: start.counts,
            since_checkpoint: 0,
            checkpointed_ns: now,
            checkpoint_every: CHECKPOINT_EVERY,
            marked: None,
            alarms: Vec::new(),
            clock_skew_ms: None,
            screen: None,
            observers: Vec::new(),
            losers: Vec::new(),
        }
    }

    /// The first record; it alone carries the session's public key.
    pub(super) fn open(&mut self, event: &Event, extends: Option<&str>) -> Result<Appended, AppendError> {
        let mut opening = Map::new();
        opening.insert("sessionKey".into(), record::spell_key(&self.key.public()).into());
        if let Some(extends) = extends {
            opening.insert("extends".into(), extends.into());
        }
        self.event(event, opening)
    }

    pub(super) fn append(&mut self, event: &Event) -> Result<Appended, AppendError> {
        self.event(event, Map::new())
    }

    fn event(&mut self, event: &Event, opening: Map<String, Value>) -> Result<Appended, AppendError> {
        let (kind, mode, data) = match event {
            Event::Requested(data) => ("requested", Mode::Requested, to_value(data)),
            Event::Approving(data) => ("approving", Mode::Normal, to_value(data)),
            Event::Granted(data) => ("granted", Mode::BreakGlass, to_value(data)),
            Event::Refused(data) => ("refused", self.mode, to_value(data)),
            Event::StreamOpened(data) => ("streamOpened", self.mode, to_value(data)),
            Event::StreamClosed(data) => ("streamClosed", self.mode, to_value(data)),
            Event::Typed(data) => ("typed", self.mode, to_value(data)),
            Event::Drained(data) => ("drained", self.mode, to_value(data)),
            Event::Warned(data) => ("warning", self.mode, to_value(data)),
            Event::Ended(data) => ("ended", Mode::Normal, to_value(data)),
            Event::SinkFailed(data) => ("sink_failed", self.mode, to_value(data)),
            Event::SinkRecovered(data) => ("sink_recovered", self.mode, to_value(data)),
        };
        let changed = mode != self.mode && self.next_seq > 1;
        self.mode = mode;
        let appended = self.record(kind, data, opening)?;
        if changed {
            self.checkpoint("mode");
        }
        Ok(appended)
    }

    /// Makes the intent durable, or refuses: no record, no action.
    pub(super) fn intend(&mut self, intent: &Intent) -> Result<Receipt, AppendError> {
        if self.broken {
            return Err(self.error("intent", AppendFault::Broken, None));
        }
        if self.length + RESERVED > MAX_JOURNAL && !intent.gives_back() {
            return Err(self.error("intent", AppendFault::Full, None));
        }
        let mut nonce = [0; 16];
        if let Err(error) = getrandom::fill(&mut nonce) {
            return Err(self.error("intent", AppendFault::Write(io::Error::other(error.to_string())), None));
        }
        let mut data = to_value(intent);
        data["nonce"] = hash::hex(&nonce).into();
        let appended = self.record("intent", data, Map::new())?;
        Ok(Receipt::new(appended.seq, appended.hash))
    }

    pub(super) fn conclude(&mut self, sent: &Sent, outcome: &Outcome) -> Result<Appended, AppendError> {
        let mut data = to_value(outcome);
        data["intent"] = sent.seq.into();
        data["intentHash"] = hash::hex(&sent.hash).into();
        data["auditId"] = sent.audit_id().into();
        self.record("outcome", data, Map::new())
    }

    /// Announces the key that goes on for a dead one.
    pub(super) fn recovered(&mut self, mut data: Value) -> Result<Appended, AppendError> {
        data["recoveryKey"] = record::spell_key(&self.key.public()).into();
        self.record("recovered", data, Map::new())
    }

    pub(super) fn close(&mut self) -> Result<Appended, AppendError> {
        let data = json!({
            "records": self.next_seq - 1,
            "head": hash::hex(&self.head),
            "counts": self.counts,
            "screen": self.screen.as_ref().map(ScreenHead::seal),
        });
        self.record("close", data, Map::new())
    }

    /// Called when time passes: a checkpoint is due if something came since the last one. Else a
    /// look is: a stream may be open that asks for no record, and the journal may be gone.
    pub(super) fn tick(&mut self, now_ns: u64) {
        let since = Duration::from_nanos(now_ns.saturating_sub(self.checkpointed_ns));
        if self.broken || since < self.checkpoint_every {
            return;
        }
        let seen = self.screen.as_ref().map(ScreenHead::mark);
        if self.since_checkpoint > 0 || seen != self.marked {
            self.checkpoint("time");
            return;
        }
        self.checkpointed_ns = now_ns;
        if let Err(error) = self.medium.sync() {
            self.broken = true;
            let error = self.error("checkpoint", AppendFault::Write(error), None);
            self.raise(&error);
        }
    }

    /// What broke before anybody listened is told at once.
    pub(super) fn on_alarm(&mut self, mut alarm: Alarm) {
        if self.broken {
            alarm(&self.error("checkpoint", AppendFault::Broken, None));
        }
        self.alarms.push(alarm);
    }

    fn raise(&mut self, error: &AppendError) {
        for alarm in &mut self.alarms {
            alarm(error);
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn checkpoint(&mut self, why: &str) {
        let mark = self.screen.as_ref().map(ScreenHead::mark);
        let data = json!({
            "why": why,
            "records": self.next_seq - 1,
            "head": hash::hex(&self.head),
            "screen": mark,
        });
        self.marked = mark;
        // `broken` refuses the next intent and everything else. But nobody may ask for any while a
        // stream goes on, and nobody waits for the answer to this.
        if let Err(error) = self.record("checkpoint", data, Map::new()) {
            debug_assert!(self.broken, "{error}");
            self.raise(&error);
        }
        self.since_checkpoint = 0;
        self.checkpointed_ns = clock::boot_ns();
    }

    fn record(
        &mut self,
        kind: &'static str,
        data: Value,
        opening: Map<String, Value>,
    ) -> Result<Appended, AppendError> {
        let draft = Draft {
            seq: self.next_seq,
            prev: &self.head,
            kind,
            data,
            mode: self.mode,
            mono_ns: clock::boot_ns().saturating_sub(self.opened_ns),
            clock_skew_ms: self.clock_skew_ms,
            opening,
        };
        let mut appended = match record::seal(draft, &self.session, &self.origin, &self.key) {
            Ok(appended) if appended.line.len() <= MAX_LINE => appended,
            Ok(appended) => return Err(self.error(kind, AppendFault::TooLong(appended.line.len()), None)),
            Err(why) => return Err(self.error(kind, AppendFault::NotCanonical(why), None)),
        };
        // The chain goes on in memory even if the disk does not take it, so that what a sink gets
        // of a broken journal still is one chain.
        self.next_seq += 1;
        self.head = appended.hash;
        if let Err(fault) = self.put(&appended) {
            self.broken = true;
            for loser in &mut self.losers {
                loser(&appended);
            }
            return Err(self.error(kind, fault, Some(Box::new(appended))));
        }
        self.length += appended.line.len() as u64;
        appended.end = self.length;
        *self.counts.entry(kind.into()).or_default() += 1;
        for observer in &mut self.observers {
            observer(&appended);
        }
        self.since_checkpoint += 1;
        // Nothing may follow a close, not even what is due.
        if self.since_checkpoint >= RECORDS_PER_CHECKPOINT && !matches!(kind, "checkpoint" | "close") {
            self.checkpoint("count");
        }
        Ok(appended)
    }

    fn put(&mut self, appended: &Appended) -> Result<(), AppendFault> {
        if self.broken {
            return Err(AppendFault::Broken);
        }
        self.medium
            .append(appended.line.as_bytes())
            .map_err(AppendFault::Write)?;
        self.medium.sync().map_err(AppendFault::Sync)
    }

    fn error(&self, kind: &'static str, fault: AppendFault, record: Option<Box<Appended>>) -> AppendError {
        AppendError {
            path: self.path.clone(),
            kind,
            fault,
            record,
        }
    }
}

/// Plain structs of strings, numbers and lists; serde has nothing to refuse in them.
fn to_value(data: &impl Serialize) -> Value {
    serde_json::to_value(data).unwrap_or(Value::Null)
}
