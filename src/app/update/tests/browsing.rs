use super::*;
use crate::app::{FilterKind, TableSource};
use crate::cluster::{LogSource, ReadError, ReadErrorKind};

#[test]
fn a_regular_expression_filters_while_it_is_typed() {
    let mut stage = Stage::with_pods();
    stage.press("/").type_text("CRASH");
    assert_eq!(stage.shown(), ["checkout-1"]);
    stage.press("enter");
    assert!(!stage.has_overlay());
    assert_eq!(stage.table().filter.text, "CRASH");
}

#[test]
fn an_exclamation_mark_turns_the_filter_round() {
    let mut stage = Stage::with_pods();
    stage.press("/").type_text("!crash").press("enter");
    assert_eq!(stage.shown(), ["cart-1", "ledger-0"]);
}

#[test]
fn a_filter_may_hold_blanks() {
    let mut stage = Stage::with_pods();
    stage.press("/").type_text("0/1 crash").press("enter");
    assert_eq!(stage.shown(), ["checkout-1"]);
}

#[test]
fn an_expression_that_cannot_be_read_says_so_and_hides_nothing() {
    let mut stage = Stage::with_pods();
    stage.press("/").type_text("(");
    assert!(
        stage
            .prompt()
            .error
            .as_deref()
            .is_some_and(|e| e.contains("unclosed group"))
    );
    assert_eq!(stage.shown().len(), 3);
    stage.press("enter");
    assert!(stage.has_overlay(), "the line stays open to be mended");
}

#[test]
fn escape_takes_the_filter_back_to_what_it_was() {
    let mut stage = Stage::with_pods();
    stage.press("/").type_text("cart").press("enter /").type_text("xx");
    assert!(stage.shown().is_empty());
    stage.press("esc");
    assert_eq!(stage.shown(), ["cart-1"]);
    stage.press("esc");
    assert_eq!(stage.shown().len(), 3);
}

#[test]
fn labels_are_asked_of_the_server_at_enter_and_not_at_each_key() {
    let mut stage = Stage::with_pods();
    let before = stage.current_read();
    stage.press("/").type_text("app=Web");
    assert!(stage.effects.is_empty());
    stage.press("enter");
    assert_eq!(stage.stopped(), [before]);
    let [Query::Rows(rows)] = stage.queries()[..] else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!(rows.labels.as_deref(), Some("app=Web"));
    assert!(matches!(stage.table().filter.kind, FilterKind::Labels(_)));
    stage.press("esc");
    let [Query::Rows(rows)] = stage.queries()[..] else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!(rows.labels, None);
}

#[test]
fn faults_shows_only_what_is_not_well() {
    let mut stage = Stage::with_pods();
    stage.press("ctrl-z");
    assert_eq!(stage.shown(), ["checkout-1"]);
    stage.press("esc");
    assert_eq!(stage.shown().len(), 3);
}

#[test]
fn enter_leads_from_deployment_to_pods_to_containers_to_logs_and_escape_back() {
    let mut stage = Stage::with_pods();
    stage.command("deploy");
    stage.snapshot(snapshot_of("deployments", vec![pod("checkout-x", "0/3", "", 60)]));
    stage.press("enter");
    let deployment = match stage.queries()[..] {
        [Query::PodsOf(object)] => object.clone(),
        _ => panic!("{:?}", stage.effects),
    };
    assert_eq!(
        (deployment.resource.as_str(), deployment.name.as_str()),
        ("deployments", "checkout-x")
    );
    assert_eq!(deployment.uid.as_deref(), Some("uid-checkout-x"));
    stage.rows(vec![pod("checkout-1", "0/1", "CrashLoopBackOff", 60)]);
    stage.press("enter");
    assert!(matches!(stage.queries()[..], [Query::Containers(pod)] if pod.name == "checkout-1"));
    stage.rows(vec![pod("app", "false", "Waiting", 60)]);
    stage.press("enter");
    let [Query::Logs(logs)] = stage.queries()[..] else {
        panic!("{:?}", stage.effects)
    };
    let LogSource::Pod { pod, container } = &logs.source else {
        panic!("{:?}", logs.source)
    };
    assert_eq!((pod.name.as_str(), container.as_deref()), ("checkout-1", Some("app")));
    assert!(logs.follow);
    stage.press("esc esc esc");
    assert_eq!(stage.table().title(), "deployments");
    assert!(matches!(stage.queries()[..], [Query::Rows(rows)] if rows.resource.plural == "deployments"));
}

#[test]
fn a_cron_job_leads_to_its_jobs() {
    let mut stage = Stage::with_pods();
    stage.command("cj");
    stage.snapshot(snapshot_of("cronjobs", vec![pod("nightly", "", "", 60)]));
    stage.press("enter");
    assert!(matches!(stage.queries()[..], [Query::JobsOf(object)] if object.name == "nightly"));
    assert_eq!(stage.table().title(), "jobs of nightly");
    assert_eq!(stage.table().kind.plural, "jobs");
    assert!(!stage.table().shows_namespace());
}

#[test]
fn a_definition_leads_to_the_objects_of_its_kind() {
    let mut stage = Stage::with_pods();
    let define = |stage: &mut Stage, name: &str| {
        stage.command("crd");
        stage.snapshot(snapshot_of("customresourcedefinitions", vec![pod(name, "", "", 60)]));
        stage.press("enter");
    };
    define(&mut stage, "deployments.apps");
    assert!(matches!(stage.queries()[..], [Query::Rows(rows)] if rows.resource.plural == "deployments"));
    assert_eq!(stage.table().namespace(), Some("shop"), "in the namespace in use");
    // One that the server does not serve (yet) is said, and the definition stays on the screen.
    define(&mut stage, "ghosts.example.com");
    assert!(stage.said().contains("ghosts.example.com"), "{}", stage.said());
    assert_eq!(stage.table().title(), "customresourcedefinitions");
}

#[test]
fn a_node_leads_to_its_pods_of_every_namespace() {
    let mut stage = Stage::with_pods();
    stage.command("no");
    let mut node = pod("node-a", "1/1", "Ready", 60);
    std::sync::Arc::get_mut(&mut node.0).expect("not shared").namespace = None;
    stage.snapshot(snapshot_of("nodes", vec![node]));
    stage.press("enter");
    assert!(matches!(stage.queries()[..], [Query::PodsOf(object)] if object.namespace.is_none()));
    assert!(stage.table().shows_namespace());
}

#[test]
fn a_kind_that_leads_nowhere_is_described() {
    let mut stage = Stage::with_pods();
    stage.command("pvc");
    stage.snapshot(snapshot_of("pvc", vec![pod("data-0", "", "Bound", 60)]));
    stage.press("enter");
    assert!(matches!(stage.queries()[..], [Query::Describe(object)] if object.resource == "persistentvolumeclaims"));
}

#[test]
fn a_screen_that_is_left_stops_reading_and_comes_back_where_it_was() {
    let mut stage = Stage::with_pods();
    stage.press("j j");
    let pods = stage.current_read();
    stage.press("y");
    assert_eq!(stage.stopped(), [pods]);
    let yaml = stage.current_read();
    stage.press("esc");
    assert_eq!(stage.stopped(), [yaml]);
    assert_eq!(stage.cursor_name(), "ledger-0");
    assert_eq!(stage.table().freshness, Freshness::Loading { rows: 3 });
    assert_ne!(stage.current_read(), pods);
}

#[test]
fn answers_of_a_read_that_was_stopped_are_dropped() {
    let mut stage = Stage::with_pods();
    let old = stage.current_read();
    stage.press("y esc");
    stage.state.take_change();
    stage.reading(old, Reading::Rows(snapshot(vec![])));
    assert_eq!(stage.shown().len(), 3);
    assert!(!stage.state.take_change());
}

#[test]
fn history_goes_back_forward_and_to_the_last_screen() {
    let mut stage = Stage::with_pods();
    stage.command("no").command("svc");
    stage.press("[");
    assert_eq!(stage.table().title(), "nodes");
    stage.press("]");
    assert_eq!(stage.table().title(), "services");
    stage.press("-");
    assert_eq!(stage.table().title(), "nodes");
    stage.press("-");
    assert_eq!(stage.table().title(), "services");
    assert_eq!(stage.queries().len(), 1, "only what is seen reads");
}

#[test]
fn digits_choose_the_namespace_and_its_place_stays() {
    let mut stage = Stage::with_pods();
    stage.command("po web");
    stage.press("0");
    assert_eq!(stage.table().namespace(), None);
    assert!(stage.table().shows_namespace());
    stage.press("1");
    assert_eq!(stage.table().namespace(), Some("shop"));
    stage.press("2");
    assert_eq!(stage.table().namespace(), Some("web"));
    let names: Vec<&str> = stage.state.namespace_keys.names().collect();
    assert_eq!(names, ["shop", "web"]);
    stage.press("3");
    assert!(stage.said().contains("no namespace is on key 3"));
}

#[test]
fn in_the_list_of_namespaces_enter_uses_one_and_shows_its_pods() {
    let mut stage = Stage::with_pods();
    stage.command("ns");
    stage.snapshot(snapshot_of("namespaces", vec![pod("web", "", "Active", 60)]));
    stage.press("enter");
    assert!(matches!(stage.queries()[..], [Query::Rows(rows)]
        if rows.resource.plural == "pods" && rows.namespace.as_deref() == Some("web")));
}

#[test]
fn warp_shows_the_kind_in_the_namespace_of_the_row() {
    let mut stage = Stage::with_pods();
    stage.press("0");
    stage.rows(vec![pod("cart-1", "1/1", "Running", 300)]);
    stage.press("w");
    assert_eq!(stage.table().namespace(), Some("shop"));
}

#[test]
fn a_failed_read_is_told_on_the_screen_and_gone_with_the_next_rows() {
    let mut stage = Stage::with_pods();
    let error = ReadError {
        kind: ReadErrorKind::Forbidden,
        cause: "you may not list pods".into(),
        cure: "ask for the right".into(),
        retrying: true,
    };
    let id = stage.current_read();
    stage.reading(id, Reading::Failed(error.clone()));
    assert_eq!(stage.table().error, Some(error));
    stage.rows(vec![]);
    assert_eq!(stage.table().error, None);
}

#[test]
fn every_write_key_is_refused_in_normal_mode_and_names_the_key_that_opens_the_glass() {
    let mut stage = Stage::with_pods();
    for key in ["ctrl-d", "ctrl-k"] {
        stage.press(key);
        assert!(
            stage.said().ends_with("needs the glass: press !"),
            "{key}: {}",
            stage.said()
        );
        assert!(stage.effects.is_empty() && !stage.has_overlay());
    }
    stage.command("deploy");
    stage.snapshot(snapshot_of("deployments", vec![pod("checkout-x", "0/3", "", 60)]));
    for key in ["s", "r", "ctrl-d"] {
        stage.press(key);
        assert!(
            stage.said().ends_with("needs the glass: press !"),
            "{key}: {}",
            stage.said()
        );
        assert!(stage.effects.is_empty() && !stage.has_overlay());
    }
}

#[test]
fn the_menu_shows_writes_as_blocked_until_the_glass_is_broken() {
    let mut stage = Stage::with_pods();
    let blocked = |stage: &Stage| {
        let hints = crate::app::hints(&stage.state);
        hints
            .into_iter()
            .filter(|hint| hint.is_write && hint.blocked.is_some())
            .count()
    };
    assert_eq!(blocked(&stage), 4, "shell, port-forward, kill, delete");
    stage.break_glass(600);
    assert_eq!(blocked(&stage), 0);
}

#[test]
fn a_list_of_containers_offers_nothing_that_writes() {
    let mut stage = Stage::with_pods();
    stage.break_glass(600);
    stage.press("enter");
    stage.rows(vec![pod("app", "false", "Waiting", 60)]);
    stage.press("ctrl-d");
    assert!(stage.said().contains("does not apply to containers"));
    assert!(matches!(stage.table().source, TableSource::Containers(_)));
}

#[test]
fn a_refused_key_says_so_and_any_next_key_dismisses_it() {
    let mut stage = Stage::with_pods();
    stage.press("ctrl-d");
    assert!(!stage.said().is_empty());
    stage.press("j");
    assert_eq!(stage.said(), "");
    assert_eq!(stage.state.messages.all().len(), 1, "the log keeps it");
}

#[test]
fn what_the_role_lacks_is_said_before_anything_is_asked() {
    let mut stage = Stage::with_pods();
    let mut grant = grant(stage.now, 600);
    grant.rights = vec![
        "patch deployments.apps".to_owned(),
        "patch update deployments/scale.apps".into(),
    ]
    .into();
    stage.fact(Fact::Granted(grant));
    stage.press("ctrl-d");
    assert!(!stage.has_overlay());
    assert_eq!(stage.said(), "delete: your role lacks delete pods");
    stage.command("deploy");
    stage.snapshot(snapshot_of("deployments", vec![pod("checkout-x", "0/3", "", 60)]));
    stage.press("r");
    assert!(stage.has_overlay());
    stage.press("esc s");
    assert!(stage.has_overlay());
}

#[test]
fn where_there_is_nothing_forward_or_before_nothing_is_read_again() {
    let mut stage = Stage::with_pods();
    stage.press("]");
    assert!(stage.effects.is_empty());
    assert_eq!(stage.said(), "there is nothing to go forward to");
    stage.press("- [");
    assert!(stage.effects.is_empty());
}
