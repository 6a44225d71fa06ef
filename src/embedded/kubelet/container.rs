//! One container's course: waiting, running, ended, backing off, running again.

use super::super::events::Told;
use super::super::world::Fate;

/// The first wait after a crash; doubled each time.
const BACKOFF_MS: i64 = 10_000;
const LONGEST_BACKOFF_MS: i64 = 300_000;
/// A run of this length makes the next wait short again.
const FORGIVEN_MS: i64 = 600_000;
const PULL_TRIES_MS: i64 = 15_000;

#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// Not started; when it will be.
    Creating {
        until_ms: i64,
    },
    Running {
        since_ms: i64,
        ready: bool,
    },
    /// Between two runs.
    BackingOff {
        until_ms: i64,
    },
    NoImage {
        message: String,
        since_ms: i64,
        gave_up: bool,
    },
    /// For good.
    Ended,
}

#[derive(Clone, Debug)]
pub(super) struct Past {
    pub attempt: u32,
    pub started_ms: i64,
    pub ended_ms: i64,
    pub exit_code: i32,
    pub reason: &'static str,
}

#[derive(Clone, Debug)]
pub(in crate::embedded) struct Container {
    pub(super) name: String,
    pub(super) attempt: u32,
    pub(super) phase: Phase,
    pub(super) last: Option<Past>,
    /// When the present run ends, and how.
    ends: Option<(i64, i32, &'static str)>,
    wait_ms: i64,
}

pub(super) enum Next {
    Start,
    End,
    GiveUpPulling,
}

impl Container {
    pub fn new(name: &str, starts_ms: i64) -> Self {
        Self {
            name: name.to_owned(),
            attempt: 0,
            phase: Phase::Creating { until_ms: starts_ms },
            last: None,
            ends: None,
            wait_ms: BACKOFF_MS,
        }
    }

    pub fn due_ms(&self) -> Option<i64> {
        match self.phase {
            Phase::Creating { until_ms } | Phase::BackingOff { until_ms } => Some(until_ms),
            Phase::Running { .. } => self.ends.map(|(at, ..)| at),
            Phase::NoImage { since_ms, gave_up, .. } => (!gave_up).then_some(since_ms + PULL_TRIES_MS),
            Phase::Ended => None,
        }
    }

    pub(super) fn next(&self) -> Next {
        match self.phase {
            Phase::Running { .. } => Next::End,
            Phase::NoImage { .. } => Next::GiveUpPulling,
            _ => Next::Start,
        }
    }

    /// None: the pod is going, nothing is started any more.
    pub fn start(&mut self, at_ms: i64, fate: Option<Fate>) -> Vec<Told> {
        let Some(fate) = fate else {
            self.phase = Phase::Ended;
            return Vec::new();
        };
        if let Fate::NoImage { message } = fate {
            let told = vec![Told::warning("Failed", format!("Failed to pull image: {message}"))];
            self.phase = Phase::NoImage {
                message,
                since_ms: at_ms,
                gave_up: false,
            };
            return told;
        }
        self.ends = fate.end().map(|(after, code, reason)| (at_ms + after, code, reason));
        self.phase = Phase::Running {
            since_ms: at_ms,
            ready: fate != Fate::NotReady,
        };
        let name = &self.name;
        vec![
            Told::normal("Pulled", "Container image already present on machine".to_owned()),
            Told::normal("Created", format!("Container created: {name}")),
            Told::normal("Started", "Container started".to_owned()),
        ]
    }

    /// `pod`: as a kubelet calls it, `name_namespace(uid)`.
    pub fn end(&mut self, at_ms: i64, restarts: &str, going: bool, pod: &str) -> Vec<Told> {
        let (Phase::Running { since_ms, .. }, Some((_, exit_code, reason))) = (&self.phase, self.ends.take()) else {
            return Vec::new();
        };
        let since_ms = *since_ms;
        self.last = Some(Past {
            attempt: self.attempt,
            started_ms: since_ms,
            ended_ms: at_ms,
            exit_code,
            reason,
        });
        let again = !going && (restarts == "Always" || (restarts == "OnFailure" && exit_code != 0));
        if !again {
            self.phase = Phase::Ended;
            return Vec::new();
        }
        if at_ms - since_ms >= FORGIVEN_MS {
            self.wait_ms = BACKOFF_MS;
        }
        self.phase = Phase::BackingOff {
            until_ms: at_ms + self.wait_ms,
        };
        self.wait_ms = (self.wait_ms * 2).min(LONGEST_BACKOFF_MS);
        self.attempt += 1;
        let why = format!("Back-off restarting failed container {} in pod {pod}", self.name);
        vec![Told::warning("BackOff", why)]
    }

    pub fn back_off_pulling(&mut self) -> Vec<Told> {
        let Phase::NoImage { message, gave_up, .. } = &mut self.phase else {
            return Vec::new();
        };
        *gave_up = true;
        vec![Told::warning("Failed", format!("Error: ImagePullBackOff: {message}"))]
    }

    /// Attempt, start and end of the run that a log is read of.
    pub fn run(&self, previous: bool) -> Option<(u32, i64, Option<i64>)> {
        let past = self.last.as_ref().map(|p| (p.attempt, p.started_ms, Some(p.ended_ms)));
        match self.phase {
            Phase::Running { .. } if previous => past,
            Phase::Running { since_ms, .. } => Some((self.attempt, since_ms, None)),
            Phase::Ended if previous => None,
            // The last one that ended is the current log until the next starts.
            _ => past,
        }
    }
}
