use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::cluster::mock::{Asked, Mock, Reply, Running, status};
use crate::cluster::{LogLine, LogQuery, LogSource, Query, Reading};
use crate::model::{Gvk, ObjectRef};

fn object(kind: &str, group: &str, resource: &str, name: &str) -> ObjectRef {
    ObjectRef {
        gvk: Gvk::new(group, "v1", kind),
        resource: resource.into(),
        namespace: Some("shop".into()),
        name: name.into(),
        ..ObjectRef::default()
    }
}

fn container(follow: bool) -> LogQuery {
    LogQuery {
        source: LogSource::Pod {
            pod: object("Pod", "", "pods", "web-0"),
            container: Some("web".into()),
        },
        follow,
        previous: false,
        tail: Some(100),
        since_seconds: None,
    }
}

fn pod(restarts: u64, state: &Value) -> Reply {
    Reply::Json(
        200,
        json!({
            "metadata": {"name": "web-0"},
            "spec": {"containers": [{"name": "web"}], "restartPolicy": "Never"},
            "status": {"containerStatuses": [{"name": "web", "restartCount": restarts, "state": state}]},
        }),
    )
}

fn line(second: u32, text: &str) -> String {
    format!("2026-01-01T00:00:{second:02}.5Z {text}")
}

async fn lines(mut running: Running) -> Vec<LogLine> {
    let mut lines = Vec::new();
    while let Some(reading) = running.next().await {
        match reading {
            Reading::Logs(batch) => lines.extend(batch),
            Reading::Ended => break,
            other => panic!("{other:?}"),
        }
    }
    lines
}

fn texts(lines: &[LogLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

fn is_log(asked: &Asked) -> bool {
    asked.path.ends_with("/log")
}

#[tokio::test]
async fn a_log_is_read_with_times_and_ends() {
    let mock = Mock::new(|_| Reply::Lines(vec![line(1, "one"), line(2, "\u{1b}[31mred\u{1b}[0m"), String::new()]));
    let lines = lines(mock.run(Query::Logs(container(false))).await).await;
    assert_eq!(texts(&lines)[..2], ["one", "red"]);
    assert_eq!(&*lines[0].time, "2026-01-01T00:00:01.5Z");
    assert_eq!((&*lines[0].pod, &*lines[0].container), ("web-0", "web"));
    assert_eq!(
        lines[1].text.runs().len(),
        1,
        "its colour is kept, its escape sequence is not"
    );
    let asked = &mock.seen()[0];
    assert_eq!(asked.path, "/api/v1/namespaces/shop/pods/web-0/log");
    assert_eq!(
        (asked.get("timestamps"), asked.get("tailLines"), asked.get("follow")),
        ("true", "100", "")
    );
}

#[tokio::test]
async fn a_followed_log_survives_a_cut_without_losing_or_repeating_a_line() {
    let ended = json!({"terminated": {"exitCode": 0, "reason": "Completed"}});
    let running = json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}});
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let mock = Mock::new(move |asked| match asked.path.as_str() {
        _ if is_log(asked) => match count.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::Lines(vec![line(1, "one"), line(2, "two"), line(2, "two")]),
            1 => Reply::Lines(vec![line(2, "two"), line(2, "two"), line(2, "two"), line(3, "three")]),
            _ => Reply::Lines(vec![line(3, "three")]),
        },
        "/readyz" => Reply::Json(200, json!({})),
        _ if count.load(Ordering::SeqCst) < 3 => pod(0, &running),
        _ => pod(0, &ended),
    });
    let lines = lines(mock.run(Query::Logs(container(true))).await).await;
    assert_eq!(
        texts(&lines),
        [
            "one",
            "two",
            "two",
            "two",
            "three",
            "container ended: Completed, exit code 0"
        ]
    );
    assert!(lines.last().unwrap().note && !lines[0].note);
    let seen = mock.seen();
    let since: Vec<_> = seen
        .iter()
        .filter(|a| is_log(a))
        .map(|a| (a.get("sinceTime"), a.get("tailLines")))
        .collect();
    assert_eq!(
        since,
        [
            ("", "100"),
            ("2026-01-01T00:00:02Z", ""),
            ("2026-01-01T00:00:03Z", ""),
            ("2026-01-01T00:00:03Z", "")
        ],
        "once more after its end"
    );
}

#[tokio::test]
async fn a_restarted_container_is_followed_into_its_next_run() {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let mock = Mock::new(move |asked| match asked.path.as_str() {
        _ if is_log(asked) => match count.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::Lines(vec![line(1, "first run")]),
            _ => Reply::Lines(vec![line(9, "second run")]),
        },
        "/readyz" => Reply::Json(200, json!({})),
        _ => match count.load(Ordering::SeqCst) {
            0 => pod(0, &json!({"running": {}})),
            1 => pod(1, &json!({"running": {}})),
            _ => pod(1, &json!({"terminated": {"exitCode": 3, "reason": "Error"}})),
        },
    });
    let lines = lines(mock.run(Query::Logs(container(true))).await).await;
    assert_eq!(
        texts(&lines),
        [
            "first run",
            "container restarted",
            "second run",
            "container ended: Error, exit code 3"
        ]
    );
}

#[tokio::test]
async fn a_container_that_ran_and_ended_while_it_was_waited_for_is_read() {
    let asked_before = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked_before);
    let mock = Mock::new(move |asked| match asked.path.as_str() {
        _ if is_log(asked) && count.load(Ordering::SeqCst) < 2 => status(400, "container \"web\" is waiting to start"),
        _ if is_log(asked) => Reply::Lines(vec![line(1, "a short life")]),
        "/readyz" => Reply::Json(200, json!({})),
        _ => match count.fetch_add(1, Ordering::SeqCst) {
            0 => pod(0, &json!({"waiting": {"reason": "ContainerCreating"}})),
            _ => pod(0, &json!({"terminated": {"exitCode": 3, "reason": "Error"}})),
        },
    });
    let lines = lines(mock.run(Query::Logs(container(true))).await).await;
    assert_eq!(texts(&lines), ["a short life", "container ended: Error, exit code 3"]);
}

#[tokio::test]
async fn refusals_are_told() {
    let mock = Mock::new(|_| status(403, "cannot get pods/log"));
    for follow in [false, true] {
        let readings = mock.run(Query::Logs(container(follow))).await.all().await;
        let Reading::Failed(error) = &readings[0] else {
            panic!("{readings:?}");
        };
        assert!(
            error.cause.contains("log of web in web-0") && error.cause.contains("pods/log"),
            "{error}"
        );
        assert!(matches!(readings.last(), Some(Reading::Ended)));
    }
}

#[tokio::test]
async fn one_container_that_cannot_be_read_does_not_hide_the_others() {
    let mock = Mock::new(|asked| match asked.get("container") {
        "web" => Reply::Lines(vec![line(1, "one")]),
        "" => Reply::Json(200, json!({"spec": {"containers": [{"name": "web"}, {"name": "new"}]}})),
        _ => status(400, "previous terminated container \"new\" not found"),
    });
    let mut query = container(false);
    query.previous = true;
    query.source = LogSource::Pod {
        pod: object("Pod", "", "pods", "web-0"),
        container: None,
    };
    let lines = lines(mock.run(Query::Logs(query)).await).await;
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().any(|l| !l.note && l.text.as_str() == "one"));
    assert!(lines.iter().any(|l| l.note && &*l.container == "new"));
}

#[tokio::test]
async fn a_pod_that_is_gone_ends_its_log() {
    let mock = Mock::new(|asked| match asked.path.as_str() {
        _ if is_log(asked) && asked.before == 0 => Reply::Lines(vec![line(1, "one")]),
        _ => status(404, "pods \"web-0\" not found"),
    });
    let lines = lines(mock.run(Query::Logs(container(true))).await).await;
    assert_eq!(texts(&lines), ["one", "the pod was deleted"]);
}

fn pod_row(name: &str) -> Value {
    json!({"cells": [name], "object": {"metadata": {
        "name": name, "namespace": "shop", "uid": name, "resourceVersion": "6"}}})
}

#[tokio::test]
async fn a_workloads_log_holds_all_its_pods_and_those_that_come_later() {
    let mock = Mock::new(|asked| match asked.path.as_str() {
        "/readyz" => Reply::Json(200, json!({})),
        "/apis/apps/v1/namespaces/shop/deployments/web" => {
            Reply::Json(200, json!({"spec": {"selector": {"matchLabels": {"app": "web"}}}}))
        }
        "/api/v1/namespaces/shop/pods" if asked.is_watch() => Reply::Open(vec![
            json!({"type": "ADDED", "object": {"kind": "Table", "rows": [pod_row("web-2")]}}).to_string(),
        ]),
        "/api/v1/namespaces/shop/pods" => Reply::Json(
            200,
            json!({"kind": "Table", "metadata": {"resourceVersion": "5"},
                   "columnDefinitions": [{"name": "Name", "type": "string"}],
                   "rows": [pod_row("web-0"), pod_row("web-1")]}),
        ),
        path if is_log(asked) => {
            let (second, pod) = if path.contains("web-0") {
                (2, "from 0")
            } else if path.contains("web-1") {
                (1, "from 1")
            } else {
                (3, "from 2")
            };
            Reply::Open(vec![line(second, pod)])
        }
        _ => Reply::Json(
            200,
            json!({"spec": {"containers": [{"name": "web"}]},
                   "status": {"containerStatuses": [{"name": "web", "state": {"running": {}}}]}}),
        ),
    });
    let query = LogQuery {
        source: LogSource::Workload(object("Deployment", "apps", "deployments", "web")),
        ..container(true)
    };
    let mut running = mock.run(Query::Logs(query)).await;
    let mut seen = Vec::new();
    while seen.len() < 3 {
        if let Some(Reading::Logs(lines)) = running.next().await {
            seen.extend(lines.iter().map(|line| line.text.as_str().to_owned()));
        }
    }
    seen.sort();
    assert_eq!(seen, ["from 0", "from 1", "from 2"]);
    let late = mock
        .seen()
        .into_iter()
        .find(|a| is_log(a) && a.path.contains("web-2"))
        .unwrap();
    assert_eq!(
        late.get("tailLines"),
        "",
        "a pod that comes later is read from its first line"
    );
    let pods = mock
        .seen()
        .into_iter()
        .find(|a| a.path == "/api/v1/namespaces/shop/pods")
        .unwrap();
    assert_eq!(pods.get("labelSelector"), "app=web");
}

#[tokio::test]
async fn a_slow_reader_loses_no_line_while_pods_come() {
    const PODS: usize = 24;
    const LINES: usize = 1000;
    let mock = Mock::new(|asked| match asked.path.as_str() {
        "/readyz" => Reply::Json(200, json!({})),
        "/apis/apps/v1/namespaces/shop/deployments/web" => {
            Reply::Json(200, json!({"spec": {"selector": {"matchLabels": {"app": "web"}}}}))
        }
        "/api/v1/namespaces/shop/pods" if asked.is_watch() => Reply::Slow(
            (0..PODS)
                .map(|i| {
                    json!({"type": "ADDED", "object": {"kind": "Table", "rows": [pod_row(&format!("web-{i}"))]}})
                        .to_string()
                })
                .collect(),
        ),
        "/api/v1/namespaces/shop/pods" => Reply::Json(
            200,
            json!({"kind": "Table", "metadata": {"resourceVersion": "5"},
                   "columnDefinitions": [{"name": "Name", "type": "string"}], "rows": []}),
        ),
        path if is_log(asked) => Reply::Open((0..LINES).map(|i| line(1, &format!("{path} {i}"))).collect()),
        path => Reply::Json(
            200,
            json!({"metadata": {"uid": path.rsplit('/').next()}, "spec": {"containers": [{"name": "web"}]},
                   "status": {"containerStatuses": [{"name": "web", "state": {"running": {}}}]}}),
        ),
    });
    let query = LogQuery {
        source: LogSource::Workload(object("Deployment", "apps", "deployments", "web")),
        ..container(true)
    };
    let mut running = mock.run_ahead(Query::Logs(query), 1).await;
    let mut seen = std::collections::HashSet::new();
    while seen.len() < PODS * LINES {
        match running.next().await {
            Some(Reading::Logs(lines)) => {
                for line in lines {
                    assert!(seen.insert(line.text.as_str().to_owned()), "twice: {line:?}");
                }
            }
            other => panic!("{other:?}"),
        }
        // Whoever takes the lines is slower than they come: everybody else has a turn first.
        tokio::task::yield_now().await;
    }
}
