//! Shells and port-forwards as the screen knows them: what is open, what is being prepared. Holds
//! no authority and no socket; the gate has those, and ends them.

use super::ReadId;
use crate::escalation::{StreamCounts, StreamKind};
use crate::model::{Moment, ObjectRef};
use crate::registry::{Action, Aim, Subject};

#[derive(Clone, Debug, Default)]
pub struct Streams {
    /// Oldest first.
    pub open: Vec<OpenStream>,
    /// The pod is being looked up.
    pub(super) wanted: Option<Wanted>,
    /// Chosen; opened as soon as `update` has the authority in hand.
    pub(super) ready: Option<Ready>,
}

#[derive(Clone, Debug)]
pub struct OpenStream {
    pub action: u64,
    pub kind: StreamKind,
    pub pod: ObjectRef,
    pub container: Option<String>,
    /// The row that it was opened from, if that was not the pod itself.
    pub from: Option<ObjectRef>,
    pub remote: u16,
    /// What is listened on; until it is, what was asked for.
    pub local: u16,
    /// The server, or the listener, is there.
    pub is_open: bool,
    pub counts: StreamCounts,
    pub since: Moment,
    /// What went wrong with its newest connection that failed.
    pub trouble: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Wanted {
    pub action: &'static Action,
    pub subject: Subject,
    pub read: ReadId,
}

#[derive(Clone, Debug)]
pub struct Ready {
    pub action: &'static Action,
    pub aim: Aim,
    pub from: Option<ObjectRef>,
}

impl Streams {
    pub fn find(&self, action: u64) -> Option<&OpenStream> {
        self.open.iter().find(|stream| stream.action == action)
    }

    pub fn forwards(&self) -> impl Iterator<Item = &OpenStream> {
        self.open.iter().filter(|stream| stream.kind == StreamKind::Forward)
    }
}

impl OpenStream {
    /// `shell in web-0:web`, `127.0.0.1:8080 → web-0:80`
    pub fn words(&self) -> String {
        let pod = &self.pod.name;
        match (self.kind, &self.container) {
            (StreamKind::Forward, _) => format!("127.0.0.1:{} → {pod}:{}", self.local, self.remote),
            (StreamKind::Shell, Some(container)) => format!("shell in {pod}:{container}"),
            (StreamKind::Shell, None) => format!("shell in {pod}"),
        }
    }
}
