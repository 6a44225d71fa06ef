//! Durations in the few cells that a table has: `41s`, `22m`, `2h5m`, `3d`.

use std::fmt::Write;

/// Appends the age of something that began at `since_ms`, seen at `now_ms`. What lies in the
/// future (clocks differ) is as young as can be.
pub fn write(out: &mut String, since_ms: i64, now_ms: i64) {
    let seconds = (now_ms.saturating_sub(since_ms) / 1000).max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    // Writing to a String cannot fail.
    let _ = match (days, hours, minutes) {
        (_, _, 0) | (0, 0, 1) => write!(out, "{seconds}s"),
        (_, 0, _) => write!(out, "{minutes}m"),
        (_, 1..=9, _) if minutes % 60 > 0 => write!(out, "{hours}h{}m", minutes % 60),
        (0 | 1, _, _) => write!(out, "{hours}h"),
        (0..=729, _, _) => write!(out, "{days}d"),
        _ => write!(out, "{}y", days / 365),
    };
}

/// The age as text of its own.
pub fn text(since_ms: i64, now_ms: i64) -> String {
    let mut out = String::new();
    write(&mut out, since_ms, now_ms);
    out
}

/// What is left of a countdown: `14:32`, `1:02:03`.
pub fn countdown(ms: u64) -> String {
    // Rounded up, so that 0:00 means that nothing is left.
    let seconds = ms.div_ceil(1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short_and_grow_coarse() {
        let cases = [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (59 * 60, "59m"),
            (3600, "1h"),
            (2 * 3600 + 300, "2h5m"),
            (11 * 3600 + 300, "11h"),
            (47 * 3600, "47h"),
            (3 * 86400, "3d"),
            (729 * 86400, "729d"),
            (800 * 86400, "2y"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(text(0, seconds * 1000), expected);
        }
        assert_eq!(text(5000, 0), "0s");
    }

    #[test]
    fn a_countdown_reaches_zero_only_when_nothing_is_left() {
        assert_eq!(countdown(14 * 60_000 + 31_001), "14:32");
        assert_eq!(countdown(1), "0:01");
        assert_eq!(countdown(0), "0:00");
        assert_eq!(countdown(3_723_000), "1:02:03");
    }
}
