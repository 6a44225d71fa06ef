//! The drains of one live session: each can be cancelled by its action, the end cuts all of them
//! and waits until they have written what was left.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{RwLock, RwLockReadGuard};
use tokio_util::sync::CancellationToken;

#[derive(Default)]
pub(super) struct Drains {
    /// Cancelled when nothing is accepted any more.
    over: CancellationToken,
    open: Mutex<HashMap<u64, CancellationToken>>,
    /// Read by each drain while it works; had for writing only when none does.
    working: RwLock<()>,
    /// Drains that the end cut, in words.
    cut: Mutex<Vec<String>>,
}

/// A drain at work. The end waits until it is dropped.
pub(super) struct Working<'a> {
    drains: &'a Drains,
    action: u64,
    pub(super) stop: CancellationToken,
    _held: RwLockReadGuard<'a, ()>,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        locked(&self.drains.open).remove(&self.action);
    }
}

/// What is guarded is replaced or grown whole, so a panic in between leaves it sound.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drains {
    pub(super) async fn begin(&self, action: u64) -> Working<'_> {
        let working = self.working.read().await;
        let stop = self.over.child_token();
        locked(&self.open).insert(action, stop.clone());
        Working {
            drains: self,
            action,
            stop,
            _held: working,
        }
    }

    pub(super) fn cancel(&self, action: u64) {
        if let Some(stop) = locked(&self.open).get(&action) {
            stop.cancel();
        }
    }

    /// From here on no drain sends anything.
    pub(super) fn cut(&self) {
        self.over.cancel();
    }

    /// Returns when no drain works.
    pub(super) async fn idle(&self) {
        drop(self.working.write().await);
    }

    pub(super) fn was_cut(&self, words: String) {
        locked(&self.cut).push(words);
    }

    pub(super) fn were_cut(&self) -> Vec<String> {
        locked(&self.cut).clone()
    }
}
