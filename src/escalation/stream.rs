//! Shells and port-forwards as data: what `registry` builds from a borrowed `Escalation`, and what
//! the gate tells of them. Holds no socket and no credential; only the gate opens one.

use bytes::Bytes;
use tokio::sync::mpsc;

use super::live::Escalation;
use crate::model::ObjectRef;

/// Columns and rows that the remote program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalSize {
    pub columns: u16,
    pub rows: u16,
}

/// One stream to a pod. Made only from a live grant; the gate alone can open it, once.
#[derive(Debug)]
pub struct Stream {
    pub(super) session: String,
    /// Numbered by `app`; names the stream from here on, and joins its requests in the records.
    pub(super) action: u64,
    pub(super) pod: ObjectRef,
    pub(super) act: StreamAct,
}

#[derive(Clone, Debug)]
pub(super) enum StreamAct {
    Shell {
        /// None: the server takes the pod's default.
        container: Option<String>,
        size: TerminalSize,
    },
    Forward {
        /// Of the pod.
        remote: u16,
        /// On loopback; 0 takes a free one.
        local: u16,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamKind {
    Shell,
    Forward,
}

impl Stream {
    /// A shell in one container.
    pub fn shell(
        authority: &Escalation,
        action: u64,
        pod: ObjectRef,
        container: Option<String>,
        size: TerminalSize,
    ) -> Self {
        Self {
            session: authority.grant().session.clone(),
            action,
            pod,
            act: StreamAct::Shell { container, size },
        }
    }

    /// A local port that leads to one of the pod's.
    pub fn forward(authority: &Escalation, action: u64, pod: ObjectRef, remote: u16, local: u16) -> Self {
        Self {
            session: authority.grant().session.clone(),
            action,
            pod,
            act: StreamAct::Forward { remote, local },
        }
    }

    pub fn action(&self) -> u64 {
        self.action
    }

    pub fn kind(&self) -> StreamKind {
        match self.act {
            StreamAct::Shell { .. } => StreamKind::Shell,
            StreamAct::Forward { .. } => StreamKind::Forward,
        }
    }

    /// What a shell's terminal begins with.
    pub fn size(&self) -> Option<TerminalSize> {
        match self.act {
            StreamAct::Shell { size, .. } => Some(size),
            StreamAct::Forward { .. } => None,
        }
    }

    /// As records and messages name it.
    pub(super) fn words(&self) -> String {
        let pod = &self.pod.name;
        match &self.act {
            StreamAct::Shell {
                container: Some(container),
                ..
            } => format!("shell in {pod}:{container}"),
            StreamAct::Shell { container: None, .. } => format!("shell in {pod}"),
            StreamAct::Forward { remote, .. } => format!("port-forward to {pod}:{remote}"),
        }
    }
}

/// What a person does to a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Bytes(Vec<u8>),
    Resize(TerminalSize),
}

/// The near end of a shell. Bounded both ways: a remote that floods is slowed down, and so is a
/// paste that the remote does not take.
#[derive(Debug)]
pub struct StreamIo {
    pub output: mpsc::Sender<Bytes>,
    pub input: mpsc::Receiver<Input>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamCounts {
    /// Since the beginning, and now. A shell has none.
    pub connections: u32,
    pub open: u32,
    /// From here to the pod.
    pub bytes_in: u64,
    /// From the pod to here.
    pub bytes_out: u64,
}

/// Why a stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamClose {
    /// The remote program has ended.
    Exit(i32),
    /// The operator closed it.
    Closed,
    /// The end of the escalation cut it.
    Cut,
    /// The connection broke, or the server ended it with these words.
    Broken(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEnd {
    pub close: StreamClose,
    pub counts: StreamCounts,
    pub took_ms: u64,
    /// A shell that did not say that it ended.
    pub may_go_on: bool,
}

/// As records and messages say it.
pub const MAY_GO_ON: &str = "what it runs may go on in the pod";

/// Something new about one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEvent {
    pub action: u64,
    pub fact: StreamFact,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamFact {
    /// A shell was accepted by the server, or this local port is listened on.
    Opened {
        local: Option<u16>,
    },
    Counted(StreamCounts),
    /// One connection failed; the forward goes on.
    Trouble(String),
}
