//! Draining a node: cordon, look what is there, evict a few at a time, wait until they are gone.
//! What is there is read with the base identity; each write is a request of its own with intent and
//! outcome. Whoever stops it, the operator or the end of the escalation, nothing is sent after, and
//! a record says what was left.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::Gate;
use super::base::Base;
use super::clock::boot_ms;
use super::petition::refused;
use super::session::Live;
use super::write::Write;
use crate::audit::{Drained, Event};
use crate::escalation::drain::{
    Drain, DrainEnd, DrainPlan, DrainProgress, DrainStep, NodePod, NodeSurvey, PodNote, budgets, node_pods, plan,
};
use crate::escalation::live::Act;
use crate::escalation::{GateError, GateEvent};
use crate::model::ObjectRef;

/// Evictions under way at once. The server answers each in milliseconds; more would only crowd the
/// disruption budgets.
const AT_ONCE: usize = 4;
/// Between two looks whether evicted pods are gone.
const LOOK: Duration = Duration::from_secs(1);

impl Gate {
    /// What is on the node now, as the base identity sees it. For the question before a drain.
    pub async fn survey(&self, node: &ObjectRef) -> Result<NodeSurvey, GateError> {
        survey(&self.base().await?, node).await
    }

    /// Carries out a drain. What becomes of it comes as `GateEvent::Drain`; an error says why it did
    /// not begin.
    pub async fn drain(&self, drain: Drain) -> Result<(), GateError> {
        let live = self.live()?;
        let cordon = Write::new(Act::Cordon { unschedulable: true }, &drain.node, drain.confirmed);
        let allowed = if live.grant.session == drain.session {
            live.check(&drain.node)
        } else {
            Err(GateError::Stale)
        };
        if let Err(error) = allowed {
            return Err(self.refuse(&live, drain.action, &cordon, error).await);
        }
        let base = self.base().await?;
        let working = live.drains.begin(drain.action).await;
        let run = Run {
            gate: self,
            live: &live,
            base,
            stop: working.stop.clone(),
            progress: Mutex::new(DrainProgress {
                action: drain.action,
                node: drain.node.name.clone(),
                ..DrainProgress::default()
            }),
            drain: &drain,
        };
        run.to_its_end().await
    }

    /// Stops a drain: what is in flight is answered and recorded, nothing more is sent.
    pub fn cancel_drain(&self, action: u64) {
        if let Ok(live) = self.live() {
            live.drains.cancel(action);
        }
    }
}

/// One drain at work.
pub(super) struct Run<'a> {
    pub(super) gate: &'a Gate,
    pub(super) live: &'a Arc<Live>,
    base: Base,
    pub(super) drain: &'a Drain,
    pub(super) stop: CancellationToken,
    progress: Mutex<DrainProgress>,
}

impl Run<'_> {
    /// The deadline stops it by itself, in case whoever ends the escalation is late.
    async fn to_its_end(&self) -> Result<(), GateError> {
        let done = CancellationToken::new();
        let working = async {
            let result = self.work().await;
            done.cancel();
            result
        };
        let at_the_deadline = async {
            tokio::select! {
                () = done.cancelled() => {}
                () = super::end::sleep_until(self.live.grant.deadline.boot_ms) => self.stop.cancel(),
            }
        };
        tokio::join!(working, at_the_deadline).0
    }

    async fn work(&self) -> Result<(), GateError> {
        let found = self.survey().await?;
        let first = plan(&found, self.drain.options);
        if let Some(error) = missing_choice(&found.node, &first) {
            let cordon = self.cordon_of(&found.node);
            return Err(self.gate.refuse(self.live, self.drain.action, &cordon, error).await);
        }
        self.tell(|_| {});
        if !found.is_cordoned
            && let Err(error) = self.cordon(&found.node).await
        {
            if !error.was_sent() {
                return Err(error);
            }
            // It was sent, so the drain has begun, and its record says how it went.
            self.leave_all(&error);
            return self.finish().await;
        }
        let evicted = match self.survey().await {
            Ok(now) => self.evict_all(plan(&now, self.drain.options)).await,
            Err(error) => {
                self.leave_all(&error);
                Vec::new()
            }
        };
        self.await_gone(evicted).await;
        self.finish().await
    }

    /// None is tried.
    fn leave_all(&self, why: &GateError) {
        let pod = "every pod".to_owned();
        let why = why.to_string();
        self.tell(|p| p.left.push(PodNote { pod, why }));
    }

    /// A read that hangs must not keep the end waiting.
    async fn survey(&self) -> Result<NodeSurvey, GateError> {
        tokio::select! {
            found = survey(&self.base, &self.drain.node) => found,
            () = self.stop.cancelled() => Err(if self.is_cut() { GateError::CutShort } else { GateError::Withdrawn }),
        }
    }

    fn cordon_of(&self, node: &ObjectRef) -> Write {
        Write::new(Act::Cordon { unschedulable: true }, node, self.drain.confirmed)
    }

    async fn cordon(&self, node: &ObjectRef) -> Result<(), GateError> {
        let write = self.cordon_of(node);
        let words = write.words.clone();
        match self.gate.send_told(self.live, self.drain.action, write).await? {
            Ok(answer) if answer.is_ok() => Ok(()),
            Ok(answer) => Err(refused(&words, &answer, "nothing was evicted; look, and ask again")),
            Err(silence) => Err(super::base::silent(silence, &words)),
        }
    }

    /// Uids of what the node has to lose.
    async fn evict_all(&self, plan: DrainPlan) -> Vec<String> {
        self.tell(|p| {
            p.step = DrainStep::Evicting;
            p.total = plan.evict.len() + plan.needs.len();
            // They came after the question was answered.
            p.left.extend(plan.needs.iter().map(|(pod, _)| PodNote {
                pod: pod.spelt(),
                why: "came after the question, and nobody chose to lose it".into(),
            }));
        });
        let ending = plan.ending.iter().filter_map(|pod| pod.object.uid.clone());
        let mut leaving: Vec<String> = ending.collect();
        let evicted = Mutex::new(Vec::new());
        let each = |pod: NodePod| {
            let evicted = &evicted;
            async move {
                if self.evict(&pod).await {
                    lock(evicted).extend(pod.object.uid);
                }
            }
        };
        futures_util::stream::iter(plan.evict)
            .for_each_concurrent(AT_ONCE, each)
            .await;
        leaving.append(&mut lock(&evicted));
        leaving
    }

    /// Evicted pods end in their own time.
    async fn await_gone(&self, mut leaving: Vec<String>) {
        let evicted = self.tell(|p| p.step = DrainStep::Leaving).evicted;
        while !leaving.is_empty() && !self.stop.is_cancelled() {
            let found = tokio::select! {
                found = pods_of(&self.base, &self.drain.node.name) => found,
                () = self.stop.cancelled() => break,
            };
            if let Ok(pods) = found {
                let here = |uid: &String| pods.iter().any(|pod| pod.object.uid.as_ref() == Some(uid));
                leaving.retain(here);
                self.tell(|p| p.gone = evicted.saturating_sub(leaving.len()));
            }
            if leaving.is_empty() {
                break;
            }
            self.pause(LOOK).await;
        }
    }

    /// False if it was stopped meanwhile.
    pub(super) async fn pause(&self, time: Duration) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = tokio::time::sleep(time) => true,
        }
    }

    async fn finish(&self) -> Result<(), GateError> {
        let end = self.end();
        let told = self.tell(|p| p.blocked.clear());
        let words = format!("drain {}: {} of {} evicted", self.drain.node, told.evicted, told.total);
        if end == DrainEnd::Cut {
            self.live.drains.was_cut(format!("{words}, {} left", told.left.len()));
        }
        let left = told.failed.iter().chain(&told.left);
        let record = Event::Drained(Drained {
            action: self.drain.action,
            words: words.clone(),
            end: end.as_str().into(),
            total: count(told.total),
            evicted: count(told.evicted),
            gone: count(told.gone),
            left: left.map(|note| format!("{}: {}", note.pod, note.why)).collect(),
        });
        let appended = self.live.petitions.journal.append(record).await;
        self.tell(|p| p.step = DrainStep::Over(end));
        match appended {
            Ok(_) => Ok(()),
            // Nothing is accepted any more, and why is told already.
            Err(_) if !self.live.is_accepting() => Ok(()),
            Err(failed) => Err(self
                .gate
                .record_failed(self.live, super::petition::unwritten(&words, &failed))),
        }
    }

    /// By the end of the escalation, not by the operator.
    fn is_cut(&self) -> bool {
        !self.live.is_accepting() || boot_ms() >= self.live.grant.deadline.boot_ms
    }

    fn end(&self) -> DrainEnd {
        let told = self.tell(|_| {});
        if self.is_cut() {
            DrainEnd::Cut
        } else if self.stop.is_cancelled() {
            DrainEnd::Cancelled
        } else if told.left.is_empty() && told.failed.is_empty() {
            DrainEnd::Done
        } else {
            DrainEnd::Incomplete
        }
    }

    /// Changes what is known and tells it.
    pub(super) fn tell(&self, change: impl FnOnce(&mut DrainProgress)) -> DrainProgress {
        let now = {
            let mut progress = lock(&self.progress);
            change(&mut progress);
            progress.clone()
        };
        self.gate.tell(GateEvent::Drain(now.clone()));
        now
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nobody panics while it is held, and what it holds is changed field by field.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// While something that is lost for good was not chosen, nothing at all is done.
fn missing_choice(node: &ObjectRef, plan: &DrainPlan) -> Option<GateError> {
    let pods: Vec<String> = plan.needs.iter().map(|(pod, _)| pod.spelt()).collect();
    (!pods.is_empty()).then(|| GateError::Unchosen {
        node: node.name.clone(),
        pods,
    })
}

async fn survey(base: &Base, node: &ObjectRef) -> Result<NodeSurvey, GateError> {
    let what = format!("look at node {}", node.name);
    let answer = base.read(&node.path(), &what).await?;
    if !answer.is_ok() {
        return Err(refused(
            &what,
            &answer,
            "a drain looks with your own identity, which needs get nodes",
        ));
    }
    let uid = answer.text("/metadata/uid");
    if node.uid.as_deref() != Some(uid) {
        return Err(GateError::Unacceptable {
            what,
            cause: "it is another node of the same name now".into(),
            cure: "look, and ask again".into(),
        });
    }
    let found = ObjectRef {
        resource_version: Some(answer.text("/metadata/resourceVersion").to_owned()),
        ..node.clone()
    };
    let is_cordoned = answer.body.pointer("/spec/unschedulable") == Some(&Value::Bool(true));
    let pods = pods_of(base, &node.name).await?;
    let listed = base.read("/apis/policy/v1/poddisruptionbudgets", &what).await?;
    let budgets = listed.is_ok().then(|| budgets(&listed.body, &pods).into());
    Ok(NodeSurvey {
        node: found,
        is_cordoned,
        pods: pods.into(),
        budgets,
    })
}

async fn pods_of(base: &Base, node: &str) -> Result<Vec<NodePod>, GateError> {
    let what = format!("list the pods of node {node}");
    let path = format!("/api/v1/pods?fieldSelector=spec.nodeName%3D{node}");
    let answer = base.read(&path, &what).await?;
    if !answer.is_ok() {
        return Err(refused(
            &what,
            &answer,
            "a drain looks with your own identity, which needs list pods in all namespaces",
        ));
    }
    Ok(node_pods(&answer.body))
}
