//! `Escalation`, the live grant, and `Mutation`, one write as data. The first can be made only by
//! the gate, the second only from a borrow of the first: that is the whole of promise 1 by type.

use super::contract::{Confirmed, Grant};
use crate::model::ObjectRef;

/// The live grant. Neither Clone nor Serialize nor Default, so that it can be neither kept in
/// State nor recorded; it holds no secret (the credential stays inside the gate).
#[derive(Debug)]
pub struct Escalation {
    grant: Grant,
}

impl Escalation {
    /// For the gate, once the credential is held and checked.
    pub(super) fn new(grant: Grant) -> Self {
        Self { grant }
    }

    /// The facts for the screen.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }
}

/// One write on one or more objects as data; the gate alone turns it into requests.
#[derive(Debug)]
pub struct Mutation {
    pub(super) session: String,
    /// Numbered by `app`; joins the requests of one keystroke.
    pub(super) action: u64,
    pub(super) act: Act,
    pub(super) targets: Vec<ObjectRef>,
    pub(super) confirmed: Option<Confirmed>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Delete,
    Scale {
        replicas: u32,
    },
    Restart,
    /// Of a node: whether new pods may come.
    Cordon {
        unschedulable: bool,
    },
    /// Part of a drain, hence no `Mutation` of its own.
    Evict,
}

impl Mutation {
    fn new(authority: &Escalation, action: u64, act: Act, targets: Vec<ObjectRef>) -> Self {
        Self {
            session: authority.grant.session.clone(),
            action,
            act,
            targets,
            confirmed: None,
        }
    }

    /// Deletes each target, with uid and resourceVersion as preconditions.
    pub fn delete(authority: &Escalation, action: u64, targets: Vec<ObjectRef>) -> Self {
        Self::new(authority, action, Act::Delete, targets)
    }

    /// Sets the replicas of each workload through `/scale`.
    pub fn scale(authority: &Escalation, action: u64, targets: Vec<ObjectRef>, replicas: u32) -> Self {
        Self::new(authority, action, Act::Scale { replicas }, targets)
    }

    /// `kubectl rollout restart`: patches the template's `restartedAt`.
    pub fn restart(authority: &Escalation, action: u64, targets: Vec<ObjectRef>) -> Self {
        Self::new(authority, action, Act::Restart, targets)
    }

    /// `kubectl cordon`: no new pods come to the node.
    pub fn cordon(authority: &Escalation, action: u64, nodes: Vec<ObjectRef>) -> Self {
        Self::new(authority, action, Act::Cordon { unschedulable: true }, nodes)
    }

    /// The way back of a cordon or drain.
    pub fn uncordon(authority: &Escalation, action: u64, nodes: Vec<ObjectRef>) -> Self {
        Self::new(authority, action, Act::Cordon { unschedulable: false }, nodes)
    }

    /// How the operator confirmed it, for the record.
    pub fn confirmed_by(&mut self, confirmed: Option<Confirmed>) {
        self.confirmed = confirmed;
    }

    pub fn action(&self) -> u64 {
        self.action
    }
}
