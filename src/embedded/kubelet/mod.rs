//! Every node's kubelet at once: pods that have a node are started, their containers run, end and
//! are started again as the world says, and the pods' status and events tell it. Goes from one due
//! time to the next, so a past of hours is lived through in order when it is first looked at.
//!
//! A pod that was installed with statuses of its own is left as it is: a seed brings its own past.

mod address;
mod container;
mod report;

use std::collections::BTreeMap;

use serde_json::Value;

use super::clock::parse_ms;
use super::events;
use super::kinds;
use super::store::{Key, Store, text, uid};
use super::world::{Fate, Run, World};
use container::{Container, Next, Phase};
pub(super) use report::condition;

/// The pods that are run, by uid.
#[derive(Default)]
pub(super) struct Kubelet {
    pods: BTreeMap<String, Running>,
}

pub(super) struct Running {
    key: Key,
    containers: Vec<Container>,
}

impl Kubelet {
    /// Takes in new pods and forgets those that are gone. True if anything changed.
    pub fn follow(&mut self, store: &mut Store) -> bool {
        self.pods
            .retain(|id, pod| store.get(&pod.key).is_some_and(|object| uid(object) == id));
        let new: Vec<(Key, Value)> = store
            .of_kind(kinds::known("pods"))
            .filter(|(_, pod)| self.wants(store, pod))
            .map(|(key, pod)| (key.clone(), pod.clone()))
            .collect();
        for (key, pod) in &new {
            self.take_in(store, key, pod);
        }
        !new.is_empty()
    }

    /// A node that never reported has no kubelet, and its pods stay as somebody writes them.
    fn wants(&self, store: &Store, pod: &Value) -> bool {
        let node = text(pod, "/spec/nodeName").and_then(|name| store.get(&Key::new(kinds::known("nodes"), "", name)));
        node.is_some_and(|node| text(node, "/status/nodeInfo/kubeletVersion").is_some())
            && !self.pods.contains_key(uid(pod))
            && pod.pointer("/status/containerStatuses").is_none()
            && !matches!(text(pod, "/status/phase"), Some("Succeeded" | "Failed"))
    }

    fn take_in(&mut self, store: &mut Store, key: &Key, pod: &Value) {
        let born = text(pod, "/metadata/creationTimestamp")
            .and_then(parse_ms)
            .unwrap_or_default();
        let containers = report::names(pod)
            .enumerate()
            .map(|(index, name)| Container::new(name, born + start_delay_ms(uid(pod), index)))
            .collect();
        let running = Running {
            key: key.clone(),
            containers,
        };
        let status = report::status(store, pod, &running.containers, born);
        store.put(key.clone(), status);
        self.pods.insert(uid(pod).to_owned(), running);
    }

    pub fn next_due_ms(&self) -> Option<i64> {
        let due = self.pods.values().flat_map(|pod| &pod.containers);
        due.filter_map(Container::due_ms).min()
    }

    /// Does what is due at `now_ms` and not later.
    pub fn act(&mut self, store: &mut Store, world: &dyn World, now_ms: i64) {
        for pod in self.pods.values_mut() {
            let due = pod.containers.iter().any(|c| c.due_ms().is_some_and(|at| at <= now_ms));
            if let (true, Some(object)) = (due, store.get(&pod.key).cloned()) {
                step(store, world, pod, &object, now_ms);
            }
        }
    }

    /// A container that is run here.
    pub fn container(&self, pod: &Value, name: &str) -> Option<&Container> {
        self.pods.get(uid(pod))?.containers.iter().find(|c| c.name == name)
    }
}

fn step(store: &mut Store, world: &dyn World, pod: &mut Running, object: &Value, now_ms: i64) {
    let restarts = text(object, "/spec/restartPolicy").unwrap_or("Always");
    let going = text(object, "/metadata/deletionTimestamp").is_some();
    for container in &mut pod.containers {
        let Some(at) = container.due_ms().filter(|at| *at <= now_ms) else {
            continue;
        };
        let next = match container.next() {
            Next::Start => {
                let run = Run {
                    pod: object,
                    container: &container.name,
                    attempt: container.attempt,
                    started_ms: at,
                };
                let fate = if going { None } else { Some(world.fate(&run)) };
                container.start(at, fate)
            }
            Next::End => container.end(at, restarts, going, &report::full_name(object)),
            Next::GiveUpPulling => container.back_off_pulling(),
        };
        for told in next {
            events::tell(store, object, Some(&container.name), &told, at);
        }
    }
    let after = report::status(store, object, &pod.containers, now_ms);
    if &after != object {
        store.put(pod.key.clone(), after);
    }
}

/// Pods take between 0.4 and 1.4 seconds to start, each always the same.
fn start_delay_ms(pod_uid: &str, container: usize) -> i64 {
    let mixed = pod_uid.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    400 + ((mixed >> 20) % 1000) as i64 + 50 * container as i64
}

impl Fate {
    /// After how long a run ends, and how.
    fn end(&self) -> Option<(i64, i32, &'static str)> {
        match *self {
            Self::Ends { after_ms, exit_code: 0 } => Some((after_ms, 0, "Completed")),
            Self::Ends { after_ms, exit_code } => Some((after_ms, exit_code, "Error")),
            Self::OutOfMemory { after_ms } => Some((after_ms, 137, "OOMKilled")),
            Self::Runs | Self::NotReady | Self::NoImage { .. } => None,
        }
    }
}

/// Phases that tests and logs can tell apart.
impl Phase {
    fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }
}
