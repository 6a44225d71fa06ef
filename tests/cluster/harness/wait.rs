//! Waiting for a condition, never for time.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Short enough not to matter, long enough not to be a load.
const PAUSE: Duration = Duration::from_millis(30);

/// Waits until the condition holds; panics with its description when the time is up.
#[track_caller]
pub fn wait(what: &str, limit: Duration, mut is_so: impl FnMut() -> bool) {
    wait_for(what, limit, || is_so().then_some(()));
}

/// Waits until there is a value, and gives it.
#[track_caller]
pub fn wait_for<T>(what: &str, limit: Duration, mut find: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} in vain: {what}");
        thread::sleep(PAUSE);
    }
}

/// The same where a panic would be out of place.
pub fn is_true_within(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() >= limit {
            return false;
        }
        thread::sleep(PAUSE);
    }
    true
}
