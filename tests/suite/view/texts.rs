//! YAML and logs.

use std::sync::Arc;

use kglass::cluster::{LogLine, Query, Reading};
use kglass::model::LogText;
use serde_json::json;

use super::fixture::World;
use super::{MIDDLE, SMALL, accept, sized};

fn with_yaml(size: (u16, u16), object: serde_json::Value) -> World {
    let mut world = World::with_pods(size.0, size.1);
    world.press(&["j", "y"]);
    world.answer(
        |query| matches!(query, Query::Object(_)),
        Reading::Object(Arc::new(object)),
    );
    world
}

fn pod() -> serde_json::Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "checkout-74c77f8f7b-6wn6k", "namespace": "shop",
            "creationTimestamp": "2026-11-24T01:53:40Z", "labels": {"app": "checkout", "tier": "yes"}},
        "spec": {"restartPolicy": "Always", "hostNetwork": false, "priority": 0, "nodeName": "node-b", "volumes": [],
            "containers": [{"name": "checkout", "image": "registry.example/shop/checkout:1.9.0",
                "command": ["sh", "-c", "echo starting\nexec /app --ledger http://ledger:8080 --a-flag-that-makes-this-line-much-longer-than-the-screen\n"],
                "env": [{"name": "MODE", "value": "strict: \u{202e}evil"}], "resources": {}}]},
        "status": {"phase": "Running", "startTime": null},
    })
}

#[test]
fn yaml_is_coloured_by_token_and_searched() {
    for size in [SMALL, MIDDLE] {
        let mut world = with_yaml(size, pod());
        world.press(&["/"]);
        world.write("checkout");
        world.press(&["enter", "n"]);
        accept(&sized("yaml__searched", size), &world);
    }
}

#[test]
fn yaml_moves_to_the_side() {
    let mut world = with_yaml(SMALL, pod());
    world.press(&["ctrl-f", "l", "l"]);
    accept("yaml__moved", &world);
}

#[test]
fn a_secret_is_kept_out_of_the_recording() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.press(&[":"]);
    world.write("pods");
    world.press(&["enter"]);
    let secret = kglass::model::ObjectRef {
        gvk: kglass::model::Gvk::new("", "v1", "Secret"),
        resource: "secrets".into(),
        namespace: Some("shop".into()),
        name: "db".into(),
        ..kglass::model::ObjectRef::default()
    };
    let mut screen = kglass::app::YamlScreen::new(secret);
    let value = json!({"apiVersion": "v1", "kind": "Secret", "data": {"password": "(redacted, 12 bytes)"}});
    screen.lines = kglass::model::yaml::lines(&value).into();
    screen.value = Some(Arc::new(value));
    world.state.screens.push(kglass::app::Screen::Yaml(Box::new(screen)));
    accept("yaml__secret", &world);
}

fn line(pod: &str, n: u32, text: &str) -> LogLine {
    LogLine {
        pod: pod.into(),
        container: "checkout".into(),
        time: format!("2026-11-24T02:15:{n:02}.123456789Z").into(),
        text: LogText::parse(text),
        note: false,
    }
}

fn with_logs(size: (u16, u16)) -> World {
    let mut world = World::with_pods(size.0, size.1);
    world.press(&["j", "l"]);
    let mut lines: Vec<LogLine> = (0..30)
        .map(|n| {
            line(
                "checkout-74c77f8f7b-6wn6k",
                n,
                &format!("request {n} took {} ms", n * 7),
            )
        })
        .collect();
    lines.push(line(
        "checkout-74c77f8f7b-6wn6k",
        31,
        "\u{1b}[31mERROR\u{1b}[0m cannot reach \u{1b}[1mledger\u{1b}[0m:8080",
    ));
    lines.push(line(
        "checkout-74c77f8f7b-bmnpv",
        32,
        "\u{1b}]0;title\u{7}tab\there \u{202e}and \rback",
    ));
    lines.push(line(
        "checkout-74c77f8f7b-bmnpv",
        33,
        "a line that is longer than any terminal: goroutine 1 [running]: main.main() /src/checkout/main.go:42 +0x1d4 exit status 3 and so on and on until the end",
    ));
    lines.push(LogLine {
        note: true,
        ..line(
            "checkout-74c77f8f7b-bmnpv",
            34,
            "the container ended; waiting for the next one",
        )
    });
    world.answer(|query| matches!(query, Query::Logs(_)), Reading::Logs(lines));
    world
}

#[test]
fn logs_follow_the_end_and_name_their_source() {
    for size in [SMALL, MIDDLE] {
        accept(&sized("logs__following", size), &with_logs(size));
    }
}

#[test]
fn logs_wrapped_with_times_end_with_the_last_line() {
    let mut world = with_logs(SMALL);
    world.press(&["w", "t"]);
    accept("logs__wrapped_with_times", &world);
}

#[test]
fn a_held_log_shows_where_it_is_and_what_was_found() {
    let mut world = with_logs(SMALL);
    world.press(&["s", "/"]);
    world.write("took [67]");
    world.press(&["enter", "n"]);
    accept("logs__held_and_searched", &world);
}

#[test]
fn an_empty_log_says_what_it_waits_for() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.press(&["j", "l"]);
    accept("logs__waiting", &world);
}
