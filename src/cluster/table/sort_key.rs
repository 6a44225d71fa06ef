//! What a printed text is ordered by: numbers, quantities, fractions and durations by value,
//! everything else as text. Servers send only the printed text.

use crate::model::SortKey;

/// `as_duration`: in this column `10m` are ten minutes, not ten thousandths.
pub fn sort_key(text: &str, as_duration: bool) -> SortKey {
    let text = text.trim();
    // Most cells are names and words.
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') {
        return SortKey::Text;
    }
    let value = if as_duration {
        duration_ms(text).map(|ms| ms as f64)
    } else {
        None
    };
    value
        .or_else(|| fraction(text))
        .or_else(|| quantity(text))
        .or_else(|| duration_ms(text).map(|ms| ms as f64))
        .map_or(SortKey::Text, SortKey::Number)
}

/// `1/3`: by share, then by size, so that what lacks most stands first.
fn fraction(text: &str) -> Option<f64> {
    let (part, whole) = text.split_once('/')?;
    let part: u32 = part.parse().ok()?;
    let whole: u32 = whole.parse().ok()?;
    if whole == 0 {
        return Some(f64::from(part) + 1e9);
    }
    Some(f64::from(part) / f64::from(whole) * 1e9 + f64::from(whole))
}

/// `3`, `0.5`, `10m`, `41Mi`, `2k`, `80%`.
pub fn quantity(text: &str) -> Option<f64> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let factor = match &text[end..] {
        "" | "%" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0_f64.powi(4),
        "Pi" => 1024.0_f64.powi(5),
        "Ei" => 1024.0_f64.powi(6),
        _ => return None,
    };
    Some(number * factor)
}

/// `3d4h`, `2m30s`, `45s`, `2y10d`, as the API machinery prints durations; in milliseconds.
pub fn duration_ms(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|&end| end > 0)?;
        let number: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, length) = match rest.as_bytes() {
            [b'm', b's', ..] => (1, 2),
            [b's', ..] => (1_000, 1),
            [b'm', ..] => (60_000, 1),
            [b'h', ..] => (3_600_000, 1),
            [b'd', ..] => (86_400_000, 1),
            [b'y', ..] => (365 * 86_400_000, 1),
            _ => return None,
        };
        rest = &rest[length..];
        total = total.checked_add(number.checked_mul(unit)?)?;
    }
    (!text.is_empty()).then_some(total)
}
