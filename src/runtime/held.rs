//! The live grant with the gate that made it, and the work of a gate that must not be abandoned. A
//! context that is opened meanwhile changes neither: what one gate has granted no other can end.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::escalation::{EndReason, Ended, Escalation, Gate};

pub struct Held {
    pub escalation: Escalation,
    pub gate: Arc<Gate>,
}

/// Asking or ending.
pub struct Work {
    pub gate: Arc<Gate>,
    /// Answers with the end, if it was one.
    pub task: JoinHandle<Option<Ended>>,
}

/// More than a hurried end takes.
const PATIENCE: Duration = Duration::from_secs(2);

impl Work {
    /// The program leaves: waits no longer than it must, and ends what an ask was just granted.
    pub async fn cut_short(self, reason: EndReason) -> Option<Ended> {
        self.gate.withdraw();
        self.gate.hurry();
        let done = tokio::time::timeout(PATIENCE, self.task).await;
        // The ask may have been answered just now, and nobody takes the escalation any more.
        let ended = self.gate.end_whatever_lives(reason).await;
        ended.or(done.ok().and_then(Result::ok).flatten())
    }
}
