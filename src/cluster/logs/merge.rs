//! Lines of several containers in the order of their times, as far as they arrive together:
//! batches are held for a moment and sorted. Bounded: a full hold is let go at once.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::cluster::query::LogLine;

/// One stream is only batched; several are given time to meet.
const ALONE: Duration = Duration::from_millis(40);
const TOGETHER: Duration = Duration::from_millis(250);

/// Lines held at most.
const HELD: usize = 20_000;

/// Lines per reading.
const BATCH: usize = 2_000;

#[derive(Default)]
pub(super) struct Merge {
    /// How many streams were started.
    pub sources: usize,
    held: Vec<LogLine>,
    since: Option<Instant>,
}

impl Merge {
    pub fn add(&mut self, batch: Vec<LogLine>) {
        if !batch.is_empty() {
            self.since.get_or_insert_with(Instant::now);
            self.held.extend(batch);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// When the lines held are to be let go.
    pub fn due(&self) -> Option<Instant> {
        let since = self.since?;
        if self.held.len() >= HELD {
            return Some(since);
        }
        Some(since + if self.sources > 1 { TOGETHER } else { ALONE })
    }

    /// Nothing more will come.
    pub fn due_now(&self) -> Option<Instant> {
        self.since
    }

    pub fn take(&mut self) -> Vec<Vec<LogLine>> {
        self.since = None;
        let mut lines = std::mem::take(&mut self.held);
        if self.sources > 1 {
            // Stable: lines of one container with the same time stay in order.
            lines.sort_by_cached_key(|line| line.time.parse::<Timestamp>().unwrap_or(Timestamp::MIN));
        }
        let mut batches = Vec::with_capacity(lines.len() / BATCH + 1);
        while lines.len() > BATCH {
            let rest = lines.split_off(BATCH);
            batches.push(std::mem::replace(&mut lines, rest));
        }
        batches.push(lines);
        batches
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LogText;

    fn line(pod: &str, time: &str) -> LogLine {
        LogLine {
            pod: pod.into(),
            container: "c".into(),
            time: time.into(),
            text: LogText::parse(time),
            note: false,
        }
    }

    #[test]
    fn lines_that_arrive_together_stand_in_the_order_of_their_times() {
        let mut merge = Merge {
            sources: 2,
            ..Merge::default()
        };
        merge.add(vec![
            line("a", "2026-01-01T00:00:01Z"),
            line("a", "2026-01-01T00:00:03.5Z"),
        ]);
        merge.add(vec![
            line("b", "2026-01-01T00:00:01.25Z"),
            line("b", "2026-01-01T00:00:03Z"),
        ]);
        let batches = merge.take();
        let order: Vec<&str> = batches[0].iter().map(|l| &*l.time).collect();
        assert_eq!(
            order,
            [
                "2026-01-01T00:00:01Z",
                "2026-01-01T00:00:01.25Z",
                "2026-01-01T00:00:03Z",
                "2026-01-01T00:00:03.5Z"
            ],
            "by time, not by text"
        );
        assert!(merge.is_empty() && merge.due().is_none());
    }

    #[test]
    fn what_one_container_wrote_is_never_reordered() {
        let mut merge = Merge {
            sources: 1,
            ..Merge::default()
        };
        merge.add(vec![
            line("a", "2026-01-01T00:00:02Z"),
            line("a", "2026-01-01T00:00:01Z"),
        ]);
        assert_eq!(&*merge.take()[0][0].time, "2026-01-01T00:00:02Z");
    }

    #[test]
    fn a_full_hold_is_due_at_once() {
        let mut merge = Merge {
            sources: 2,
            ..Merge::default()
        };
        merge.add(vec![line("a", "2026-01-01T00:00:02Z")]);
        assert!(merge.due().unwrap() > Instant::now());
        merge.add(vec![line("a", "2026-01-01T00:00:02Z"); HELD]);
        assert!(merge.due().unwrap() <= Instant::now());
        assert!(merge.take().iter().all(|batch| batch.len() <= BATCH));
    }
}
