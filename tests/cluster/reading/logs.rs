//! Logs of real containers: followed over restarts and a cut connection, merged over pods.

use std::collections::HashSet;

use kglass::cluster::{LogLine, LogQuery, LogSource, Query, Reading};
use serde_json::json;

use super::{Read, object, reader};
use crate::harness::{self, Namespace, Rig};

fn followed(source: LogSource) -> Query {
    Query::Logs(LogQuery {
        source,
        follow: true,
        previous: false,
        tail: None,
        since_seconds: None,
    })
}

async fn lines_until(read: &mut Read, what: &str, is_enough: impl Fn(&[LogLine]) -> bool) -> Vec<LogLine> {
    let mut lines = Vec::new();
    read.find(what, |reading| {
        if let Reading::Logs(batch) = reading {
            lines.extend(batch.iter().cloned());
        }
        is_enough(&lines).then_some(())
    })
    .await;
    lines
}

fn pod(name: &str, script: &str) -> serde_json::Value {
    let mut spec = harness::pod_spec("main", script);
    spec["restartPolicy"] = json!("Never");
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
}

fn create_deployment(rig: &Rig, namespace: &Namespace<'_>, name: &str, script: &str) {
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}},
                 "template": {"metadata": {"labels": {"app": name}}, "spec": harness::pod_spec("main", script)}},
    });
    let path = namespace.path_in("apps/v1", "deployments");
    let reply = rig.http("POST", &path, Some(&rig.token("admin")), Some(&deployment));
    assert_eq!(reply.status, 201, "{}", reply.message());
}

#[tokio::test]
async fn a_followed_log_has_every_line_once_and_says_how_it_ended() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("logs");
    let script = "i=0; while [ $i -lt 3000 ]; do echo line-$i; i=$((i+1)); done; sleep 1; echo last; exit 3";
    let body = pod("counter", script);
    let reply = rig.http("POST", &namespace.path("pods"), Some(&rig.token("admin")), Some(&body));
    assert_eq!(reply.status, 201, "{}", reply.message());
    let reader = reader(rig, "viewer").await;
    let source = LogSource::Pod {
        pod: object("", "Pod", "pods", &namespace, "counter"),
        container: None,
    };
    let mut read = Read::start(&reader, followed(source));
    let is_end = |lines: &[LogLine]| {
        lines
            .last()
            .is_some_and(|l| l.note && l.text.as_str().contains("container ended"))
    };
    let lines = lines_until(&mut read, "the end of the log", is_end).await;
    let said: Vec<&str> = lines.iter().filter(|l| !l.note).map(|l| l.text.as_str()).collect();
    let wanted: Vec<String> = (0..3000)
        .map(|i| format!("line-{i}"))
        .chain(["last".to_owned()])
        .collect();
    // Not by assert_eq, which would print thousands of lines twice.
    let first_wrong = said.iter().zip(&wanted).position(|(said, wanted)| said != wanted);
    assert_eq!((said.len(), first_wrong), (wanted.len(), None));
    assert!(
        lines.iter().filter(|l| !l.note).all(|l| l.time.contains('T')),
        "with times"
    );
    let end = lines.last().expect("waited for").text.as_str().to_owned();
    assert!(end.contains("exit code 3"), "{end}");
}

#[tokio::test]
async fn a_crash_loop_is_followed_into_its_next_run_and_its_previous_run_is_read() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("crash");
    // The first restart comes at once, the next after ten seconds.
    create_deployment(
        rig,
        &namespace,
        "checkout",
        "echo cannot reach ledger; sleep 0.2; exit 3",
    );
    let reader = reader(rig, "viewer").await;
    let checkout = LogSource::Workload(object("apps", "Deployment", "deployments", &namespace, "checkout"));
    let mut read = Read::start(&reader, followed(checkout));
    let runs = |lines: &[LogLine]| {
        lines
            .iter()
            .filter(|l| !l.note && l.text.as_str() == "cannot reach ledger")
            .count()
    };
    let lines = lines_until(&mut read, "two runs", |lines| runs(lines) >= 2).await;
    assert!(
        lines.iter().any(|l| l.note && l.text.as_str() == "container restarted"),
        "{lines:?}"
    );
    let times: HashSet<_> = lines
        .iter()
        .filter(|l| !l.note)
        .map(|l| (&l.time, l.text.as_str()))
        .collect();
    assert_eq!(times.len(), lines.iter().filter(|l| !l.note).count(), "no line twice");

    let pod = object("", "Pod", "pods", &namespace, &lines[0].pod);
    let previous = Query::Logs(LogQuery {
        source: LogSource::Pod {
            pod,
            container: Some("main".into()),
        },
        follow: false,
        previous: true,
        tail: Some(1),
        since_seconds: None,
    });
    let lines = lines_until(&mut Read::start(&reader, previous), "the previous run", |lines| {
        !lines.is_empty()
    })
    .await;
    assert_eq!(lines.len(), 1);
}

#[tokio::test]
async fn pods_that_come_later_join_the_log_of_their_workload() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("joined");
    let scale = |n: u32| {
        rig.kubectl_ok(
            "admin",
            &["-n", &namespace, "scale", "deploy/talker", &format!("--replicas={n}")],
        )
    };
    create_deployment(rig, &namespace, "talker", "echo hello from $HOSTNAME; sleep 3600");
    let reader = reader(rig, "viewer").await;
    let source = LogSource::Workload(object("apps", "Deployment", "deployments", &namespace, "talker"));
    let mut read = Read::start(&reader, followed(source));
    let pods = |lines: &[LogLine]| {
        lines
            .iter()
            .filter(|l| !l.note)
            .map(|l| l.pod.clone())
            .collect::<HashSet<_>>()
            .len()
    };
    lines_until(&mut read, "the first pod", |lines| pods(lines) == 1).await;
    scale(3);
    lines_until(&mut read, "the two others", |lines| pods(lines) == 2).await;
}
