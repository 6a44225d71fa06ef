use super::*;

#[test]
fn a_table_of_old_rows_is_not_drawn_each_second() {
    let mut stage = Stage::with_pods();
    stage.rows(vec![pod("old-1", "1/1", "Running", 86_400)]);
    stage.wait(1000).tick();
    stage.state.take_change();
    let mut drawn = 0;
    for _ in 0..60 {
        stage.wait(1000).tick();
        drawn += u32::from(stage.state.take_change());
    }
    assert_eq!(drawn, 2);
}

#[test]
fn young_rows_are_drawn_each_second_since_their_age_shows_it() {
    let mut stage = Stage::with_pods();
    stage.state.take_change();
    stage.wait(1000).tick();
    assert!(stage.state.take_change());
}

#[test]
fn what_is_not_live_is_drawn_each_second() {
    let mut stage = Stage::with_pods();
    stage.rows(vec![pod("old-1", "1/1", "Running", 86_400)]);
    let id = stage.current_read();
    stage.reading(id, Reading::Freshness(Freshness::Stale { since_boot_ms: 0 }));
    stage.wait(1000).tick();
    stage.state.take_change();
    stage.wait(1000).tick();
    assert!(stage.state.take_change());
}

#[test]
fn the_countdown_is_drawn_each_second_on_every_screen() {
    let mut stage = Stage::with_pods();
    stage.press("y");
    assert_eq!(stage.state.tick_interval_ms(), None);
    stage.break_glass(600);
    assert_eq!(stage.state.tick_interval_ms(), Some(1000));
    stage.state.take_change();
    stage.wait(1000).tick();
    assert!(stage.state.take_change());
}

#[test]
fn the_same_freshness_again_draws_nothing() {
    let mut stage = Stage::with_pods();
    let id = stage.current_read();
    stage.state.take_change();
    stage.reading(id, Reading::Freshness(Freshness::Live));
    assert!(!stage.state.take_change());
}

#[test]
fn a_smaller_terminal_keeps_the_cursor_in_sight() {
    let mut stage = Stage::with_pods();
    stage.rows(
        (0..100)
            .map(|n| pod(&format!("p-{n:03}"), "1/1", "Running", 5))
            .collect(),
    );
    stage.press("shift-g");
    stage.fact(Fact::Resize { width: 80, height: 24 });
    let height = stage.state.body_height();
    let cursor = stage.table().cursor;
    assert!(cursor.index < cursor.top + height && cursor.index >= cursor.top);
}
