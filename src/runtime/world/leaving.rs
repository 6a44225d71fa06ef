//! The last thing before the program leaves: nothing of an escalation stays behind, and what does is
//! said. Waits for some two seconds at most, whatever hangs.

use super::World;
use crate::audit::sinks::SinkStatus;
use crate::escalation::{EndReason, Left};
use crate::runtime::clock;
use crate::runtime::held::Held;

/// What is left when the program leaves.
#[derive(Default)]
pub struct Parting {
    /// Of escalations: grants that stay, ends without a record.
    pub left: Vec<String>,
    /// Sessions in which the glass was broken, in that order: the names of their folders.
    pub broken: Vec<String>,
    /// What sinks lack.
    pub unsent: Vec<SinkStatus>,
}

impl World {
    /// The last thing before the program leaves: nothing of an escalation stays behind. Waits at
    /// most some two seconds; the server ends what could not be confirmed.
    pub async fn leave(&mut self, reason: EndReason) {
        if let Some(Held { escalation, gate }) = self.held.take() {
            let ended = gate.end_fast(escalation, reason.clone()).await;
            self.left.extend(ended.left);
        }
        if let Some(work) = self.at_the_gate.take() {
            let ended = work.cut_short(reason).await;
            self.left.extend(ended.into_iter().flat_map(|ended| ended.left));
        }
        self.stop_recording().await;
    }

    /// What must be said when the screen is gone.
    pub fn parting(&self) -> Parting {
        let now = clock::now();
        let lasts = |left: &&Left| left.until.is_none_or(|until| now.boot_ms < until.boot_ms);
        Parting {
            left: self.left.iter().filter(lasts).map(|left| left.text.clone()).collect(),
            broken: self.broken.clone(),
            unsent: self.unsent(),
        }
    }

    /// What the sinks do not have, at the very end.
    fn unsent(&self) -> Vec<SinkStatus> {
        let statuses = self.outbox.as_ref().map(|outbox| outbox.statuses().borrow().clone());
        let lacks = |status: &&SinkStatus| status.behind + status.owed > 0;
        statuses
            .iter()
            .flat_map(|all| all.iter())
            .filter(lacks)
            .cloned()
            .collect()
    }
}
