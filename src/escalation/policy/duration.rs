//! Durations as people write them: `10m`, `30s`, `1h`, `1m30s`. Whole seconds, never zero.

/// Seconds, or None where the text is no duration.
pub fn parse_duration(text: &str) -> Option<u32> {
    let mut total: u32 = 0;
    let mut number = String::new();
    let mut last_unit = u32::MAX;
    for c in text.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        // Units fall: `30s1m` is a typing mistake rather than ninety seconds.
        if unit >= last_unit {
            return None;
        }
        last_unit = unit;
        total = total.checked_add(number.parse::<u32>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    (number.is_empty() && total > 0).then_some(total)
}

/// `90` is `1m30s`.
pub fn format_duration(seconds: u32) -> String {
    let parts = [(seconds / 3600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let shown = parts.iter().filter(|(n, _)| *n > 0);
    let text = shown.map(|(n, unit)| format!("{n}{unit}")).collect::<Vec<_>>().concat();
    if text.is_empty() { "0s".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{format_duration, parse_duration};

    #[test]
    fn durations_are_read_as_people_write_them() {
        assert_eq!(parse_duration("10m"), Some(600));
        assert_eq!(parse_duration("30s"), Some(30));
        assert_eq!(parse_duration("1h5m"), Some(3900));
        assert_eq!(format_duration(3905), "1h5m5s");
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for bad in [
            "",
            "10",
            "m",
            "0s",
            "30s1m",
            "1m1m",
            "-5m",
            "1.5h",
            "99999999999s",
            "5 m",
        ] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }
}
