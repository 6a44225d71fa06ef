use super::*;
use crate::cluster::LogLine;
use crate::model::LogText;

fn line(text: &str) -> LogLine {
    LogLine {
        pod: "checkout-1".into(),
        container: "app".into(),
        time: "2026-11-23T02:14:02Z".into(),
        text: LogText::parse(text),
        note: false,
    }
}

fn lines(from: usize, to: usize) -> Reading {
    Reading::Logs((from..to).map(|n| line(&format!("line {n}"))).collect())
}

fn following(count: usize) -> Stage {
    let mut stage = Stage::with_pods();
    stage.press("j l");
    let id = stage.current_read();
    stage.reading(id, lines(0, count));
    stage
}

#[test]
fn l_follows_the_pod_and_p_shows_the_run_before() {
    let mut stage = Stage::with_pods();
    stage.press("j l");
    assert!(matches!(stage.queries()[..], [Query::Logs(logs)] if logs.follow && !logs.previous));
    stage.press("esc p");
    assert!(matches!(stage.queries()[..], [Query::Logs(logs)] if logs.previous && !logs.follow));
}

#[test]
fn it_sticks_to_the_end_until_one_scrolls_and_again_at_the_end() {
    let mut stage = following(200);
    let height = stage.state.body_height();
    assert!(stage.logs_screen().follow);
    stage.press("k");
    assert!(!stage.logs_screen().follow);
    assert_eq!(stage.logs_screen().scroll.top, 200 - height - 1);
    stage.press("G");
    assert!(stage.logs_screen().follow);
}

#[test]
fn a_held_view_stays_at_its_lines_while_more_come() {
    let mut stage = following(200);
    stage.press("s");
    let top = stage.logs_screen().scroll.top;
    let id = stage.current_read();
    stage.reading(id, lines(200, 300));
    assert_eq!(stage.logs_screen().scroll.top, top);
    stage.press("s");
    assert!(stage.logs_screen().follow);
}

#[test]
fn lines_are_bounded_and_a_held_view_moves_with_what_is_dropped() {
    let mut stage = following(200);
    stage.press("s");
    let seen = |stage: &Stage| {
        let logs = stage.logs_screen();
        logs.buffer.lines[logs.scroll.top].text.as_str().to_owned()
    };
    let before = seen(&stage);
    let id = stage.current_read();
    stage.reading(id, lines(200, 10_050));
    assert_eq!(stage.logs_screen().buffer.lines.len(), 10_000);
    assert_eq!(stage.logs_screen().buffer.dropped, 50);
    assert_eq!(seen(&stage), before);
}

#[test]
fn wrap_and_timestamps_are_switched() {
    let mut stage = following(1);
    stage.press("w t");
    assert!(stage.logs_screen().wrap && stage.logs_screen().timestamps);
    stage.press("w t");
    assert!(!stage.logs_screen().wrap && !stage.logs_screen().timestamps);
}

#[test]
fn a_search_goes_to_the_newest_hit_and_n_goes_round() {
    let mut stage = following(200);
    stage.press("/").type_text("line 1[0-2]$").press("enter");
    let search = &stage.logs_screen().search;
    assert_eq!(search.hits, [10, 11, 12]);
    assert_eq!(search.at, Some(2));
    assert!(!stage.logs_screen().follow);
    stage.press("n");
    assert_eq!(stage.logs_screen().search.at, Some(0));
    stage.press("shift-n");
    assert_eq!(stage.logs_screen().search.at, Some(2));
    stage.press("esc");
    assert!(!stage.logs_screen().search.is_on());
}

#[test]
fn a_log_that_is_read_anew_is_searched_anew() {
    let mut stage = following(20);
    stage.press("/").type_text("line 1$").press("enter");
    for key in ["0", "2", "0"] {
        stage.press(key);
        let id = stage.current_read();
        stage.reading(id, lines(0, 20));
        assert_eq!(stage.logs_screen().search.hits, [1], "after {key}");
    }
    stage.press("shift-c");
    assert_eq!(stage.logs_screen().search.hits, [0usize; 0]);
}

#[test]
fn digits_choose_how_far_to_look_back() {
    let mut stage = following(1);
    stage.press("3");
    let [Query::Logs(logs)] = stage.queries()[..] else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!((logs.since_seconds, logs.tail), (Some(300), None));
    assert!(stage.logs_screen().buffer.lines.is_empty());
    stage.press("0");
    let [Query::Logs(logs)] = stage.queries()[..] else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!((logs.since_seconds, logs.tail), (None, Some(500)));
}

#[test]
fn p_turns_to_the_run_before_and_back() {
    let mut stage = following(3);
    stage.press("p");
    assert!(matches!(stage.queries()[..], [Query::Logs(logs)] if logs.previous && !logs.follow));
    stage.press("p");
    assert!(matches!(stage.queries()[..], [Query::Logs(logs)] if !logs.previous && logs.follow));
}

#[test]
fn a_log_that_has_ended_keeps_its_lines_when_one_comes_back_to_it() {
    let mut stage = following(3);
    let id = stage.current_read();
    stage.reading(id, Reading::Ended);
    assert!(stage.logs_screen().ended);
    stage.command("no");
    stage.press("esc");
    assert!(stage.queries().is_empty());
    assert_eq!(stage.logs_screen().buffer.lines.len(), 3);
}

#[test]
fn a_log_that_is_still_followed_starts_again_without_doubling_lines() {
    let mut stage = following(3);
    stage.command("no");
    stage.press("esc");
    assert_eq!(stage.queries().len(), 1);
    assert!(stage.logs_screen().buffer.lines.is_empty());
}

#[test]
fn hits_move_with_the_lines_when_old_ones_are_dropped_and_new_ones_come() {
    let mut stage = following(200);
    stage.press("/").type_text("line (150|10040)$").press("enter");
    assert_eq!(stage.logs_screen().search.hits, [150]);
    let id = stage.current_read();
    stage.reading(id, lines(200, 10_050));
    let logs = stage.logs_screen();
    assert_eq!(
        (logs.search.hits.as_slice(), logs.search.at),
        ([100, 9990].as_slice(), Some(0))
    );
    assert_eq!(logs.buffer.lines[100].text.as_str(), "line 150");
    stage.reading(id, lines(10_050, 10_200));
    assert_eq!(stage.logs_screen().search.hits, [9840]);
    assert_eq!(stage.logs_screen().search.at, None);
}

fn menu(stage: &Stage) -> Vec<String> {
    let hints = crate::app::hints(&stage.state);
    hints
        .iter()
        .map(|hint| format!("{} {}", hint.key, hint.title))
        .collect()
}

#[test]
fn the_menu_of_a_log_says_what_its_keys_do_now() {
    let mut stage = following(3);
    let now = menu(&stage);
    for hint in ["s pause", "p previous", "0-6 since", "shift-c clear"] {
        assert!(now.iter().any(|one| one == hint), "{hint}: {now:?}");
    }
    stage.press("p");
    let id = stage.current_read();
    stage.reading(id, lines(0, 3));
    stage.reading(id, Reading::Ended);
    let before = menu(&stage);
    assert!(before.iter().any(|hint| hint == "p present run"), "{before:?}");
    assert!(
        !before.iter().any(|hint| hint.starts_with("s ")),
        "it has ended: {before:?}"
    );
}

#[test]
fn the_room_for_the_names_of_sources_only_grows() {
    let mut stage = following(1);
    let id = stage.current_read();
    let of = |container: &str| LogLine {
        container: container.into(),
        ..line("x")
    };
    stage.reading(id, Reading::Logs(vec![of("a-long-sidecar-name")]));
    stage.reading(id, Reading::Logs(vec![of("b")]));
    let sources = &stage.logs_screen().sources;
    assert_eq!((sources.pod_width, sources.container_width), (10, 19));
    assert_eq!([sources.container("app"), sources.container("b")], [0, 2]);
}
