//! A journal as a list of events, for people, for replay and for the index. Reads damaged journals
//! too: what is still sound is listed, and the report beside it tells of the rest.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::hash;
use super::verify::{self, Expectation, Report, VerifyError, read_lines};
use crate::model::TermSafe;

/// One record, or what is left of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// In the file, from 1.
    pub line: u64,
    pub seq: u64,
    pub kind: String,
    /// Unix milliseconds, by the wall clock.
    pub wall_ms: i64,
    /// Nanoseconds since the journal was opened (or reopened by a recovery).
    pub mono_ns: u64,
    /// What the kind carries.
    pub data: Value,
    /// The whole record.
    pub record: Value,
}

impl Entry {
    fn new(line: u64, record: Value) -> Self {
        Self {
            line,
            seq: record["seq"].as_u64().unwrap_or_default(),
            kind: record["kind"].as_str().unwrap_or_default().to_owned(),
            wall_ms: timestamp_ms(&record["ts"]),
            mono_ns: record["monoNs"].as_u64().unwrap_or_default(),
            data: record["data"].clone(),
            record,
        }
    }

    /// A text field of the data, empty if there is none.
    pub fn text(&self, field: &str) -> &str {
        self.data[field].as_str().unwrap_or_default()
    }

    pub fn number(&self, field: &str) -> u64 {
        self.data[field].as_u64().unwrap_or_default()
    }

    /// The event in a few words, safe for a terminal.
    pub fn words(&self) -> TermSafe {
        TermSafe::new(&match self.kind.as_str() {
            "requested" => format!(
                "{} asks for {}, {}: {}",
                self.data["requester"]["username"].as_str().unwrap_or_default(),
                self.role(),
                self.text("ticket"),
                self.text("reason")
            ),
            "approving" => format!(
                "{}: {} for {}, session {}",
                self.text("decision"),
                self.role(),
                self.text("requester"),
                self.text("request")
            ),
            "granted" => format!(
                "{} as {} until {}, {}",
                self.role(),
                self.data["identity"]["username"].as_str().unwrap_or_default(),
                self.text("effectiveEnd"),
                self.text("enforced")
            ),
            "intent" => self.text("words").to_owned(),
            "outcome" => format!(
                "of {}: {} {}",
                self.number("intent"),
                self.number("status"),
                self.text("message")
            ),
            "refused" => format!("{}: {}", self.text("words"), self.text("why")),
            "streamOpened" | "streamClosed" => self.stream_words(),
            "typed" => self.text("line").to_owned(),
            "drained" => format!("{}, {}", self.text("words"), self.text("end")),
            "warning" => format!("{} s left", self.number("secondsLeft")),
            "checkpoint" => format!("{} records", self.number("records")),
            "ended" => format!("{}, revocation {}", self.text("reason"), self.text("revocation")),
            "sink_failed" => format!(
                "{} does not take records, {} wait: {}",
                self.text("sink"),
                self.number("unacknowledged"),
                self.text("cause")
            ),
            "sink_recovered" => format!(
                "{} takes records again after {:.1} s",
                self.text("sink"),
                self.number("downMs") as f64 / 1000.0
            ),
            "recovered" => self.text("why").to_owned(),
            "close" => format!("{} records before it", self.number("records")),
            _ => String::new(),
        })
    }

    fn stream_words(&self) -> String {
        let words = self.text("words");
        if self.kind == "streamClosed" {
            let cut = if self.data["cut"] == true {
                ", cut by the end"
            } else {
                ""
            };
            let connections = match self.number("connections") {
                1 => "1 connection".to_owned(),
                n => format!("{n} connections"),
            };
            return format!("{words}: {connections}{cut}");
        }
        match self.data["local"].as_str() {
            Some(local) => format!("{words}, listening on {local}"),
            None => words.to_owned(),
        }
    }

    /// Who asks or approves, in the first record.
    pub fn who(&self) -> String {
        let person = if self.kind == "approving" {
            "approver"
        } else {
            "requester"
        };
        self.data[person]["username"].as_str().unwrap_or_default().to_owned()
    }

    /// Who consented, in a grant.
    pub fn approvers(&self) -> String {
        let approvals = self.data["approvals"].as_array();
        let names = approvals
            .into_iter()
            .flatten()
            .filter_map(|approval| approval["by"].as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    /// Is it a request that may change something in the cluster, other than a petition?
    pub fn is_write(&self) -> bool {
        self.kind == "intent" && self.data["petition"].is_null() && self.data["dryRun"] != true
    }

    /// The id that the request of an intent carried.
    pub fn audit_id(&self) -> Option<String> {
        let is_intent = self.kind == "intent";
        let hash = self.record["hash"].as_str().filter(|_| is_intent)?;
        Some(hash::audit_id(&hash::parse_hex(hash)?))
    }

    /// The role asked for or granted, and its scope.
    pub fn role(&self) -> String {
        match self.data["namespace"].as_str() {
            Some(namespace) => format!("{} in {namespace}", self.text("role")),
            None => self.text("role").to_owned(),
        }
    }
}

/// A journal's report and its events.
#[derive(Clone, Debug)]
pub struct Shown {
    pub report: Report,
    /// Sound lines only, in the order of the file.
    pub entries: Vec<Entry>,
}

/// Verifies the journal at `path` and lists what is in it.
pub fn show(path: &Path) -> Result<Shown, VerifyError> {
    let (journal, file) = verify::open_journal(path)?;
    let mut entries = Vec::new();
    let lines = read_lines(file, |line, value| {
        entries.extend(value.map(|record| Entry::new(line.number, record)));
    })
    .map_err(|e| verify::unreadable(&journal, &e))?;
    let report = verify::judge(&journal, &lines, &Expectation::default())?;
    Ok(Shown { report, entries })
}

/// Requests that may change something, petitions not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Writes {
    /// Sent, or nobody knows; what is recorded as not sent is none.
    pub sent: u32,
    /// Of those: without an answer, also because a crash or a full disk came in between.
    pub unanswered: u32,
}

/// What became of an intent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    NotSent,
    Unanswered,
}

impl Shown {
    /// Counted by outcomes and not by intents alone: an intent may have been kept from being sent.
    pub fn writes(&self) -> Writes {
        let mut writes = Writes::default();
        for (_, fate) in self.fates().filter(|(intent, _)| intent.is_write()) {
            writes.sent += u32::from(fate != Fate::NotSent);
            writes.unanswered += u32::from(fate == Fate::Unanswered);
        }
        writes
    }

    /// When the last petition left that makes something and got no answer, so that it may still arrive.
    /// Unix milliseconds.
    pub fn last_unanswered_ms(&self) -> Option<i64> {
        let makes = |intent: &Entry| matches!(intent.text("petition"), "request" | "grant");
        let open = self
            .fates()
            .filter(|(intent, fate)| makes(intent) && *fate == Fate::Unanswered);
        open.map(|(intent, _)| intent.wall_ms).max()
    }

    fn fates(&self) -> impl Iterator<Item = (&Entry, Fate)> {
        let outcomes = self.entries.iter().filter(|entry| entry.kind == "outcome");
        let outcomes: HashMap<u64, &Entry> = outcomes.map(|entry| (entry.number("intent"), entry)).collect();
        let intents = self.entries.iter().filter(|entry| entry.kind == "intent");
        intents.map(move |intent| {
            let fate = match outcomes.get(&intent.seq) {
                Some(outcome) if outcome.number("status") > 0 => Fate::Answered,
                Some(outcome) if outcome.text("message").starts_with("not sent") => Fate::NotSent,
                _ => Fate::Unanswered,
            };
            (intent, fate)
        })
    }

    /// The first record of this kind.
    pub fn first(&self, kind: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.kind == kind)
    }

    /// The last record of this kind.
    pub fn last(&self, kind: &str) -> Option<&Entry> {
        self.entries.iter().rfind(|entry| entry.kind == kind)
    }

    /// For people: one line per record, then the report.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for entry in &self.entries {
            let ts = TermSafe::new(entry.record["ts"].as_str().unwrap_or("?"));
            let kind = TermSafe::new(&entry.kind);
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{:>5}  {ts}  {kind:<14}  {}", entry.seq, entry.words());
        }
        out.push('\n');
        out + &self.report.text()
    }

    /// For machines.
    pub fn json(&self) -> Value {
        let records: Vec<&Value> = self.entries.iter().map(|entry| &entry.record).collect();
        json!({"report": self.report.json(), "records": records})
    }
}

fn timestamp_ms(ts: &Value) -> i64 {
    let parsed = ts.as_str().and_then(|ts| ts.parse::<jiff::Timestamp>().ok());
    parsed.map_or(0, jiff::Timestamp::as_millisecond)
}
