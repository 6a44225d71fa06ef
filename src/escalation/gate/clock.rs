//! The clocks that decide. Deadlines run on the boot clock, which goes on in suspend; the server's
//! time is known only within bounds, and every use takes the bound that errs towards an earlier
//! end. Never trusts the local wall clock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::model::Moment;

pub(crate) fn boot_ms() -> u64 {
    #[cfg(target_os = "linux")]
    let id = rustix::time::ClockId::Boottime;
    // Darwin's monotonic clock is the continuous one.
    #[cfg(not(target_os = "linux"))]
    let id = rustix::time::ClockId::Monotonic;
    let now = rustix::time::clock_gettime(id);
    now.tv_sec as u64 * 1000 + now.tv_nsec as u64 / 1_000_000
}

pub(in crate::escalation) fn now() -> Moment {
    Moment {
        boot_ms: boot_ms(),
        wall_ms: Timestamp::now().as_millisecond(),
    }
}

/// What the `Date` headers of one server say: its time minus our boot clock lies between the two.
#[derive(Default)]
pub(in crate::escalation) struct ServerClock(Mutex<Option<Bounds>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounds {
    low: i64,
    high: i64,
}

impl ServerClock {
    /// Takes in one answer; `Date` has whole seconds, written somewhere between sending and receiving.
    pub(in crate::escalation) fn observe(&self, date: &str, sent_boot_ms: u64, received_boot_ms: u64) {
        let Ok(date) = DateTimeParser::new().parse_timestamp(date) else {
            return;
        };
        let date = date.as_second() * 1000;
        let seen = Bounds {
            low: date - received_boot_ms as i64,
            high: date + 999 - sent_boot_ms as i64,
        };
        let mut bounds = self.lock();
        *bounds = Some(match *bounds {
            Some(held) if held.low.max(seen.low) <= held.high.min(seen.high) => Bounds {
                low: held.low.max(seen.low),
                high: held.high.min(seen.high),
            },
            // Another API server, or a clock that was set: only what was heard last counts.
            _ => seen,
        });
    }

    /// Epoch seconds on the server, at least; None before the first answer.
    pub(in crate::escalation) fn at_least_s(&self) -> Option<u64> {
        let bounds = (*self.lock())?;
        u64::try_from((boot_ms() as i64 + bounds.low).div_euclid(1000)).ok()
    }

    /// The last moment on our clocks at which the server is certainly before `deadline_s`.
    pub(in crate::escalation) fn before(&self, deadline_s: u64) -> Option<Moment> {
        let bounds = (*self.lock())?;
        let boot = deadline_s as i64 * 1000 - bounds.high;
        let now = now();
        Some(Moment {
            boot_ms: u64::try_from(boot).unwrap_or_default(),
            wall_ms: now.wall_ms + (boot - now.boot_ms as i64),
        })
    }

    /// Whole seconds that are certainly left until `deadline_s`.
    pub(in crate::escalation) fn left_s(&self, deadline_s: u64) -> u32 {
        let left = self
            .before(deadline_s)
            .map_or(0, |end| end.boot_ms.saturating_sub(boot_ms()));
        u32::try_from(left / 1000).unwrap_or(u32::MAX)
    }

    /// Local wall clock minus the server's, to the middle of what is known.
    pub(in crate::escalation) fn skew_ms(&self) -> Option<i64> {
        let bounds = (*self.lock())?;
        let now = now();
        Some(now.wall_ms - (now.boot_ms as i64 + i64::midpoint(bounds.low, bounds.high)))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Bounds>> {
        // The value is replaced whole, so a panic in between leaves the old one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Tue, 24 Nov 2026 10:00:00 GMT";

    fn seconds() -> i64 {
        DateTimeParser::new().parse_timestamp(DATE).unwrap().as_second()
    }

    #[test]
    fn the_end_is_taken_as_early_as_the_server_could_mean_it() {
        let clock = ServerClock::default();
        clock.observe(DATE, 5_000, 5_200);
        let end = clock.before(seconds() as u64 + 10).unwrap();
        // At boot 5000 the server may have been 999 ms into that second.
        assert_eq!(end.boot_ms, 5_000 - 999 + 10_000);
    }

    #[test]
    fn more_answers_narrow_the_bounds_and_a_clock_that_was_set_starts_again() {
        let clock = ServerClock::default();
        clock.observe(DATE, 5_000, 5_200);
        clock.observe(DATE, 5_900, 5_950);
        assert_eq!(
            clock.before(seconds() as u64 + 10).unwrap().boot_ms,
            5_900 - 999 + 10_000
        );
        clock.observe("Tue, 24 Nov 2026 11:00:00 GMT", 6_000, 6_000);
        assert_eq!(clock.before(seconds() as u64 + 3_600).unwrap().boot_ms, 6_000 - 999);
    }

    #[test]
    fn without_a_date_nothing_is_known() {
        let clock = ServerClock::default();
        clock.observe("yesterday", 1, 2);
        assert_eq!(clock.at_least_s(), None);
        assert_eq!(clock.left_s(u64::MAX / 10_000), 0);
    }
}
