//! The screen that describes an object: what it reads, and that it does not move while it is read.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Stage, snapshot};
use crate::app::{DescribeScreen, Effect, Screen};
use crate::cluster::{Freshness, Query, ReadError, ReadErrorKind, Reading};

fn pod(conditions: usize, word: &str) -> Value {
    let condition = |n: usize| json!({"type": format!("Condition{n:02}"), "status": "True", "message": word});
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "checkout-1"},
        "spec": {"tolerations": (0..60).map(|n| json!({"key": format!("key-{n}")})).collect::<Vec<_>>()},
        "status": {"phase": "Running", "conditions": (0..conditions).map(condition).collect::<Vec<_>>()},
    })
}

fn opened() -> Stage {
    let mut stage = Stage::with_pods();
    stage.press("j d");
    let [Query::Describe(object)] = stage.queries()[..] else {
        panic!("no description is read: {:?}", stage.effects);
    };
    assert_eq!(
        (object.name.as_str(), object.uid.as_deref()),
        ("checkout-1", Some("uid-checkout-1"))
    );
    read(&mut stage, pod(3, "old"));
    stage
}

fn read(stage: &mut Stage, value: Value) {
    let id = stage.current_read();
    stage.reading(id, Reading::Object(Arc::new(value)));
}

fn screen(stage: &Stage) -> &DescribeScreen {
    match stage.screen() {
        Screen::Describe(screen) => screen,
        other => panic!("no description: {}", other.title()),
    }
}

fn top(stage: &Stage) -> String {
    let screen = screen(stage);
    screen.lines[screen.scroll.top].text()
}

#[test]
fn a_change_of_the_object_does_not_move_what_is_being_read() {
    let mut stage = opened();
    stage.press("G").press("k k k");
    let before = (top(&stage), screen(&stage).scroll.top);
    assert!(before.0.contains("key-"), "{before:?}");
    // Four conditions more, above what is seen.
    read(&mut stage, pod(7, "new"));
    assert_eq!((top(&stage), screen(&stage).scroll.top), (before.0, before.1 + 4));
}

#[test]
fn the_first_line_stays_the_first() {
    let mut stage = opened();
    let mut value = pod(3, "old");
    value["metadata"]["name"] = json!("renamed");
    read(&mut stage, value);
    assert_eq!(screen(&stage).scroll.top, 0);
}

#[test]
fn events_come_and_go_by_themselves() {
    let mut stage = opened();
    let id = stage.current_read();
    assert!(
        screen(&stage)
            .lines
            .last()
            .is_some_and(|line| line.text().contains("loading"))
    );
    stage.reading(id, Reading::Events(Ok(snapshot(Vec::new()))));
    assert!(
        screen(&stage)
            .lines
            .last()
            .is_some_and(|line| line.text().contains("<none>"))
    );
    assert!(stage.state.take_change());
    stage.reading(id, Reading::Freshness(Freshness::Live));
    assert_eq!(screen(&stage).freshness, Freshness::Live);
}

#[test]
fn a_deleted_object_stays_readable() {
    let mut stage = opened();
    let id = stage.current_read();
    stage.reading(
        id,
        Reading::Failed(ReadError {
            kind: ReadErrorKind::NotFound,
            cause: "get pods/checkout-1: not found".into(),
            cure: "it may have been deleted".into(),
            retrying: false,
        }),
    );
    assert!(!screen(&stage).lines.is_empty() && screen(&stage).error.is_some());
}

#[test]
fn one_made_anew_under_the_same_name_is_told_from_the_one_that_was_opened() {
    let mut stage = opened();
    let mut value = pod(3, "old");
    value["metadata"]["uid"] = json!("uid-checkout-1");
    read(&mut stage, value.clone());
    assert!(!screen(&stage).is_another());
    value["metadata"]["uid"] = json!("uid-of-the-next");
    read(&mut stage, value);
    assert!(screen(&stage).is_another());
}

#[test]
fn it_is_searched_wrapped_and_copied() {
    let mut stage = opened();
    stage.press("/").type_text("key-4").press("enter");
    assert_eq!(screen(&stage).search.hits.len(), 11, "key-4 and key-40 to key-49");
    let first = screen(&stage).scroll.top;
    stage.press("n n n n n n n n n n");
    assert!(screen(&stage).scroll.top > first);
    stage.press("w");
    assert!(screen(&stage).wrap);
    stage.press("c");
    assert!(matches!(&stage.effects[..], [Effect::Copy(text)] if text.contains("key-59")));
    stage.press("esc");
    assert!(!screen(&stage).search.is_on());
    stage.press("esc");
    assert!(matches!(stage.screen(), Screen::Table(_)));
}

#[test]
fn a_wrapped_page_can_be_scrolled_to_the_end_of_its_last_line() {
    let mut stage = opened();
    stage.press("w G");
    assert_eq!(screen(&stage).scroll.top, screen(&stage).lines.len() - 1);
    stage.press("w");
    assert!(screen(&stage).scroll.top < screen(&stage).lines.len() - 1);
}
