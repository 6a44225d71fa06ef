//! What wakes an open stream besides its own traffic: a change of the cluster, a moved clock, a
//! moment at which something is due, and the cut line, which ends it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::server::Shared;
use super::store::Store;

/// How long nothing may be looked at.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Pulse {
    shared: Arc<Shared>,
    changed: watch::Receiver<u64>,
    moved: watch::Receiver<u64>,
    cut: watch::Receiver<u64>,
}

impl Pulse {
    /// Misses nothing from now on; `store` is locked by the caller.
    pub fn new(shared: &Arc<Shared>, store: &Store) -> Self {
        let mut cut = shared.cut.subscribe();
        cut.mark_unchanged();
        Self {
            shared: Arc::clone(shared),
            changed: store.follow(),
            moved: shared.clock.moves(),
            cut,
        }
    }

    /// Returns when it is time to look again; false when the line is cut.
    pub async fn beat(&mut self) -> bool {
        let due = self.shared.lock().settled.next_ms();
        let now = self.shared.clock.now_ms();
        let wait = due.map_or(PATIENCE, |at| Duration::from_millis((at - now).max(1) as u64));
        tokio::select! {
            _ = self.cut.changed() => false,
            _ = self.changed.changed() => true,
            _ = self.moved.changed() => true,
            () = tokio::time::sleep(wait.min(PATIENCE)) => true,
        }
    }
}
