//! What a record can say: one struct per kind, plain strings and numbers. Never a credential, and
//! nothing of a Secret's values: there is no field that could hold one.

use serde::Serialize;

use super::clock;
use crate::model::ObjectRef;

/// A person or account as the server named it (SelfSubjectReview).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    pub username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    pub groups: Vec<String>,
}

/// Somebody asks for the glass. First record of an escalation.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Requested {
    pub requester: Person,
    /// `manual:<category>` or `incident:<id>`.
    pub trigger: String,
    pub ticket: String,
    pub reason: String,
    pub role: String,
    /// None for a cluster-wide role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub ttl_seconds: u32,
    pub provider: String,
    /// `server` or `client only`.
    pub enforced: String,
}

/// Somebody decides about another's request. First record of an approval.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Approving {
    pub approver: Person,
    /// The requester's session.
    pub request: String,
    pub requester: String,
    pub role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub ticket: String,
    pub reason: String,
    pub ttl_seconds: u32,
    /// `approve` or `reject`.
    pub decision: String,
    /// Why, in the approver's words.
    pub remark: String,
}

/// One consent to a request.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    pub by: String,
    #[serde(rename = "at", serialize_with = "clock::serialize_some")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<i64>,
    /// The requester consented to their own request, as the role allows.
    pub own: bool,
    /// Where it can be seen: name of the grant object.
    pub evidence: String,
}

/// The credential is held and checked; the glass is open.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Granted {
    /// Who the server says the credential is.
    pub identity: Person,
    pub role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// JTI or serial number; never the credential.
    pub credential_id: String,
    pub provider: String,
    pub approvals: Vec<Approval>,
    /// What the provider and the grant say, and the earliest of all, which holds.
    #[serde(rename = "grantedUntil", serialize_with = "clock::serialize")]
    pub granted_until_ms: i64,
    #[serde(rename = "expiresAt", serialize_with = "clock::serialize")]
    pub expires_at_ms: i64,
    #[serde(rename = "effectiveEnd", serialize_with = "clock::serialize")]
    pub effective_end_ms: i64,
    /// One line per right gained.
    pub rights: Vec<String>,
    pub enforced: String,
}

/// What a request is about.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    #[serde(flatten)]
    pub object: ObjectRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subresource: Option<String>,
}

/// One HTTP request that is about to be sent. The journal adds the nonce.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// Joins the requests of one keystroke; 0 for petitions.
    pub action: u64,
    /// What the operator did, in words: `scale deployments.apps/web 3 → 0`.
    pub words: String,
    /// `request`, `grant`, `mint`, `end` for a petition, else None.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub petition: Option<String>,
    /// `base` or `elevated`.
    pub identity: String,
    /// As RBAC spells it.
    pub verb: String,
    pub method: String,
    /// Path and query.
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    pub dry_run: bool,
    /// Hex SHA-256 of the request's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_sha256: Option<String>,
    /// How it was confirmed: `y`, `box`, `typed`; None for what is not asked about: petitions and streams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<String>,
}

impl Intent {
    /// The petition *end*: what was granted must go, even when the journal takes nothing else.
    pub(super) fn gives_back(&self) -> bool {
        self.petition.as_deref() == Some("end")
    }
}

/// What came of one request.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// HTTP status; 0 if no answer came.
    pub status: u16,
    /// The server's reason or what was done; never a body.
    pub message: String,
    pub took_ms: u64,
    /// `Audit-ID` of the answer, if the server echoed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_audit_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_version: Option<String>,
    /// What went over it, if the request became a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<Streamed>,
}

/// What went over a stream, told when it has ended. Never its content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Streamed {
    /// Of the remote program, if it ended by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// From here to the pod.
    pub bytes_in: u64,
    /// From the pod to here.
    pub bytes_out: u64,
    /// The end of the escalation cut it.
    pub cut: bool,
}

/// A stream is open: an exec was accepted by the server, or a port is listened on.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamOpened {
    pub action: u64,
    pub words: String,
    /// Number of the intent; none for a listener, each of whose connections has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<u64>,
    /// `127.0.0.1:8080`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
}

/// A listener is closed, with all connections that came over it.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamClosed {
    pub action: u64,
    pub words: String,
    pub connections: u32,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub took_ms: u64,
    /// The end of the escalation cut it.
    pub cut: bool,
}

/// What was typed into a shell, line by line; only where the policy says `record_input = "lines"`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Typed {
    pub action: u64,
    pub line: String,
}

/// A write that the gate refused before anything was sent.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    pub action: u64,
    pub words: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// `expired`, `out of scope`, `stale` … with its explanation.
    pub why: String,
}

/// A drain is over. Its requests have records of their own; this says what was left.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drained {
    pub action: u64,
    /// `drain nodes/a: 3 of 5 evicted`
    pub words: String,
    /// `done`, `incomplete`, `cancelled`, `cut`.
    pub end: String,
    pub total: u32,
    pub evicted: u32,
    /// Of these so many were seen to be gone.
    pub gone: u32,
    /// Each with its reason.
    pub left: Vec<String>,
}

/// The operator was told that the end is near.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Warned {
    pub seconds_left: u64,
}

/// One try with the ended credential on a new connection.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    /// 0 if no answer came.
    pub status: u16,
    /// After the deletion of the grant.
    pub after_ms: u64,
}

/// The escalation or the ask is over.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// `expired`, `operator`, `lost-auth` …
    pub reason: String,
    /// `confirmed`, `unconfirmed`, `not needed`.
    pub revocation: String,
    pub probes: Vec<Probe>,
    /// Requests that were sent, petitions not counted: `done`, `declined` and `unknown` together.
    pub writes: u32,
    pub done: u32,
    /// The server said no.
    pub declined: u32,
    /// No answer came.
    pub unknown: u32,
    /// Not sent: the gate refused.
    pub refused: u32,
    /// Streams that were cut, in words.
    pub cut: Vec<String>,
}

/// A remote place does not take records any more.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SinkFailed {
    pub sink: String,
    /// Address or URL.
    pub place: String,
    pub cause: String,
    /// Records of this session that it has not acknowledged.
    pub unacknowledged: u64,
}

/// It takes them again; nothing is lost meanwhile.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SinkRecovered {
    pub sink: String,
    pub place: String,
    pub down_ms: u64,
}

/// The reason of an `Ended` in words for people; what is not known stays as it is written.
pub fn end_in_words(reason: &str) -> &str {
    match reason {
        "operator" => "by hand",
        "lost-auth" => "the server refused it",
        "context-switch" => "context changed",
        "quit" => "on quitting",
        "signal" => "on a signal",
        "record-failed" => "a record failed",
        "recovered" => "died, closed later",
        other => other,
    }
}

/// What others may append. Intents, outcomes, checkpoints, recovery and close have ways of their
/// own, so that none of them can be made up.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", content = "data", rename_all = "camelCase")]
pub enum Event {
    Requested(Requested),
    Approving(Approving),
    Granted(Granted),
    Refused(Refused),
    StreamOpened(StreamOpened),
    StreamClosed(StreamClosed),
    Typed(Typed),
    Drained(Drained),
    #[serde(rename = "warning")]
    Warned(Warned),
    Ended(Ended),
    #[serde(rename = "sink_failed")]
    SinkFailed(SinkFailed),
    #[serde(rename = "sink_recovered")]
    SinkRecovered(SinkRecovered),
}
