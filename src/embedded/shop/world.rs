//! What is wrong in the shop, and what mends it. The rollout of `checkout` 22 minutes ago left the
//! connections of the old pods open in `ledger`; two minutes later all of its hundred are taken, and
//! since then no `checkout` gets one and each ends right after its start. A ledger that is started
//! anew has let go of them.

use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::Value;

use super::super::admission::Sight;
use super::super::clock::parse_ms;
use super::super::store::text;
use super::super::touch::Touch;
use super::super::world::{Fate, LogLine, Run, Usage, World};
use super::apps::{CAUSE, SICK};
use super::chance::Chance;
use super::{usage, voices};

/// The start at which each of the sick ones tries for a while of its own, at most so long. Before, all
/// three fail at the same moments: every other moment is one more to live through at the start.
const PARTS: u32 = 6;
const PARTED_MS: u64 = 40_000;

pub(super) struct ShopWorld {
    pub chance: Chance,
    /// When the ledger's last connection was taken.
    pub stuck_ms: i64,
    /// Since when a ledger serves again, as of the last look at the cluster; `i64::MAX` while none
    /// does. Containers are started by what is so then.
    serves_ms: AtomicI64,
}

impl ShopWorld {
    pub fn new(chance: Chance, stuck_ms: i64) -> Self {
        Self {
            chance,
            stuck_ms,
            serves_ms: AtomicI64::new(i64::MAX),
        }
    }

    fn checkout(&self, run: &Run<'_>) -> Fate {
        if run.started_ms < self.stuck_ms {
            // It works until the ledger is full; what the rollout replaced before is gone by then.
            return Fate::Ends {
                after_ms: self.stuck_ms - run.started_ms,
                exit_code: 3,
            };
        }
        if self.mended_by(run.started_ms) {
            Fate::Runs
        } else {
            let name = text(run.pod, "/metadata/name").unwrap_or_default();
            let longer_ms = if run.attempt == PARTS {
                (self.chance.of(&["tries", name]) % PARTED_MS) as i64
            } else {
                0
            };
            Fate::Ends {
                after_ms: 1000 + longer_ms,
                exit_code: 3,
            }
        }
    }
}

impl World for ShopWorld {
    fn fate(&self, run: &Run<'_>) -> Fate {
        match app_of(run.pod) {
            SICK => self.checkout(run),
            "nightly-report" => Fate::Ends {
                after_ms: 2000,
                exit_code: 1,
            },
            "stock-sync" => Fate::Ends {
                after_ms: 9000,
                exit_code: 0,
            },
            _ => Fate::Runs,
        }
    }

    fn line_after(&self, run: &Run<'_>, after_ms: i64) -> Option<LogLine> {
        voices::line_after(self, run, after_ms)
    }

    fn usage(&self, run: &Run<'_>, now_ms: i64) -> Usage {
        usage::of(self, run, now_ms)
    }

    /// Nothing is ever due; but the cluster is looked at here after every change.
    fn due_ms(&self, cluster: Sight<'_>) -> Option<i64> {
        let ledger = cluster.object("pods", "shop", &format!("{CAUSE}-0"));
        let serves = ledger.filter(|pod| is_ready(pod)).and_then(|pod| self.began_well(pod));
        self.serves_ms.store(serves.unwrap_or(i64::MAX), Ordering::Relaxed);
        None
    }

    fn act(&self, _cluster: &mut Touch<'_>) {}
}

impl ShopWorld {
    /// A ledger without the old connections served at that time.
    pub fn mended_by(&self, at_ms: i64) -> bool {
        self.serves_ms.load(Ordering::Relaxed) <= at_ms
    }

    /// When it was started, if that was after its predecessor was stuck.
    fn began_well(&self, ledger: &Value) -> Option<i64> {
        let started = text(ledger, "/status/containerStatuses/0/state/running/startedAt").and_then(parse_ms);
        started.filter(|at| *at > self.stuck_ms)
    }
}

pub(super) fn app_of(pod: &Value) -> &str {
    text(pod, "/metadata/labels/app").unwrap_or_default()
}

fn is_ready(pod: &Value) -> bool {
    pod["status"]["containerStatuses"][0]["ready"] == Value::Bool(true)
        && text(pod, "/metadata/deletionTimestamp").is_none()
}
