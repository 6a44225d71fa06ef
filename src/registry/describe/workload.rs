//! Deployments, StatefulSets, DaemonSets and ReplicaSets.

use serde_json::Value;

use super::line::Tone;
use super::page::Page;
use super::value::{list, number, selector, shown_at, text};
use super::{conditions, pod};

fn count(object: &Value, pointer: &str) -> i64 {
    number(object, pointer).unwrap_or(0)
}

/// Absent is one, as the API has it.
fn desired(object: &Value) -> i64 {
    number(object, "/spec/replicas").unwrap_or(1)
}

fn replicas(page: &mut Page, object: &Value, words: &str) {
    let ready = count(object, "/status/readyReplicas");
    let tone = match (ready, desired(object)) {
        (ready, want) if ready >= want => Tone::Ok,
        (0, _) => Tone::Bad,
        _ => Tone::Pending,
    };
    page.toned("Replicas", words, tone);
}

pub fn deployment(page: &mut Page, object: &Value) {
    page.fact("Selector", &selector(object, "/spec/selector"));
    let words = format!(
        "{} desired | {} updated | {} total | {} available | {} unavailable",
        desired(object),
        count(object, "/status/updatedReplicas"),
        count(object, "/status/replicas"),
        count(object, "/status/availableReplicas"),
        count(object, "/status/unavailableReplicas"),
    );
    replicas(page, object, &words);
    page.fact("StrategyType", text(object, "/spec/strategy/type"));
    page.fact("MinReadySeconds", &count(object, "/spec/minReadySeconds").to_string());
    if let Some(rolling) = object.pointer("/spec/strategy/rollingUpdate") {
        let (unavailable, surge) = (shown_at(rolling, "/maxUnavailable"), shown_at(rolling, "/maxSurge"));
        page.fact(
            "RollingUpdateStrategy",
            &format!("{unavailable} max unavailable, {surge} max surge"),
        );
    }
    if object["spec"]["paused"] == true {
        page.toned("Paused", "true", Tone::Pending);
    }
    page.maybe(
        "Revision",
        text(object, "/metadata/annotations/deployment.kubernetes.io~1revision"),
    );
    conditions::add(page, object);
    pod::template(page, object, "/spec/template");
}

pub fn stateful_set(page: &mut Page, object: &Value) {
    page.fact("Selector", &selector(object, "/spec/selector"));
    let words = format!(
        "{} desired | {} total | {} ready | {} updated",
        desired(object),
        count(object, "/status/replicas"),
        count(object, "/status/readyReplicas"),
        count(object, "/status/updatedReplicas"),
    );
    replicas(page, object, &words);
    page.maybe("Service", text(object, "/spec/serviceName"));
    page.fact("Update Strategy", text(object, "/spec/updateStrategy/type"));
    page.maybe(
        "Partition",
        &shown_at(object, "/spec/updateStrategy/rollingUpdate/partition"),
    );
    page.maybe("Pod Management", text(object, "/spec/podManagementPolicy"));
    conditions::add(page, object);
    pod::template(page, object, "/spec/template");
    page.section("Volume Claims", |page| {
        for claim in list(object, "/spec/volumeClaimTemplates") {
            page.section(text(claim, "/metadata/name"), |page| {
                super::storage::claim_template(page, &claim["spec"]);
            });
        }
    });
}

pub fn daemon_set(page: &mut Page, object: &Value) {
    page.fact("Selector", &selector(object, "/spec/selector"));
    let wanted = count(object, "/status/desiredNumberScheduled");
    for (key, pointer) in [
        ("Desired Number of Nodes Scheduled", "/status/desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "/status/currentNumberScheduled"),
        (
            "Number of Nodes Scheduled with Up-to-date Pods",
            "/status/updatedNumberScheduled",
        ),
        (
            "Number of Nodes Scheduled with Available Pods",
            "/status/numberAvailable",
        ),
        ("Number of Nodes Misscheduled", "/status/numberMisscheduled"),
    ] {
        page.fact(key, &count(object, pointer).to_string());
    }
    let ready = count(object, "/status/numberReady");
    let tone = if ready >= wanted { Tone::Ok } else { Tone::Pending };
    page.toned("Ready", &format!("{ready} of {wanted}"), tone);
    page.fact("Update Strategy", text(object, "/spec/updateStrategy/type"));
    conditions::add(page, object);
    pod::template(page, object, "/spec/template");
}

pub fn replica_set(page: &mut Page, object: &Value) {
    page.fact("Selector", &selector(object, "/spec/selector"));
    let words = format!(
        "{} current / {} desired | {} ready | {} available",
        count(object, "/status/replicas"),
        desired(object),
        count(object, "/status/readyReplicas"),
        count(object, "/status/availableReplicas"),
    );
    replicas(page, object, &words);
    conditions::add(page, object);
    pod::template(page, object, "/spec/template");
}
