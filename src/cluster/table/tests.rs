use std::sync::Arc;

use serde_json::json;

use super::sort_key::{duration_ms, sort_key};
use super::*;
use crate::model::{ApiResource, ColumnKind, SortKey};

const NOW: i64 = 1_767_225_600_000;

fn page(value: serde_json::Value) -> Page {
    serde_json::from_value(value).unwrap()
}

fn pods(rows: serde_json::Value) -> Page {
    page(json!({
        "kind": "Table",
        "metadata": {"resourceVersion": "7"},
        "columnDefinitions": [
            {"name": "Name", "type": "string", "format": "name", "priority": 0},
            {"name": "Ready", "type": "string", "priority": 0},
            {"name": "Status", "type": "string", "priority": 0},
            {"name": "Restarts", "type": "string", "priority": 0},
            {"name": "Age", "type": "string", "priority": 0},
            {"name": "Node", "type": "string", "priority": 1},
        ],
        "rows": rows,
    }))
}

fn pod(namespace: &str, name: &str, uid: &str, restarts: &str) -> serde_json::Value {
    json!({
        "cells": [name, "0/1", "Running", restarts, "3d", "node-a"],
        "object": {"metadata": {
            "name": name, "namespace": namespace, "uid": uid, "resourceVersion": "5",
            "creationTimestamp": "2025-12-31T00:00:00Z",
            "managedFields": [{"manager": "x"}],
            "ownerReferences": [
                {"kind": "Other", "name": "not-controlling"},
                {"kind": "ReplicaSet", "name": "web-1", "controller": true},
            ],
        }},
    })
}

fn listed(page: &Page) -> Collection {
    let mut collection = Collection::new(Arc::new(ApiResource::default()), None);
    collection.begin_listing();
    collection.add_page(page, NOW);
    collection.end_listing("7".into());
    collection
}

fn names(collection: &Collection) -> Vec<String> {
    collection
        .snapshot()
        .rows
        .iter()
        .map(|row| row.name.to_string())
        .collect()
}

fn event(value: serde_json::Value) -> WatchObject {
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_table_becomes_rows_with_identity_and_times() {
    let collection = listed(&pods(json!([pod("shop", "web-0", "u1", "17 (41s ago)")])));
    let snapshot = collection.snapshot();
    let names: Vec<&str> = snapshot.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "NODE"]);
    assert!(snapshot.columns[5].wide && !snapshot.columns[0].wide);
    assert_eq!(snapshot.columns[3].kind, ColumnKind::Number);
    assert_eq!(snapshot.columns[4].kind, ColumnKind::Age);
    let row = &snapshot.rows[0];
    assert_eq!(row.uid.as_deref(), Some("u1"));
    assert_eq!(row.namespace.as_deref(), Some("shop"));
    assert_eq!(row.owner.as_deref(), Some("ReplicaSet/web-1"));
    assert_eq!(
        (row.cells[3].text.as_str(), row.cells[3].sort),
        ("17", SortKey::Number(17.0))
    );
    assert_eq!(row.cells[3].since_ms, Some(NOW - 41_000), "when it restarted last");
    let created = NOW - 86_400_000;
    assert_eq!((row.cells[4].text.as_str(), row.cells[4].since_ms), ("", Some(created)));
    assert_eq!(
        row.cells[4].sort,
        SortKey::Time(created),
        "not the age that was printed"
    );
}

#[test]
fn ages_that_are_not_the_objects_own_run_too() {
    let table = page(json!({
        "kind": "Table",
        "columnDefinitions": [
            {"name": "Last Seen", "type": "string"},
            {"name": "Backup", "type": "date"},
            {"name": "Duration", "type": "string"},
            {"name": "Count", "type": "integer"},
        ],
        "rows": [
            {"cells": ["5m", "2h", "10m", 12], "object": {"metadata": {"name": "a"}}},
            {"cells": ["<unknown>", "<none>", "3d4h", null], "object": {"metadata": {"name": "b"}}},
        ],
    }));
    let snapshot = listed(&table).snapshot();
    let (a, b) = (&snapshot.rows[0].cells, &snapshot.rows[1].cells);
    assert_eq!(a[0].since_ms, Some(NOW - 300_000));
    assert_eq!(a[1].since_ms, Some(NOW - 7_200_000));
    assert_eq!(
        (a[2].text.as_str(), a[2].sort),
        ("10m", SortKey::Number(600_000.0)),
        "minutes, not milli"
    );
    assert_eq!((a[3].text.as_str(), a[3].sort), ("12", SortKey::Number(12.0)));
    assert_eq!((b[0].text.as_str(), b[0].since_ms), ("<unknown>", None));
    assert_eq!(b[3].text.as_str(), "");
}

#[test]
fn every_row_has_a_cell_per_column_whatever_was_sent() {
    let table = page(json!({
        "kind": "Table",
        "columnDefinitions": [{"name": "Name", "type": "string"}, {"name": "A", "type": "string"}],
        "rows": [
            {"cells": [], "object": {"metadata": {"name": "none"}}},
            {"cells": ["x", {"odd": 1}, "too many"], "object": {"metadata": {"name": "x"}}},
            {"cells": ["no object"]},
        ],
    }));
    let snapshot = listed(&table).snapshot();
    assert_eq!(snapshot.rows.len(), 2, "what has no identity is no row");
    assert!(snapshot.rows.iter().all(|row| row.cells.len() == 2));
    assert_eq!(snapshot.rows[0].cells[0].text.as_str(), "none");
    assert_eq!(snapshot.rows[1].cells[1].text.as_str(), r#"{"odd":1}"#);
}

#[test]
fn plain_lists_have_name_and_age() {
    let list = page(json!({
        "kind": "PodMetricsList", "metadata": {},
        "items": [{"metadata": {"name": "web-0", "namespace": "shop", "creationTimestamp": "2025-12-31T00:00:00Z"},
                   "containers": []}],
    }));
    let snapshot = listed(&list).snapshot();
    assert_eq!(snapshot.columns.len(), 2);
    assert_eq!(snapshot.rows[0].cells[0].text.as_str(), "web-0");
    assert_eq!(snapshot.rows[0].cells[1].since_ms, Some(NOW - 86_400_000));
}

#[test]
fn cells_from_the_cluster_cannot_command_the_terminal() {
    let mut row = pod("shop", "web-0", "u1", "0");
    row["cells"][2] = json!("\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}");
    let snapshot = listed(&pods(json!([row]))).snapshot();
    let text = snapshot.rows[0].cells[2].text.as_str();
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{text:?}");
}

#[test]
fn events_change_rows_in_place() {
    let mut collection = listed(&pods(json!([pod("shop", "a", "u1", "0"), pod("shop", "b", "u2", "0")])));
    let table = |row: serde_json::Value| event(json!({"kind": "Table", "rows": [row]}));
    assert!(collection.apply("ADDED", &table(pod("base", "c", "u3", "0")), NOW));
    assert!(collection.apply("MODIFIED", &table(pod("shop", "b", "u2", "4")), NOW));
    assert_eq!(names(&collection), ["c", "a", "b"], "by namespace, then name");
    assert_eq!(collection.snapshot().rows[2].cells[3].text.as_str(), "4");
    assert!(collection.apply("DELETED", &table(pod("shop", "a", "u1", "0")), NOW));
    assert_eq!(names(&collection), ["c", "b"]);
}

#[test]
fn a_late_delete_does_not_remove_the_object_that_took_the_name() {
    let mut collection = listed(&pods(json!([pod("shop", "a", "new", "0")])));
    let old = event(json!({"kind": "Table", "rows": [pod("shop", "a", "old", "0")]}));
    assert!(!collection.apply("DELETED", &old, NOW));
    assert_eq!(names(&collection), ["a"]);
}

#[test]
fn a_new_listing_shows_nothing_until_it_is_complete() {
    let mut collection = listed(&pods(json!([pod("shop", "a", "u1", "0")])));
    collection.begin_listing();
    collection.add_page(&pods(json!([pod("shop", "b", "u2", "0")])), NOW);
    assert_eq!(names(&collection), ["a"], "no flash of emptiness");
    collection.end_listing("9".into());
    assert_eq!(names(&collection), ["b"]);
}

#[test]
fn the_first_listing_is_shown_while_it_grows() {
    let mut collection = Collection::new(Arc::new(ApiResource::default()), None);
    collection.begin_listing();
    collection.add_page(&pods(json!([pod("shop", "a", "u1", "0")])), NOW);
    assert_eq!(names(&collection), ["a"]);
    assert!(!collection.snapshot().complete);
}

#[test]
fn a_row_that_no_longer_belongs_leaves() {
    let keep: Keep = Box::new(|row| row.owner.as_deref() == Some("ReplicaSet/web-1"));
    let mut collection = Collection::new(Arc::new(ApiResource::default()), Some(keep));
    collection.begin_listing();
    collection.add_page(&pods(json!([pod("shop", "a", "u1", "0")])), NOW);
    collection.end_listing("7".into());
    assert_eq!(names(&collection), ["a"]);
    let mut orphan = pod("shop", "a", "u1", "0");
    orphan["object"]["metadata"]["ownerReferences"] = json!([]);
    assert!(collection.apply("MODIFIED", &event(json!({"kind": "Table", "rows": [orphan]})), NOW));
    assert!(names(&collection).is_empty());
}

#[test]
fn repeated_texts_are_kept_once() {
    let rows: Vec<_> = (0..50)
        .map(|i| pod("shop", &format!("p{i}"), &format!("u{i}"), "0"))
        .collect();
    let snapshot = listed(&pods(json!(rows))).snapshot();
    let address = |i: usize| snapshot.rows[i].cells[2].text.as_str().as_ptr();
    assert!((1..50).all(|i| address(i) == address(0)));
    assert!(Arc::ptr_eq(
        snapshot.rows[0].namespace.as_ref().unwrap(),
        snapshot.rows[49].namespace.as_ref().unwrap()
    ));
}

#[test]
fn texts_are_ordered_by_what_they_mean() {
    let number = |text: &str| match sort_key(text, false) {
        SortKey::Number(value) => value,
        other => panic!("{text}: {other:?}"),
    };
    let rising = [
        vec!["0/3", "1/3", "2/3", "1/1", "3/3"],
        vec!["10m", "250m", "1", "1.5", "2k"],
        vec!["41Ki", "1Mi", "210Mi", "1Gi", "2Ti"],
        vec!["2%", "80%", "100%"],
        vec!["45s", "2m30s", "3d4h", "1y"],
    ];
    for texts in rising {
        for pair in texts.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
    }
    for text in [
        "",
        "web-0",
        "<none>",
        "10.0.0.1",
        "v1.36.2",
        "3x",
        "1/2/3",
        "2026-01-01",
        "-",
        "4/x",
    ] {
        assert_eq!(sort_key(text, false), SortKey::Text, "{text}");
    }
}

#[test]
fn durations_are_read_as_they_are_printed() {
    assert_eq!(duration_ms("3d4h"), Some((3 * 24 + 4) * 3_600_000));
    assert_eq!(duration_ms("2y10d"), Some((2 * 365 + 10) * 86_400_000));
    assert_eq!(duration_ms("250ms"), Some(250));
    for text in ["", "s", "3", "3 d", "<invalid>", "99999999999999999999s", "-5s"] {
        assert_eq!(duration_ms(text), None, "{text}");
    }
}

#[test]
fn a_watch_goes_on_after_the_newest_object_or_bookmark() {
    let row = event(json!({"kind": "Table", "metadata": {"resourceVersion": "4"}, "rows": [pod("s", "a", "u", "0")]}));
    assert_eq!(row.resource_version(), Some("5"));
    let bookmark = event(json!({"kind": "Table", "metadata": {"resourceVersion": "12"}, "rows": null}));
    assert_eq!(bookmark.resource_version(), Some("12"));
    let whole = event(json!({"kind": "Pod", "metadata": {"resourceVersion": "3", "name": "a"}}));
    assert_eq!(whole.resource_version(), Some("3"));
    assert_eq!(event(json!({})).resource_version(), None);
}

#[test]
fn the_counts_of_a_workload_are_numbers_though_the_server_calls_them_text() {
    let kinds = |names: &[&str]| {
        let definitions: Vec<_> = names
            .iter()
            .map(|name| json!({"name": name, "type": "string"}))
            .collect();
        let page = page(json!({"kind": "Table", "columnDefinitions": definitions, "rows": []}));
        let snapshot = listed(&page).snapshot();
        snapshot.columns.iter().map(|column| column.kind).collect::<Vec<_>>()
    };
    let deployments = kinds(&["Name", "Up-To-Date", "Available"]);
    assert_eq!(deployments[1..], [ColumnKind::Number, ColumnKind::Number]);
    let services = kinds(&["Name", "Service", "Available"]);
    assert_eq!(services[2], ColumnKind::Text, "an APIService is available or is not");
}
