//! Quantities as manifests write them: `250m`, `1.5`, `64Mi`, `2G`.

/// Thousandths of a core.
pub(super) fn millis(text: &str) -> i64 {
    if let Some(milli) = text.strip_suffix('m') {
        return milli.parse().unwrap_or(0);
    }
    if let Some(nano) = text.strip_suffix('n') {
        return nano.parse::<i64>().unwrap_or(0) / 1_000_000;
    }
    (text.parse::<f64>().unwrap_or(0.0) * 1000.0) as i64
}

pub(super) fn bytes(text: &str) -> i64 {
    const UNITS: [(&str, f64); 9] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("m", 1e-3),
    ];
    let found = UNITS
        .iter()
        .find_map(|(unit, size)| Some((text.strip_suffix(unit)?, size)));
    let (number, size) = found.unwrap_or((text, &1.0));
    (number.parse::<f64>().unwrap_or(0.0) * size) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_in_every_unit() {
        assert_eq!(
            (millis("250m"), millis("2"), millis("1.5"), millis("1000000n")),
            (250, 2000, 1500, 1)
        );
        assert_eq!(
            (bytes("64Mi"), bytes("1k"), bytes("12"), bytes("1Gi")),
            (67_108_864, 1000, 12, 1_073_741_824)
        );
    }
}
