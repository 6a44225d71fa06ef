//! Logs of a container that said five lines and ended.

use serde_json::json;

use super::super::step::{Step, get, post};
use super::core;

pub fn steps() -> Vec<Step> {
    let script = "for i in 1 2 3 4 5; do echo line $i; done";
    let talker = json!({
        "metadata": {"name": "talker"},
        "spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [{"name": "main",
            "image": "rig.local/busybox:1", "imagePullPolicy": "Never", "command": ["sh", "-c", script]}]},
    });
    let log = |query: &str| core(&format!("pods/talker/log?{query}"));
    vec![
        post("create talker", &core("pods"), &talker).silent(),
        get("talker has ended", &core("pods/talker"))
            .until("/status/phase", "Succeeded")
            .see(&[
                "/status/containerStatuses/0/state/terminated/exitCode",
                "/status/containerStatuses/0/state/terminated/reason",
            ]),
        get("log", &log("")),
        get("log by viewer", &log("container=main")).by("viewer"),
        get("log followed to its end", &log("follow=true")),
        get("log tail", &log("tailLines=2")),
        get("log tail none", &log("tailLines=0")),
        get("log tail more than there is", &log("tailLines=99")),
        get("log limited", &log("limitBytes=10")),
        get("log stamped", &log("timestamps=true&tailLines=1")),
        get("log since the future", &log("sinceTime=2099-01-01T00%3A00%3A00Z")),
        get("log of an hour", &log("sinceSeconds=3600")),
        get("log previous", &log("previous=true")),
        get("log of no container", &log("container=none")),
        get("log tail negative", &log("tailLines=-1")),
        get(
            "log since both",
            &log("sinceSeconds=1&sinceTime=2026-01-01T00%3A00%3A00Z"),
        ),
        get("log since nothing", &log("sinceSeconds=0")),
        get("log of no pod", &core("pods/none/log")),
        get("log by norights", &log("")).by("norights"),
    ]
}
