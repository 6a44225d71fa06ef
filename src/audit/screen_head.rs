//! Running hash and length of the screen recording: `recording` feeds it, checkpoints read it, so
//! that the journal vouches for what was seen. Holds nothing of the screen itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::hash;

/// Shared by the recorder's thread and the journal.
#[derive(Clone, Default)]
pub struct ScreenHead(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    hasher: Sha256,
    length: u64,
}

/// The recording as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScreenMark {
    pub length: u64,
    /// Hex, of the first `length` bytes.
    pub sha256: String,
}

impl ScreenHead {
    /// To be called with each piece that was written, in order.
    pub fn update(&self, written: &[u8]) {
        let mut state = self.lock();
        state.hasher.update(written);
        state.length += written.len() as u64;
    }

    pub fn mark(&self) -> ScreenMark {
        let state = self.lock();
        ScreenMark {
            length: state.length,
            sha256: hash::hex(&state.hasher.clone().finalize()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Neither field can be left half-updated by a panic in between.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for ScreenHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ScreenHead").field(&self.mark()).finish()
    }
}
