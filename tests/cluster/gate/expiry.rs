//! Expiry while a watch and a followed log run: both are the base identity's and go on, without a
//! gap and without a new connection; by the server's own log.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kglass::cluster::{Kubeconfigs, LogQuery, LogSource, Query, Reader, Reading, RowsQuery};
use kglass::escalation::{EndReason, GateError, Mutation, Revocation};
use kglass::model::{ApiResource, Gvk, ObjectRef, Verb};
use serde_json::json;
use tokio::sync::mpsc::{Receiver, channel};

use super::people::{person, run};
use crate::harness::{self, Options, Rig, pod_spec};
use crate::kit::stage;

/// What the readings brought so far.
#[derive(Clone, Default)]
struct Seen {
    names: Arc<Mutex<Vec<String>>>,
    lines: Arc<Mutex<Vec<String>>>,
    failed: Arc<Mutex<Vec<String>>>,
}

impl Seen {
    async fn collect(&self, mut readings: Receiver<Reading>) {
        while let Some(reading) = readings.recv().await {
            match reading {
                Reading::Rows(snapshot) => {
                    *self.names.lock().unwrap() = snapshot.rows.iter().map(|row| row.name.to_string()).collect();
                }
                Reading::Logs(lines) => {
                    let texts = lines.iter().map(|line| line.text.as_str().to_owned());
                    self.lines.lock().unwrap().extend(texts);
                }
                Reading::Failed(error) => self.failed.lock().unwrap().push(error.to_string()),
                _ => {}
            }
        }
    }

    fn has(&self, pod: &str) -> bool {
        self.names.lock().unwrap().iter().any(|name| name == pod)
    }

    fn lines(&self) -> usize {
        self.lines.lock().unwrap().len()
    }
}

fn create(rig: &Rig, namespace: &str, name: &str, script: &str) {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": pod_spec("main", script)});
    let path = format!("/api/v1/namespaces/{namespace}/pods");
    let made = rig.http("POST", &path, Some(&rig.token("admin")), Some(&pod));
    assert_eq!(made.status, 201, "{}", made.message());
}

fn see(rig: &Rig, namespace: &str, name: &str) -> ObjectRef {
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}");
    let object = rig.http("GET", &path, Some(&rig.token("viewer")), None).json;
    let text = |field: &str| object["metadata"][field].as_str().map(str::to_owned);
    ObjectRef {
        gvk: Gvk::new("", "v1", "Pod"),
        resource: "pods".into(),
        namespace: Some(namespace.into()),
        name: name.into(),
        uid: text("uid"),
        resource_version: text("resourceVersion"),
    }
}

fn queries(namespace: &str, ticker: ObjectRef) -> (Query, Query) {
    let pods = ApiResource {
        gvk: Gvk::new("", "v1", "Pod"),
        plural: "pods".into(),
        singular: "pod".into(),
        namespaced: true,
        verbs: vec![Verb::Get, Verb::List, Verb::Watch],
        ..ApiResource::default()
    };
    let rows = Query::Rows(RowsQuery {
        resource: Arc::new(pods),
        namespace: Some(namespace.into()),
        labels: None,
        fields: None,
    });
    let logs = Query::Logs(LogQuery {
        source: LogSource::Pod {
            pod: ticker,
            container: Some("main".into()),
        },
        follow: true,
        previous: false,
        tail: None,
        since_seconds: None,
    });
    (rows, logs)
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    waited.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}

/// Glass broken for 12 s under the eyes of a watch and a log; a pending write refused at the end.
async fn glass(rig: &Rig, namespace: &str, seen: &Seen, state: &std::path::Path) {
    until("the log runs", || seen.lines() > 5 && seen.has("ticker")).await;
    let oncall = person(rig, "oncall", state);
    let start = Instant::now();
    let live = oncall.ask("restarter", 12).await.expect("the glass opens");
    let target = see(rig, namespace, "ticker");
    let pending = Mutation::delete(&live, 1, vec![target.clone()]);
    let open_box = Mutation::delete(&live, 2, vec![target]);
    let left = live.grant().deadline.since(live.grant().granted_at);
    tokio::time::sleep(Duration::from_millis(left)).await;
    assert!(matches!(oncall.gate.execute(pending).await, Err(GateError::Expired)));
    println!(
        "at {:.1} s: a pending write is refused (12 s were granted)",
        start.elapsed().as_secs_f32()
    );
    let before = seen.lines();
    let ended = oncall.gate.end(live, EndReason::Expired).await;
    assert!(matches!(ended.revocation, Revocation::Confirmed { .. }), "{ended:?}");
    println!(
        "at {:.1} s: 401 on three new connections: {:?}",
        start.elapsed().as_secs_f32(),
        ended.revocation
    );
    assert!(matches!(oncall.gate.execute(open_box).await, Err(GateError::Closed)));
    create(rig, namespace, "late", "sleep 1000");
    until("the watch shows what came after", || seen.has("late")).await;
    until("the log goes on", || seen.lines() > before + 10).await;
}

#[test]
fn a_watch_and_a_followed_log_go_on_over_the_expiry() {
    if harness::require().is_none() {
        return;
    }
    let rig = &Rig::start(Options::node());
    stage::install(rig, &stage::policy());
    let namespace = rig.namespace("expiry");
    create(
        rig,
        &namespace,
        "ticker",
        "i=0; while true; do echo tick-$i; i=$((i+1)); sleep 0.2; done",
    );
    rig.wait("the ticker runs", Duration::from_secs(60), || {
        let path = namespace.path("pods/ticker");
        rig.http("GET", &path, Some(&rig.token("viewer")), None).json["status"]["phase"] == "Running"
    });
    let (rows, logs) = queries(&namespace, see(rig, &namespace, "ticker"));
    let state = tempfile::tempdir().expect("a folder");
    let seen = Seen::default();
    let mark = rig.audit_mark();
    run(async {
        let files = Kubeconfigs::load(Some(&rig.kubeconfig("oncall"))).expect("good");
        let reader = Reader::connect(&*files.open(None).expect("a context"))
            .await
            .expect("no plugin");
        let (rows_out, rows_in) = channel(8);
        let (logs_out, logs_in) = channel(8);
        tokio::select! {
            () = reader.run(rows, rows_out) => panic!("the watch ended"),
            () = reader.run(logs, logs_out) => panic!("the log ended"),
            () = seen.collect(rows_in) => panic!("nothing more of the watch"),
            () = seen.collect(logs_in) => panic!("nothing more of the log"),
            () = glass(rig, &namespace, &seen, state.path()) => {}
        }
    });
    assert_eq!(*seen.failed.lock().unwrap(), Vec::<String>::new());
    let lines = seen.lines.lock().unwrap();
    let wanted: Vec<String> = (0..lines.len()).map(|i| format!("tick-{i}")).collect();
    assert_eq!(*lines, wanted, "every line once, none missing");
    let events = rig.audit_since(mark);
    let started = |verb: &str, resource: &str, sub: Option<&str>| {
        let fits = |e: &&serde_json::Value| {
            e["stage"] == "RequestReceived"
                && e["user"]["username"] == "oncall"
                && e["verb"] == verb
                && e["objectRef"]["resource"] == resource
                && e["objectRef"]["subresource"].as_str() == sub
        };
        events.iter().filter(fits).count()
    };
    println!("{} log lines over one connection", lines.len());
    assert_eq!(started("watch", "pods", None), 1, "one watch, never opened again");
    assert_eq!(started("get", "pods", Some("log")), 1, "one log, never opened again");
}
