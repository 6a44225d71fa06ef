//! Why the gate did not do something. Every message names place, cause and cure; none carries a
//! credential.

use super::policy::FieldError;
use crate::audit::sinks::Unacknowledged;
use crate::cluster::ConnectError;

#[derive(Debug, thiserror::Error)]
pub enum GateError {
    #[error("the request is not complete: {}", join(.0))]
    Invalid(Vec<FieldError>),
    #[error(
        "the context has insecure-skip-tls-verify, so nobody knows who would receive the credential; give it the cluster's CA"
    )]
    Insecure,
    #[error("an escalation is open or being asked for; end it first")]
    Busy,
    #[error("the glass is not broken; press ! to ask")]
    Closed,
    /// A drain, which was at work when the end came.
    #[error("the escalation ended first")]
    CutShort,
    #[error("this write was prepared under another escalation; prepare it again")]
    Stale,
    #[error("the escalation has expired; ask again")]
    Expired,
    #[error("{target} is outside {scope}; ask for a role that covers it")]
    OutOfScope { target: String, scope: String },
    #[error("{target}: its {missing} is not known, so the write could hit another object; refresh and try again")]
    Unidentified { target: String, missing: &'static str },
    #[error(
        "node {node}: {} would be lost for good and nobody chose that; drain it again and choose",
        .pods.join(", ")
    )]
    Unchosen { node: String, pods: Vec<String> },
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server answered no.
    #[error("{what}: the server answered {status}: {message}; {cure}")]
    Refused {
        what: String,
        status: u16,
        message: String,
        cure: String,
    },
    /// No answer came; whether the server acted is unknown.
    #[error("{what}: no answer from the server: {cause}; look whether it happened before you try again")]
    NoAnswer { what: String, cause: String },
    /// Refused by our own guard, or no connection came about: certainly nothing left.
    #[error("{what}: nothing was sent: {cause}")]
    Unsendable { what: String, cause: String },
    /// An answer that the gate does not accept.
    #[error("{what}: {cause}; {cure}")]
    Unacceptable { what: String, cause: String, cure: String },
    #[error("{place} cannot be listened on: {cause}; choose another local port, or 0 for a free one")]
    Listen { place: String, cause: String },
    #[error(
        "{what}: there is no shell in this container (tried {tried}); look at it with logs, or use another container"
    )]
    NoShell { what: String, tried: String },
    /// No record, no request.
    #[error("{what} could not be recorded: {cause}; nothing was sent; free space or mend the state directory")]
    Record { what: String, cause: String },
    /// Something happened that no record tells.
    #[error("{what} was sent, but its outcome could not be recorded: {cause}; the escalation ends")]
    Unrecorded { what: String, cause: String },
    /// The policy wants records elsewhere, and nothing here could send them.
    #[error("the policy wants records acknowledged elsewhere, and this command ships none; the glass does not open")]
    NoSinks,
    /// The glass stays shut.
    #[error("the glass does not open: {0}; the policy wants the record there first: mend the sink, then ask again")]
    EntryNotAcknowledged(Unacknowledged),
    /// The request of an intent was not sent.
    #[error("{0}; the policy wants each intent there first, so nothing was sent: mend the sink, then try again")]
    NotAcknowledged(Unacknowledged),
    /// More waits than the policy bears.
    #[error("{0}; the policy bears no more, so writes are refused until it is there again")]
    Behind(Unacknowledged),
    #[error("the request was withdrawn")]
    Withdrawn,
    /// What was to be taken back with it may be there.
    #[error("{error}, but {left}; the next start looks again")]
    LeftBehind { error: Box<GateError>, left: String },
    #[error("the request was refused: an approver deleted it; talk to them")]
    Rejected,
    #[error("nobody consented within an hour; ask again")]
    Unanswered,
}

impl GateError {
    /// Whether a request left, or may have left.
    pub fn was_sent(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::NoAnswer { .. } | Self::Unrecorded { .. }
        )
    }
}

fn join(errors: &[FieldError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
