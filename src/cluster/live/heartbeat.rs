//! Whether the server still answers. Watches are silent for a minute at a time and a frozen server
//! keeps its connections open, so while something is watched the server is asked every few
//! seconds, by one of the reads for all of them. Nothing is spawned: whoever waits also beats.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, watch};

use super::Pace;
use crate::cluster::clock::boot_ms;
use crate::cluster::reader::Reader;

/// What is known of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// False from a failed ping until the next answer.
    pub answers: bool,
    /// Counts the times it came back from silence.
    pub returns: u64,
}

impl Pulse {
    /// Waits until the server has come back from a silence more often than `returns` times.
    pub async fn returned(pulse: &mut watch::Receiver<Self>, returns: u64) {
        if pulse.wait_for(|pulse| pulse.returns > returns).await.is_err() {
            // Nobody beats any more, so nobody ever returns.
            std::future::pending::<()>().await;
        }
    }
}

pub struct Heartbeat {
    pace: Pace,
    /// Boot clock, when something of the server was heard last, on whatever connection.
    heard_ms: AtomicU64,
    tried_ms: AtomicU64,
    /// Held by the read that beats for all.
    turn: Mutex<()>,
    pulse: watch::Sender<Pulse>,
}

impl Heartbeat {
    pub fn new(pace: Pace) -> Self {
        let pulse = Pulse {
            answers: true,
            returns: 0,
        };
        Self {
            pace,
            heard_ms: AtomicU64::new(boot_ms()),
            tried_ms: AtomicU64::new(0),
            turn: Mutex::new(()),
            pulse: watch::Sender::new(pulse),
        }
    }

    /// Something came from the server.
    pub fn heard(&self) {
        self.heard_ms.store(boot_ms(), Ordering::Relaxed);
        self.pulse.send_if_modified(|pulse| {
            let returned = !pulse.answers;
            if returned {
                pulse.answers = true;
                pulse.returns += 1;
            }
            returned
        });
    }

    fn silent(&self) {
        self.pulse
            .send_if_modified(|pulse| std::mem::replace(&mut pulse.answers, false));
    }

    pub fn heard_ms(&self) -> u64 {
        self.heard_ms.load(Ordering::Relaxed)
    }

    pub fn pulse(&self) -> watch::Receiver<Pulse> {
        self.pulse.subscribe()
    }

    /// Beats until it is dropped.
    pub async fn beat(&self, reader: &Reader) -> std::convert::Infallible {
        loop {
            let wait = self.until_due();
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
                continue;
            }
            // Somebody else's turn: look again when that one has had its answer.
            let _turn = self.turn.lock().await;
            if !self.until_due().is_zero() {
                continue;
            }
            self.tried_ms.store(boot_ms(), Ordering::Relaxed);
            match tokio::time::timeout(self.pace.ping_limit, reader.ping()).await {
                Ok(true) => self.heard(),
                Ok(false) | Err(_) => self.silent(),
            }
        }
    }

    fn until_due(&self) -> Duration {
        let pause = if self.pulse.borrow().answers {
            self.pace.ping
        } else {
            self.pace.ping_when_silent
        };
        let last = self.heard_ms().max(self.tried_ms.load(Ordering::Relaxed));
        let passed = Duration::from_millis(boot_ms().saturating_sub(last));
        pause.saturating_sub(passed)
    }
}
