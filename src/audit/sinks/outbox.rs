//! The sinks of one program together: sessions are registered here, lanes ship them, and whoever
//! must not go on without an acknowledgement waits here. Spawns nothing: `run` is a future that its
//! owner drives.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::config::SinkConfig;
use super::lane::{Lane, Post};
use super::live::Live;
use super::status::{Health, SinkStatus};
use crate::audit::clock;
use crate::audit::event::{Event, SinkFailed};
use crate::audit::journal::Journal;

/// How often ages are looked at while something waits.
const PULSE: Duration = Duration::from_secs(1);

/// How much a sink may lack before nothing more is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    pub records: Option<u64>,
    pub seconds: Option<u32>,
}

/// A sink lacks what it must have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sink} ({place}) {cause}")]
pub struct Unacknowledged {
    pub sink: String,
    pub place: String,
    pub cause: String,
}

/// What a sink had not acknowledged when the waiting was over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    pub sink: String,
    pub records: u64,
}

/// Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Outbox(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) state_dir: PathBuf,
    pub(super) posts: Vec<Post>,
    pub(super) bound: Option<Bound>,
    live: Mutex<Vec<Arc<Live>>>,
    statuses: watch::Sender<Arc<[SinkStatus]>>,
}

impl Outbox {
    pub fn new(state_dir: PathBuf, sinks: &[SinkConfig], bound: Option<Bound>) -> Self {
        let outbox = Self(Arc::new(Inner {
            state_dir,
            posts: sinks.iter().cloned().map(Post::new).collect(),
            bound,
            live: Mutex::default(),
            statuses: watch::Sender::new([].into()),
        }));
        outbox.0.publish();
        outbox
    }

    /// Ships for as long as it is driven: what live sessions write, and what earlier ones still owe.
    pub async fn run(&self) {
        let lanes = (0..self.0.posts.len()).map(|lane| Lane::new(&self.0, lane).run());
        let pulse = async {
            loop {
                tokio::time::sleep(PULSE).await;
                self.0.publish();
            }
        };
        tokio::join!(join_all(lanes), pulse);
    }

    /// From now on this journal's records are shipped. To be called before its second record.
    pub fn take_up(&self, journal: &Journal) {
        let live = Arc::new(Live::new(journal, self.0.posts.len()));
        self.0.live().push(Arc::clone(&live));
        let (inner, seen) = (Arc::clone(&self.0), Arc::clone(&live));
        journal.observe(move |appended| {
            seen.add(appended);
            inner.wake();
        });
        let (inner, seen) = (Arc::clone(&self.0), Arc::clone(&live));
        journal.observe_lost(move |appended| {
            seen.lose(appended);
            inner.wake();
        });
        for post in &self.0.posts {
            if let Some(cause) = post.cause() {
                live.record(Event::SinkFailed(SinkFailed {
                    sink: post.config.name.clone(),
                    place: post.config.place(),
                    cause,
                    unacknowledged: 1,
                }));
            }
        }
        self.0.wake();
    }

    /// Looks for owed records of earlier sessions again: one was recovered.
    pub fn look_again(&self) {
        for post in &self.0.posts {
            post.look_again();
        }
    }

    /// Returns when every required sink has acknowledged record `seq`; says which has not in time.
    pub async fn acknowledged(&self, session: &str, seq: u64, within: Duration) -> Result<(), Unacknowledged> {
        let required = |post: &Post| post.config.required;
        let until = Instant::now() + within;
        for lane in self.lanes(required) {
            if !self.wait_for(lane, session, seq, until).await {
                return Err(self.0.posts[lane].unacknowledged(within));
            }
        }
        Ok(())
    }

    /// Waits until every sink has all of the session, or `within` is over; says what is unsent.
    pub async fn flush(&self, session: &str, within: Duration) -> Vec<Unsent> {
        let until = Instant::now() + within;
        let Some(seq) = self.0.find(session).map(|live| live.seq()) else {
            return Vec::new();
        };
        let mut unsent = Vec::new();
        for lane in self.lanes(|_| true) {
            if !self.wait_for(lane, session, seq, until).await {
                let records = self.0.find(session).map_or(0, |live| live.behind(lane).0);
                unsent.push(Unsent {
                    sink: self.0.posts[lane].config.name.clone(),
                    records,
                });
            }
        }
        unsent
    }

    /// Waits until no sink lacks anything of earlier sessions, or `within` is over; how they are then.
    pub async fn drained(&self, within: Duration) -> Vec<SinkStatus> {
        let until = Instant::now() + within;
        let mut statuses = self.statuses();
        let has_all = |all: &Arc<[SinkStatus]>| {
            let well = all.iter().all(|status| status.owed == 0 && status.health == Health::Ok);
            well && self.0.posts.iter().all(Post::has_looked)
        };
        // Whether it came to that is in the answer.
        let _ = timeout_at(until, statuses.wait_for(has_all)).await;
        statuses.borrow().to_vec()
    }

    /// The first required sink that lacks more of the session than the policy bears.
    pub fn over_bound(&self, session: &str) -> Option<Unacknowledged> {
        let live = self.0.find(session)?;
        let over = |lane: &usize| self.0.is_over(&live, *lane);
        let lane = self.lanes(|post| post.config.required).find(over)?;
        let (records, since) = live.behind(lane);
        let seconds = since.map_or(0, |since| clock::moment().since(since) / 1000);
        let post = &self.0.posts[lane];
        Some(Unacknowledged {
            sink: post.config.name.clone(),
            place: post.config.place(),
            cause: format!(
                "has not acknowledged {records} records, the oldest for {seconds} s{}",
                post.because()
            ),
        })
    }

    /// How the sinks are doing, and word of each change.
    pub fn statuses(&self) -> watch::Receiver<Arc<[SinkStatus]>> {
        self.0.statuses.subscribe()
    }

    fn lanes(&self, wanted: impl Fn(&Post) -> bool) -> impl Iterator<Item = usize> {
        let posts = self.0.posts.iter().enumerate();
        posts.filter(move |(_, post)| wanted(post)).map(|(lane, _)| lane)
    }

    async fn wait_for(&self, lane: usize, session: &str, seq: u64, until: Instant) -> bool {
        let Some(live) = self.0.find(session) else {
            // Shipped and forgotten.
            return true;
        };
        let mut acked = live.acknowledgements(lane);
        let _waiting = self.0.posts[lane].wait();
        let reached = timeout_at(until, acked.wait_for(|acked| *acked >= seq)).await;
        matches!(reached, Ok(Ok(_)))
    }
}

impl Inner {
    pub(super) fn live(&self) -> MutexGuard<'_, Vec<Arc<Live>>> {
        // Only pushed to and filtered: whole after any panic.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, session: &str) -> Option<Arc<Live>> {
        self.live().iter().find(|live| live.session == session).cloned()
    }

    /// Something was written.
    fn wake(&self) {
        for post in &self.posts {
            post.wake();
        }
        self.publish();
    }

    /// Lets go of sessions that are over and everywhere.
    pub(super) fn forget_done(&self) {
        self.live().retain(|live| !live.is_done());
    }

    fn is_over(&self, live: &Live, lane: usize) -> bool {
        let Some(bound) = self.bound else {
            return false;
        };
        let (records, since) = live.behind(lane);
        let age = since.map_or(0, |since| clock::moment().since(since));
        bound.records.is_some_and(|most| records > most)
            || bound.seconds.is_some_and(|most| age > u64::from(most) * 1000)
    }

    pub(super) fn publish(&self) {
        let live = self.live().clone();
        let status = |(lane, post): (usize, &Post)| {
            let behind: Vec<_> = live.iter().map(|live| live.behind(lane)).collect();
            SinkStatus {
                name: post.config.name.clone(),
                host: post.config.host(),
                required: post.config.required,
                health: post.health(),
                behind: behind.iter().map(|(records, _)| records).sum(),
                oldest: behind
                    .iter()
                    .filter_map(|(_, since)| *since)
                    .min_by_key(|at| at.boot_ms),
                refusing: post.config.required && live.iter().any(|live| self.is_over(live, lane)),
                owed: post.owed(),
                faults: post.faults(),
            }
        };
        let statuses: Arc<[SinkStatus]> = self.posts.iter().enumerate().map(status).collect();
        self.statuses.send_if_modified(|held| {
            let changed = *held != statuses;
            *held = statuses;
            changed
        });
    }
}
