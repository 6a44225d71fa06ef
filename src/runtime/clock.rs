//! The only clock of the program's screen side. `app` and `view` get their time from here, inside
//! each message.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::Moment;

/// Now, on the boot clock and the wall clock.
pub fn now() -> Moment {
    let wall_ms = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as i64);
    Moment {
        boot_ms: boot_ms(),
        wall_ms,
    }
}

/// CLOCK_BOOTTIME, since a deadline must go on while the laptop sleeps. macOS's CLOCK_MONOTONIC
/// already counts sleep, and has no CLOCK_BOOTTIME.
fn boot_ms() -> u64 {
    #[cfg(target_os = "linux")]
    let id = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let id = rustix::time::ClockId::Monotonic;
    let t = rustix::time::clock_gettime(id);
    t.tv_sec as u64 * 1000 + t.tv_nsec as u64 / 1_000_000
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_clocks_move_forward() {
        let first = super::now();
        let second = super::now();
        assert!(second.boot_ms >= first.boot_ms && first.boot_ms > 0);
        assert!(second.wall_ms >= first.wall_ms && first.wall_ms > 1_700_000_000_000);
    }
}
