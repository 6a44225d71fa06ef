//! One line by itself: is it spelt as we spell, and does its hash fit its text? Says nothing about
//! its place or its signer.

use serde_json::{Map, Value};

use crate::audit::canon;
use crate::audit::hash::{self, Hash, SCHEMA};
use crate::audit::key::PublicKey;
use crate::audit::screen_head::ScreenMark;
use crate::audit::writer::MAX_LINE;

/// Why a line is not what the journal wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("the last line is cut off")]
    Torn,
    #[error("the line is longer than a record can be ({MAX_LINE} bytes)")]
    TooLong,
    #[error("the file goes on for longer than a journal can be; the rest was not looked at")]
    Endless,
    #[error("it is not JSON: {0}")]
    NotJson(String),
    #[error("it is not spelt canonically (order, spaces, escapes, repeated keys or numbers)")]
    NotCanonical,
    #[error("it lacks `{0}`, or it is of the wrong form")]
    Field(&'static str),
    #[error("its hash does not fit its text")]
    Hash,
    #[error("its schema is not {SCHEMA}")]
    Schema,
}

/// A line whose spelling and hash are right.
#[derive(Clone, Debug)]
pub struct Sound {
    pub seq: u64,
    pub prev: Hash,
    pub hash: Hash,
    pub sig: String,
    pub key_id: String,
    pub session: String,
    pub kind: String,
    /// The session's key, in the first record.
    pub session_key: Option<PublicKey>,
    /// The key that goes on, in a recovery.
    pub recovery_key: Option<PublicKey>,
    pub screen: Option<ScreenMark>,
    /// The intent's number, in an outcome.
    pub intent: Option<u64>,
}

/// Reads one line without its newline.
pub fn read(bytes: &[u8], terminated: bool) -> Result<(Sound, Value), Flaw> {
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(_) if !terminated && is_torn(bytes) => return Err(Flaw::Torn),
        Err(error) => return Err(Flaw::NotJson(error.to_string())),
    };
    let Value::Object(map) = &value else {
        return Err(Flaw::Field("schema"));
    };
    let members = canon::members(map).map_err(|_| Flaw::NotCanonical)?;
    if canon::object(&members, &[]).as_bytes() != bytes {
        return Err(Flaw::NotCanonical);
    }
    let sound = sound(map, &canon::object(&members, &["hash", "sig"]))?;
    if terminated {
        Ok((sound, value))
    } else {
        Err(Flaw::Torn)
    }
}

/// Is an unterminated line what a crash leaves: a record that stops, perhaps padded with zeros by a
/// file system that had reserved the space?
fn is_torn(bytes: &[u8]) -> bool {
    let written = bytes.len() - bytes.iter().rev().take_while(|b| **b == 0).count();
    match serde_json::from_slice::<serde::de::IgnoredAny>(&bytes[..written]) {
        Ok(_) => written < bytes.len(),
        Err(error) => error.is_eof(),
    }
}

fn sound(map: &Map<String, Value>, body: &str) -> Result<Sound, Flaw> {
    let claimed = hash_of(map, "hash")?;
    let prev = hash_of(map, "prev")?;
    let sig = text(map, "sig")?;
    if hash::record(&prev, body) != claimed {
        return Err(Flaw::Hash);
    }
    if text(map, "schema")? != SCHEMA {
        return Err(Flaw::Schema);
    }
    let data = map.get("data").ok_or(Flaw::Field("data"))?;
    Ok(Sound {
        seq: map
            .get("seq")
            .and_then(Value::as_u64)
            .filter(|seq| *seq > 0)
            .ok_or(Flaw::Field("seq"))?,
        prev,
        hash: claimed,
        sig,
        key_id: text(map, "keyId")?,
        session: text(map, "session")?,
        kind: text(map, "kind")?,
        session_key: map.get("sessionKey").and_then(Value::as_str).and_then(PublicKey::parse),
        recovery_key: data
            .get("recoveryKey")
            .and_then(Value::as_str)
            .and_then(PublicKey::parse),
        screen: data.get("screen").and_then(screen_mark),
        intent: data.get("intent").and_then(Value::as_u64),
    })
}

fn text(map: &Map<String, Value>, field: &'static str) -> Result<String, Flaw> {
    let value = map.get(field).and_then(Value::as_str);
    value.map(str::to_owned).ok_or(Flaw::Field(field))
}

fn hash_of(map: &Map<String, Value>, field: &'static str) -> Result<Hash, Flaw> {
    let value = map.get(field).and_then(Value::as_str);
    value.and_then(hash::parse_hex).ok_or(Flaw::Field(field))
}

fn screen_mark(value: &Value) -> Option<ScreenMark> {
    Some(ScreenMark {
        length: value.get("length")?.as_u64()?,
        sha256: value.get("sha256")?.as_str()?.to_owned(),
    })
}
