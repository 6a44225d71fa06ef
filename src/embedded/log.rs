//! `pods/log`: what a container said, from where and how much was asked, and if it is followed,
//! what it says from then on. The lines are the world's.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use serde_json::Value;

use super::answer::{Answer, Outcome};
use super::asked::Asked;
use super::clock::{parse_ms, rfc3339_nanos};
use super::kinds::Kind;
use super::object::found;
use super::pulse::Pulse;
use super::refusal::Refusal;
use super::runs::{self, Found};
use super::server::{Shared, State};
use super::store::Key;
use super::world::{LogLine, Run, World};

/// Of a run that goes on, older lines are gone, as after a kubelet's rotation; of one that ended, what
/// it said in its last hour is there as long as its pod.
const KEPT_MS: i64 = 3_600_000;
/// How long a container may be silent before the follower looks again.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn get(shared: &Arc<Shared>, state: &State, kind: &'static Kind, asked: &Asked) -> Outcome {
    let key = asked.key(kind);
    let pod = found(&state.store, kind, &key)?.clone();
    let query = &asked.query;
    let container = runs::container(&pod, query.get("container"))?;
    let run = runs::of_log(&state.kubelet, &pod, &container, query.is_true("previous"))?;
    let now = shared.clock.now_ms();
    let since = since_ms(asked, now)?;
    let kept_ms = run.ended_ms.unwrap_or(now) - KEPT_MS;
    let mut told = Told {
        world: Arc::clone(&state.world),
        pod,
        run,
        after_ms: since.max(kept_ms) - 1,
    };
    let mut lines = told.until(now);
    if let Some(tail) = number(asked, "tailLines")? {
        lines.drain(..lines.len().saturating_sub(tail));
    }
    let stamped = query.is_true("timestamps");
    let mut text: String = lines.iter().map(|line| shown(line, stamped)).collect();
    if let Some(limit) = number(asked, "limitBytes")? {
        let end = (0..=limit.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
        return Ok(Answer::log(&text));
    }
    if !query.is_true("follow") {
        return Ok(Answer::log(&text));
    }
    let follower = Follower::new(shared, state, key, told, stamped);
    let first = stream::iter((!text.is_empty()).then(|| Bytes::from(text)));
    let rest = stream::unfold(follower, |mut follower| async move {
        follower.next().await.map(|chunk| (chunk, follower))
    });
    Ok(Answer::stream("text/plain", first.chain(rest).boxed()))
}

fn since_ms(asked: &Asked, now_ms: i64) -> Result<i64, Refusal> {
    let seconds = number(asked, "sinceSeconds")?;
    let time = asked.query.get("sinceTime").and_then(parse_ms);
    match (seconds, time) {
        (Some(_), Some(_)) => {
            let why = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified";
            Err(refused(asked, "[]", why))
        }
        (Some(0), None) => Err(refused(
            asked,
            "sinceSeconds",
            "Invalid value: 0: must be greater than 0",
        )),
        (Some(seconds), None) => Ok(now_ms - seconds as i64 * 1000),
        (None, time) => Ok(time.unwrap_or(0)),
    }
}

fn number(asked: &Asked, name: &str) -> Result<Option<usize>, Refusal> {
    let Some(text) = asked.query.get(name) else {
        return Ok(None);
    };
    let read = text.parse::<i64>().ok();
    if let Some(number) = read.and_then(|n| usize::try_from(n).ok()) {
        return Ok(Some(number));
    }
    let why = format!("Invalid value: {text}: must be greater than or equal to 0");
    Err(refused(asked, name, &why))
}

fn refused(asked: &Asked, field: &str, why: &str) -> Refusal {
    Refusal::invalid(
        "",
        "PodLogOptions",
        asked.at.name.as_deref().unwrap_or_default(),
        field,
        why,
    )
}

fn shown(line: &LogLine, stamped: bool) -> String {
    if stamped {
        format!("{} {}\n", rfc3339_nanos(line.at_ms), line.text)
    } else {
        format!("{}\n", line.text)
    }
}

/// One run's lines, told up to some moment.
struct Told {
    world: Arc<dyn World>,
    pod: Value,
    run: Found,
    after_ms: i64,
}

impl Told {
    fn peek(&self) -> Option<LogLine> {
        let run = Run {
            pod: &self.pod,
            container: &self.run.container,
            attempt: self.run.attempt,
            started_ms: self.run.started_ms,
        };
        let line = self
            .world
            .line_after(&run, self.after_ms.max(self.run.started_ms - 1))?;
        let ended = self.run.ended_ms.is_some_and(|end| line.at_ms > end);
        // A world that does not go forward would be asked for ever.
        (!ended && line.at_ms > self.after_ms).then_some(line)
    }

    fn until(&mut self, now_ms: i64) -> Vec<LogLine> {
        let mut lines = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.at_ms <= now_ms) {
            self.after_ms = line.at_ms;
            lines.push(line);
        }
        lines
    }
}

struct Follower {
    shared: Arc<Shared>,
    key: Key,
    told: Told,
    stamped: bool,
    pulse: Pulse,
}

impl Follower {
    fn new(shared: &Arc<Shared>, state: &State, key: Key, told: Told, stamped: bool) -> Self {
        Self {
            shared: Arc::clone(shared),
            key,
            told,
            stamped,
            pulse: Pulse::new(shared, &state.store),
        }
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let alive = self.look_at_run();
            let now = self.shared.clock.now_ms();
            let lines = self.told.until(now);
            if !lines.is_empty() {
                let text: String = lines.iter().map(|line| shown(line, self.stamped)).collect();
                return Some(Bytes::from(text));
            }
            if !alive {
                return None;
            }
            let line = self.told.peek().map(|line| line.at_ms - now);
            let wait = line.map_or(PATIENCE, |ms| Duration::from_millis(ms.max(1) as u64));
            tokio::select! {
                goes_on = self.pulse.beat() => {
                    if !goes_on {
                        return None;
                    }
                }
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// False once the run has ended or its pod is gone; what it said last is still told.
    fn look_at_run(&mut self) -> bool {
        let state = self.shared.settled();
        let run = &mut self.told.run;
        if run.ended_ms.is_some() {
            return false;
        }
        let pod = state
            .store
            .get(&self.key)
            .filter(|pod| pod["metadata"]["uid"] == self.told.pod["metadata"]["uid"]);
        let present = pod.and_then(|pod| runs::present(&state.kubelet, pod, &run.container));
        if present.as_ref().is_some_and(|p| p.attempt == run.attempt) {
            return true;
        }
        let last = pod.and_then(|pod| runs::of_log(&state.kubelet, pod, &run.container, present.is_some()).ok());
        let end = last.and_then(|last| last.ended_ms);
        run.ended_ms = Some(end.unwrap_or(state.settled.at_ms()));
        false
    }
}
