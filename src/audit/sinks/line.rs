//! One record as it is shipped: its line, byte for byte, and the few fields that a receiver sorts
//! by. Judges nothing: whether the journal is sound is `verify`'s to say.

use std::sync::Arc;

use serde::Deserialize;

use crate::audit::record::Appended;

/// A record's line without its newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub session: String,
    pub seq: u64,
    /// Hex.
    pub hash: String,
    /// Hex, of the record before it.
    pub prev: String,
    pub kind: String,
    /// RFC 3339, UTC.
    pub ts: String,
    pub text: Arc<str>,
    /// Offset in the journal of the byte after its newline; none if it is in no journal.
    pub end: Option<u64>,
}

#[derive(Deserialize)]
struct Fields {
    session: String,
    seq: u64,
    hash: String,
    prev: String,
    kind: String,
    ts: String,
}

impl Line {
    /// None if the text is no record: torn, or not ours.
    pub fn parse(text: &str, end: Option<u64>) -> Option<Self> {
        let fields: Fields = serde_json::from_str(text).ok()?;
        Some(Self {
            session: fields.session,
            seq: fields.seq,
            hash: fields.hash,
            prev: fields.prev,
            kind: fields.kind,
            ts: fields.ts,
            text: text.into(),
            end,
        })
    }

    /// A record that the disk did not take.
    pub(super) fn of_lost(appended: &Appended) -> Option<Self> {
        Self::parse(appended.line.trim_end_matches('\n'), None)
    }
}
