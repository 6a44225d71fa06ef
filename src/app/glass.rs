//! Whether the glass is whole, as facts for the screen. Holds no authority: the live `Escalation`
//! is the runtime's, and is lent to `update` message by message.

use super::overlay::{EscalatePane, LeaveFor};
use crate::escalation::{AskProgress, EndStep, EscalationRequest, Grant};
use crate::model::{Moment, ObjectRef};

#[derive(Clone, Debug, Default)]
pub enum Mode {
    #[default]
    Normal,
    Asking(Asking),
    Broken(Grant),
    /// Nothing is accepted any more; the end is being confirmed.
    Ending(Ending),
}

#[derive(Clone, Debug)]
pub struct Asking {
    pub since: Moment,
    pub request: EscalationRequest,
    /// What happened so far, in order. `Waiting` has the command an approver can paste.
    pub progress: Vec<AskProgress>,
    /// Esc was pressed; the request is being deleted.
    pub withdrawn: bool,
}

#[derive(Clone, Debug)]
pub struct Ending {
    pub grant: Grant,
    pub since: Moment,
    /// What it waits for.
    pub step: EndStep,
    /// What follows: leaving, or another context.
    pub then: Option<LeaveFor>,
}

/// A write of several objects, as its answers come one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub action: u64,
    pub total: usize,
    /// As the server has done it.
    pub done: usize,
    /// Deletions that have begun and that finalizers hold.
    pub held: usize,
    pub refused: usize,
    pub unanswered: usize,
}

impl Batch {
    pub fn answered(&self) -> usize {
        self.done + self.held + self.refused + self.unanswered
    }
}

/// The way back of a write that has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    pub action: u64,
    pub target: ObjectRef,
    pub back: WayBack,
    /// The server has accepted the write.
    pub done: bool,
}

/// By which write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// To so many replicas.
    Scale(u32),
    Cordon,
    Uncordon,
}

#[derive(Clone, Debug, Default)]
pub struct Glass {
    pub mode: Mode,
    /// When the mode last changed; `!` is ignored for a second after it.
    pub changed_at: Moment,
    /// Records in the journal of this session so far.
    pub recorded: u32,
    /// First of the two presses that end it.
    pub end_armed: Option<Moment>,
    /// Seconds of the warnings already given.
    pub warned: Vec<u32>,
    /// Writes of several objects that are on their way.
    pub batches: Vec<Batch>,
    /// Writes of this session that can be taken back, oldest first.
    pub undo: Vec<Undo>,
    /// When the progress of a drain was opened.
    pub drain_shown_at: Moment,
    /// What was typed in the pane when it was left; taken up when it is opened again.
    pub pane: Option<Box<EscalatePane>>,
}

impl Glass {
    /// The grant, also while it is ending.
    pub fn grant(&self) -> Option<&Grant> {
        match &self.mode {
            Mode::Broken(grant) | Mode::Ending(Ending { grant, .. }) => Some(grant),
            Mode::Normal | Mode::Asking(_) => None,
        }
    }

    pub fn is_broken(&self) -> bool {
        matches!(self.mode, Mode::Broken(_))
    }

    pub fn asking(&self) -> Option<&Asking> {
        match &self.mode {
            Mode::Asking(asking) => Some(asking),
            _ => None,
        }
    }

    /// Milliseconds until the deadline; none in normal mode.
    pub fn left_ms(&self, now: Moment) -> Option<u64> {
        self.grant().map(|grant| grant.deadline.since(now))
    }

    /// Milliseconds in the present mode.
    pub fn since_change(&self, now: Moment) -> u64 {
        now.since(self.changed_at)
    }
}
