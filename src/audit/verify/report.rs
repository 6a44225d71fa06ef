//! What verification found, as data, as text for people and as JSON for machines.

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::lines::Line;
use super::screen::ScreenState;
use super::walk::Walk;
use crate::audit::hash;
use crate::model::TermSafe;

/// A place in a journal file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1; 0 in an empty file.
    pub line: u64,
    /// Number of the record that stands there, or that should.
    pub seq: Option<u64>,
    /// Byte offset of the line's start.
    pub offset: u64,
}

impl Place {
    pub(super) const START: Self = Self {
        line: 0,
        seq: None,
        offset: 0,
    };

    pub(super) fn of(line: &Line, seq: Option<u64>) -> Self {
        Self {
            line: line.number,
            seq,
            offset: line.offset,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(seq) = self.seq {
            write!(f, "record {seq}, ")?;
        }
        write!(f, "line {}, byte {}", self.line, self.offset)
    }
}

/// One thing that is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The last line is cut off: a crash or a full disk while writing.
    TornTail(Place),
    Edited(Place),
    /// Records `from..=to` lack before this place.
    Missing {
        at: Place,
        from: u64,
        to: u64,
    },
    Reordered(Place),
    Duplicated(Place),
    WrongSigner(Place),
    /// Something was added to a closed journal.
    AfterClose(Place),
    /// Shorter than somebody else has seen it.
    Truncated {
        at: Place,
        anchored: u64,
    },
    /// No close record; `tail` records since the last checkpoint.
    Unclosed {
        at: Place,
        tail: u64,
    },
    /// Closed by a later start with a new key, from here on.
    Recovered(Place),
}

impl Fault {
    /// Stable word for machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::TornTail(_) => "torn-tail",
            Self::Edited(_) => "edited",
            Self::Missing { .. } => "missing",
            Self::Reordered(_) => "reordered",
            Self::Duplicated(_) => "duplicated",
            Self::WrongSigner(_) => "wrong-signer",
            Self::AfterClose(_) => "after-close",
            Self::Truncated { .. } => "truncated",
            Self::Unclosed { .. } => "unclosed",
            Self::Recovered(_) => "recovered",
        }
    }

    pub fn place(self) -> Place {
        match self {
            Self::TornTail(at)
            | Self::Edited(at)
            | Self::Reordered(at)
            | Self::Duplicated(at)
            | Self::WrongSigner(at)
            | Self::AfterClose(at)
            | Self::Recovered(at)
            | Self::Missing { at, .. }
            | Self::Truncated { at, .. }
            | Self::Unclosed { at, .. } => at,
        }
    }

    /// Ends that a crash leaves, as opposed to what only a hand can do.
    pub fn is_crash(self) -> bool {
        matches!(self, Self::TornTail(_) | Self::Unclosed { .. } | Self::Recovered(_))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TornTail(at) => write!(f, "torn tail at {at}"),
            Self::Edited(at) => write!(f, "edited at {at}"),
            Self::Missing { at, from, to } if from == to => write!(f, "missing record {from}, before {at}"),
            Self::Missing { at, from, to } => write!(f, "missing records {from}..{to}, before {at}"),
            Self::Reordered(at) => write!(f, "reordered at {at}"),
            Self::Duplicated(at) => write!(f, "duplicated at {at}"),
            Self::WrongSigner(at) => write!(f, "wrong signer at {at}"),
            Self::AfterClose(at) => write!(f, "added after the close at {at}"),
            Self::Truncated { at, anchored } => write!(f, "truncated below record {anchored}, ends at {at}"),
            Self::Unclosed { at, tail } => write!(f, "unclosed: unanchored tail of {tail} records, ends at {at}"),
            Self::Recovered(at) => write!(f, "recovered after a crash at {at}"),
        }
    }
}

/// A fault and why it was found to be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub fault: Fault,
    pub detail: String,
}

/// The whole answer.
#[derive(Clone, Debug)]
pub struct Report {
    pub path: PathBuf,
    pub session: Option<String>,
    /// In the order of the file; the first is the verdict.
    pub findings: Vec<Finding>,
    /// Records that are as they should be.
    pub records: u64,
    pub bytes: u64,
    /// End of the last record before anything is wrong.
    pub good_bytes: u64,
    pub closed: bool,
    /// Numbers of intents whose outcome is not recorded.
    pub unknown: Vec<u64>,
    pub screen: ScreenState,
    /// Hex hash of the last good record.
    pub head: Option<String>,
    pub key_known: bool,
    /// The session's name was known from outside the file: its folder, or the caller. Otherwise
    /// anybody could have made this journal with a key of their own.
    pub key_compared: bool,
}

impl Report {
    pub(super) fn new(path: &Path, lines: &[Line], walk: Walk, screen: ScreenState, key_compared: bool) -> Self {
        Self {
            path: path.to_owned(),
            session: walk.session,
            findings: walk.findings,
            records: walk.records,
            bytes: lines.last().map_or(0, Line::end),
            good_bytes: walk.good_bytes,
            closed: walk.closed,
            unknown: walk.unknown,
            screen,
            head: walk.head.map(|head| hash::hex(&head)),
            key_known: walk.key_known,
            key_compared,
        }
    }

    /// What is wrong with the journal; None if it is intact.
    pub fn fault(&self) -> Option<Fault> {
        self.findings.first().map(|finding| finding.fault)
    }

    /// Journal and screen recording are as they were written, to their ends.
    pub fn is_intact(&self) -> bool {
        self.findings.is_empty() && self.key_known && self.closed && self.screen.is_good()
    }

    /// 0 intact, 1 not intact. (2, could not be done, is an error and no report.)
    pub fn exit_code(&self) -> u8 {
        u8::from(!self.is_intact())
    }

    /// `intact`, or what is wrong and where.
    pub fn verdict(&self) -> String {
        match self.fault() {
            Some(fault) => fault.to_string(),
            None if self.screen.is_good() => "intact".into(),
            None => self.screen.words(),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let session = self.session.as_deref().unwrap_or("unknown");
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{}: {}",
            TermSafe::new(&self.path.to_string_lossy()),
            self.verdict()
        );
        let _ = writeln!(
            out,
            "session {}, {} good records in {} bytes, {}",
            TermSafe::new(session),
            self.records,
            self.bytes,
            if self.closed { "closed" } else { "not closed" }
        );
        for finding in &self.findings {
            let _ = writeln!(out, "- {}: {}", finding.fault, TermSafe::new(&finding.detail));
        }
        if !self.key_known {
            out.push_str("- no signature could be checked: the record with the session's key is lost or changed\n");
        }
        if !self.key_compared {
            out.push_str(
                "- its key was compared with nothing outside this file: it does not lie in its session's folder\n",
            );
        }
        let _ = writeln!(out, "{}", self.screen.words());
        if !self.unknown.is_empty() {
            let list: Vec<String> = self.unknown.iter().map(u64::to_string).collect();
            let _ = writeln!(
                out,
                "outcome unknown, look into the server's audit log: intents {}",
                list.join(", ")
            );
        }
        out
    }

    /// For machines.
    pub fn json(&self) -> Value {
        json!({
            "path": self.path.to_string_lossy(),
            "session": self.session,
            "intact": self.is_intact(),
            "verdict": self.fault().map_or("intact", Fault::name),
            "findings": self.findings.iter().map(finding_json).collect::<Vec<_>>(),
            "records": self.records,
            "bytes": self.bytes,
            "closed": self.closed,
            "signaturesChecked": self.key_known,
            "keyCompared": self.key_compared,
            "unknownOutcomes": self.unknown,
            "screen": {"good": self.screen.is_good(), "words": self.screen.words()},
            "head": self.head,
        })
    }
}

fn finding_json(finding: &Finding) -> Value {
    let place = finding.fault.place();
    json!({
        "fault": finding.fault.name(),
        "line": place.line,
        "record": place.seq,
        "byte": place.offset,
        "words": finding.fault.to_string(),
        "detail": finding.detail,
    })
}
