//! The envelope around every event, and its one spelling as a line. Numbers, chains and signs;
//! writes nothing.

use std::sync::Arc;

use data_encoding::BASE64;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::canon::{self, NotCanonical};
use super::clock;
use super::hash::{self, Hash, SCHEMA};
use super::key::SessionKey;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tool {
    pub name: String,
    pub version: String,
}

impl Default for Tool {
    /// This program.
    fn default() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }
}

/// Where the program runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Host {
    pub name: String,
    pub os: String,
    pub pid: u32,
    /// Path of the terminal on stdin, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tty: Option<String>,
}

impl Host {
    /// This machine and process.
    pub fn here() -> Self {
        let uname = rustix::system::uname();
        Self {
            name: uname.nodename().to_string_lossy().into_owned(),
            os: format!(
                "{} {}",
                uname.sysname().to_string_lossy(),
                uname.release().to_string_lossy()
            ),
            pid: std::process::id(),
            tty: rustix::termios::ttyname(std::io::stdin(), Vec::new())
                .ok()
                .map(|path| path.to_string_lossy().into_owned()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocalUser {
    pub uid: u32,
    /// `$USER`: a claim, unlike the uid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl LocalUser {
    /// Who runs this process.
    pub fn here() -> Self {
        Self {
            uid: rustix::process::getuid().as_raw(),
            name: std::env::var("USER").ok(),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cluster {
    pub context: String,
    pub name: String,
    pub server: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_sha256: Option<String>,
    /// Uid of the namespace kube-system, the nearest thing to a cluster's identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
}

/// Which policy held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PolicyId {
    pub version: String,
    /// Hex SHA-256 of the policy's text.
    pub hash: String,
}

/// What every record of a session says about its origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    pub tool: Tool,
    pub host: Host,
    pub local_user: LocalUser,
    pub cluster: Cluster,
    pub policy: PolicyId,
}

impl Origin {
    /// This program on this machine, against `cluster` under `policy`.
    pub fn here(cluster: Cluster, policy: PolicyId) -> Self {
        Self {
            tool: Tool::default(),
            host: Host::here(),
            local_user: LocalUser::here(),
            cluster,
            policy,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    Normal,
    Requested,
    BreakGlass,
}

/// A record as it was written.
#[derive(Clone, Debug)]
pub struct Appended {
    pub seq: u64,
    pub kind: &'static str,
    pub hash: Hash,
    /// With its newline.
    pub line: Arc<str>,
    /// Bytes in the journal, this record included, once it is durable; before that 0.
    pub end: u64,
}

/// What distinguishes one record from the next.
pub(super) struct Draft<'a> {
    pub seq: u64,
    pub prev: &'a Hash,
    pub kind: &'static str,
    pub data: Value,
    pub mode: Mode,
    pub mono_ns: u64,
    pub clock_skew_ms: Option<i64>,
    /// Fields of the first record only.
    pub opening: Map<String, Value>,
}

/// Makes the line: canonical body, hash over it, signature over the hash.
pub(super) fn seal(
    draft: Draft<'_>,
    session: &str,
    origin: &Map<String, Value>,
    key: &SessionKey,
) -> Result<Appended, NotCanonical> {
    let public = key.public();
    let mut body = origin.clone();
    body.extend(draft.opening);
    if let Some(skew) = draft.clock_skew_ms {
        body.insert("clockSkewMs".into(), skew.into());
    }
    let envelope = json!({
        "schema": SCHEMA,
        "session": session,
        "seq": draft.seq,
        "prev": hash::hex(draft.prev),
        "keyId": hash::session_hash(&public),
        "ts": clock::rfc3339(clock::wall_ms()),
        "monoNs": draft.mono_ns,
        "mode": draft.mode,
        "kind": draft.kind,
        "data": draft.data,
    });
    if let Value::Object(envelope) = envelope {
        body.extend(envelope);
    }
    let mut body = Value::Object(body);
    let hash = hash::record(draft.prev, &canon::to_string(&body)?);
    body["hash"] = hash::hex(&hash).into();
    body["sig"] = key.sign(&hash).into();
    let line = canon::to_string(&body)? + "\n";
    Ok(Appended {
        seq: draft.seq,
        kind: draft.kind,
        hash,
        line: line.into(),
        end: 0,
    })
}

/// Base64 of a public key, as records and requests carry it.
pub(super) fn spell_key(public: &[u8; 32]) -> String {
    BASE64.encode(public)
}
