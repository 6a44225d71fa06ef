//! How a sink is doing, for the screen. Plain data; reads no clock.

use std::sync::Arc;
use std::time::Duration;

use crate::model::Moment;

/// A record on its way for less than this is no backlog.
const ON_ITS_WAY_MS: u64 = 2000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkStatus {
    pub name: String,
    /// Its host, for the pane.
    pub host: String,
    pub required: bool,
    pub health: Health,
    /// Records that it has not acknowledged, of sessions of this program.
    pub behind: u64,
    /// Since when the oldest of them waits.
    pub oldest: Option<Moment>,
    /// More wait than the policy bears: writes are refused.
    pub refusing: bool,
    /// Records of earlier sessions that it lacks.
    pub owed: u64,
    /// Journals that it cannot be sent on from, and why.
    pub faults: Arc<[String]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nothing was tried yet.
    Untried,
    Ok,
    Down {
        since: Moment,
        cause: String,
    },
}

impl SinkStatus {
    /// `siem ok`, `siem 3 behind`, `siem down 12 s`.
    pub fn words(&self, now: Moment) -> String {
        let state = match &self.health {
            Health::Untried => "not tried".into(),
            Health::Down { since, .. } => format!("down {}", seconds(now.since(*since))),
            Health::Ok if self.is_behind(now) => format!("{} behind", self.behind),
            Health::Ok => "ok".into(),
        };
        let refusing = if self.refusing { ", writes refused" } else { "" };
        format!("{} {state}{refusing}", self.name)
    }

    fn is_behind(&self, now: Moment) -> bool {
        self.behind > 0 && self.oldest.is_some_and(|oldest| now.since(oldest) >= ON_ITS_WAY_MS)
    }

    pub fn is_down(&self) -> bool {
        matches!(self.health, Health::Down { .. })
    }
}

fn seconds(ms: u64) -> String {
    let seconds = Duration::from_millis(ms).as_secs();
    if seconds < 600 {
        format!("{seconds} s")
    } else {
        format!("{} min", seconds / 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment {
            boot_ms: seconds * 1000,
            wall_ms: 0,
        }
    }

    #[test]
    fn the_banner_has_few_words_for_each_state() {
        let mut status = SinkStatus {
            name: "siem".into(),
            host: "siem.example".into(),
            required: true,
            health: Health::Ok,
            behind: 3,
            oldest: Some(at(10)),
            refusing: false,
            owed: 0,
            faults: [].into(),
        };
        assert_eq!(status.words(at(11)), "siem ok", "a second on its way is no backlog");
        assert_eq!(status.words(at(13)), "siem 3 behind");
        status.health = Health::Down {
            since: at(1),
            cause: "refused".into(),
        };
        assert_eq!(status.words(at(13)), "siem down 12 s");
        status.refusing = true;
        assert_eq!(status.words(at(1201)), "siem down 20 min, writes refused");
    }
}
