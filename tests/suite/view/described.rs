//! Objects in words.

use std::sync::Arc;

use kglass::app::Screen;
use kglass::cluster::{Freshness, Query, ReadError, ReadErrorKind, Reading};
use kglass::model::{ColumnKind, Snapshot};
use serde_json::{Value, json};

use super::fixture::{MINUTE, NOW, SECOND, World, age, column, number, row, snapshot, text};
use super::{LARGE, MIDDLE, SMALL, accept, sized};

fn pod() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "checkout-74c77f8f7b-6wn6k", "namespace": "shop", "creationTimestamp": "2026-11-24T01:53:40Z",
            "labels": {"app": "checkout", "pod-template-hash": "74c77f8f7b"},
            "ownerReferences": [{"kind": "ReplicaSet", "name": "checkout-74c77f8f7b", "controller": true}]},
        "spec": {"nodeName": "node-b", "serviceAccountName": "checkout", "containers": [{
            "name": "main", "image": "registry.invalid/shop/checkout:1.5", "ports": [{"containerPort": 8080, "name": "http"}],
            "env": [{"name": "LEDGER", "value": "http://ledger:8080"},
                {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "checkout", "key": "token"}}}],
            "resources": {"limits": {"memory": "64Mi"}, "requests": {"cpu": "10m", "memory": "32Mi"}},
            "readinessProbe": {"httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"}, "periodSeconds": 5},
            "volumeMounts": [{"mountPath": "/etc/checkout", "name": "config", "readOnly": true}],
        }], "volumes": [{"name": "config", "configMap": {"name": "checkout"}}],
            "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}]},
        "status": {"phase": "Running", "qosClass": "Burstable", "hostIP": "192.0.2.12", "podIPs": [{"ip": "10.244.1.17"}],
            "startTime": "2026-11-24T01:53:41Z",
            "conditions": [
                {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-11-24T01:53:41Z"},
                {"type": "Ready", "status": "False", "lastTransitionTime": "2026-11-24T01:53:41Z",
                    "reason": "ContainersNotReady", "message": "containers with unready status: [main]"}],
            "containerStatuses": [{"name": "main", "ready": false, "restartCount": 17,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}},
                "lastState": {"terminated": {"exitCode": 3, "reason": "Error",
                    "startedAt": "2026-11-24T02:14:58Z", "finishedAt": "2026-11-24T02:14:59Z"}}}]},
    })
}

fn events(message: &str) -> Snapshot {
    use ColumnKind::{Age, Number, Text};
    let columns = [
        column("LAST SEEN", Age, false),
        column("TYPE", Text, false),
        column("REASON", Text, false),
        column("OBJECT", Text, false),
        column("SOURCE", Text, true),
        column("MESSAGE", Text, false),
        column("COUNT", Number, true),
    ];
    let event = |ago, kind, reason, source, message, count| {
        let cells = vec![
            age(ago),
            text(kind),
            text(reason),
            text("pod/checkout"),
            text(source),
            text(message),
            number(count, None),
        ];
        row(Some("shop"), reason, None, cells)
    };
    let rows = vec![
        event(12 * SECOND, "Warning", "BackOff", "kubelet, node-b", message, 94),
        event(
            22 * MINUTE,
            "Normal",
            "Scheduled",
            "default-scheduler",
            "assigned shop/checkout to node-b",
            1,
        ),
    ];
    Snapshot {
        columns: columns.into(),
        ..snapshot("events", Arc::default(), rows)
    }
}

/// The cursor's pod described.
fn described(size: (u16, u16), object: Value, message: &str) -> World {
    let mut world = World::with_pods(size.0, size.1);
    world.press(&["j", "j", "d"]);
    let is_it = |query: &Query| matches!(query, Query::Describe(_));
    world.answer(is_it, Reading::Object(Arc::new(object)));
    world.answer(is_it, Reading::Events(Ok(events(message))));
    world.answer(is_it, Reading::Freshness(Freshness::Live));
    world.state.now = NOW;
    world
}

const BACK_OFF: &str = "Back-off restarting failed container main in pod checkout";

#[test]
fn a_pod_is_described_at_every_size() {
    for size in [SMALL, MIDDLE, LARGE] {
        accept(&sized("describe__pod", size), &described(size, pod(), BACK_OFF));
    }
}

#[test]
fn its_events_stand_at_the_end_and_a_hit_is_marked() {
    for size in [SMALL, MIDDLE] {
        let mut world = described(size, pod(), BACK_OFF);
        world.press(&["/"]);
        world.write("ledger|back-off");
        world.press(&["enter", "w", "G"]);
        if size == MIDDLE {
            world.press(&["w"]);
        }
        world.state.now = NOW;
        accept(&sized("describe__end_searched", size), &world);
    }
}

#[test]
fn the_end_of_wrapped_lines_fills_the_screen() {
    for size in [SMALL, MIDDLE, LARGE] {
        let mut world = described(size, pod(), BACK_OFF);
        world.press(&["w", "G"]);
        let theme = super::dump::probe_theme();
        let text = super::dump::grid(&super::dump::drawn(&world.state, &theme).0);
        let lines: Vec<&str> = text.lines().collect();
        let body = &lines[lines.len() - 1 - world.state.body_height()..lines.len() - 1];
        let is_filled = |line: &&&str| !line.trim_end_matches('▏').trim().is_empty();
        let filled = body.iter().filter(is_filled).count();
        assert!(filled + 4 > body.len().min(40), "{filled} of {}:\n{text}", body.len());
    }
}

#[test]
fn events_are_a_table_of_their_own() {
    for size in [SMALL, MIDDLE, LARGE] {
        let mut world = World::with_pods(size.0, size.1);
        world.press(&[":"]);
        world.write("events");
        world.press(&["enter"]);
        world.rows(events(BACK_OFF));
        world.freshness(Freshness::Live);
        world.state.now = NOW;
        accept(&sized("table__events", size), &world);
    }
}

#[test]
fn the_newest_warning_stands_behind_the_words_of_a_row_that_is_not_well() {
    let hostile = format!("\u{1b}[2J{BACK_OFF}\r\n\u{202e}and much more than fits into a line of any usual terminal");
    for size in [MIDDLE, LARGE] {
        let mut world = World::with_pods(size.0, size.1);
        world.press(&["j", "j"]);
        world.tick(SECOND);
        world.answer(
            |query| matches!(query, Query::LatestEvents(_)),
            Reading::Events(Ok(events(&hostile))),
        );
        world.state.now = NOW;
        accept(&sized("table__why", size), &world);
    }
}

#[test]
fn a_deleted_object_says_gone_and_stays() {
    let mut world = described(SMALL, pod(), BACK_OFF);
    world.answer(
        |query| matches!(query, Query::Describe(_)),
        Reading::Failed(ReadError {
            kind: ReadErrorKind::NotFound,
            cause: "get pods/checkout-74c77f8f7b-6wn6k: not found".into(),
            cure: "it may have been deleted".into(),
            retrying: false,
        }),
    );
    accept("describe__gone", &world);
}

#[test]
fn a_hostile_object_cannot_break_the_lines() {
    let evil = "\u{1b}[2J\u{1b}]0;pwn\u{7}\r\nForged: yes\u{202e}dnuor\u{9b}31m";
    let mut object = pod();
    object["metadata"]["labels"] =
        json!({"a": evil, "wide": "見本市のポッド名前がとても長い場合の表示確認用見本市のポッド名前が"});
    object["metadata"]["annotations"] =
        json!({"z": format!("z{}algo", "\u{301}".repeat(30)), "long": "x".repeat(4000)});
    object["status"]["containerStatuses"][0]["state"]["waiting"]["message"] = json!(evil);
    let mut world = described(SMALL, object, evil);
    accept("describe__hostile", &world);
    world.press(&["G"]);
    world.state.now = NOW;
    accept("describe__hostile_end", &world);
    assert!(matches!(world.state.screens.current(), Some(Screen::Describe(_))));
}
