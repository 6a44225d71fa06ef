//! Figures: medians and percentiles, and the table in which they stand side by side.

use std::fmt::Write as _;
use std::time::Duration;

/// One row: what, kglass, the other, which other.
pub struct Row {
    what: String,
    ours: String,
    theirs: Option<String>,
    ratio: Option<f64>,
}

impl Row {
    /// Both measured, in seconds, KiB or whatever `show` says; smaller is better.
    pub fn pair(what: &str, ours: f64, theirs: f64, show: impl Fn(f64) -> String) -> Self {
        Self {
            what: what.to_owned(),
            ours: show(ours),
            theirs: Some(show(theirs)),
            ratio: (theirs > 0.0).then(|| ours / theirs),
        }
    }

    pub fn alone(what: &str, ours: impl Into<String>) -> Self {
        Self {
            what: what.to_owned(),
            ours: ours.into(),
            theirs: None,
            ratio: None,
        }
    }
}

/// A table in Markdown under a title.
pub fn table(title: &str, rows: &[Row]) -> String {
    let mut text = format!("## {title}\n\n| | kglass | beside it | ratio |\n|---|---:|---:|---:|\n");
    for row in rows {
        let theirs = row.theirs.as_deref().unwrap_or("–");
        let ratio = row.ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
        let _ = writeln!(text, "| {} | {} | {theirs} | {ratio} |", row.what, row.ours);
    }
    text
}

/// The value below which `share` of them lie; zero where there are none.
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values
        .get((last as f64 * share).round() as usize)
        .copied()
        .unwrap_or(0.0)
}

pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(&mut values.into_iter().collect::<Vec<_>>(), 0.5)
}

pub fn millis(seconds: f64) -> String {
    let millis = seconds * 1000.0;
    if millis < 10.0 {
        format!("{millis:.2} ms")
    } else {
        format!("{millis:.0} ms")
    }
}

pub fn mebi(kib: f64) -> String {
    format!("{:.0} MiB", kib / 1024.0)
}

/// Processor time of a window, as a share of one core.
pub fn core(used: Duration, window: Duration) -> f64 {
    used.as_secs_f64() / window.as_secs_f64()
}

pub fn share(core: f64) -> String {
    format!("{core:.3} core")
}

/// What it ran on; a ratio says more than any of these.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    format!("{cores} cores, load {load} at the start; the API server shares them; terminal of 200x50")
}
