use super::*;
use crate::review::{SessionKind, SessionSummary};

#[test]
fn a_kind_with_namespace_filter_and_labels_opens_as_typed() {
    let mut stage = Stage::with_pods();
    stage.command("po kube-system app=Web /!dns");
    let [Query::Rows(rows)] = stage.queries()[..] else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!(rows.namespace.as_deref(), Some("kube-system"));
    assert_eq!(rows.labels.as_deref(), Some("app=Web"));
    assert_eq!(stage.table().filter.text, "!dns");
    assert_eq!(stage.state.namespace.as_deref(), Some("kube-system"));
}

#[test]
fn a_cluster_scoped_kind_ignores_the_namespace_in_use() {
    let mut stage = Stage::with_pods();
    stage.command("nodes");
    assert!(matches!(stage.queries()[..], [Query::Rows(rows)] if rows.namespace.is_none()));
}

#[test]
fn all_is_every_namespace() {
    let mut stage = Stage::with_pods();
    stage.command("po all");
    assert!(matches!(stage.queries()[..], [Query::Rows(rows)] if rows.namespace.is_none()));
}

#[test]
fn an_unknown_kind_is_told_with_the_nearest_ones() {
    let mut stage = Stage::with_pods();
    stage.command("deplyments");
    assert!(stage.said().contains("no kind `deplyments`"), "{}", stage.said());
    stage.command("deplo");
    assert!(stage.said().contains("deployments"), "{}", stage.said());
}

#[test]
fn a_kind_typed_before_the_kinds_are_known_opens_when_they_are() {
    let mut stage = Stage::dark();
    stage.fact(Fact::Connected(facts("prod")));
    let discovery = stage.read_of(|query| *query == Query::Discovery);
    stage.command("pvc");
    assert!(stage.said().contains("still reading"));
    stage.reading(discovery, Reading::Discovered(Arc::new(catalog())));
    assert!(matches!(stage.queries()[..], [Query::Rows(rows)] if rows.resource.plural == "persistentvolumeclaims"));
}

#[test]
fn suggestions_begin_with_what_is_typed_and_then_hold_its_letters() {
    let mut stage = Stage::with_pods();
    stage.press(":").type_text("de");
    let lines: Vec<&str> = stage.prompt().suggestions.iter().map(|s| s.line.as_str()).collect();
    assert_eq!(lines[..2], ["deploy", "deployments"]);
    stage.press("tab tab");
    assert_eq!(stage.prompt().line.text(), "deployments");
    stage.press("enter");
    assert_eq!(stage.table().title(), "deployments");
}

#[test]
fn the_right_arrow_at_the_end_takes_the_suggestion() {
    let mut stage = Stage::with_pods();
    stage.press(":").type_text("deploym").press("right");
    assert_eq!(stage.prompt().line.text(), "deployments");
}

#[test]
fn namespaces_are_suggested_from_one_read_that_is_stopped_when_it_is_whole() {
    let mut stage = Stage::with_pods();
    stage.press(":");
    let id = stage.read_of(|query| matches!(query, Query::Rows(rows) if rows.resource.plural == "namespaces"));
    stage.type_text("po ku");
    assert!(stage.prompt().suggestions.is_empty());
    stage.reading(
        id,
        Reading::Rows(snapshot_of(
            "namespaces",
            vec![pod("kube-system", "", "Active", 1), pod("shop", "", "Active", 1)],
        )),
    );
    assert_eq!(stage.stopped(), [id]);
    assert_eq!(stage.prompt().suggestions[0].line, "po kube-system");
    stage.press("esc :");
    assert!(stage.effects.is_empty(), "they are known now");
    stage.press("esc").command("ns shpo");
    assert!(
        stage.said().contains("no namespace `shpo` was seen"),
        "{}",
        stage.said()
    );
    assert_eq!(stage.state.namespace.as_deref(), Some("shpo"), "it may be new");
    stage.command("ns shop");
    assert!(!stage.said().contains("`shop`"), "{}", stage.said());
}

#[test]
fn contexts_are_suggested_after_ctx_and_after_an_at_sign() {
    let mut stage = Stage::with_pods();
    stage.press(":").type_text("ctx te");
    assert_eq!(stage.prompt().suggestions[0].line, "ctx test");
    stage.press("esc :").type_text("po @te");
    assert_eq!(stage.prompt().suggestions[0].line, "po @test");
}

#[test]
fn the_history_keeps_commands_with_their_case_and_once_each() {
    let mut stage = Stage::with_pods();
    stage.command("po app=Web").command("no").command("po app=Web");
    stage.press(": up");
    assert_eq!(stage.prompt().line.text(), "po app=Web");
    stage.press("up");
    assert_eq!(stage.prompt().line.text(), "no");
    stage.press("up");
    assert_eq!(stage.prompt().line.text(), "no");
    stage.press("down down");
    assert_eq!(stage.prompt().line.text(), "");
}

#[test]
fn a_paste_into_the_command_line_is_text_and_runs_nothing() {
    let mut stage = Stage::with_pods();
    stage.press(":");
    stage.fact(Fact::Paste("no\nq\n".into()));
    assert!(stage.effects.is_empty());
    assert_eq!(stage.prompt().line.text(), "no q");
}

#[test]
fn backspace_in_an_empty_line_and_escape_leave_it() {
    let mut stage = Stage::with_pods();
    stage.press(": backspace");
    assert!(!stage.has_overlay());
    stage.press(": x esc");
    assert!(!stage.has_overlay());
}

#[test]
fn a_line_that_makes_no_sense_says_why() {
    let mut stage = Stage::with_pods();
    stage.command("po a b");
    assert!(stage.said().contains("one name is enough"), "{}", stage.said());
}

#[test]
fn replay_asks_the_runtime_for_the_session() {
    let mut stage = Stage::with_pods();
    stage.command("replay abcdefghijklmnop");
    assert!(
        matches!(&stage.effects[..], [Effect::OpenReplay { session: Some(session) }] if session == "abcdefghijklmnop")
    );
}

#[test]
fn replay_alone_asks_for_the_newest_that_has_ended() {
    let mut stage = Stage::with_pods();
    stage.command("replay");
    assert!(matches!(&stage.effects[..], [Effect::OpenReplay { session: None }]));
}

#[test]
fn replay_completes_the_names_of_sessions_and_not_of_namespaces() {
    let mut stage = Stage::with_pods();
    stage.press(": r e p l a");
    assert!(stage.effects.is_empty());
    stage.press("y");
    assert!(matches!(&stage.effects[..], [Effect::ListSessions]));
    stage.press("space");
    assert!(stage.effects.is_empty(), "they are asked for once");
    stage.fact(Fact::Sessions([session("zzzz", 2), session("aaaa", 1)].into()));
    assert_eq!(
        lines(&stage),
        [
            "replay zzzz 1970-01-01 00:02 · restarter in shop · INC-1",
            "replay aaaa 1970-01-01 00:01 · restarter in shop · INC-1",
        ]
    );
    stage.press("a");
    assert_eq!(lines(&stage).len(), 1);
}

fn lines(stage: &Stage) -> Vec<String> {
    let suggestions = stage.prompt().suggestions.iter();
    suggestions.map(|one| format!("{} {}", one.line, one.about)).collect()
}

fn session(name: &str, minute: i64) -> SessionSummary {
    SessionSummary {
        session: name.into(),
        folder: "/s".into(),
        kind: SessionKind::Unknown,
        started_ms: Some(minute * 60_000),
        context: "prod".into(),
        who: "alice".into(),
        role: "restarter in shop".into(),
        ticket: "INC-1".into(),
        writes: 1,
        unanswered: 0,
        ended: "operator".into(),
        verdict: "intact".into(),
        intact: true,
        running: false,
        unsent: Vec::new(),
        has_sinks: false,
    }
}

#[test]
fn quit_commands_quit() {
    for line in ["q", "quit", "q!", "exit"] {
        let mut stage = Stage::with_pods();
        stage.command(line);
        assert!(matches!(stage.effects[..], [Effect::Quit]), "{line}");
    }
}

#[test]
fn a_return_typed_before_the_program_was_there_is_one_too() {
    let mut stage = Stage::with_pods();
    stage.press(":").type_text("deploy");
    stage.press("ctrl-j");
    assert_eq!(stage.table().title(), "deployments");
}
