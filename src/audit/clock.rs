//! The two clocks a record carries, and how times are spelt in it.

use jiff::Timestamp;
use serde::Serializer;

use crate::model::Moment;

/// Unix milliseconds.
pub fn wall_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Nanoseconds on the boot clock, which goes on in suspend.
pub fn boot_ns() -> u64 {
    #[cfg(target_os = "linux")]
    let id = rustix::time::ClockId::Boottime;
    // Darwin's monotonic clock is the continuous one.
    #[cfg(not(target_os = "linux"))]
    let id = rustix::time::ClockId::Monotonic;
    let now = rustix::time::clock_gettime(id);
    (now.tv_sec as u64) * 1_000_000_000 + now.tv_nsec as u64
}

/// Both at once.
pub fn moment() -> Moment {
    Moment {
        boot_ms: boot_ns() / 1_000_000,
        wall_ms: wall_ms(),
    }
}

/// RFC 3339 in UTC with milliseconds.
pub fn rfc3339(wall_ms: i64) -> String {
    // Out of jiff's range only for times no clock shows; the number itself is still evidence.
    Timestamp::from_millisecond(wall_ms).map_or_else(|_| format!("{wall_ms} ms"), |t| format!("{t:.3}"))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde's serialize_with calls"
)]
pub fn serialize<S: Serializer>(wall_ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*wall_ms))
}

#[expect(clippy::ref_option, reason = "the signature that serde's serialize_with calls")]
pub fn serialize_some<S: Serializer>(wall_ms: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match wall_ms {
        Some(ms) => serialize(ms, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spelt_in_utc_with_milliseconds() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_764_000_000_250), "2025-11-24T16:00:00.250Z");
        assert_eq!(rfc3339(i64::MAX), format!("{} ms", i64::MAX));
    }
}
