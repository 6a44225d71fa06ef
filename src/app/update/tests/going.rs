//! From a row to its owner and its events, why a row is not well, and sorting and filtering by
//! whatever there is.

use std::sync::Arc;

use serde_json::json;

use super::{Stage, pod, snapshot, snapshot_of};
use crate::app::{Effect, FilterKind, ReadId, TableSource};
use crate::cluster::{Query, ReadError, ReadErrorKind, Reading};
use crate::model::{Cell, Column, ColumnKind, Snapshot, SortKey, TermSafe};

fn object(stage: &mut Stage, value: serde_json::Value) {
    let id = stage.read_of(|query| matches!(query, Query::Object(_)));
    stage.reading(id, Reading::Object(Arc::new(value)));
}

fn only(stage: &Stage) -> (String, Option<String>, Option<String>) {
    match &stage.table().source {
        TableSource::Rows(query) => (
            query.resource.plural.clone(),
            query.namespace.clone(),
            query.fields.clone(),
        ),
        other => panic!("not rows: {other:?}"),
    }
}

#[test]
fn the_owner_is_looked_up_by_its_group_and_shown_alone() {
    let mut stage = Stage::with_pods();
    stage.press("shift-j");
    object(
        &mut stage,
        json!({"metadata": {"name": "cart-1", "namespace": "shop", "ownerReferences": [
            {"apiVersion": "v1", "kind": "Service", "name": "other"},
            {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart", "controller": true},
        ]}}),
    );
    let wanted = (
        "deployments".into(),
        Some("shop".into()),
        Some("metadata.name=cart".into()),
    );
    assert_eq!(only(&stage), wanted);
    assert_eq!(stage.table().title(), "deployment cart");
    stage.press("esc");
    assert_eq!(stage.table().title(), "pods");
}

#[test]
fn who_has_no_owner_or_one_of_an_unknown_kind_is_told_so() {
    let mut stage = Stage::with_pods();
    stage.press("shift-j");
    object(&mut stage, json!({"metadata": {"name": "cart-1"}}));
    assert_eq!(stage.said(), "cart-1 has no owner");
    stage.press("shift-j");
    // The same kind in another group is another kind.
    let owner = json!({"apiVersion": "other.example/v1", "kind": "Deployment", "name": "cart", "controller": true});
    object(
        &mut stage,
        json!({"metadata": {"name": "cart-1", "ownerReferences": [owner]}}),
    );
    assert!(stage.said().contains("cannot be shown"), "{}", stage.said());
}

#[test]
fn an_event_leads_to_the_object_it_is_about() {
    let mut stage = Stage::with_pods();
    stage.press("shift-j");
    let about = json!({"apiVersion": "v1", "kind": "Node", "name": "node-a"});
    object(
        &mut stage,
        json!({"kind": "Event", "metadata": {"name": "x", "namespace": "default"}, "involvedObject": about}),
    );
    assert_eq!(
        only(&stage),
        ("nodes".into(), None, Some("metadata.name=node-a".into()))
    );
}

#[test]
fn events_of_a_row_are_selected_by_the_server() {
    let mut stage = Stage::with_pods();
    stage.press("j shift-e");
    let (plural, namespace, fields) = only(&stage);
    assert_eq!((plural.as_str(), namespace.as_deref()), ("events", Some("shop")));
    assert_eq!(
        fields.as_deref(),
        Some("involvedObject.name=checkout-1,involvedObject.kind=Pod,involvedObject.uid=uid-checkout-1")
    );
    assert_eq!(stage.table().title(), "events of checkout-1");
}

fn events(messages: &[(&str, &str, i64)]) -> Snapshot {
    let column = |name: &str| Column {
        name: TermSafe::new(name),
        kind: ColumnKind::Text,
        wide: false,
    };
    let text = |text: &str| Cell {
        text: TermSafe::new(text),
        sort: SortKey::Text,
        since_ms: None,
    };
    let rows = messages.iter().map(|(kind, message, seen)| {
        let seen = Cell {
            sort: SortKey::Time(*seen),
            since_ms: Some(*seen),
            ..text("")
        };
        let mut row = pod("event", "", "", 0);
        let data = Arc::get_mut(&mut row.0).expect("nobody else has it");
        data.cells = [seen, text(kind), text(message)].into();
        row
    });
    Snapshot {
        columns: [column("LAST SEEN"), column("TYPE"), column("MESSAGE")].into(),
        ..snapshot(rows.collect())
    }
}

fn asked(stage: &Stage) -> Option<ReadId> {
    stage.effects.iter().find_map(|effect| match effect {
        Effect::Read(id, Query::LatestEvents(_)) => Some(*id),
        _ => None,
    })
}

fn why(stage: &Stage) -> &str {
    stage.state.connection.why.as_ref().map_or("", |why| &why.text)
}

#[test]
fn the_newest_warning_says_why_a_row_is_not_well() {
    let mut stage = Stage::with_pods();
    stage.tick();
    assert_eq!(asked(&stage), None, "the row under the cursor is well");
    stage.press("j");
    assert_eq!(asked(&stage), None, "a cursor on its way asks nothing");
    stage.tick();
    let id = asked(&stage).expect("a row that is not well");
    let told = events(&[
        ("Warning", "older", 1),
        ("Normal", "pulled", 9),
        ("Warning", "back-off", 5),
    ]);
    stage.reading(id, Reading::Events(Ok(told)));
    assert_eq!(why(&stage), "back-off");
    stage.wait(10_000).tick();
    assert_eq!(asked(&stage), None, "not again so soon");
    stage.wait(10_000).tick();
    assert!(asked(&stage).is_some());
    assert_eq!(why(&stage), "back-off", "until the next answer");
}

#[test]
fn events_that_are_refused_are_not_asked_for_again() {
    let mut stage = Stage::with_pods();
    stage.press("j").tick();
    let id = asked(&stage).expect("a row that is not well");
    stage.reading(
        id,
        Reading::Events(Err(ReadError {
            kind: ReadErrorKind::Forbidden,
            cause: "list events: forbidden".into(),
            cure: "ask for it".into(),
            retrying: false,
        })),
    );
    stage.wait(60_000).tick();
    assert_eq!(asked(&stage), None);
}

#[test]
fn a_table_is_sorted_by_any_column_by_its_name() {
    let mut stage = Stage::with_pods();
    stage.command("sort rest");
    assert_eq!(stage.table().sort.column, "RESTARTS");
    stage.command("sort status");
    assert_eq!(
        (stage.table().sort.column.as_str(), stage.table().sort.descending),
        ("STATUS", false)
    );
    stage.command("sort STATUS");
    assert!(stage.table().sort.descending);
    stage.command("sort nothing");
    assert!(
        stage.said().contains("it has NAME, READY, STATUS, RESTARTS, AGE"),
        "{}",
        stage.said()
    );
    stage.press("shift-t");
    assert_eq!(stage.table().sort.column, "RESTARTS");
    stage.press("shift-c");
    assert!(stage.said().contains("no column `CPU`"), "{}", stage.said());
}

#[test]
fn a_fuzzy_filter_takes_letters_in_order() {
    let mut stage = Stage::with_pods();
    stage.press("/").type_text("-f cko1").press("enter");
    assert_eq!(stage.shown(), ["checkout-1"]);
    stage.press("esc");
    stage.command("po -f LDG");
    assert!(matches!(stage.table().filter.kind, FilterKind::Fuzzy(_)));
    stage.rows(vec![
        pod("cart-1", "1/1", "Running", 300),
        pod("ledger-0", "1/1", "Running", 900),
    ]);
    assert_eq!(stage.shown(), ["ledger-0"]);
}

#[test]
fn the_columns_of_events_stand_in_their_own_order_and_the_count_is_shown() {
    let mut stage = Stage::with_pods();
    stage.command("events");
    let column = |name: &str, wide| Column {
        name: TermSafe::new(name),
        kind: ColumnKind::Text,
        wide,
    };
    let columns = [
        column("LAST SEEN", false),
        column("TYPE", false),
        column("SOURCE", true),
        column("MESSAGE", false),
        column("COUNT", true),
    ];
    stage.snapshot(Snapshot {
        columns: columns.into(),
        ..snapshot_of("pods", Vec::new())
    });
    assert_eq!(stage.table().sortable(), ["LAST SEEN", "COUNT", "TYPE", "MESSAGE"]);
    stage.press("ctrl-w");
    assert_eq!(
        stage.table().sortable(),
        ["LAST SEEN", "COUNT", "TYPE", "MESSAGE", "SOURCE"]
    );
}
