//! The draining of a node as data: the order, what is on the node, what follows from both, and how
//! it gets on. The gate alone carries it out; must never hold a client or decide at run time what
//! `plan` does not say.

mod plan;
mod survey;

pub use plan::{DrainPlan, Needs, Stays, plan};
pub use survey::{Budget, NodePod, NodeSurvey};
pub(super) use survey::{budgets, node_pods};

use super::contract::Confirmed;
use super::live::Escalation;
use crate::model::ObjectRef;

/// One drain that was confirmed. Made, like a `Mutation`, only from a borrow of the authority.
#[derive(Debug)]
pub struct Drain {
    pub(super) session: String,
    pub(super) action: u64,
    pub(super) node: ObjectRef,
    pub(super) options: DrainOptions,
    pub(super) confirmed: Option<Confirmed>,
}

/// What must be chosen, because it cannot be taken back. As kubectl's `--force` and
/// `--delete-emptydir-data`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrainOptions {
    /// Also pods that no controller makes again.
    pub force: bool,
    /// Also pods whose `emptyDir` is lost with them.
    pub delete_empty_dir: bool,
}

impl Drain {
    pub fn new(authority: &Escalation, action: u64, node: ObjectRef, options: DrainOptions) -> Self {
        Self {
            session: authority.grant().session.clone(),
            action,
            node,
            options,
            confirmed: None,
        }
    }

    /// How the operator confirmed it, for the records of all its requests.
    pub fn confirmed_by(&mut self, confirmed: Option<Confirmed>) {
        self.confirmed = confirmed;
    }

    pub fn action(&self) -> u64 {
        self.action
    }
}

/// How a drain gets on: the whole of it each time, so that whoever shows it keeps nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrainProgress {
    pub action: u64,
    pub node: String,
    pub step: DrainStep,
    /// Pods to evict.
    pub total: usize,
    /// The server has accepted that many evictions.
    pub evicted: usize,
    /// Of these so many have left the node.
    pub gone: usize,
    /// Waiting for a disruption budget, by name.
    pub blocked: Vec<PodNote>,
    /// Refused for good, with the server's words.
    pub failed: Vec<PodNote>,
    /// Not evicted when it was over.
    pub left: Vec<PodNote>,
}

/// `shop/web-0`, and what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodNote {
    pub pod: String,
    pub why: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DrainStep {
    #[default]
    Cordoning,
    Evicting,
    /// Every eviction is accepted; the pods are ending.
    Leaving,
    Over(DrainEnd),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrainEnd {
    /// Nothing is left that was to go.
    Done,
    /// Some pods could not be evicted.
    Incomplete,
    /// By the operator.
    Cancelled,
    /// By the end of the escalation.
    Cut,
}

impl DrainEnd {
    /// As records spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Incomplete => "incomplete",
            Self::Cancelled => "cancelled",
            Self::Cut => "cut",
        }
    }
}
