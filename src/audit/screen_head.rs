//! Running hash and length of the screen recording: `recording` writes through it, checkpoints read
//! it, so that the journal vouches for what was seen. Holds nothing of the screen itself.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::hash;

/// How long the close of a journal waits for what the recorder still holds.
const DRAIN: Duration = Duration::from_secs(1);

/// Shared by the recorder's thread and the journal.
#[derive(Clone, Default)]
pub struct ScreenHead(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Held while the disk takes its time.
    state: Mutex<State>,
    /// Handed to the recorder but not yet written. Under a lock of its own, since the UI counts it
    /// up and must not wait for the disk.
    waiting: Mutex<usize>,
    drained: Condvar,
}

#[derive(Default)]
struct State {
    hasher: Sha256,
    length: u64,
    sealed: bool,
}

/// The recording as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScreenMark {
    pub length: u64,
    /// Hex, of the first `length` bytes.
    pub sha256: String,
}

impl ScreenHead {
    /// Of a recording that a dead process left; None if there is none to read.
    pub(super) fn of_file(path: &Path) -> Option<Self> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut file = File::from(rustix::fs::open(path, flags, Mode::empty()).ok()?);
        if !file.metadata().ok()?.is_file() {
            return None;
        }
        let head = Self::default();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match file.read(&mut buffer).ok()? {
                0 => return Some(head),
                n => head.lock().add(&buffer[..n]),
            }
        }
    }

    /// Writes `bytes` by `write` and counts them. Refused with `BrokenPipe` once the journal has
    /// said its last word on the recording.
    pub fn through(&self, bytes: &[u8], write: impl FnOnce(&[u8]) -> io::Result<()>) -> io::Result<()> {
        // Under the lock, so that no mark falls between the bytes and their count.
        let mut state = self.lock();
        if state.sealed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        write(bytes)?;
        state.add(bytes);
        Ok(())
    }

    /// One more piece was handed to the recorder. Never waits for the disk.
    pub fn hand_over(&self) {
        *self.waiting() += 1;
    }

    /// The recorder is done with one piece, written or not.
    pub fn done(&self) {
        let mut waiting = self.waiting();
        *waiting = waiting.saturating_sub(1);
        if *waiting == 0 {
            self.0.drained.notify_all();
        }
    }

    pub fn mark(&self) -> ScreenMark {
        self.lock().mark()
    }

    /// The last word: waits for what was handed over, then nothing is written any more.
    pub(super) fn seal(&self) -> ScreenMark {
        let waited = self
            .0
            .drained
            .wait_timeout_while(self.waiting(), DRAIN, |waiting| *waiting > 0);
        drop(waited);
        let mut state = self.lock();
        state.sealed = true;
        state.mark()
    }

    fn waiting(&self) -> MutexGuard<'_, usize> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No field can be left half-updated by a panic in between.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
    }

    fn mark(&self) -> ScreenMark {
        ScreenMark {
            length: self.length,
            sha256: hash::hex(&self.hasher.clone().finalize()),
        }
    }
}

impl std::fmt::Debug for ScreenHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ScreenHead").field(&self.mark()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_through_is_counted_and_what_fails_is_not() {
        let head = ScreenHead::default();
        head.through(b"ab", |_| Ok(())).expect("written");
        head.through(b"cd", |_| Err(io::ErrorKind::StorageFull.into()))
            .expect_err("full");
        let expected = hash::hex(&Sha256::digest(b"ab"));
        assert_eq!((head.mark().length, head.mark().sha256), (2, expected));
    }

    #[test]
    fn after_the_last_word_nothing_is_written() {
        let head = ScreenHead::default();
        let mark = head.seal();
        let mut touched = false;
        let refused = head.through(b"late", |_| {
            touched = true;
            Ok(())
        });
        assert!(refused.is_err_and(|e| e.kind() == io::ErrorKind::BrokenPipe) && !touched);
        assert_eq!(head.mark(), mark);
    }

    #[test]
    fn handing_over_does_not_wait_for_a_slow_disk() {
        let head = ScreenHead::default();
        let outcome = head.through(b"slow", |_| {
            // As the UI does while the disk is busy: this would never return under one lock.
            head.hand_over();
            head.done();
            Ok(())
        });
        outcome.expect("written");
    }

    #[test]
    fn the_last_word_waits_for_what_was_handed_over() {
        let head = ScreenHead::default();
        head.hand_over();
        std::thread::scope(|scope| {
            let sealing = scope.spawn(|| head.seal());
            head.through(b"last", |_| Ok(())).expect("not sealed yet");
            head.done();
            assert_eq!(sealing.join().expect("sealed").length, 4);
        });
    }
}
