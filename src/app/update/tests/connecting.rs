use super::*;

#[test]
fn the_first_table_is_read_before_anything_else() {
    let mut stage = Stage::dark();
    stage.fact(Fact::Connected(facts("prod")));
    let queries = stage.queries();
    assert!(matches!(queries[0], Query::Rows(rows)
        if rows.resource.plural == "pods" && rows.namespace.as_deref() == Some("shop")));
    assert_eq!(queries[1..], [&Query::Discovery, &Query::BaseRights]);
    assert!(stage.effects.iter().any(|e| matches!(e, Effect::Offers)));
}

#[test]
fn flags_choose_namespace_and_command_of_the_first_context_only() {
    let mut stage = Stage::started(Start {
        namespace: Some("web".into()),
        command: Some("deploy".into()),
        ..Start::default()
    });
    stage.fact(Fact::Connected(facts("prod")));
    assert!(matches!(stage.queries()[0], Query::Rows(rows)
        if rows.resource.plural == "deployments" && rows.namespace.as_deref() == Some("web")));
    stage.fact(Fact::Connected(facts("test")));
    assert!(matches!(stage.queries()[0], Query::Rows(rows)
        if rows.resource.plural == "pods" && rows.namespace.as_deref() == Some("shop")));
}

#[test]
fn all_namespaces_is_a_flag_too() {
    let mut stage = Stage::started(Start {
        all_namespaces: true,
        ..Start::default()
    });
    stage.fact(Fact::Connected(facts("prod")));
    assert!(matches!(stage.queries()[0], Query::Rows(rows) if rows.namespace.is_none()));
}

#[test]
fn another_context_forgets_everything_of_the_old_one() {
    let mut stage = Stage::with_pods();
    let pods = stage.current_read();
    stage.command("ctx test");
    assert_eq!(stage.stopped(), [pods]);
    assert!(matches!(stage.effects.last(), Some(Effect::SwitchContext(name)) if name == "test"));
    stage.fact(Fact::Connected(facts("test")));
    assert!(stage.state.connection.catalog.is_none() && stage.state.offers.is_none());
    assert_eq!(stage.state.screens.path().len(), 1);
    assert_eq!(stage.state.connection.context(), "test");
}

#[test]
fn a_context_that_cannot_be_opened_leaves_the_old_one_as_it_was() {
    let mut stage = Stage::with_pods();
    stage.command("ctx test");
    stage.fact(Fact::ConnectFailed {
        context: "test".into(),
        error: "connection refused; start it".into(),
    });
    assert_eq!(stage.state.connection.context(), "prod");
    assert_eq!(stage.queries().len(), 1, "its table reads again");
    assert_eq!(
        stage.said(),
        "context test could not be opened: connection refused; start it"
    );
}

#[test]
fn without_any_context_one_can_still_choose_one_and_quit() {
    let mut stage = Stage::dark();
    stage.fact(Fact::ConnectFailed {
        context: "prod".into(),
        error: "no such file; create it".into(),
    });
    assert_eq!(stage.state.connection.error.as_deref(), Some("no such file; create it"));
    stage.command("ctx");
    assert!(matches!(stage.effects[..], [Effect::ListContexts]));
    stage.fact(Fact::Contexts {
        names: vec!["prod".into(), "test".into()].into(),
        current: "prod".into(),
    });
    stage.press("j enter");
    assert!(matches!(stage.effects.last(), Some(Effect::SwitchContext(name)) if name == "test"));
    stage.press("ctrl-c");
    assert!(matches!(stage.effects[..], [Effect::Quit]));
}

#[test]
fn a_kind_needs_a_context() {
    let mut stage = Stage::dark();
    stage.command("po");
    assert_eq!(stage.said(), "no cluster is open: choose a context with :ctx");
}

#[test]
fn a_context_nobody_has_is_told() {
    let mut stage = Stage::with_pods();
    stage.command("ctx nowhere");
    assert_eq!(stage.said(), "the kubeconfig has no context `nowhere`; :ctx lists them");
    assert!(stage.effects.is_empty());
}

#[test]
fn a_command_with_a_context_runs_there() {
    let mut stage = Stage::with_pods();
    stage.command("deploy @test");
    stage.fact(Fact::Connected(facts("test")));
    assert!(matches!(stage.queries()[0], Query::Rows(rows) if rows.resource.plural == "deployments"));
}

#[test]
fn the_list_of_contexts_starts_at_the_one_in_use_and_filters() {
    let mut stage = Stage::with_pods();
    stage.command("ctx");
    let Screen::Contexts(screen) = stage.screen() else {
        panic!("no contexts")
    };
    assert_eq!(screen.chosen(), Some("prod"));
    stage.press("/ t e s enter");
    let Screen::Contexts(screen) = stage.screen() else {
        panic!("no contexts")
    };
    assert_eq!(screen.chosen(), Some("test"));
    stage.press("esc");
    let Screen::Contexts(screen) = stage.screen() else {
        panic!("no contexts")
    };
    assert_eq!(screen.shown.len(), 2);
}

#[test]
fn groups_whose_kinds_are_unknown_are_told() {
    let mut stage = Stage::dark();
    stage.fact(Fact::Connected(facts("prod")));
    let id = stage.read_of(|query| *query == Query::Discovery);
    let mut found = catalog();
    found.failed_groups = vec![("metrics.k8s.io".into(), "503".into())];
    stage.reading(id, Reading::Discovered(Arc::new(found)));
    assert_eq!(stage.said(), "the kinds of metrics.k8s.io are unknown: 503");
}

#[test]
fn after_a_switch_the_list_shows_the_context_in_use_and_not_the_kubeconfigs_current_one() {
    let mut stage = Stage::with_pods();
    stage.fact(Fact::Connected(facts("test")));
    stage.command("ctx");
    stage.fact(Fact::Contexts {
        names: vec!["prod".into(), "test".into()].into(),
        current: "prod".into(),
    });
    let Screen::Contexts(screen) = stage.screen() else {
        panic!("no contexts")
    };
    assert_eq!((screen.current.as_str(), screen.chosen()), ("test", Some("test")));
}

#[test]
fn a_command_for_a_context_that_did_not_open_is_not_run_in_the_next() {
    let mut stage = Stage::with_pods();
    stage.command("deploy @test");
    stage.fact(Fact::ConnectFailed {
        context: "test".into(),
        error: "refused".into(),
    });
    stage.fact(Fact::Connected(facts("prod")));
    assert!(matches!(stage.queries()[0], Query::Rows(rows) if rows.resource.plural == "pods"));
}

fn unreachable() -> crate::cluster::ReadError {
    crate::cluster::ReadError {
        kind: crate::cluster::ReadErrorKind::Unreachable,
        cause: "connection refused".into(),
        cure: "start it".into(),
        retrying: true,
    }
}

#[test]
fn kinds_and_rights_that_could_not_be_read_are_asked_again_when_the_server_answers() {
    let mut stage = Stage::dark();
    stage.fact(Fact::Connected(facts("prod")));
    let (discovery, rights) = (
        stage.read_of(|query| *query == Query::Discovery),
        stage.read_of(|query| *query == Query::BaseRights),
    );
    let pods = stage.current_read();
    for id in [pods, discovery, rights] {
        stage.reading(id, Reading::Failed(unreachable()));
    }
    stage.rows(vec![]);
    assert_eq!(stage.queries(), [&Query::Discovery, &Query::BaseRights]);
    stage.rows(vec![]);
    assert!(stage.effects.is_empty(), "once, not with every update");
}

#[test]
fn a_kind_typed_after_a_failed_discovery_starts_it_again_and_opens_after_it() {
    let mut stage = Stage::dark();
    stage.fact(Fact::Connected(facts("prod")));
    let discovery = stage.read_of(|query| *query == Query::Discovery);
    stage.reading(discovery, Reading::Failed(unreachable()));
    stage.command("pvc");
    let again = stage.read_of(|query| *query == Query::Discovery);
    stage.reading(again, Reading::Discovered(Arc::new(catalog())));
    assert_eq!(stage.table().title(), "persistentvolumeclaims");
}

#[test]
fn help_without_a_cluster_has_the_keys_that_work_there() {
    let mut stage = Stage::dark();
    stage.press("?");
    let Screen::Help(help) = stage.screen() else {
        panic!("no help")
    };
    assert!(
        help.lines.iter().any(|line| line.keys.contains(':')),
        "{:?}",
        help.lines
    );
}

#[test]
fn the_context_in_use_is_not_switched_to() {
    let mut stage = Stage::with_pods();
    stage.break_glass(600).wait(2000);
    stage.command("ctx prod");
    assert!(!stage.has_overlay() && stage.effects.is_empty());
    assert_eq!(stage.said(), "prod is in use");
    stage.command("ctx").press("enter");
    assert!(
        matches!(stage.screen(), Screen::Table(_)),
        "back to what was seen before"
    );
    assert!(!stage.has_overlay());
    assert!(
        !stage
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::SwitchContext(_)))
    );
    assert_eq!(stage.said(), "prod is in use");
    stage.command("deploy @prod");
    assert_eq!(stage.table().resource.plural, "deployments");
}
