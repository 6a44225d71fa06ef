//! The streams that are open, so that the end can cut them, count them and wait for them. Must
//! never take one in after the cut.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::escalation::gate::end::sleep_until;

#[derive(Default)]
pub(in crate::escalation::gate) struct OpenStreams {
    list: Mutex<List>,
    cut: CancellationToken,
    gone: Notify,
}

#[derive(Default)]
struct List {
    open: Vec<Entry>,
    /// What was open when the cut came; from then on nothing is taken in.
    were_cut: Option<Vec<String>>,
    /// Shells that did not say that they ended.
    lingering: Vec<String>,
}

struct Entry {
    action: u64,
    words: String,
    close: CancellationToken,
}

/// One registered stream. Dropped when nothing of it is left.
pub(super) struct Entered<'a> {
    streams: &'a OpenStreams,
    action: u64,
    deadline: u64,
    close: CancellationToken,
}

/// Why a stream must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    Cut,
    Closed,
}

impl OpenStreams {
    /// Registers a stream. After the cut it is over from the start, and nobody waits for it.
    pub(super) fn enter(&self, action: u64, words: &str, deadline: u64) -> Entered<'_> {
        let close = self.cut.child_token();
        let mut list = self.lock();
        if list.were_cut.is_none() {
            list.open.push(Entry {
                action,
                words: words.to_owned(),
                close: close.clone(),
            });
        }
        Entered {
            streams: self,
            action,
            deadline,
            close,
        }
    }

    /// Cuts everything, once and for ever.
    pub(in crate::escalation::gate) fn cut(&self) {
        let mut list = self.lock();
        if list.were_cut.is_none() {
            list.were_cut = Some(list.open.iter().map(|entry| entry.words.clone()).collect());
        }
        drop(list);
        self.cut.cancel();
    }

    /// Ends one, as its operator wants.
    pub(super) fn close(&self, action: u64) {
        if let Some(entry) = self.lock().open.iter().find(|entry| entry.action == action) {
            entry.close.cancel();
        }
    }

    /// Returns when none is left.
    pub(in crate::escalation::gate) async fn idle(&self) {
        loop {
            let gone = self.gone.notified();
            if self.lock().open.is_empty() {
                return;
            }
            gone.await;
        }
    }

    /// What the cut found open.
    pub(in crate::escalation::gate) fn were_cut(&self) -> Vec<String> {
        self.lock().were_cut.clone().unwrap_or_default()
    }

    /// Of what is cut or broken off, what may go on in its pod.
    pub(in crate::escalation::gate) fn lingering(&self) -> Vec<String> {
        self.lock().lingering.clone()
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        // Each change is one push, one removal or one assignment: a panic leaves it whole.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entered<'_> {
    /// Returns when the stream must end. At its deadline all streams are cut, whether or not
    /// somebody ends the escalation just then.
    pub(super) async fn over(&self) -> Over {
        tokio::select! {
            biased;
            () = self.close.cancelled() => {}
            () = sleep_until(self.deadline) => self.streams.cut(),
        }
        if self.streams.cut.is_cancelled() {
            Over::Cut
        } else {
            Over::Closed
        }
    }

    /// It is given up, and did not say that it ended.
    pub(super) fn lingers(&self, words: &str) {
        self.streams.lock().lingering.push(words.to_owned());
    }

    pub(super) fn is_over(&self) -> bool {
        self.close.is_cancelled()
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.streams.lock().open.retain(|entry| entry.action != self.action);
        self.streams.gone.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escalation::gate::clock::boot_ms;

    const NEVER: u64 = u64::MAX;

    #[tokio::test]
    async fn the_cut_ends_every_stream_and_names_those_that_were_open() {
        let streams = OpenStreams::default();
        let gone = streams.enter(1, "gone", NEVER);
        drop(gone);
        let shell = streams.enter(2, "shell in web-0", NEVER);
        assert!(!shell.is_over());
        streams.cut();
        assert_eq!(shell.over().await, Over::Cut);
        assert_eq!(streams.were_cut(), ["shell in web-0"]);
        let waits = tokio::time::timeout(std::time::Duration::from_millis(20), streams.idle()).await;
        assert!(waits.is_err(), "one is still there");
        let (idle, ()) = tokio::join!(streams.idle(), async { drop(shell) });
        assert_eq!(idle, ());
    }

    #[tokio::test]
    async fn after_the_cut_a_stream_is_over_before_it_begins() {
        let streams = OpenStreams::default();
        streams.cut();
        let late = streams.enter(1, "late", NEVER);
        assert!(late.is_over());
        assert_eq!(late.over().await, Over::Cut);
        assert!(streams.were_cut().is_empty());
        streams.idle().await;
    }

    #[tokio::test]
    async fn what_did_not_say_that_it_ended_is_remembered_after_it_is_gone() {
        let streams = OpenStreams::default();
        let shell = streams.enter(1, "shell in web-0", NEVER);
        assert!(streams.lingering().is_empty());
        shell.lingers("shell in web-0");
        drop(shell);
        streams.cut();
        assert_eq!(streams.lingering(), ["shell in web-0"]);
    }

    #[tokio::test]
    async fn closing_one_leaves_the_others() {
        let streams = OpenStreams::default();
        let (one, other) = (streams.enter(1, "one", NEVER), streams.enter(2, "other", NEVER));
        streams.close(1);
        assert_eq!(one.over().await, Over::Closed);
        assert!(!other.is_over());
    }

    #[tokio::test]
    async fn the_deadline_cuts_although_nobody_ends_the_escalation() {
        let streams = OpenStreams::default();
        let one = streams.enter(1, "one", boot_ms() + 50);
        let other = streams.enter(2, "other", NEVER);
        assert_eq!(one.over().await, Over::Cut);
        assert!(other.is_over(), "the grant is one, so is its end");
        assert_eq!(streams.were_cut(), ["one", "other"]);
    }
}
