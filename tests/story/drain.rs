//! A node cordoned, given back and drained by keys; the grant ends while a disruption budget still
//! blocks, and nothing is evicted after.

use std::time::Duration;

use serde_json::{Value, json};

use super::desk::{Desk, STEP};
use super::harness::{self, Options, Rig};
use super::operator::{ask_for, command, last_line, until};
use super::policy;

/// Node operators consent for themselves here; whose consent it is, other stories show.
fn drainers(ttl: &str, namespace: &str) -> String {
    let policy = policy::with(ttl, namespace);
    let (before, role) = policy.split_once("[roles.node-operator]").expect("it is the last role");
    let role = role.replace("approvers = { groups = [\"approvers\"] }", "self_approve = true");
    format!("{before}[roles.node-operator]{role}")
}

fn make(rig: &Rig, path: &str, object: &Value) {
    let made = rig.http("POST", path, Some(&rig.token("admin")), Some(object));
    assert_eq!(made.status, 201, "{}", made.message());
}

/// Two pods that may not both go.
fn guarded_web(rig: &Rig, namespace: &str) {
    let labels = json!({"app": "web"});
    let web = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "replicas": 2, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": harness::pod_spec("main", "sleep 100000")},
        },
    });
    make(rig, &format!("/apis/apps/v1/namespaces/{namespace}/deployments"), &web);
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": labels}},
    });
    let budgets = format!("/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets");
    make(rig, &budgets, &budget);
    rig.wait("the budget allows one", Duration::from_secs(90), || {
        let budget = rig.http("GET", &format!("{budgets}/web"), Some(&rig.token("admin")), None);
        budget.json["status"]["disruptionsAllowed"] == 1
    });
}

fn is_cordoned(rig: &Rig) -> bool {
    let node = rig.http("GET", "/api/v1/nodes/127.0.0.1", Some(&rig.token("admin")), None);
    node.json["spec"]["unschedulable"] == true
}

/// Evictions that the server saw: status of each.
fn evictions(events: &[Value]) -> Vec<u64> {
    let fits = |e: &&Value| e["stage"] == "ResponseComplete" && e["objectRef"]["subresource"] == "eviction";
    let status = |e: &Value| e["responseStatus"]["code"].as_u64().unwrap_or(0);
    events.iter().filter(fits).map(status).collect()
}

#[test]
fn a_node_is_cordoned_given_back_and_drained_until_the_grant_ends() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let namespace = rig.namespace("drain");
    guarded_web(&rig, &namespace);
    let desk = Desk::new(&rig, &["oncall"], &drainers("60s", &namespace));
    desk.install_kit(&rig);
    let mut kglass = desk.open(&["-n", &namespace, "-c", "nodes"], (120, 40));
    kglass.wait_until("the node", STEP, |s| s.contains("127.0.0.1") && s.contains("live"));
    kglass.keys("r");
    kglass.wait_until("why not", STEP, |s| last_line(s).contains("needs the glass"));
    ask_for(&mut kglass, "node-operator");
    kglass.wait_for("GLASS BROKEN");
    let mark = rig.audit_mark();
    for (key, question, cordoned) in [
        ("c", "cordon nodes/127.0.0.1", true),
        ("u", "uncordon nodes/127.0.0.1", false),
    ] {
        // Offered when the row shows that the node is not so yet.
        until(&mut kglass, key, question, |s| last_line(s).contains(question));
        let done = question.replacen("cordon", "cordoned", 1);
        until(&mut kglass, "y", "it is done", |s| last_line(s).contains(&done));
        rig.wait(question, STEP, || is_cordoned(&rig) == cordoned);
    }
    kglass.keys("r");
    kglass.wait_for("evicts 2 pods: 2 in");
    kglass.wait_for("/web: 2 pods here, its budget lets 1 go at a time");
    until(&mut kglass, "<tab>", "drain is chosen", |s| s.contains("[ drain ]"));
    kglass.keys("<enter>");
    kglass.wait_for("1 of 2 evicted");
    kglass.wait_for("The disruption budget web needs 1 healthy pods and has 1");
    kglass.wait_until("the end", Duration::from_secs(90), |s| {
        s.contains("cut by the end of the escalation") && !s.contains("GLASS BROKEN")
    });
    let seen = evictions(&rig.audit_since(mark));
    eprintln!("evictions: {seen:?}");
    assert_eq!(seen.iter().filter(|status| **status == 201).count(), 1);
    assert!(seen.contains(&429), "{seen:?}");
    until(&mut kglass, "<esc>", "the box is closed", |s| !s.contains("esc close"));
    command(&mut kglass, "pods");
    kglass.wait_for("web-");
    assert!(is_cordoned(&rig), "the node stays cordoned");
    let journal = std::fs::read_to_string(desk.newest_session().join("journal.jsonl")).expect("a journal");
    let drained: Vec<&str> = journal.lines().filter(|l| l.contains("\"kind\":\"drained\"")).collect();
    assert_eq!(drained.len(), 1, "{journal}");
    let record: Value = serde_json::from_str(drained[0]).expect("a record is JSON");
    assert_eq!(record["data"]["end"], "cut");
    assert_eq!(
        evictions(&rig.audit_since(mark)).len(),
        seen.len(),
        "nothing was evicted after it"
    );
}
