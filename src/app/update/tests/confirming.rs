use super::*;
use crate::app::Choice;
use crate::registry::Friction;

fn broken() -> Stage {
    let mut stage = Stage::with_pods();
    stage.break_glass(600).wait(2000);
    stage
}

fn with_deployment(ready: &str) -> Stage {
    let mut stage = broken();
    stage.command("deploy");
    stage.snapshot(snapshot_of("deployments", vec![pod("checkout-x", ready, "", 60)]));
    stage
}

#[test]
fn deleting_a_pod_opens_a_box_that_says_what_is_hit_and_has_cancel_chosen() {
    let mut stage = broken();
    stage.press("j ctrl-d");
    let confirm = stage.confirm_box();
    assert_eq!(confirm.friction, Friction::Box);
    assert_eq!(confirm.choice, Choice::Cancel);
    assert_eq!(confirm.headline, "delete pods/checkout-1 in shop");
    assert_eq!(confirm.targets[0].uid.as_deref(), Some("uid-checkout-1"));
    assert_eq!(confirm.targets[0].resource_version.as_deref(), Some("1"));
    assert_eq!(confirm.impact[0], "owned by ReplicaSet/checkout, which makes a new one");
    stage.press("enter");
    assert!(
        !stage.has_overlay() && stage.effects.is_empty(),
        "enter on Cancel cancels"
    );
    assert_eq!(stage.said(), "nothing was changed");
}

#[test]
fn a_pod_that_nothing_brings_back_is_named_as_such() {
    let mut stage = broken();
    let mut alone = pod("alone-1", "1/1", "Running", 5);
    Arc::get_mut(&mut alone.0).expect("not shared").owner = None;
    stage.rows(vec![alone]);
    stage.press("ctrl-d");
    assert_eq!(stage.confirm_box().impact, ["it has no owner: nothing brings it back"]);
}

#[test]
fn siblings_that_stay_are_counted() {
    let mut stage = broken();
    stage.rows(vec![
        pod("web-1", "1/1", "Running", 5),
        pod("web-2", "1/1", "Running", 5),
        pod("web-3", "0/1", "Pending", 5),
        pod("other-1", "1/1", "Running", 5),
    ]);
    stage.press("g j ctrl-d");
    assert_eq!(
        stage.confirm_box().impact[1],
        "2 more of this owner in this list, 1 of them well"
    );
}

#[test]
fn without_an_authority_a_confirmed_write_sends_nothing_whatever_the_screen_says() {
    let mut stage = broken();
    stage.press("ctrl-d tab enter");
    assert!(!stage.has_overlay());
    assert!(stage.effects.is_empty());
    assert!(
        stage.said().contains("was not sent: the glass is not broken"),
        "{}",
        stage.said()
    );
}

#[test]
fn a_line_is_confirmed_by_y_and_by_nothing_else() {
    let mut stage = with_deployment("3/3");
    stage.press("r");
    assert_eq!(stage.confirm_box().friction, Friction::Line);
    assert_eq!(
        stage.confirm_box().headline,
        "restart deployments.apps/checkout-x in shop"
    );
    stage.press("enter");
    assert_eq!(stage.confirm_box().hint, Some("y does it, esc leaves"));
    stage.press("esc");
    assert!(!stage.has_overlay());
    stage.press("r y");
    assert!(stage.said().contains("restart"), "{}", stage.said());
    assert!(!stage.has_overlay());
}

#[test]
fn keys_typed_before_the_box_opened_are_dropped_for_a_quarter_of_a_second() {
    let mut stage = with_deployment("3/3");
    stage.press("r").wait(249);
    stage.key("y");
    assert!(stage.has_overlay());
    stage.wait(61);
    stage.key("y");
    assert!(!stage.has_overlay());
}

#[test]
fn a_held_key_never_confirms() {
    let mut stage = with_deployment("3/3");
    stage.press("r");
    for _ in 0..100 {
        stage.wait(30);
        stage.key("y");
        if !stage.has_overlay() {
            break;
        }
    }
    // The first `y` falls under the guard, every further one follows within 60 ms.
    assert!(stage.has_overlay());
    assert!(
        stage
            .confirm_box()
            .hint
            .is_some_and(|hint| hint.contains("held or pasted"))
    );
    stage.press("y");
    assert!(!stage.has_overlay());
}

#[test]
fn a_burst_never_confirms() {
    let mut stage = with_deployment("3/3");
    stage.press("r").wait(500);
    stage.fact(Fact::Key {
        key: Key::char('y'),
        burst: true,
    });
    assert!(stage.has_overlay());
}

#[test]
fn a_paste_never_confirms() {
    let mut stage = with_deployment("3/3");
    stage.press("r").wait(500);
    stage.fact(Fact::Paste("y".into()));
    assert!(stage.has_overlay());
    assert_eq!(stage.confirm_box().hint, Some("a paste never confirms: type it"));
}

#[test]
fn a_held_arrow_does_not_run_to_the_dangerous_choice() {
    let mut stage = broken();
    stage.press("ctrl-d tab");
    assert_eq!(stage.confirm_box().choice, Choice::Proceed);
    stage.wait(30);
    stage.key("tab");
    stage.wait(30);
    stage.key("tab");
    assert_eq!(stage.confirm_box().choice, Choice::Proceed, "held: the choice stays");
    stage.press("left");
    assert_eq!(stage.confirm_box().choice, Choice::Cancel);
}

#[test]
fn a_claim_is_deleted_only_by_typing_its_name() {
    let mut stage = broken();
    stage.command("pvc");
    stage.snapshot(snapshot_of("pvc", vec![pod("ledger", "", "Bound", 60)]));
    stage.press("ctrl-d");
    assert_eq!(stage.confirm_box().friction, Friction::Name);
    stage.wait(300).type_text("ledge").press("enter");
    assert!(
        stage
            .confirm_box()
            .hint
            .is_some_and(|hint| hint.contains("not the name"))
    );
    stage.type_text("r").press("enter");
    assert!(!stage.has_overlay());
}

#[test]
fn a_name_pasted_without_brackets_is_not_taken() {
    let mut stage = broken();
    stage.command("pvc");
    stage.snapshot(snapshot_of("pvc", vec![pod("ledger", "", "Bound", 60)]));
    stage.press("ctrl-d").wait(300);
    for c in "ledger".chars() {
        stage.fact(Fact::Key {
            key: Key::char(c),
            burst: true,
        });
    }
    assert!(stage.confirm_box().typed.is_empty());
    stage.press("enter");
    assert!(stage.has_overlay());
}

#[test]
fn more_than_ten_objects_are_confirmed_by_typing_how_many() {
    let mut stage = broken();
    let rows: Vec<Row> = (10..22)
        .map(|n| pod(&format!("web-{n}"), "1/1", "Running", 5))
        .collect();
    stage.rows(rows);
    stage.press("g space G ctrl-space ctrl-d");
    let confirm = stage.confirm_box();
    assert_eq!((confirm.friction, confirm.targets.len()), (Friction::Name, 12));
    assert_eq!(confirm.expected, "12 objects");
}

#[test]
fn marked_rows_that_the_filter_hides_are_told_before_they_are_hit() {
    let mut stage = broken();
    stage.press("g space / c h enter ctrl-d");
    let confirm = stage.confirm_box();
    assert_eq!(confirm.targets.len(), 1);
    assert_eq!(confirm.targets[0].name, "cart-1");
    assert!(
        confirm
            .impact
            .contains(&"1 of them are hidden by the filter".to_owned()),
        "{:?}",
        confirm.impact
    );
}

#[test]
fn what_is_typed_on_when_a_line_has_closed_itself_is_no_command() {
    let mut stage = with_deployment("3/3");
    stage.press("s");
    stage.snapshot(snapshot_of("deployments", vec![pod("checkout-x", "4/4", "", 60)]));
    assert!(stage.said().contains("since you asked"), "{}", stage.said());
    for key in ["0", "backspace", "3", "enter", "y"] {
        stage.wait(150).key(key);
    }
    assert!(stage.queries().is_empty(), "{:?}", stage.effects);
    assert_eq!(stage.table().title(), "deployments");
    assert_eq!(stage.table().namespace(), Some("shop"));
    // The way out of the escalation is never deaf, and a moment later nothing is.
    stage.wait(150).key("!");
    assert!(stage.said().contains("again"), "{}", stage.said());
    stage.wait(2000).press("enter");
    assert_eq!(stage.table().title(), "pods of checkout-x");
}

#[test]
fn a_box_closes_itself_when_its_object_changed() {
    let mut stage = broken();
    stage.press("ctrl-d");
    stage.rows(vec![pod_version("cart-1", "0/1", "Error", 300, "2")]);
    assert!(!stage.has_overlay());
    assert!(
        stage.said().starts_with("pods/cart-1 has changed since you asked"),
        "{}",
        stage.said()
    );
}

#[test]
fn a_box_stays_when_its_object_reads_the_same_and_follows_its_version() {
    let mut stage = broken();
    stage.press("ctrl-d");
    let before = stage.confirm_box().targets[0].resource_version.clone();
    stage.rows(vec![pod_version("cart-1", "1/1", "Running", 300, "2")]);
    let after = stage.confirm_box().targets[0].resource_version.clone();
    assert_ne!(before.as_deref(), Some("2"));
    assert_eq!(after.as_deref(), Some("2"));
}

#[test]
fn a_box_closes_itself_when_its_object_is_gone() {
    let mut stage = broken();
    stage.press("ctrl-d");
    stage.rows(vec![pod("ledger-0", "1/1", "Running", 900)]);
    assert!(!stage.has_overlay());
    assert!(
        stage.said().starts_with("pods/cart-1 is gone since you asked"),
        "{}",
        stage.said()
    );
}

#[test]
fn a_box_stays_while_other_objects_change() {
    let mut stage = broken();
    stage.press("ctrl-d");
    stage.rows(vec![
        pod("cart-1", "1/1", "Running", 300),
        pod_version("ledger-0", "0/1", "Error", 900, "9"),
    ]);
    assert!(stage.has_overlay());
}

#[test]
fn an_object_that_is_not_yet_in_a_half_read_table_is_not_gone() {
    let mut stage = broken();
    stage.press("ctrl-d");
    stage.snapshot(Snapshot {
        complete: false,
        ..snapshot(vec![])
    });
    assert!(stage.has_overlay());
}

#[test]
fn scaling_asks_for_a_number_and_then_for_y() {
    let mut stage = with_deployment("1/3");
    stage.press("s");
    assert_eq!(stage.prompt().line.text(), "3", "what is desired now");
    stage.press("ctrl-u").type_text("many").press("enter");
    assert_eq!(stage.prompt().error.as_deref(), Some("a number from 0 to 10000"));
    stage.press("ctrl-u").type_text("0").press("enter");
    let confirm = stage.confirm_box();
    assert_eq!(confirm.headline, "scale deployments.apps/checkout-x in shop: 3 → 0");
    assert_eq!((confirm.friction, confirm.replicas), (Friction::Line, Some(0)));
}

#[test]
fn an_object_outside_the_scope_is_refused_before_anything_is_asked() {
    let mut stage = Stage::with_pods();
    let mut elsewhere = pod("web-1", "1/1", "Running", 5);
    Arc::get_mut(&mut elsewhere.0).expect("not shared").namespace = Some("web".into());
    stage.rows(vec![elsewhere]);
    stage.break_glass(600);
    stage.press("ctrl-d");
    assert!(!stage.has_overlay());
    assert_eq!(stage.said(), "delete: your role holds in shop only");
}

/// Why `delete` cannot be done, in the menu and in help.
fn delete_blocked(stage: &mut Stage) -> (Option<String>, Option<String>) {
    let hints = crate::app::hints(&stage.state);
    let hint = hints.iter().find(|hint| hint.title == "delete").expect("in the menu");
    let hint = hint.blocked.clone();
    stage.press("?");
    let Screen::Help(help) = stage.screen() else {
        panic!("no help")
    };
    let line = help.lines.iter().find(|line| line.title == "delete").expect("in help");
    let line = line.blocked.clone();
    stage.press("esc");
    (hint, line)
}

#[test]
fn writes_are_offered_only_where_the_role_holds() {
    let mut stage = broken();
    let elsewhere = || {
        let mut row = pod("web-1", "1/1", "Running", 5);
        Arc::get_mut(&mut row.0).expect("not shared").namespace = Some("web".into());
        row
    };
    stage.press("0");
    stage.rows(vec![pod("cart-1", "1/1", "Running", 5), elsewhere()]);
    assert_eq!(delete_blocked(&mut stage), (None, None), "on a row of shop");
    stage.press("j");
    let why = Some("your role holds in shop only".to_owned());
    assert_eq!(delete_blocked(&mut stage), (why.clone(), why.clone()));
    // What is marked counts, wherever the cursor is.
    stage.press("space g");
    assert_eq!(delete_blocked(&mut stage).0, why);
    // A table without a row is judged by its own namespace.
    stage.command("po web");
    assert_eq!(
        crate::app::hints::blocked(&stage.state, crate::registry::action("object.delete").unwrap()),
        why
    );
}

fn workloads(ready: &[(&str, &str)]) -> Stage {
    let mut stage = broken();
    stage.command("deploy");
    let rows = ready.iter().map(|(name, ready)| pod(name, ready, "", 60)).collect();
    stage.snapshot(snapshot_of("deployments", rows));
    stage
}

#[test]
fn several_workloads_are_scaled_with_the_numbers_of_all() {
    let mut stage = workloads(&[("a-1", "3/3"), ("b-1", "6/6"), ("c-1", "2/2")]);
    stage.press("space space s");
    assert_eq!(stage.prompt().line.text(), "", "nobody's number is proposed to all");
    assert!(
        matches!(&stage.prompt().kind, crate::app::PromptKind::Replicas { now, .. } if now.words().as_deref() == Some("3 and 6"))
    );
    stage.type_text("4").press("enter");
    assert_eq!(stage.confirm_box().headline, "scale 2 deployments to 4 (now 3 and 6)");
    stage.press("esc space s");
    stage.type_text("1").press("enter");
    assert_eq!(stage.confirm_box().headline, "scale 3 deployments to 1 (now 2 to 6)");
}

#[test]
fn several_that_want_the_same_are_proposed_it() {
    let mut stage = workloads(&[("a-1", "3/3"), ("b-1", "1/3")]);
    stage.press("space space s");
    assert_eq!(stage.prompt().line.text(), "3");
}

#[test]
fn a_question_about_several_closes_when_one_of_them_wants_another_number() {
    let mut stage = workloads(&[("a-1", "3/3"), ("b-1", "6/6")]);
    stage.press("space space s");
    let again = |b: &str| snapshot_of("deployments", vec![pod("a-1", "2/3", "", 60), pod("b-1", b, "", 60)]);
    stage.snapshot(again("5/6"));
    assert!(stage.has_overlay(), "each is compared with its own number");
    stage.snapshot(again("5/5"));
    assert!(!stage.has_overlay());
}

/// Confirms what stands there as if there were an authority, and lets the server accept all of it.
fn accepted(stage: &mut Stage, verb: &str) {
    let confirm = stage.confirm_box().clone();
    stage.state.overlay = None;
    let order = super::super::write::order(&mut stage.state, confirm);
    for target in &order.targets {
        let outcome = crate::escalation::Outcome {
            verb: verb.into(),
            ..outcome(order.action, target, 200)
        };
        stage.fact(Fact::Outcome(outcome));
    }
}

#[test]
fn a_scale_of_several_takes_the_older_way_back_of_each_with_it() {
    let mut stage = workloads(&[("a-1", "3/3"), ("b-1", "6/6")]);
    stage.press("s ctrl-u 1 enter");
    accepted(&mut stage, "scale");
    stage.press("space space s ctrl-u 4 enter");
    accepted(&mut stage, "scale");
    stage.press("u");
    assert!(!stage.has_overlay());
    assert_eq!(stage.said(), "there is no write to take back");
}

#[test]
fn the_order_carries_what_was_confirmed_and_each_has_its_own_number() {
    let mut stage = with_deployment("1/3");
    stage.press("s ctrl-u 0 enter");
    let confirm = stage.confirm_box().clone();
    let first = super::super::write::order(&mut stage.state, confirm.clone());
    let second = super::super::write::order(&mut stage.state, confirm);
    assert_eq!(first.replicas, Some(0));
    assert_eq!(first.targets[0].uid.as_deref(), Some("uid-checkout-x"));
    assert_eq!(second.action, first.action + 1);
}

#[test]
fn undo_offers_the_way_back_of_a_scale_as_a_new_question() {
    let mut stage = with_deployment("3/3");
    stage.press("s ctrl-u 0 enter");
    let confirm = stage.confirm_box().clone();
    stage.state.overlay = None;
    let order = super::super::write::order(&mut stage.state, confirm);
    stage.press("u");
    assert!(
        stage.said().contains("no write to take back"),
        "not before the server has accepted it"
    );
    stage.fact(Fact::Outcome(outcome(order.action, &order.targets[0], 200)));
    assert!(stage.said().ends_with("· u takes it back"), "{}", stage.said());
    stage.snapshot(snapshot_of(
        "deployments",
        vec![pod_version("checkout-x", "0/0", "", 60, "7")],
    ));
    stage.press("u");
    let confirm = stage.confirm_box();
    assert_eq!(confirm.headline, "scale deployments.apps/checkout-x in shop: 0 → 3");
    assert_eq!(
        confirm.targets[0].resource_version.as_deref(),
        Some("7"),
        "as it is seen now"
    );
}

#[test]
fn an_outcome_is_told_with_the_servers_words() {
    let mut stage = with_deployment("3/3");
    let target = crate::model::ObjectRef {
        resource: "pods".into(),
        name: "a".into(),
        ..Default::default()
    };
    stage.fact(Fact::Outcome(outcome(1, &target, 409)));
    assert_eq!(stage.said(), "scale pods/a refused by the server (409): words");
    stage.fact(Fact::Outcome(outcome(1, &target, 0)));
    assert!(stage.said().contains("look whether it happened"));
    stage.fact(Fact::WriteRefused {
        action: 1,
        error: "the escalation has expired".into(),
    });
    assert_eq!(stage.said(), "not sent: the escalation has expired");
}

fn outcome(action: u64, target: &crate::model::ObjectRef, status: u16) -> crate::escalation::Outcome {
    crate::escalation::Outcome {
        action,
        audit_id: "id".into(),
        verb: "scale".into(),
        target: target.clone(),
        status,
        message: "words".into(),
        took_ms: 12,
    }
}

fn of(owner: Option<&str>, name: &str) -> Row {
    let mut row = pod(name, "1/1", "Running", 5);
    Arc::get_mut(&mut row.0).expect("not shared").owner = owner.map(Into::into);
    row
}

#[test]
fn of_several_objects_it_is_said_what_is_left_of_each_owner() {
    let mut stage = broken();
    let (cart, web) = (Some("ReplicaSet/cart"), Some("ReplicaSet/web"));
    stage.rows(vec![
        of(cart, "a"),
        of(cart, "b"),
        of(cart, "c"),
        of(web, "d"),
        of(web, "e"),
        of(None, "f"),
        of(web, "g"),
    ]);
    stage.press("g space space space space space space ctrl-d");
    let confirm = stage.confirm_box();
    assert_eq!(confirm.headline, "delete 6 pods");
    assert_eq!(
        confirm.impact,
        [
            "1 without owner: nothing brings it back",
            "all 3 of ReplicaSet/cart in this list",
            "2 of 3 of ReplicaSet/web",
        ]
    );
    assert_eq!(confirm.targets[0].name, "f", "what nothing brings back is named first");
}

#[test]
fn owners_of_the_same_name_in_several_namespaces_are_told_apart() {
    let mut stage = Stage::with_pods();
    let everywhere = Grant {
        namespace: None,
        ..grant(stage.now, 600)
    };
    stage.fact(Fact::Granted(everywhere));
    stage.wait(2000);
    let mut other = of(Some("ReplicaSet/cart"), "b");
    Arc::get_mut(&mut other.0).expect("not shared").namespace = Some("web".into());
    stage.rows(vec![of(Some("ReplicaSet/cart"), "a"), other]);
    stage.press("g space space ctrl-d");
    assert_eq!(
        stage.confirm_box().impact,
        [
            "all 1 of ReplicaSet/cart in shop in this list",
            "all 1 of ReplicaSet/cart in web in this list",
        ]
    );
}

#[test]
fn kill_says_that_it_is_no_other_than_delete() {
    let mut stage = broken();
    stage.press("ctrl-k");
    assert!(stage.confirm_box().impact[0].starts_with("kill is the same as delete"));
}

#[test]
fn what_goes_with_a_deleted_workload_is_said_and_counted() {
    let mut stage = workloads(&[("a-1", "2/3"), ("b-1", "6/6")]);
    stage.press("ctrl-d");
    let last = |stage: &Stage| stage.confirm_box().impact.last().cloned().unwrap_or_default();
    assert_eq!(last(&stage), "its 3 pods and its replica sets go with it");
    stage.press("esc space space ctrl-d");
    assert_eq!(last(&stage), "their 9 pods and their replica sets go with them");
    stage.press("esc");
    for (kind, said) in [
        ("svc", "nothing reaches its pods by this name any more"),
        ("cronjobs", "its jobs and their pods go with it"),
        ("pvc", "its volume and what is on it may go too (reclaim policy)"),
    ] {
        stage.command(kind);
        let full = stage.table().resource.plural.clone();
        stage.snapshot(snapshot_of(&full, vec![of(None, "x")]));
        stage.press("ctrl-d");
        assert_eq!(last(&stage), said);
        stage.press("esc");
    }
}

fn sent(stage: &mut Stage) -> crate::registry::Order {
    let confirm = stage.confirm_box().clone();
    stage.state.overlay = None;
    super::super::write::order(&mut stage.state, confirm)
}

#[test]
fn the_answers_of_many_are_counted_and_what_was_refused_is_kept() {
    let mut stage = broken();
    stage.press("space space space ctrl-d");
    let order = sent(&mut stage);
    let answer = |stage: &mut Stage, n: usize, status: u16| {
        let answer = crate::escalation::Outcome {
            verb: "delete".into(),
            message: if status == 200 { "deleted" } else { "no" }.into(),
            ..outcome(order.action, &order.targets[n], status)
        };
        stage.fact(Fact::Outcome(answer));
    };
    answer(&mut stage, 0, 200);
    assert_eq!(stage.said(), "delete 1 of 3 …");
    answer(&mut stage, 1, 403);
    assert_eq!(stage.said(), "delete 2 of 3, 1 refused …");
    answer(&mut stage, 2, 200);
    assert_eq!(stage.said(), "2 deleted, 1 refused (see :messages)");
    let kept: Vec<&str> = stage.state.messages.all().iter().map(|m| m.text.as_str()).collect();
    assert!(
        kept.iter().any(|text| text.contains("refused by the server (403)")),
        "{kept:?}"
    );
    assert!(
        !kept.iter().any(|text| text.contains("of 3")),
        "a count takes the place of the one before: {kept:?}"
    );
}

#[test]
fn many_that_went_well_are_one_sum() {
    let mut stage = broken();
    stage.press("space space ctrl-d");
    let order = sent(&mut stage);
    for target in &order.targets {
        let answer = crate::escalation::Outcome {
            verb: "delete".into(),
            message: "ends within 30 s".into(),
            ..outcome(order.action, target, 200)
        };
        stage.fact(Fact::Outcome(answer));
    }
    assert_eq!(stage.said(), "2 pods deleted");
}

#[test]
fn what_the_end_left_unsent_of_many_is_said() {
    let mut stage = broken();
    stage.press("space space ctrl-d");
    let order = sent(&mut stage);
    stage.fact(Fact::WriteRefused {
        action: order.action,
        error: "the escalation has expired".into(),
    });
    assert_eq!(stage.said(), "0 of 2 sent; the rest not: the escalation has expired");
}

#[test]
fn one_answer_says_once_what_was_done() {
    let mut stage = broken();
    let target = crate::model::ObjectRef {
        resource: "pods".into(),
        name: "a".into(),
        ..Default::default()
    };
    for (verb, message, said) in [
        ("delete", "deleted", "deleted pods/a (12 ms)"),
        ("delete", "ends within 30 s", "deleted pods/a: ends within 30 s (12 ms)"),
        (
            "delete",
            "deletion begun; held by x",
            "delete pods/a: deletion begun; held by x (12 ms)",
        ),
        ("restart", "restarted", "restarted pods/a (12 ms)"),
        ("scale", "3 → 0", "scaled pods/a: 3 → 0 (12 ms)"),
    ] {
        stage.fact(Fact::Outcome(crate::escalation::Outcome {
            verb: verb.into(),
            message: message.into(),
            ..outcome(1, &target, 200)
        }));
        assert_eq!(stage.said(), said);
    }
}
