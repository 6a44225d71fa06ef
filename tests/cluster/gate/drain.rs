//! A real node drained through the gate: a disruption budget blocks and then lets go, system
//! namespaces included; and a grant that expires in the middle. By the server's own audit log.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kglass::escalation::{
    BUILT_IN, Drain, DrainEnd, DrainOptions, DrainProgress, DrainStep, EndReason, Escalation, GateEvent, Mutation,
    Policy,
};
use kglass::model::{Gvk, ObjectRef};
use serde_json::{Value, json};

use super::people::{Person, person_under, records, run};
use crate::harness::{self, AuditMark, Options, Rig, pod_spec};
use crate::kit::stage;

const NODE: &str = "127.0.0.1";
const IDENTITY: &str = "system:serviceaccount:kglass-system:node-operator";

/// Node operators consent for themselves, to keep to what is tested here.
fn policy() -> Policy {
    let (before, role) = BUILT_IN
        .split_once("[roles.node-operator]")
        .expect("it is the last role");
    let role = role.replace("approvers = { groups = [\"approvers\"] }", "self_approve = true");
    Policy::parse(&format!("{before}[roles.node-operator]{role}"), "test").expect("a good policy")
}

fn workload(rig: &Rig, namespace: &str, kind: &str, name: &str, replicas: u32) {
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec("main", "sleep 100000")},
        },
    });
    if kind == "Deployment" {
        object["spec"]["replicas"] = json!(replicas);
    }
    let path = format!("/apis/apps/v1/namespaces/{namespace}/{}s", kind.to_lowercase());
    let made = rig.http("POST", &path, Some(&rig.token("admin")), Some(&object));
    assert_eq!(made.status, 201, "{}", made.message());
}

fn budget(rig: &Rig, namespace: &str, method: &str, minimum: u32) {
    let budgets = format!("/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets");
    let (path, body) = match method {
        "POST" => (
            budgets,
            json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
                "spec": {"minAvailable": minimum, "selector": {"matchLabels": {"app": "web"}}}}),
        ),
        _ => (format!("{budgets}/web"), json!({"spec": {"minAvailable": minimum}})),
    };
    let made = rig.http(method, &path, Some(&rig.token("admin")), Some(&body));
    assert!(made.status < 300, "{}", made.message());
}

fn pods(rig: &Rig, namespace: &str, app: &str) -> Vec<Value> {
    let path = format!("/api/v1/namespaces/{namespace}/pods?labelSelector=app%3D{app}");
    let list = rig.http("GET", &path, Some(&rig.token("admin")), None).json;
    list["items"].as_array().cloned().unwrap_or_default()
}

fn await_ready(rig: &Rig, namespace: &str, app: &str, count: usize) {
    rig.wait("the pods are ready", Duration::from_secs(90), || {
        let ready = |pod: &&Value| pod["status"]["containerStatuses"][0]["ready"] == true;
        pods(rig, namespace, app).iter().filter(ready).count() == count
    });
}

fn await_allowed(rig: &Rig, namespace: &str, allowed: i64) {
    let path = format!("/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets/web");
    rig.wait("the budget is counted", Duration::from_secs(30), || {
        rig.http("GET", &path, Some(&rig.token("admin")), None).json["status"]["disruptionsAllowed"] == allowed
    });
}

fn node(rig: &Rig) -> ObjectRef {
    let path = format!("/api/v1/nodes/{NODE}");
    let object = rig.http("GET", &path, Some(&rig.token("viewer")), None).json;
    let text = |field: &str| object["metadata"][field].as_str().map(str::to_owned);
    ObjectRef {
        gvk: Gvk::new("", "v1", "Node"),
        resource: "nodes".into(),
        namespace: None,
        name: NODE.into(),
        uid: text("uid"),
        resource_version: text("resourceVersion"),
    }
}

async fn await_drain(oncall: &mut Person, fits: impl Fn(&DrainProgress) -> bool) -> DrainProgress {
    let fits = |event: &GateEvent| match event {
        GateEvent::Drain(progress) if fits(progress) => Some(progress.clone()),
        _ => None,
    };
    oncall.await_event(fits).await
}

fn is_over(progress: &DrainProgress) -> bool {
    matches!(progress.step, DrainStep::Over(_))
}

/// Evictions that the server saw of the elevated identity: namespace, status, when it came.
fn evictions(rig: &Rig, mark: AuditMark) -> Vec<(String, u64, String)> {
    let events = rig.audit_since(mark);
    let fits = |e: &&Value| {
        e["stage"] == "ResponseComplete"
            && e["user"]["username"] == IDENTITY
            && e["objectRef"]["subresource"] == "eviction"
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let seen = events.iter().filter(fits).map(|e| {
        let status = e["responseStatus"]["code"].as_u64().unwrap_or(0);
        (
            text(&e["objectRef"]["namespace"]),
            status,
            text(&e["requestReceivedTimestamp"]),
        )
    });
    seen.collect()
}

fn drained(state: &Path, session: &str) -> Value {
    let all = records(state, session);
    let record = all
        .iter()
        .find(|r| r["kind"] == "drained")
        .expect("a drain is recorded");
    record["data"].clone()
}

#[test]
fn a_node_is_drained_as_its_budgets_allow_and_cut_at_the_end_of_the_grant() {
    if harness::require().is_none() {
        return;
    }
    let rig = &Rig::start(Options::node());
    stage::install(rig, &policy());
    let shop = rig.namespace("drain");
    workload(rig, &shop, "Deployment", "web", 2);
    workload(rig, "kube-system", "Deployment", "dns", 1);
    workload(rig, &shop, "DaemonSet", "agent", 0);
    for (namespace, app, count) in [(&*shop, "web", 2), ("kube-system", "dns", 1), (&*shop, "agent", 1)] {
        await_ready(rig, namespace, app, count);
    }
    budget(rig, &shop, "POST", 2);
    await_allowed(rig, &shop, 0);
    let state = tempfile::tempdir().expect("a folder");
    run(async {
        let mut oncall = person_under(rig, "oncall", state.path(), policy());
        blocks_and_lets_go(rig, &shop, &mut oncall, state.path()).await;
        await_ready(rig, &shop, "web", 2);
        budget(rig, &shop, "PATCH", 2);
        await_allowed(rig, &shop, 0);
        expires_in_the_middle(rig, &mut oncall, state.path()).await;
    });
}

async fn blocks_and_lets_go(rig: &Rig, shop: &str, oncall: &mut Person, state: &Path) {
    let live = oncall.ask("node-operator", 300).await.expect("the glass opens");
    let session = live.grant().session.clone();
    let mark = rig.audit_mark();
    let gate = std::sync::Arc::clone(&oncall.gate);
    let draining = gate.drain(Drain::new(&live, 1, node(rig), DrainOptions::default()));
    let watching = async {
        let progress = await_drain(oncall, |p| p.evicted == 1 && p.blocked.len() == 2).await;
        println!("blocked: {:?}", progress.blocked);
        let why = &progress.blocked[0].why;
        assert!(
            why.contains("disruption budget web needs 2 healthy pods and has 2"),
            "{why}"
        );
        budget(rig, shop, "PATCH", 0);
        await_drain(oncall, is_over).await
    };
    let (result, progress) = tokio::join!(draining, watching);
    result.expect("it began");
    assert_eq!(progress.step, DrainStep::Over(DrainEnd::Done), "{progress:?}");
    assert_eq!((progress.total, progress.evicted, progress.gone), (3, 3, 3));
    let seen = evictions(rig, mark);
    let count = |status: u64| seen.iter().filter(|(_, s, _)| *s == status).count();
    println!(
        "evictions: {} accepted, {} refused by the budget",
        count(201),
        count(429)
    );
    assert_eq!(count(201), 3);
    assert!(count(429) >= 2, "{seen:?}");
    assert!(
        seen.iter()
            .any(|(namespace, status, _)| namespace == "kube-system" && *status == 201)
    );
    assert_eq!(pods(rig, shop, "agent").len(), 1, "the DaemonSet's pod stays");
    let record = drained(state, &session);
    assert_eq!((&record["end"], &record["left"]), (&"done".into(), &json!([])));
    give_back(rig, oncall, live).await;
}

/// Uncordons, so that the replacements find a place again.
async fn give_back(rig: &Rig, oncall: &Person, live: Escalation) {
    let back = Mutation::uncordon(&live, 2, vec![node(rig)]);
    oncall.gate.execute(back).await.expect("it is sent");
    oncall.gate.end(live, EndReason::Operator).await;
}

async fn expires_in_the_middle(rig: &Rig, oncall: &mut Person, state: &Path) {
    const SECONDS: u32 = 15;
    let live = oncall.ask("node-operator", SECONDS).await.expect("the glass opens");
    let session = live.grant().session.clone();
    let deadline_ms = live.grant().deadline.wall_ms;
    let mark = rig.audit_mark();
    oncall
        .gate
        .drain(Drain::new(&live, 1, node(rig), DrainOptions::default()))
        .await
        .expect("it began");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let late = i64::try_from(now.as_millis()).expect("a while yet") - deadline_ms;
    println!("the drain stopped {late} ms after the deadline");
    assert!((-500..1000).contains(&late), "{late} ms");
    let progress = await_drain(oncall, is_over).await;
    assert_eq!(progress.step, DrainStep::Over(DrainEnd::Cut), "{progress:?}");
    let sent = evictions(rig, mark).len();
    oncall.gate.end(live, EndReason::Expired).await;
    let seen = evictions(rig, mark);
    assert_eq!(seen.len(), sent, "nothing was tried after it: {seen:?}");
    assert!(
        seen.iter().any(|(_, status, _)| *status == 429),
        "it was in the middle: {seen:?}"
    );
    let record = drained(state, &session);
    println!("recorded: {record}");
    assert_eq!(record["end"], "cut");
    assert!(record["left"].to_string().contains("disruption budget web"), "{record}");
    let all = records(state, &session);
    let place = |kind: &str| all.iter().position(|r| r["kind"] == kind).expect("recorded");
    assert!(place("drained") < place("ended"));
}
