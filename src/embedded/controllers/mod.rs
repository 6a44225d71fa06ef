//! What the controllers do, without running in the background: whatever is due is done before the
//! next look at the store, and an open watch wakes for it. So the server needs no task for them,
//! and a test that moves the clock sees the result at once.

mod budget;
mod garbage;
mod job;
mod namespace;
mod observed;
mod pod_end;

use super::store::Store;

type Controller = fn(&mut Store, i64) -> bool;

/// Each returns whether it changed anything.
const CONTROLLERS: &[Controller] = &[
    observed::run,
    job::run,
    pod_end::run,
    namespace::run,
    garbage::run,
    budget::run,
];

/// Does everything that is due at `now_ms`.
pub(super) fn settle(store: &mut Store, now_ms: i64) {
    loop {
        let mut changed = false;
        for controller in CONTROLLERS {
            changed |= controller(store, now_ms);
        }
        if !changed {
            return;
        }
    }
}

/// When something is due next, if anything is.
pub(super) fn next_due_ms(store: &Store) -> Option<i64> {
    let due = store.iter().filter_map(|(key, object)| match key.plural {
        "jobs" => job::due_ms(object),
        "pods" => pod_end::due_ms(object),
        _ => None,
    });
    due.min()
}
