//! A pod that was told to end is gone a moment later: its containers here never dawdle.

use serde_json::Value;

use super::super::clock::parse_ms;
use super::super::kinds;
use super::super::lifecycle::finalizers;
use super::super::store::{Key, Store, text};

/// A kubelet needs about this long to stop a pod's containers.
const STOPS_MS: i64 = 1000;

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let gone: Vec<Key> = store
        .of_kind(kinds::known("pods"))
        .filter(|(_, pod)| due_ms(pod).is_some_and(|at| at <= now_ms) && finalizers(pod).next().is_none())
        .map(|(key, _)| key.clone())
        .collect();
    for key in &gone {
        store.remove(key);
    }
    !gone.is_empty()
}

pub(super) fn due_ms(pod: &Value) -> Option<i64> {
    let last = parse_ms(text(pod, "/metadata/deletionTimestamp")?)?;
    let grace = pod.pointer("/metadata/deletionGracePeriodSeconds")?.as_i64()? * 1000;
    Some(last - grace + grace.min(STOPS_MS))
}
