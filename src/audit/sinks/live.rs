//! A session of this program, as the sinks see it: how far it is durable, and how far each sink has
//! acknowledged it. Fed on the journal's thread, so nothing here waits for anything.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::line::Line;
use crate::audit::clock;
use crate::audit::event::Event;
use crate::audit::journal::{Journal, WeakJournal};
use crate::audit::record::Appended;
use crate::model::Moment;

pub(super) struct Live {
    pub(super) session: String,
    pub(super) folder: PathBuf,
    /// Weak: a session must be able to end, and a test to let one die, while a sink is down.
    journal: WeakJournal,
    written: Mutex<Written>,
    /// The last acknowledged number, by lane.
    acked: Vec<watch::Sender<u64>>,
}

struct Written {
    /// Bytes that are durable.
    end: u64,
    seq: u64,
    closed: bool,
    /// Records that a sink lacks, with the time they were made.
    waiting: VecDeque<(u64, Moment)>,
    /// What the disk did not take. Kept only here, so the sinks are its only way out.
    lost: Vec<Line>,
}

impl Live {
    /// Of a journal that holds one record so far.
    pub(super) fn new(journal: &Journal, lanes: usize) -> Self {
        let file = journal.folder().join(crate::audit::JOURNAL_FILE);
        Self {
            session: journal.session().into(),
            folder: journal.folder().into(),
            journal: journal.downgrade(),
            written: Mutex::new(Written {
                // What is written while this is asked is told by the observer, with its own end.
                end: std::fs::metadata(file).map_or(0, |meta| meta.len()),
                seq: 1,
                closed: false,
                waiting: [(1, clock::moment())].into(),
                lost: Vec::new(),
            }),
            acked: (0..lanes).map(|_| watch::Sender::new(0)).collect(),
        }
    }

    /// A record became durable.
    pub(super) fn add(&self, appended: &Appended) {
        let mut written = self.written();
        written.end = appended.end;
        written.take(appended);
    }

    /// A record did not.
    pub(super) fn lose(&self, appended: &Appended) {
        let mut written = self.written();
        written.lost.extend(Line::of_lost(appended));
        written.take(appended);
    }

    pub(super) fn record(&self, event: Event) {
        if let Some(journal) = self.journal.upgrade() {
            // If it does not become durable it is lost like any other, and comes back through `lose`.
            drop(journal.append(event));
        }
    }

    pub(super) fn end(&self) -> u64 {
        self.written().end
    }

    pub(super) fn seq(&self) -> u64 {
        self.written().seq
    }

    pub(super) fn acked(&self, lane: usize) -> u64 {
        *self.acked[lane].borrow()
    }

    pub(super) fn acknowledgements(&self, lane: usize) -> watch::Receiver<u64> {
        self.acked[lane].subscribe()
    }

    pub(super) fn acknowledge(&self, lane: usize, seq: u64) {
        self.acked[lane].send_if_modified(|acked| {
            let more = seq > *acked;
            *acked = (*acked).max(seq);
            more
        });
        let all = self.acked.iter().map(|acked| *acked.borrow()).min().unwrap_or_default();
        let mut written = self.written();
        while written.waiting.front().is_some_and(|(seq, _)| *seq <= all) {
            written.waiting.pop_front();
        }
    }

    /// Records that the lane lacks, and since when the oldest waits.
    pub(super) fn behind(&self, lane: usize) -> (u64, Option<Moment>) {
        let acked = self.acked(lane);
        let written = self.written();
        let oldest = written.waiting.partition_point(|(seq, _)| *seq <= acked);
        let since = written.waiting.get(oldest).map(|(_, at)| *at);
        (written.seq.saturating_sub(acked), since)
    }

    /// What the disk did not take and the lane lacks.
    pub(super) fn lost_after(&self, seq: u64) -> Vec<Line> {
        let written = self.written();
        written.lost.iter().filter(|line| line.seq > seq).cloned().collect()
    }

    /// Nothing more comes, and every sink has all of it.
    pub(super) fn is_done(&self) -> bool {
        let over = self.journal.upgrade().is_none() || self.written().closed;
        over && (0..self.acked.len()).all(|lane| self.behind(lane).0 == 0)
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        // Every field is set whole, so a panic in between leaves something true.
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Written {
    fn take(&mut self, appended: &Appended) {
        self.seq = appended.seq;
        self.closed |= appended.kind == "close";
        self.waiting.push_back((appended.seq, clock::moment()));
    }
}
