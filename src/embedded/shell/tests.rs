//! The shell, typed at and scripted.

use serde_json::json;

use super::*;

fn shell(tty: bool) -> Shell {
    let pod = json!({"metadata": {"name": "web-0"}, "spec": {"containers": [
        {"name": "main", "command": ["/serve"], "env": [{"name": "MODE", "value": "fast"}]}]}});
    Shell::new(
        Situation::new(&pod, "main", vec![("/app/config".into(), "a=1\n".into())]),
        tty,
    )
}

fn words(line: &[&str]) -> Vec<String> {
    line.iter().map(|w| (*w).to_owned()).collect()
}

fn stdout(outs: &[Out]) -> String {
    let all = outs.iter().filter_map(|o| match o {
        Out::Stdout(bytes) => Some(String::from_utf8_lossy(bytes)),
        _ => None,
    });
    all.collect()
}

#[test]
fn a_terminal_echoes_runs_and_leaves_with_the_status() {
    let mut shell = shell(true);
    assert_eq!(stdout(&shell.start(&words(&["sh"]), 0)), "/ # ");
    assert_eq!(stdout(&shell.input(b"ec")), "ec");
    assert_eq!(
        stdout(&shell.input(b"hoo\x7f $MODE\r")),
        "hoo\u{8} \u{8} $MODE\r\nfast\r\n/ # "
    );
    assert_eq!(shell.input(b"exit 3\r").last(), Some(&Out::Exit(3)));
}

#[test]
fn a_script_runs_by_its_conditions_and_may_become_a_shell() {
    let choose = "TERM=x; export TERM; command -v bash >/dev/null 2>&1 && exec bash; exec sh";
    let mut one = shell(true);
    assert_eq!(stdout(&one.start(&words(&["sh", "-c", choose]), 0)), "/ # ");
    let mut two = shell(false);
    let outs = two.start(&words(&["sh", "-c", "cat /app/config; false || echo no; false"]), 0);
    assert_eq!(stdout(&outs), "a=1\nno\n");
    assert_eq!(outs.last(), Some(&Out::Exit(1)));
}

#[test]
fn one_program_ends_by_itself_and_an_unknown_one_is_not_found() {
    let outs = shell(false).start(&words(&["ls", "/app"]), 0);
    assert_eq!(outs, [Out::Stdout(b"config\n".to_vec()), Out::Exit(0)]);
    let outs = shell(false).start(&words(&["bash"]), 0);
    assert_eq!(outs, [Out::NotFound("bash".into())]);
}

#[test]
fn top_repaints_with_the_size_until_q() {
    let mut shell = shell(true);
    shell.start(&words(&["top"]), 0);
    assert!(stdout(&shell.resize(100, 30)).contains("100x30"));
    assert!(stdout(&shell.wake(61_000)).contains("1970-01-01T00:01:01Z"));
    assert_eq!(shell.input(b"q"), [Out::Exit(0)]);
}

#[test]
fn input_without_a_terminal_is_run_line_by_line_to_its_end() {
    let mut shell = shell(false);
    shell.start(&words(&["sh"]), 0);
    assert_eq!(
        shell.input(b"pwd\necho a\nex"),
        [Out::Stdout(b"/\n".to_vec()), Out::Stdout(b"a\n".to_vec())]
    );
    shell.input(b"it 4");
    assert_eq!(shell.end_of_input(), [Out::Exit(4)]);
    let mut cat = self::shell(false);
    cat.start(&words(&["cat"]), 0);
    assert_eq!(cat.input(b"x"), [Out::Stdout(b"x".to_vec())]);
    assert_eq!(cat.end_of_input(), [Out::Exit(0)]);
}
