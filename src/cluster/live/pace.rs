//! The intervals of live reads in one place, so that tests can run them faster.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two signs of life, where nothing else was heard.
    pub ping: Duration,
    /// The same while the server is silent.
    pub ping_when_silent: Duration,
    /// A ping without an answer within this has failed.
    pub ping_limit: Duration,
    /// Data older than this is called stale.
    pub stale: Duration,
    /// Least time between two snapshots.
    pub paint: Duration,
    /// Collections that cannot be watched are asked for again after this.
    pub refresh: Duration,
    /// A watch on which nothing came, not even a bookmark (one a minute), is opened anew.
    pub idle: Duration,
    /// First and last pause between two attempts.
    pub backoff: (Duration, Duration),
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            ping: Duration::from_secs(3),
            ping_when_silent: Duration::from_secs(1),
            ping_limit: Duration::from_millis(1900),
            stale: Duration::from_secs(5),
            paint: Duration::from_millis(50),
            refresh: Duration::from_secs(30),
            idle: Duration::from_secs(150),
            backoff: (Duration::from_millis(250), Duration::from_secs(30)),
        }
    }
}
