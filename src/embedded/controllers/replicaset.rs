//! ReplicaSets: as many pods as wanted, no more.

use serde_json::{Value, json};

use super::super::store::{Key, Store, text};
use super::pods;

pub(super) fn run(store: &mut Store, now_ms: i64) -> bool {
    let mut changed = false;
    for (key, set) in pods::all(store, "replicasets") {
        let mut owned = pods::active(store, &set);
        if match_count(store, &set, &mut owned, now_ms) {
            changed = true;
            owned = pods::active(store, &set);
        }
        let status = status(&set, &owned);
        changed |= pods::put_status(store, &key, &set, status);
    }
    changed
}

fn match_count(store: &mut Store, set: &Value, owned: &mut [(Key, Value)], now_ms: i64) -> bool {
    let wanted = pods::number(set, "/spec/replicas");
    if owned.len() as i64 == wanted {
        return false;
    }
    let name = text(set, "/metadata/name").unwrap_or_default();
    for _ in owned.len() as i64..wanted {
        let pod = format!("{name}-{}", store.next_suffix());
        pods::make_pod(store, set, &pod, |_| {}, now_ms);
    }
    let surplus = (owned.len() as i64 - wanted).max(0) as usize;
    // Those that are not ready go first, then the youngest.
    owned.sort_by_key(|(_, pod)| (pods::is_ready(pod), std::cmp::Reverse(born(pod))));
    for (key, _) in owned.iter().take(surplus) {
        pods::end_pod(store, set, key, now_ms);
    }
    true
}

fn born(pod: &Value) -> (String, String) {
    let field = |pointer: &str| text(pod, pointer).unwrap_or_default().to_owned();
    (field("/metadata/creationTimestamp"), field("/metadata/uid"))
}

fn status(set: &Value, owned: &[(Key, Value)]) -> Value {
    let mut status = set["status"].clone();
    let ready = pods::ready_count(owned);
    status["observedGeneration"] = set["metadata"]["generation"].clone();
    status["replicas"] = json!(owned.len());
    status["fullyLabeledReplicas"] = json!(owned.len());
    status["readyReplicas"] = json!(ready);
    status["availableReplicas"] = json!(ready);
    status
}
