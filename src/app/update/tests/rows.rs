use super::*;
use crate::app::RowKey;

#[test]
fn the_cursor_stays_with_its_object_when_rows_come_and_go() {
    let mut stage = Stage::with_pods();
    stage.press("j");
    assert_eq!(stage.cursor_name(), "checkout-1");
    stage.rows(vec![
        pod("aaa-1", "1/1", "Running", 5),
        pod("cart-1", "1/1", "Running", 300),
        pod("checkout-1", "0/1", "CrashLoopBackOff", 60),
    ]);
    assert_eq!(stage.cursor_name(), "checkout-1");
    assert_eq!(stage.table().cursor.index, 2);
}

#[test]
fn a_recreated_object_of_the_same_name_is_not_the_one_under_the_cursor() {
    let mut stage = Stage::with_pods();
    stage.press("j");
    let mut other = pod("checkout-1", "0/1", "Pending", 1);
    std::sync::Arc::get_mut(&mut other.0).expect("not shared").uid = Some("another".into());
    stage.rows(vec![pod("cart-1", "1/1", "Running", 300), other]);
    assert_eq!(stage.table().cursor_row, Some(RowKey::Uid("another".into())));
}

#[test]
fn when_the_object_under_the_cursor_goes_the_row_in_its_place_takes_over() {
    let mut stage = Stage::with_pods();
    stage.press("j");
    stage.rows(vec![
        pod("cart-1", "1/1", "Running", 300),
        pod("ledger-0", "1/1", "Running", 900),
    ]);
    assert_eq!(stage.cursor_name(), "ledger-0");
}

#[test]
fn before_the_first_whole_table_the_cursor_stays_at_the_top() {
    let mut stage = Stage::dark();
    stage.connect();
    let id = stage.state.screens.current().and_then(Screen::read).expect("a read");
    let page = |rows, complete| {
        Reading::Rows(Snapshot {
            complete,
            ..snapshot(rows)
        })
    };
    stage.reading(id, page(vec![pod("m-1", "1/1", "Running", 1)], false));
    stage.reading(
        id,
        page(
            vec![pod("a-1", "1/1", "Running", 1), pod("m-1", "1/1", "Running", 1)],
            true,
        ),
    );
    assert_eq!(stage.cursor_name(), "a-1");
}

#[test]
fn the_title_counts_what_is_not_ready() {
    let stage = Stage::with_pods();
    let counts = stage.table().counts;
    assert_eq!((counts.total, counts.shown, counts.not_ready), (3, 3, 1));
}

#[test]
fn sorting_by_age_is_youngest_first_and_the_same_key_flips_it() {
    let mut stage = Stage::with_pods();
    stage.press("shift-a");
    assert_eq!(stage.shown(), ["checkout-1", "cart-1", "ledger-0"]);
    stage.press("shift-a");
    assert_eq!(stage.shown(), ["ledger-0", "cart-1", "checkout-1"]);
    stage.press("shift-n");
    assert_eq!(stage.shown(), ["cart-1", "checkout-1", "ledger-0"]);
}

#[test]
fn shift_and_an_arrow_sort_by_the_neighbouring_column() {
    let mut stage = Stage::with_pods();
    stage.press("shift-right");
    assert_eq!(stage.table().sort.column, "READY");
    assert_eq!(stage.shown()[0], "checkout-1");
    stage.press("shift-right shift-right shift-right shift-right");
    assert_eq!(stage.table().sort.column, "AGE");
    stage.press("shift-left");
    assert_eq!(stage.table().sort.column, "RESTARTS");
}

#[test]
fn equal_rows_keep_their_order_when_it_is_flipped() {
    let mut stage = Stage::with_pods();
    stage.press("shift-s shift-s");
    assert_eq!(stage.shown(), ["cart-1", "ledger-0", "checkout-1"]);
}

#[test]
fn only_cells_of_seen_rows_are_marked_as_changed_and_for_two_seconds() {
    let mut stage = Stage::with_pods();
    stage.rows(vec![
        pod("cart-1", "0/1", "Running", 300),
        pod("new-1", "0/1", "Pending", 1),
    ]);
    let changed: Vec<usize> = stage.table().changed.iter().map(|(_, column, _)| *column).collect();
    assert_eq!(changed, [1], "READY of cart-1; a new row is no change");
    stage.wait(2000).tick();
    assert!(stage.table().changed.is_empty());
}

#[test]
fn marks_belong_to_objects_and_go_with_them() {
    let mut stage = Stage::with_pods();
    stage.press("space space");
    assert_eq!(stage.table().marks.len(), 2);
    stage.rows(vec![
        pod("checkout-1", "0/1", "Error", 60),
        pod("ledger-0", "1/1", "Running", 900),
    ]);
    assert_eq!(stage.table().marks.len(), 1);
}

#[test]
fn a_range_is_marked_from_the_last_mark_to_the_cursor() {
    let mut stage = Stage::with_pods();
    stage.press("space j ctrl-space");
    assert_eq!(stage.table().marks.len(), 3);
    stage.press("c");
    assert!(matches!(stage.effects.as_slice(), [Effect::Copy(text)] if text == "cart-1\ncheckout-1\nledger-0"));
    stage.press("ctrl-4");
    assert!(stage.table().marks.is_empty());
}

#[test]
fn a_broken_order_of_mixed_cells_does_not_exist() {
    // Texts, numbers and times in one column: sorting must neither panic nor depend on the order in.
    let mut rows = Vec::new();
    for index in 0..60_i64 {
        let mut row = pod(&format!("p-{index}"), "1/1", "Running", index);
        let cell = &mut std::sync::Arc::get_mut(&mut row.0).expect("not shared").cells[3];
        cell.sort = match index % 3 {
            0 => SortKey::Text,
            1 => SortKey::Number((60 - index) as f64),
            _ => SortKey::Time(index),
        };
        rows.push(row);
    }
    let mut stage = Stage::with_pods();
    stage.rows(rows.clone());
    stage.press("shift-right shift-right shift-right");
    let forward = stage.shown();
    rows.reverse();
    stage.rows(rows);
    assert_eq!(stage.shown(), forward);
}

#[test]
fn a_table_read_again_keeps_its_rows_and_cursor_until_the_new_whole_is_there() {
    let mut stage = Stage::with_pods();
    stage.press("j j y esc");
    stage.snapshot(Snapshot {
        complete: false,
        ..snapshot(vec![pod("cart-1", "1/1", "Running", 300)])
    });
    assert_eq!((stage.shown().len(), stage.cursor_name().as_str()), (3, "ledger-0"));
    stage.rows(vec![pod("cart-1", "1/1", "Running", 300)]);
    assert_eq!((stage.shown().len(), stage.cursor_name().as_str()), (1, "cart-1"));
}

#[test]
fn a_cursor_moved_while_pages_come_finds_its_object_in_the_whole() {
    let mut stage = Stage::dark();
    stage.connect();
    let page = |rows, complete| Snapshot {
        complete,
        ..snapshot(rows)
    };
    stage.snapshot(page(
        vec![pod("m-1", "1/1", "Running", 1), pod("n-1", "1/1", "Running", 1)],
        false,
    ));
    stage.press("j");
    stage.snapshot(page(
        vec![pod("a-1", "1/1", "Running", 1), pod("m-1", "1/1", "Running", 1)],
        false,
    ));
    stage.snapshot(page(
        vec![pod("a-1", "1/1", "Running", 1), pod("n-1", "1/1", "Running", 1)],
        true,
    ));
    assert_eq!(stage.cursor_name(), "n-1");
}
