//! The server's own clock: the machine's, moved by an offset, or standing still. Tests let time
//! pass by moving it; nothing here waits.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// What `Date`, `creationTimestamp`, deadlines and token expiry go by.
pub struct ServerClock {
    reading: Mutex<Face>,
    /// Counts changes, so that open watches look again when a test moves the time.
    moved: watch::Sender<u64>,
}

#[derive(Clone, Copy)]
enum Face {
    Offset(i64),
    Still(i64),
}

impl ServerClock {
    pub(super) fn new() -> Self {
        Self {
            reading: Mutex::new(Face::Offset(0)),
            moved: watch::Sender::new(0),
        }
    }

    /// Unix milliseconds on the server.
    pub fn now_ms(&self) -> i64 {
        match *self.reading.lock().expect("no code panics while it holds the clock") {
            Face::Offset(offset) => machine_ms() + offset,
            Face::Still(at) => at,
        }
    }

    /// The server's clock is wrong by `ms` from now on: ahead if positive.
    pub fn skew_ms(&self, ms: i64) {
        self.set(|_| Face::Offset(ms));
    }

    /// Lets time pass at once.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).expect("a test advances by less than the age of the universe");
        self.set(|face| match face {
            Face::Offset(offset) => Face::Offset(offset + by),
            Face::Still(at) => Face::Still(at + by),
        });
    }

    /// Stops the clock at `unix_ms`: screens and records made from it are the same every time.
    pub fn stand_still_at(&self, unix_ms: i64) {
        self.set(|_| Face::Still(unix_ms));
    }

    pub(super) fn moves(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    fn set(&self, change: impl FnOnce(Face) -> Face) {
        let mut face = self.reading.lock().expect("no code panics while it holds the clock");
        *face = change(*face);
        drop(face);
        self.moved.send_modify(|n| *n += 1);
    }
}

pub(super) fn machine_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the machine's clock is after 1970");
    i64::try_from(since.as_millis()).expect("milliseconds since 1970 fit for another 290 million years")
}

/// As the API writes times: RFC 3339, whole seconds.
pub(super) fn rfc3339(unix_ms: i64) -> String {
    timestamp(unix_ms).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// As logs write them: to the nanosecond, always nine digits.
pub(super) fn rfc3339_nanos(unix_ms: i64) -> String {
    timestamp(unix_ms).strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string()
}

/// As audit events write them.
pub(super) fn rfc3339_micros(unix_ms: i64) -> String {
    timestamp(unix_ms).strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// As HTTP writes them in `Date`.
pub(super) fn http_date(unix_ms: i64) -> String {
    timestamp(unix_ms).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub(super) fn parse_ms(rfc3339: &str) -> Option<i64> {
    rfc3339
        .parse::<jiff::Timestamp>()
        .ok()
        .map(jiff::Timestamp::as_millisecond)
}

fn timestamp(unix_ms: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(unix_ms).unwrap_or(jiff::Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_stands_still_moves_only_when_told() {
        let clock = ServerClock::new();
        clock.stand_still_at(1_000_000);
        assert_eq!(clock.now_ms(), 1_000_000);
        clock.advance(Duration::from_millis(1500));
        assert_eq!(clock.now_ms(), 1_001_500);
        assert_eq!(rfc3339(clock.now_ms()), "1970-01-01T00:16:41Z");
        assert_eq!(http_date(clock.now_ms()), "Thu, 01 Jan 1970 00:16:41 GMT");
    }

    #[test]
    fn a_skewed_clock_is_off_by_the_skew() {
        let clock = ServerClock::new();
        clock.skew_ms(-3_600_000);
        let off = machine_ms() - clock.now_ms();
        assert!((3_599_000..3_601_000).contains(&off), "{off}");
    }
}
