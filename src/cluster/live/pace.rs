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
    /// Least time between two snapshots, and what is added for each row in them.
    pub paint: Duration,
    pub paint_row: Duration,
    /// Collections that cannot be watched are asked for again after this.
    pub refresh: Duration,
    /// Least time between two readings of one whole object that changes.
    pub reread: Duration,
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
            // 150 ms at 10,000 rows: a snapshot costs its receiver some 0.5 µs a row.
            paint_row: Duration::from_micros(10),
            refresh: Duration::from_secs(30),
            reread: Duration::from_secs(1),
            idle: Duration::from_secs(150),
            backoff: (Duration::from_millis(250), Duration::from_secs(30)),
        }
    }
}

impl Pace {
    /// Time between two snapshots of so many rows: what they cost stays the same share of a core.
    pub fn between(&self, rows: usize) -> Duration {
        self.paint + self.paint_row * u32::try_from(rows).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_tables_are_painted_less_often() {
        let pace = Pace::default();
        assert_eq!(pace.between(0), pace.paint);
        assert_eq!(pace.between(10_000), Duration::from_millis(150));
    }
}
