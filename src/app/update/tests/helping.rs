//! Help: the keys of the screen behind it, which goes on being read.

use super::{Stage, pod, snapshot};
use crate::app::Screen;
use crate::cluster::Reading;

#[test]
fn help_and_messages_leave_the_read_behind_them_running() {
    let mut stage = Stage::with_pods();
    let read = stage.current_read();
    stage.press("?");
    assert!(stage.effects.is_empty());
    stage.reading(read, Reading::Rows(snapshot(vec![pod("only-1", "1/1", "Running", 1)])));
    stage.press("?");
    assert_eq!(stage.shown(), ["only-1"]);
    assert_eq!(stage.current_read(), read);
}

#[test]
fn help_is_narrowed_to_the_keys_of_a_word_and_escape_shows_all_again() {
    let mut stage = Stage::with_pods();
    stage.press("?");
    let lines = |stage: &Stage| match stage.screen() {
        Screen::Help(help) => (help.lines.len(), help.every().len()),
        other => panic!("no help but {}", other.title()),
    };
    let (all, total) = lines(&stage);
    assert_eq!(all, total);
    stage.press("G /").type_text("mark");
    let Screen::Help(help) = stage.screen() else {
        panic!("no help")
    };
    assert_eq!(help.scroll.top, 0, "the first hit is seen");
    assert!(!help.lines.is_empty());
    assert!(
        help.lines
            .iter()
            .all(|line| format!("{line:?}").to_lowercase().contains("mark"))
    );
    stage.press("enter esc");
    assert_eq!(lines(&stage), (total, total));
    stage.press("esc");
    assert!(matches!(stage.screen(), Screen::Table(_)));
}

#[test]
fn help_names_every_key_of_the_screen_and_why_a_write_is_grey() {
    let mut stage = Stage::with_pods();
    stage.press("?");
    let Screen::Help(help) = stage.screen() else {
        panic!("no help")
    };
    let line = |title: &str| help.lines.iter().find(|line| line.title == title).expect("a line");
    assert_eq!(line("kill").keys, "ctrl-k");
    assert_eq!(line("kill").blocked.as_deref(), Some("needs the glass: press !"));
    assert_eq!(line("filter").blocked, None);
    assert!(
        !help
            .lines
            .iter()
            .any(|line| line.title == "right" && line.keys.contains('l')),
        "l is logs here"
    );
}
