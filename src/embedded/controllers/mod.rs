//! What the controllers do, without running in the background: whatever is due is done before the
//! next look at the store, and an open watch wakes for it. So the server needs no task for them,
//! and a test that moves the clock sees the result at once.
//!
//! Time goes from one due moment to the next. A look after an hour lives through that hour in
//! order, so a rollout or a crash loop has its history however seldom somebody looks.

mod budget;
mod cronjob;
mod daemonset;
mod deployment;
mod deployment_status;
mod endpoints;
mod garbage;
mod job;
mod namespace;
mod pod_end;
mod pods;
mod replicaset;
mod scheduler;
mod statefulset;

pub(super) use pods::template_hash;

use super::admission::Sight;
use super::events;
use super::kubelet::Kubelet;
use super::store::Store;
use super::touch::Touch;
use super::world::World;

/// One controller, and when it has to look: each of them goes over everything it knows, so that it is
/// asked only when something of that changed.
struct Controller {
    /// Returns whether it changed anything.
    run: fn(&mut Store, i64) -> bool,
    /// The kinds that it goes by; none: every kind but events.
    looks_at: &'static [&'static str],
    /// It also acts because time has passed.
    is_timed: bool,
}

const fn on(run: fn(&mut Store, i64) -> bool, looks_at: &'static [&'static str]) -> Controller {
    Controller {
        run,
        looks_at,
        is_timed: false,
    }
}

const fn timed(run: fn(&mut Store, i64) -> bool, looks_at: &'static [&'static str]) -> Controller {
    Controller {
        run,
        looks_at,
        is_timed: true,
    }
}

const CONTROLLERS: &[Controller] = &[
    on(namespace::run, &["namespaces", "serviceaccounts", "configmaps"]),
    timed(cronjob::run, &["cronjobs", "jobs"]),
    timed(job::run, &["jobs", "pods"]),
    timed(deployment::run, &["deployments", "replicasets", "pods"]),
    on(replicaset::run, &["replicasets", "pods"]),
    on(statefulset::run, &["statefulsets", "pods"]),
    on(daemonset::run, &["daemonsets", "nodes", "pods"]),
    on(scheduler::run, &["nodes", "pods"]),
    timed(pod_end::run, &["pods"]),
    on(garbage::run, &[]),
    on(endpoints::run, &["services", "endpoints", "endpointslices", "pods"]),
    on(
        budget::run,
        &["poddisruptionbudgets", "pods", "replicasets", "statefulsets"],
    ),
];

/// More rounds than any chain of controllers needs; a world or a seed that never comes to rest is a
/// mistake that must not hang the program.
const ROUNDS: usize = 200;
/// Most steps of time in one look.
const STEPS: usize = 100_000;

/// What the controllers remember between two looks.
#[derive(Default)]
pub(super) struct Settled {
    /// The store's revision when everything was at rest.
    revision: u64,
    /// Per controller, the revision that it has seen.
    seen: [u64; CONTROLLERS.len()],
    /// The last moment lived through.
    at_ms: i64,
    /// When something is due next.
    next_ms: Option<i64>,
}

/// Does everything that is due by `now_ms`.
pub(super) fn settle(store: &mut Store, kubelet: &mut Kubelet, world: &dyn World, settled: &mut Settled, now_ms: i64) {
    let moved = settled.revision != store.revision();
    if !moved && settled.next_ms.is_none_or(|at| at > now_ms) {
        settled.at_ms = now_ms;
        return;
    }
    // What was written since the last look was written about then.
    let mut at_ms = if settled.at_ms == 0 {
        now_ms
    } else {
        settled.at_ms.min(now_ms)
    };
    for _ in 0..STEPS {
        rest(store, kubelet, &mut settled.seen, at_ms);
        settled.next_ms = next_due_ms(store, kubelet, world);
        let Some(next) = settled.next_ms.filter(|next| *next <= now_ms) else {
            break;
        };
        let (before, again) = (store.revision(), at_ms == next);
        at_ms = next;
        kubelet.act(store, world, at_ms);
        if world.due_ms(Sight::new(store)).is_some_and(|due| due <= at_ms) {
            world.act(&mut Touch::new(store, at_ms));
        }
        if again && before == store.revision() {
            // Somebody names the same moment again and does nothing about it.
            break;
        }
    }
    events::forget(store, now_ms);
    settled.revision = store.revision();
    settled.at_ms = now_ms;
}

/// Runs the controllers until none has anything to do at this moment.
fn rest(store: &mut Store, kubelet: &mut Kubelet, seen: &mut [u64], at_ms: i64) {
    for round in 0..ROUNDS {
        let mut changed = false;
        for (controller, seen) in CONTROLLERS.iter().zip(seen.iter_mut()) {
            let is_time = controller.is_timed && round == 0;
            if is_time || store.changed_since(*seen, controller.looks_at) {
                // Its own changes are a reason to look once more.
                *seen = store.revision();
                changed |= (controller.run)(store, at_ms);
            }
        }
        changed |= kubelet.follow(store);
        if !changed {
            return;
        }
    }
}

fn next_due_ms(store: &Store, kubelet: &Kubelet, world: &dyn World) -> Option<i64> {
    let of_objects = store.iter().filter_map(|(key, object)| match key.plural {
        "jobs" => job::due_ms(store, object),
        "cronjobs" => cronjob::due_ms(object),
        "deployments" => deployment_status::due_ms(object),
        "pods" => pod_end::due_ms(object),
        _ => None,
    });
    [of_objects.min(), kubelet.next_due_ms(), world.due_ms(Sight::new(store))]
        .into_iter()
        .flatten()
        .min()
}

impl Settled {
    pub fn next_ms(&self) -> Option<i64> {
        self.next_ms
    }

    pub fn at_ms(&self) -> i64 {
        self.at_ms
    }
}
