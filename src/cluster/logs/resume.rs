//! Where a followed log goes on after its connection was cut. `sinceTime` has whole seconds, so
//! the last second is sent again: lines of it that were seen are dropped once for each time they
//! were seen, and if they do not come again, some may be missing.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;

/// Lines of one second that are remembered; a second with more is resumed with a few repetitions.
const MOST: usize = 200_000;

#[derive(Default)]
pub(super) struct Resume {
    /// Second of the latest line.
    second: Option<i64>,
    /// Lines of that second, each with how often it came.
    seen: HashMap<u64, u32>,
    /// What the server may send again.
    again: Option<HashMap<u64, u32>>,
    /// Whether it must: then lines that do not come are missing.
    is_owed: bool,
}

/// What to do with a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Show,
    /// It was shown before the cut.
    Repeated,
    /// Show it; lines before it may be missing.
    AfterGap,
}

impl Resume {
    /// The time to ask from, once something was seen.
    pub fn since(&self) -> Option<String> {
        let second = Timestamp::from_second(self.second?).ok()?;
        Some(second.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    /// The same container's log is asked for again.
    pub fn reopened(&mut self) {
        self.again = Some(self.seen.clone());
        self.is_owed = true;
    }

    /// A new run of the container has a log of its own, in which nothing is owed. But the log may
    /// have been of this run already: a pod's status comes later than its logs.
    pub fn restarted(&mut self) {
        self.again = Some(self.seen.clone());
        self.is_owed = false;
    }

    pub fn judge(&mut self, time: &str, raw: &[u8]) -> Verdict {
        let mut hasher = DefaultHasher::new();
        raw.hash(&mut hasher);
        let id = hasher.finish();
        let second = time.parse::<Timestamp>().map(Timestamp::as_second).ok();
        let verdict = self.repeated(second, id);
        if verdict != Verdict::Repeated {
            self.remember(second, id);
        }
        verdict
    }

    fn repeated(&mut self, second: Option<i64>, id: u64) -> Verdict {
        let Some(again) = &mut self.again else {
            return Verdict::Show;
        };
        if let Some(count) = again.get_mut(&id).filter(|count| **count > 0) {
            *count -= 1;
            return Verdict::Repeated;
        }
        if second <= self.second {
            return Verdict::Show;
        }
        // The second is over: whatever was to come again has come.
        let missing = self.is_owed && again.values().any(|count| *count > 0);
        self.again = None;
        if missing { Verdict::AfterGap } else { Verdict::Show }
    }

    fn remember(&mut self, second: Option<i64>, id: u64) {
        if second > self.second {
            self.second = second;
            self.seen.clear();
        }
        if self.seen.len() < MOST {
            *self.seen.entry(id).or_insert(0) += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(resume: &mut Resume, line: &str) -> Verdict {
        let time = line.split(' ').next().unwrap();
        resume.judge(time, line.as_bytes())
    }

    #[test]
    fn the_last_second_is_not_repeated_and_nothing_of_it_is_lost() {
        let mut resume = Resume::default();
        for line in [
            "2026-01-01T00:00:01.1Z a",
            "2026-01-01T00:00:02.1Z b",
            "2026-01-01T00:00:02.1Z b",
        ] {
            assert_eq!(judge(&mut resume, line), Verdict::Show);
        }
        assert_eq!(resume.since().as_deref(), Some("2026-01-01T00:00:02Z"));
        resume.reopened();
        // Twice seen, twice dropped; the third is new, and so is one that stderr wrote late.
        assert_eq!(judge(&mut resume, "2026-01-01T00:00:02.1Z b"), Verdict::Repeated);
        assert_eq!(judge(&mut resume, "2026-01-01T00:00:02.05Z late"), Verdict::Show);
        assert_eq!(judge(&mut resume, "2026-01-01T00:00:02.1Z b"), Verdict::Repeated);
        assert_eq!(judge(&mut resume, "2026-01-01T00:00:02.1Z b"), Verdict::Show);
        assert_eq!(judge(&mut resume, "2026-01-01T00:00:03Z c"), Verdict::Show);
    }

    #[test]
    fn lines_that_do_not_come_again_mean_a_gap() {
        let mut resume = Resume::default();
        judge(&mut resume, "2026-01-01T00:00:02.1Z b");
        resume.reopened();
        assert_eq!(judge(&mut resume, "2026-01-01T00:00:09Z rotated"), Verdict::AfterGap);
        assert_eq!(
            judge(&mut resume, "2026-01-01T00:00:09Z next"),
            Verdict::Show,
            "said once"
        );
    }

    #[test]
    fn a_restarted_container_has_no_gap() {
        let mut resume = Resume::default();
        judge(&mut resume, "2026-01-01T00:00:02.1Z b");
        resume.reopened();
        resume.restarted();
        assert_eq!(
            judge(&mut resume, "2026-01-01T00:00:02.1Z b"),
            Verdict::Repeated,
            "it was this run"
        );
        resume.restarted();
        assert_eq!(judge(&mut resume, "2026-01-01T00:00:09Z first words"), Verdict::Show);
    }
}
