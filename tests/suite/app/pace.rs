//! Ten thousand rows stay cheap. The bound is far above what is measured, so that a busy machine
//! does not fail it; anything quadratic would.

use std::sync::Arc;
use std::time::Instant;

use kglass::app::{Fact, Key, Msg, Screen, Start, State, update};
use kglass::cluster::{EndpointFacts, Reading};
use kglass::config::Keymap;
use kglass::model::{Cell, Column, ColumnKind, Moment, Row, RowData, Snapshot, SortKey, TermSafe};
use kglass::registry::well_known;

const ROWS: i64 = 10_000;

fn row(n: i64) -> Row {
    let name = format!("checkout-{:05}", (n * 7919) % ROWS);
    let text = |text: &str| Cell {
        text: TermSafe::new(text),
        sort: SortKey::Text,
        since_ms: None,
    };
    let status = if n % 7 == 0 { "CrashLoopBackOff" } else { "Running" };
    Row(Arc::new(RowData {
        uid: Some(format!("uid-{n}").into()),
        namespace: Some("shop".into()),
        name: name.as_str().into(),
        resource_version: Some("1".into()),
        created_ms: Some(n),
        deleting: false,
        owner: None,
        cells: vec![text(&name), text("1/1"), text(status)].into(),
    }))
}

fn snapshot(rows: Vec<Row>) -> Snapshot {
    let column = |name: &str| Column {
        name: TermSafe::new(name),
        kind: ColumnKind::Text,
        wide: false,
    };
    Snapshot {
        resource: Arc::new(well_known("pods").expect("pods are known")),
        columns: ["NAME", "READY", "STATUS"].map(column).into(),
        rows: rows.into(),
        complete: true,
    }
}

#[test]
fn ten_thousand_rows_are_taken_sorted_and_filtered_within_a_blink() {
    let at = Moment::default();
    let mut state = State::new(Start {
        keymap: Arc::new(Keymap::built_in()),
        width: 120,
        height: 40,
        ..Start::default()
    });
    let mut send = |fact| drop(update(&mut state, None, Msg { at, fact }));
    send(Fact::Connected(Arc::new(EndpointFacts::default())));
    let rows: Vec<Row> = (0..ROWS).map(row).collect();
    let (first, second) = (snapshot(rows.clone()), snapshot(rows));
    let id = kglass::app::ReadId(3);
    let begun = Instant::now();
    send(Fact::Reading {
        id,
        reading: Reading::Rows(first),
    });
    let taken = begun.elapsed();
    let second_begun = Instant::now();
    send(Fact::Reading {
        id,
        reading: Reading::Rows(second),
    });
    let again = second_begun.elapsed();
    for key in [Key::char('A'), Key::char('/'), Key::char('9'), Key::char('9')] {
        send(Fact::Key { key, burst: false });
    }
    let all = begun.elapsed();
    println!("first {taken:?}, again {again:?}, with sort and filter {all:?}");
    let Some(Screen::Table(table)) = state.screens.current() else {
        panic!("a table")
    };
    assert_eq!((table.counts.total, table.counts.shown), (10_000, 280));
    assert!(all.as_secs() < 5, "{all:?}");
}
