//! One sink at work: live sessions first, then what earlier ones owe, one batch after the other. The
//! cursor moves only when a batch is confirmed; after anything else the batch is sent again.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::backlog::Backlog;
use super::backoff::Backoff;
use super::config::SinkConfig;
use super::cursor::Cursor;
use super::line::Line;
use super::live::Live;
use super::outbox::{Inner, Unacknowledged};
use super::sink::{self, Failure, Sink};
use super::spool::{self, Limit, SpoolError};
use super::status::Health;
use crate::audit::clock;
use crate::audit::event::{Event, SinkFailed, SinkRecovered};

/// Between two looks at a sink that has nothing to do.
const IDLE: Duration = Duration::from_secs(30);
/// Before the next try while somebody waits for it.
const AWAITED: Duration = Duration::from_millis(300);
const MOST_RECORDS: usize = 512;
const FEWEST_RECORDS: usize = 16;
const MOST_BYTES: usize = 512 * 1024;

/// What the others know of a lane.
pub(super) struct Post {
    pub(super) config: SinkConfig,
    health: Mutex<Health>,
    owed: AtomicU64,
    /// Something was written, or somebody waits.
    woken: Notify,
    /// Somebody waits: the pause after a failure is cut short.
    hurried: Notify,
    waiting: AtomicUsize,
    stale: AtomicBool,
    looked: AtomicBool,
    faults: Mutex<Arc<[String]>>,
}

/// Somebody waits for as long as this lives.
pub(super) struct Waiting<'a>(&'a Post);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Post {
    pub(super) fn new(config: SinkConfig) -> Self {
        Self {
            config,
            health: Mutex::new(Health::Untried),
            owed: AtomicU64::new(0),
            woken: Notify::new(),
            hurried: Notify::new(),
            waiting: AtomicUsize::new(0),
            stale: AtomicBool::new(true),
            looked: AtomicBool::new(false),
            faults: Mutex::new([].into()),
        }
    }

    pub(super) fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.woken.notify_one();
        self.hurried.notify_one();
        Waiting(self)
    }

    pub(super) fn wake(&self) {
        self.woken.notify_one();
    }

    pub(super) fn look_again(&self) {
        self.stale.store(true, Ordering::SeqCst);
        self.woken.notify_one();
    }

    /// Were earlier sessions looked at?
    pub(super) fn has_looked(&self) -> bool {
        self.looked.load(Ordering::SeqCst)
    }

    pub(super) fn health(&self) -> Health {
        self.lock().clone()
    }

    pub(super) fn owed(&self) -> u64 {
        self.owed.load(Ordering::SeqCst)
    }

    pub(super) fn faults(&self) -> Arc<[String]> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add_fault(&self, text: String) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        *faults = faults.iter().cloned().chain([text]).collect();
    }

    /// Why it is down; none if it is not.
    pub(super) fn cause(&self) -> Option<String> {
        match self.health() {
            Health::Down { cause, .. } => Some(cause),
            Health::Untried | Health::Ok => None,
        }
    }

    pub(super) fn because(&self) -> String {
        self.cause().map_or_else(String::new, |cause| format!(": {cause}"))
    }

    pub(super) fn unacknowledged(&self, within: Duration) -> Unacknowledged {
        Unacknowledged {
            sink: self.config.name.clone(),
            place: self.config.place(),
            cause: format!("did not acknowledge within {} s{}", within.as_secs(), self.because()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Health> {
        // Replaced whole.
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Lane<'a> {
    inner: &'a Inner,
    index: usize,
    sink: Box<dyn Sink>,
    cursors: HashMap<PathBuf, Cursor>,
    backlog: Backlog,
    /// Journals that cannot be shipped on, told once.
    stuck: Vec<PathBuf>,
    records: usize,
    backoff: Backoff,
}

/// One step's end.
enum Step {
    Shipped,
    Idle,
    Failed(Failure),
}

impl<'a> Lane<'a> {
    pub(super) fn new(inner: &'a Inner, lane: usize) -> Self {
        let config = &inner.posts[lane].config;
        Self {
            inner,
            index: lane,
            sink: sink::open(config),
            cursors: HashMap::new(),
            backlog: Backlog::new(&inner.state_dir, config),
            stuck: Vec::new(),
            records: FEWEST_RECORDS,
            backoff: Backoff::default(),
        }
    }

    fn post(&self) -> &'a Post {
        &self.inner.posts[self.index]
    }

    pub(super) async fn run(mut self) {
        loop {
            match self.step().await {
                Step::Shipped => self.well(),
                Step::Idle => self.rest().await,
                Step::Failed(failure) => self.failed(failure).await,
            }
        }
    }

    async fn step(&mut self) -> Step {
        if self.post().stale.swap(false, Ordering::SeqCst) {
            let ours: Vec<String> = self.inner.live().iter().map(|live| live.session.clone()).collect();
            self.backlog.scan(&ours).await;
            self.post().looked.store(true, Ordering::SeqCst);
            self.tell_owed();
        }
        let live: Vec<Arc<Live>> = self.inner.live().clone();
        for live in live {
            if live.behind(self.index).0 == 0 || self.stuck.contains(&live.folder) {
                continue;
            }
            match self.ship_live(&live).await {
                Step::Idle => {}
                step => return step,
            }
        }
        while let Some(folder) = self.backlog.first() {
            match self.ship(&folder, None).await {
                Ok(Some(last)) => {
                    self.backlog.shipped(last.1);
                    self.tell_owed();
                    return Step::Shipped;
                }
                Ok(None) => self.backlog.done(),
                Err(failure) => return Step::Failed(failure),
            }
            self.tell_owed();
        }
        Step::Idle
    }

    async fn ship_live(&mut self, live: &Live) -> Step {
        let shipped = match self.ship(&live.folder, Some(live.end())).await {
            Ok(None) => self.ship_lost(live).await,
            other => other,
        };
        match shipped {
            Ok(Some((last, _))) => {
                live.acknowledge(self.index, last);
                self.inner.forget_done();
                self.inner.publish();
                Step::Shipped
            }
            Ok(None) => Step::Idle,
            Err(failure) => Step::Failed(failure),
        }
    }

    /// Ships the next batch of a journal; number of its last record and how many there were.
    async fn ship(&mut self, folder: &Path, until: Option<u64>) -> Result<Option<(u64, u64)>, Failure> {
        let mut cursor = self.cursor(folder).await;
        let limit = Limit {
            records: self.records,
            bytes: MOST_BYTES,
        };
        let batch = match spool::next(folder, &cursor, until, limit).await {
            Ok(batch) => batch,
            Err(error) => {
                self.set_aside(folder, &error);
                return Ok(None);
            }
        };
        let Some(last) = batch.last() else {
            return Ok(None);
        };
        self.sink.deliver(&batch).await?;
        cursor.pass(last);
        if let Err(error) = cursor.store(folder).await {
            // The records are there; a later start sends them once more.
            tracing::warn!(%error, folder = %folder.display(), "the cursor is not stored");
        }
        let shipped = (last.seq, batch.len() as u64);
        self.cursors.insert(folder.to_owned(), cursor);
        Ok(Some(shipped))
    }

    /// What the disk did not take comes after all that it took.
    async fn ship_lost(&mut self, live: &Live) -> Result<Option<(u64, u64)>, Failure> {
        let lost: Vec<Line> = live.lost_after(live.acked(self.index));
        let Some(last) = lost.last() else {
            return Ok(None);
        };
        self.sink.deliver(&lost).await?;
        Ok(Some((last.seq, lost.len() as u64)))
    }

    async fn cursor(&self, folder: &Path) -> Cursor {
        if let Some(cursor) = self.cursors.get(folder) {
            return cursor.clone();
        }
        let config = &self.post().config;
        let cursor = Cursor::load(folder, &config.name, &config.place()).await;
        // From here on a look at the folder tells that this sink lacks all of it.
        if cursor.seq == 0
            && let Err(error) = cursor.store(folder).await
        {
            tracing::warn!(%error, folder = %folder.display(), "the cursor is not stored");
        }
        cursor
    }

    fn set_aside(&mut self, folder: &Path, error: &SpoolError) {
        tracing::error!(sink = self.post().config.name, folder = %folder.display(), %error, "not shipped on");
        if !self.stuck.iter().any(|stuck| stuck == folder) {
            self.stuck.push(folder.to_owned());
            let session = folder.file_name().unwrap_or_default().to_string_lossy();
            self.post().add_fault(format!("session {session}: {error}"));
            self.inner.publish();
        }
    }

    fn well(&mut self) {
        self.backoff.reset();
        self.records = (self.records * 2).min(MOST_RECORDS);
        let post = self.post();
        let was = std::mem::replace(&mut *post.lock(), Health::Ok);
        if let Health::Down { since, .. } = &was {
            let down_ms = clock::moment().since(*since);
            tracing::info!(sink = post.config.name, down_ms, "takes records again");
            self.record(&Event::SinkRecovered(SinkRecovered {
                sink: post.config.name.clone(),
                place: post.config.place(),
                down_ms,
            }));
        }
        if was != Health::Ok {
            self.inner.publish();
        }
    }

    /// Nothing to do: now and then looked whether it is there, so that the screen does not lie.
    async fn rest(&mut self) {
        if self.post().health() == Health::Untried {
            return self.look().await;
        }
        let woken = tokio::time::timeout(IDLE, self.post().woken.notified()).await;
        if woken.is_err() {
            self.post().stale.store(true, Ordering::SeqCst);
            self.look().await;
        }
    }

    async fn look(&mut self) {
        match self.sink.reach().await {
            Ok(()) => self.well(),
            Err(failure) => self.failed(failure).await,
        }
    }

    async fn failed(&mut self, failure: Failure) {
        self.records = (self.records / 2).max(FEWEST_RECORDS);
        self.note(&failure.cause);
        let pause = self.backoff.next(failure.retry_after);
        let post = self.post();
        let awaited = async {
            post.hurried.notified().await;
            tokio::time::sleep(AWAITED).await;
        };
        if failure.retry_after.is_some() {
            tokio::time::sleep(pause).await;
        } else if post.waiting.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(pause.min(AWAITED)).await;
        } else {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = awaited => {}
            }
        }
    }

    fn note(&self, cause: &str) {
        let post = self.post();
        let first = {
            let mut health = post.lock();
            let since = match &*health {
                Health::Down { since, .. } => Some(*since),
                Health::Untried | Health::Ok => None,
            };
            *health = Health::Down {
                since: since.unwrap_or_else(clock::moment),
                cause: cause.into(),
            };
            since.is_none()
        };
        if first {
            tracing::warn!(sink = post.config.name, cause, "takes no records");
            for live in self.inner.live().iter() {
                live.record(Event::SinkFailed(SinkFailed {
                    sink: post.config.name.clone(),
                    place: post.config.place(),
                    cause: cause.into(),
                    unacknowledged: live.behind(self.index).0,
                }));
            }
        }
        self.inner.publish();
    }

    fn record(&self, event: &Event) {
        for live in self.inner.live().iter() {
            live.record(event.clone());
        }
    }

    fn tell_owed(&self) {
        self.post().owed.store(self.backlog.owed(), Ordering::SeqCst);
        self.inner.publish();
    }
}
