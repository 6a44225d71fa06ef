//! Evictions, with a budget and without.

use serde_json::{Value, json};

use super::super::step::{Step, get, patch, post};
use super::{core, group};

fn eviction(name: &str) -> Value {
    json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": "contract"}})
}

pub fn steps() -> Vec<Step> {
    let mut all = Vec::new();
    for name in ["one", "two"] {
        let pod = json!({
            "metadata": {"name": name, "labels": {"guarded": "yes"}},
            "spec": {"nodeName": "ghost", "terminationGracePeriodSeconds": 0,
                "containers": [{"name": "main", "image": "registry.invalid/a:1"}]},
        });
        let status = json!({"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "main", "image": "a", "imageID": "a", "ready": true, "restartCount": 0,
                "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}});
        all.push(post(&format!("create guarded {name}"), &core("pods"), &pod).silent());
        all.push(
            patch(
                &format!("guarded {name} runs"),
                &core(&format!("pods/{name}/status")),
                &status,
            )
            .silent(),
        );
    }
    let budget = group("policy/v1", "poddisruptionbudgets/keep-one");
    let counts = [
        "/status/currentHealthy",
        "/status/desiredHealthy",
        "/status/disruptionsAllowed",
        "/status/expectedPods",
    ];
    let at = |name: &str| core(&format!("pods/{name}/eviction"));
    let dry = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "one", "namespace": "contract"},
        "deleteOptions": {"dryRun": ["All"]}});
    all.extend([
        get("budget counts", &budget)
            .until("/status/currentHealthy", 2)
            .see(&counts),
        post("evict by viewer", &at("one"), &eviction("one")).by("viewer"),
        post("evict another name", &at("one"), &eviction("two")),
        post("evict nothing", &at("none"), &eviction("none")),
        post("evict dry", &at("one"), &dry),
        get("a dry eviction left it", &core("pods/one")).see(&["/status/phase"]),
        post("evict one", &at("one"), &eviction("one")),
        // How many are expected is counted a moment later, so it is not compared here.
        get("budget counts one less", &budget)
            .until("/status/currentHealthy", 1)
            .see(&counts[..3]),
        post("evict the last", &at("two"), &eviction("two")),
        get("the last is still there", &core("pods/two")).see(&["/status/phase"]),
        post("evict what no budget guards", &at("done"), &eviction("done")),
        get("evictions cannot be got", &at("two")),
    ]);
    all
}
