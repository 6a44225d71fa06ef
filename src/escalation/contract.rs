//! What `app`, `view` and `runtime` know of the gate: the request, the facts of a grant, the
//! outcome of one write, the end. Plain data without secrets; the live `Escalation` itself, the
//! `Mutation` and the gate are beside this file.

use std::sync::Arc;

use crate::audit::sinks::Unsent;
use crate::model::{Moment, ObjectRef};

/// Why somebody escalates; its name stands in request and records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A manual category of the policy.
    Manual(String),
    /// An incident id.
    Incident(String),
}

/// What the pane collects. Checked by the policy before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationRequest {
    pub trigger: Trigger,
    pub ticket: String,
    pub reason: String,
    pub role: String,
    /// None for a cluster-wide role.
    pub namespace: Option<String>,
    pub ttl_seconds: u32,
}

/// How far the server itself enforces the grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforced {
    Server,
    ClientOnly,
}

impl Enforced {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "enforced: server",
            Self::ClientOnly => "enforced: client only",
        }
    }
}

/// The facts of a live escalation, for the screen. Lives in State; opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// `<hash>` of design 5.2; the session's name.
    pub session: String,
    pub context: String,
    pub role: String,
    pub namespace: Option<String>,
    pub ticket: String,
    pub reason: String,
    /// User name on the server, e.g. `system:serviceaccount:kglass-system:restarter`.
    pub identity: String,
    pub approved_by: String,
    pub enforced: Enforced,
    /// Where records go beside this machine; `kept on this machine only` without sinks.
    pub kept: String,
    /// What the identity may do, one line each.
    pub rights: Arc<[String]>,
    pub granted_at: Moment,
    pub deadline: Moment,
}

/// How a request is getting on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskProgress {
    /// Intent durable; the request object is about to be sent.
    Recorded {
        session: String,
    },
    /// Another person must approve; `command` is what they can paste.
    Waiting {
        session: String,
        command: String,
    },
    Approved {
        by: String,
    },
    Acquired,
}

/// Why an escalation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndReason {
    Expired,
    Operator,
    /// The server answered 401 before the deadline.
    LostAuth,
    ContextSwitch,
    Quit,
    Signal(String),
    /// An outcome could not be made durable.
    RecordFailed,
    /// Found dead at the next start.
    Recovered,
}

impl EndReason {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Expired => "expired",
            Self::Operator => "operator",
            Self::LostAuth => "lost-auth",
            Self::ContextSwitch => "context-switch",
            Self::Quit => "quit",
            Self::Signal(_) => "signal",
            Self::RecordFailed => "record-failed",
            Self::Recovered => "recovered",
        }
    }
}

/// How far the end is known to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// 401 on three new connections, this many milliseconds after the grant was deleted.
    Confirmed {
        after_ms: u64,
    },
    Unconfirmed {
        why: String,
    },
}

/// Sent when everything is cut and the journal is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub session: String,
    pub reason: EndReason,
    pub revocation: Revocation,
    /// Requests that were sent, petitions not counted.
    pub writes: u32,
    /// Of those: the server said no.
    pub declined: u32,
    /// Of those: no answer came, so nobody knows.
    pub unknown: u32,
    /// Not sent: refused by the gate.
    pub refused: u32,
    /// What sinks had not acknowledged when the waiting was over; sent at the next start.
    pub unsent: Vec<Unsent>,
    /// Streams that the end cut, in words: `shell in web-0`.
    pub cut: Vec<String>,
    /// What is not as an end should leave it, for people.
    pub left: Vec<Left>,
}

/// Something that an end leaves behind, in words, with its cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub text: String,
    /// When it is over by itself.
    pub until: Option<Moment>,
}

/// What an end is waiting for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndStep {
    /// What is in flight.
    #[default]
    Flight,
    /// A record.
    Disk,
    /// The answer to a petition.
    Server,
    /// The refusal of the credential.
    Confirm,
}

/// What the operator did to send a write; its name stands in the intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// One line, answered by `y`.
    Key,
    /// A box whose default is Cancel.
    Box,
    /// The name, or how many, was typed.
    Typed,
}

impl Confirmed {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "y",
            Self::Box => "box",
            Self::Typed => "typed",
        }
    }
}

/// The result of one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The number `app` gave the keystroke; joins its requests.
    pub action: u64,
    pub audit_id: String,
    /// `delete`, `scale`, `restart` …
    pub verb: String,
    pub target: ObjectRef,
    /// HTTP status; 0 if no answer came.
    pub status: u16,
    /// The server's message on refusal, or what was done: `3 → 0`.
    pub message: String,
    pub took_ms: u64,
}

impl Outcome {
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A deletion that the server took, of an object that is still there: finalizers hold it.
    pub fn is_held(&self) -> bool {
        self.is_ok() && self.message.starts_with(BEGUN)
    }
}

/// How the words on a deletion begin that finalizers hold.
pub(super) const BEGUN: &str = "deletion begun";
