//! The two clocks, read here and nowhere else in this room.

use jiff::Timestamp;

/// Milliseconds on the boot clock: monotonic, and it goes on in suspend (`Instant` stops on Linux).
pub(super) fn boot_ms() -> u64 {
    #[cfg(target_os = "linux")]
    let id = rustix::time::ClockId::Boottime;
    // Darwin's monotonic clock is the continuous one.
    #[cfg(not(target_os = "linux"))]
    let id = rustix::time::ClockId::Monotonic;
    let now = rustix::time::clock_gettime(id);
    (now.tv_sec as u64) * 1_000 + (now.tv_nsec as u64) / 1_000_000
}

/// Unix milliseconds.
pub(super) fn wall_ms() -> i64 {
    Timestamp::now().as_millisecond()
}
