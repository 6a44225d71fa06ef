//! The shop as a whole: how large, how sick, that it heals, and that nothing in it is by chance.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::super::store::text;
use super::*;
use crate::escalation::{BUILT_IN, Policy};

const AT_MS: i64 = 1_795_000_000_000;

fn shop() -> Shop {
    let policy = Policy::parse(BUILT_IN, "tests").expect("the built-in policy is good");
    Shop::open(
        &policy,
        Opened {
            seed: 1,
            still_at_ms: Some(AT_MS),
        },
    )
}

fn pods(shop: &Shop, namespace: &str, app: &str) -> Vec<Value> {
    let server = shop.server();
    let names = server.names("pods", namespace);
    let pods = names.iter().filter_map(|name| server.object("pods", namespace, name));
    pods.filter(|pod| text(pod, "/metadata/labels/app") == Some(app))
        .collect()
}

/// `running true 0`: state, readiness, restarts.
fn state(pod: &Value) -> String {
    let status = &pod["status"]["containerStatuses"][0];
    let state = status["state"].as_object().and_then(|s| s.keys().next().cloned());
    let state = state.unwrap_or_default();
    let reason = status["state"][&state]["reason"].as_str().unwrap_or_default();
    format!("{state}{reason} {} {}", status["ready"], status["restartCount"])
}

fn states(shop: &Shop, app: &str) -> BTreeSet<String> {
    pods(shop, "shop", app).iter().map(state).collect()
}

#[test]
fn the_shop_is_large_and_has_several_troubles() {
    let shop = shop();
    let server = shop.server();
    assert_eq!(
        states(&shop, "checkout"),
        BTreeSet::from(["waitingCrashLoopBackOff false 7".to_owned()])
    );
    let waiting = pods(&shop, "search", "indexer");
    let why = waiting.iter().find_map(|pod| text(pod, "/status/conditions/0/message"));
    assert!(why.is_some_and(|why| why.contains("Insufficient memory")), "{why:?}");
    let failed = pods(&shop, "reports", "nightly-report");
    assert_eq!(failed.len(), 3);
    assert!(failed.iter().all(|pod| text(pod, "/status/phase") == Some("Failed")));
    let claim = server.object("persistentvolumeclaims", "reports", "archive");
    assert_eq!(claim.as_ref().and_then(|c| text(c, "/status/phase")), Some("Pending"));
    let state = server.0.lock();
    let kinds: BTreeSet<&str> = state.store.iter().map(|(key, _)| key.plural).collect();
    let objects = state.store.iter().count();
    assert!(
        kinds.len() >= 20 && objects >= 300,
        "{} kinds, {objects} objects",
        kinds.len()
    );
}

#[test]
fn a_ledger_started_anew_heals_the_checkout() {
    let shop = shop();
    shop.clock().advance(Duration::from_secs(400));
    assert!(
        states(&shop, "checkout").iter().all(|s| s.contains("false")),
        "it does not heal by itself"
    );
    assert!(shop.server().remove("pods", "shop", "ledger-0"));
    shop.clock().advance(Duration::from_secs(310));
    let healed = states(&shop, "checkout");
    assert!(healed.iter().all(|s| s.starts_with("running true")), "{healed:?}");
}

#[test]
fn what_stood_before_is_of_its_workloads_and_stays() {
    let shop = shop();
    let before: Vec<String> = pods(&shop, "shop", "ledger")
        .iter()
        .map(|p| p["metadata"]["uid"].to_string())
        .collect();
    shop.clock().advance(Duration::from_secs(60));
    let after: Vec<String> = pods(&shop, "shop", "ledger")
        .iter()
        .map(|p| p["metadata"]["uid"].to_string())
        .collect();
    assert_eq!(before, after, "no controller replaces what was put in place");
}

#[test]
fn the_same_seed_and_clock_give_the_same_cluster() {
    let all = |shop: &Shop| {
        let state = shop.server().0.lock();
        let objects = state.store.iter().map(|(key, object)| format!("{key:?} {object}"));
        objects.collect::<Vec<_>>()
    };
    let (one, other) = (all(&shop()), all(&shop()));
    let different = one.iter().zip(&other).find(|(one, other)| one != other);
    assert_eq!((one.len(), different), (other.len(), None));
}

fn all(shop: &Shop, plural: &str) -> Vec<Value> {
    let state = shop.server().0.lock();
    let objects = state.store.iter().filter(|(key, _)| key.plural == plural);
    objects.map(|(_, object)| object.clone()).collect()
}

#[test]
fn each_pod_has_an_address_of_its_own_on_its_node() {
    let shop = shop();
    assert!(shop.server().remove("pods", "shop", "ledger-0"));
    shop.clock().advance(Duration::from_secs(30));
    let nodes = all(&shop, "nodes");
    let mut seen = BTreeSet::new();
    for pod in all(&shop, "pods") {
        let (Some(on), Some(ip)) = (text(&pod, "/spec/nodeName"), text(&pod, "/status/podIP")) else {
            continue;
        };
        let node = nodes.iter().find(|n| text(n, "/metadata/name") == Some(on));
        let host = node.and_then(|n| text(n, "/status/addresses/0/address"));
        assert_eq!(text(&pod, "/status/hostIP"), host, "{pod}");
        if pod["spec"]["hostNetwork"] == true {
            assert_eq!(Some(ip), host);
            continue;
        }
        let range = node.and_then(|n| text(n, "/spec/podCIDR")).unwrap_or_default();
        assert!(ip.starts_with(range.trim_end_matches("0/24")), "{ip} in {range}");
        assert!(seen.insert(ip.to_owned()), "{ip} is given twice");
    }
    assert!(seen.len() > 40, "{} addresses", seen.len());
}

#[test]
fn what_was_restarted_had_a_run_before() {
    let shop = shop();
    let pods = all(&shop, "pods");
    let restarted = pods.iter().map(|pod| &pod["status"]["containerStatuses"][0]);
    let restarted: Vec<_> = restarted.filter(|c| c["restartCount"].as_u64() > Some(0)).collect();
    assert!(restarted.len() > 8, "{}", restarted.len());
    for container in restarted {
        assert!(container["lastState"]["terminated"].is_object(), "{container}");
    }
}

#[test]
fn what_belongs_together_is_there_together() {
    let shop = shop();
    let names = |plural: &str| -> BTreeSet<String> {
        let all = all(&shop, plural);
        let name = |o: &Value| format!("{}/{}", o["metadata"]["namespace"], o["metadata"]["name"]);
        all.iter().map(name).collect()
    };
    assert_eq!(names("services"), names("endpoints"));
    assert_eq!(all(&shop, "nodes").len() + 2, all(&shop, "leases").len());
    for pod in all(&shop, "pods") {
        let asks = pod["spec"]["containers"][0]["resources"] != serde_json::json!({});
        let class = if asks { "Burstable" } else { "BestEffort" };
        assert_eq!(pod["status"]["qosClass"], class, "{pod}");
    }
    let on = |wanted: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        let pods = all(&shop, "pods");
        let pods = pods
            .iter()
            .filter(|pod| pod["status"]["phase"] == "Running" && wanted(pod));
        pods.map(|pod| pod["spec"]["nodeName"].to_string()).collect()
    };
    let bare = on(&|pod| pod["metadata"].get("ownerReferences").is_none());
    let scratch = on(&|pod| pod["spec"]["volumes"][0]["emptyDir"].is_object());
    assert_eq!(bare.len(), 1, "one pod that nobody would make again");
    assert!(
        !bare.is_disjoint(&scratch),
        "a drain asks about both: {bare:?}, {scratch:?}"
    );
    let ledger = shop.server().object("pods", "shop", "ledger-0").expect("it is there");
    assert_eq!(text(&ledger, "/spec/containers/0/volumeMounts/0/name"), Some("data"));
}
