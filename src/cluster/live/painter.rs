//! Sends snapshots and freshness, each only when it changed, snapshots at most one per interval:
//! a thousand events a second become twenty pictures, the first of them at once; fewer where a
//! picture is large, for each is looked through whole by whoever gets it.

use std::time::Duration;

use tokio::time::Instant;

use super::Pace;
use crate::cluster::clock::boot_ms;
use crate::cluster::query::{Freshness, Reading};
use crate::cluster::reader::{Out, Unheard};
use crate::model::Snapshot;

pub struct Painter<'a> {
    out: &'a Out,
    pace: Pace,
    /// From when on the next picture may be sent; none before the first.
    next: Option<Instant>,
    dirty: bool,
    said: Option<Freshness>,
}

impl<'a> Painter<'a> {
    pub fn new(out: &'a Out, pace: Pace) -> Self {
        Self {
            out,
            pace,
            next: None,
            dirty: false,
            said: None,
        }
    }

    pub fn touch(&mut self) {
        self.dirty = true;
    }

    /// When the next picture is due; None if nothing changed.
    pub fn due(&self) -> Option<Instant> {
        let now = Instant::now();
        self.dirty.then(|| self.next.map_or(now, |next| next.max(now)))
    }

    /// Sends what `take` gives, whether or not it is due.
    pub async fn paint(&mut self, snapshot: Snapshot) -> Result<(), Unheard> {
        let pause = self.pace.between(snapshot.rows.len());
        self.out.send(Reading::Rows(snapshot)).await?;
        self.dirty = false;
        self.next = Some(Instant::now() + pause);
        Ok(())
    }

    pub async fn say(&mut self, freshness: Freshness) -> Result<(), Unheard> {
        if self.said == Some(freshness) {
            return Ok(());
        }
        self.said = Some(freshness);
        self.out.send(Reading::Freshness(freshness)).await
    }

    /// Live or stale, by when the server was heard last.
    pub async fn say_age(&mut self, heard_ms: u64, connected: bool) -> Result<(), Unheard> {
        if connected && !self.is_old(heard_ms) {
            return self.say(Freshness::Live).await;
        }
        self.say_stale(heard_ms).await
    }

    /// Whether nothing was heard for so long that it has to be said.
    pub fn is_old(&self, heard_ms: u64) -> bool {
        Duration::from_millis(boot_ms().saturating_sub(heard_ms)) >= self.pace.stale
    }

    pub async fn say_stale(&mut self, since_boot_ms: u64) -> Result<(), Unheard> {
        // One silence has one beginning.
        if matches!(self.said, Some(Freshness::Stale { .. })) {
            return Ok(());
        }
        self.say(Freshness::Stale { since_boot_ms }).await
    }

    /// Until data heard at `heard_ms` has to be called stale.
    pub fn until_stale(&self, heard_ms: u64) -> Duration {
        let age = Duration::from_millis(boot_ms().saturating_sub(heard_ms));
        // A millisecond over the limit, so that the clock has passed it when the timer fires.
        self.pace.stale.saturating_sub(age) + Duration::from_millis(1)
    }
}
