//! What lives in the cluster beside requests: what becomes of containers, what they say, how much
//! they use, and whatever else happens there by itself. The server has the machinery; whoever plugs
//! in a world decides. Every answer is a function of its arguments, so that the same seed and clock
//! give the same screens, and the past can be asked like the present.

use serde_json::Value;

use super::admission::Sight;
use super::lifecycle;
use super::touch::Touch;

/// One run of one container.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    pub pod: &'a Value,
    pub container: &'a str,
    /// 0 for the first start, then one more for each restart.
    pub attempt: u32,
    pub started_ms: i64,
}

/// What becomes of a container that is to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Runs,
    /// Ends by itself after a while; code 0 is `Completed`.
    Ends {
        after_ms: i64,
        exit_code: i32,
    },
    /// As [`Fate::Ends`], for want of memory.
    OutOfMemory {
        after_ms: i64,
    },
    /// Runs and never becomes ready.
    NotReady,
    /// The image cannot be had: `ErrImagePull`, then `ImagePullBackOff`.
    NoImage {
        message: String,
    },
}

/// A line of a log and when it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub at_ms: i64,
    pub text: String,
}

/// What metrics show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub cpu_nanocores: u64,
    pub memory_bytes: u64,
}

pub trait World: Send + Sync {
    /// Asked once for each start of a container.
    fn fate(&self, run: &Run<'_>) -> Fate {
        let of_job = lifecycle::owners(run.pod).any(|owner| owner["kind"] == "Job");
        if of_job {
            Fate::Ends {
                after_ms: 3000,
                exit_code: 0,
            }
        } else {
            Fate::Runs
        }
    }

    /// The first line that this run says after `after_ms`, if it ever says one. The server asks
    /// line by line and stops at the run's end.
    fn line_after(&self, _run: &Run<'_>, _after_ms: i64) -> Option<LogLine> {
        None
    }

    fn usage(&self, _run: &Run<'_>, _now_ms: i64) -> Usage {
        Usage {
            cpu_nanocores: 12_000_000,
            memory_bytes: 24 << 20,
        }
    }

    /// A small page that a forwarded port answers with; None: the connection is refused.
    fn page(&self, pod: &Value, port: u16) -> Option<String> {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        Some(format!("{name} port {port}\n"))
    }

    /// Files that a shell in the container finds, beside those that every container has: path and
    /// content.
    fn files(&self, _run: &Run<'_>) -> Vec<(String, String)> {
        Vec::new()
    }

    /// When the world wants to act next; asked after every change of the cluster.
    fn due_ms(&self, _cluster: Sight<'_>) -> Option<i64> {
        None
    }

    /// Acts at [`Touch::now_ms`], a time that it named. It must then name a later one.
    fn act(&self, _cluster: &mut Touch<'_>) {}
}

/// Where nobody plugged in a world: containers run, jobs end, nothing is said.
pub(super) struct Quiet;

impl World for Quiet {}
