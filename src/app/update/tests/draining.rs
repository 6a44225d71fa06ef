use super::*;
use crate::app::{Choice, Draining};
use crate::escalation::{Budget, DrainEnd, DrainProgress, DrainStep, NodePod, NodeSurvey, PodNote};
use crate::model::ObjectRef;
use crate::registry::Friction;

fn node_pod(name: &str) -> NodePod {
    NodePod {
        object: ObjectRef {
            namespace: Some("shop".into()),
            name: name.into(),
            ..ObjectRef::default()
        },
        controller: Some(("ReplicaSet".into(), "web".into())),
        ..NodePod::default()
    }
}

/// Looking at nodes with a role that holds everywhere.
fn on_nodes() -> Stage {
    let mut stage = Stage::with_pods();
    let everywhere = Grant {
        namespace: None,
        ..grant(stage.now, 600)
    };
    stage.fact(Fact::Granted(everywhere));
    stage.wait(2000).command("nodes");
    see_node(&mut stage, "Ready");
    stage
}

fn see_node(stage: &mut Stage, status: &str) {
    let mut node = pod("node-a", "", status, 60);
    Arc::get_mut(&mut node.0).expect("not shared").namespace = None;
    stage.snapshot(snapshot_of("nodes", vec![node]));
}

fn looked_at(stage: &Stage) -> ObjectRef {
    match stage.effects.as_slice() {
        [Effect::Survey(node)] => node.clone(),
        other => panic!("no look at a node: {other:?}"),
    }
}

fn survey(node: &ObjectRef, pods: Vec<NodePod>) -> NodeSurvey {
    NodeSurvey {
        node: node.clone(),
        pods: pods.into(),
        budgets: Some(Arc::new([Budget {
            namespace: "shop".into(),
            name: "web".into(),
            allowed: 1,
            here: 2,
        }])),
        ..NodeSurvey::default()
    }
}

fn asked(pods: Vec<NodePod>) -> Stage {
    let mut stage = on_nodes();
    stage.press("r");
    let node = looked_at(&stage);
    let found = Ok(Arc::new(survey(&node, pods)));
    stage.fact(Fact::Surveyed { node, found });
    stage
}

fn running() -> Stage {
    let mut stage = asked(vec![node_pod("web-1"), node_pod("web-2")]);
    stage.state.overlay = Some(Overlay::Drain);
    stage.state.drain = Some(Draining::Running {
        progress: DrainProgress {
            action: 9,
            node: "node-a".into(),
            ..DrainProgress::default()
        },
        stopping: false,
    });
    stage
}

fn told(step: DrainStep) -> Fact {
    Fact::Drain(DrainProgress {
        action: 9,
        node: "node-a".into(),
        step,
        total: 3,
        evicted: 2,
        left: vec![PodNote {
            pod: "shop/web-2".into(),
            why: "not tried".into(),
        }],
        ..DrainProgress::default()
    })
}

#[test]
fn without_the_glass_none_of_the_keys_does_anything_but_say_so() {
    let mut stage = Stage::with_pods();
    stage.command("nodes");
    for key in ["c", "u", "r"] {
        stage.press(key);
        assert!(stage.effects.is_empty() && !stage.has_overlay(), "{key}");
        assert!(stage.said().contains("needs the glass"), "{key}: {}", stage.said());
    }
}

#[test]
fn a_drain_looks_first_and_then_asks_in_a_box_what_it_will_hit() {
    let daemon = NodePod {
        controller: Some(("DaemonSet".into(), "agent".into())),
        ..node_pod("agent-x")
    };
    let stage = asked(vec![node_pod("web-1"), node_pod("web-2"), daemon]);
    let confirm = stage.confirm_box();
    assert_eq!((confirm.friction, confirm.choice), (Friction::Box, Choice::Cancel));
    assert_eq!(confirm.headline, "drain nodes/node-a");
    let expected = [
        "evicts 2 pods: 2 in shop",
        "1 of DaemonSets stay",
        "shop/web: 2 pods here, its budget lets 1 go at a time",
    ];
    assert_eq!(confirm.impact, expected);
}

#[test]
fn what_is_lost_for_good_is_chosen_key_by_key_and_each_choice_decides_anew() {
    let lone = NodePod {
        controller: None,
        ..node_pod("debug")
    };
    let cache = NodePod {
        has_empty_dir: true,
        ..node_pod("cache-0")
    };
    let mut stage = asked(vec![node_pod("web-1"), lone, cache]);
    assert_eq!(stage.confirm_box().impact[2], "f [ ] nothing brings back shop/debug");
    assert_eq!(
        stage.confirm_box().impact[3],
        "e [ ] lose the data of an emptyDir: shop/cache-0"
    );
    stage.press("tab enter");
    assert_eq!(stage.confirm_box().hint, Some("choose what is lost first, or esc"));
    stage.press("f");
    assert_eq!(stage.confirm_box().impact[2], "f [x] nothing brings back shop/debug");
    assert_eq!(stage.confirm_box().choice, Choice::Cancel);
    stage.press("e tab enter");
    assert!(
        !stage.has_overlay(),
        "everything is chosen: it is sent, or here refused without authority"
    );
    assert!(stage.said().contains("the glass is not broken"), "{}", stage.said());
}

#[test]
fn a_held_key_chooses_nothing() {
    let mut stage = asked(vec![NodePod {
        controller: None,
        ..node_pod("debug")
    }]);
    stage.wait(500).key("f");
    stage.wait(30).key("f");
    assert!(
        stage.confirm_box().drain.as_ref().unwrap().options.force,
        "chosen once, not taken back"
    );
}

#[test]
fn whoever_went_on_meanwhile_is_not_asked() {
    let mut stage = on_nodes();
    stage.press("r");
    let node = looked_at(&stage);
    stage.press(":");
    let found = Ok(Arc::new(survey(&node, vec![node_pod("web-1")])));
    stage.fact(Fact::Surveyed {
        node: node.clone(),
        found,
    });
    stage.prompt();
    stage.fact(Fact::Surveyed {
        node,
        found: Err("late".into()),
    });
    assert!(
        stage.said().contains("you went on meanwhile"),
        "an answer counts once: {}",
        stage.said()
    );
}

#[test]
fn esc_stops_it_and_enter_only_looks_elsewhere() {
    let mut stage = running();
    stage.press("enter");
    assert!(!stage.has_overlay() && stage.effects.is_empty());
    assert!(
        stage.said().contains("the drain goes on; r on a node shows it"),
        "{}",
        stage.said()
    );
    stage.press("r");
    assert!(
        matches!(stage.state.overlay, Some(Overlay::Drain)),
        "the same drain, no second one"
    );
    assert!(stage.effects.is_empty());
    stage.press("esc");
    assert!(
        matches!(stage.effects.as_slice(), [Effect::StopDrain(9)]),
        "{:?}",
        stage.effects
    );
    assert!(stage.has_overlay(), "until it has stopped");
    stage.fact(told(DrainStep::Over(DrainEnd::Cancelled)));
    assert_eq!(
        stage.said(),
        "drain of node-a stopped: 2 of 3 evicted; the node stays cordoned"
    );
    stage.press("esc");
    assert!(!stage.has_overlay() && stage.state.drain.is_none());
}

#[test]
fn the_glass_key_ends_the_escalation_from_the_progress_too() {
    let mut stage = running();
    stage.press("!").press("!");
    assert!(
        matches!(stage.effects.first(), Some(Effect::End(_))),
        "{:?}",
        stage.effects
    );
    stage.fact(told(DrainStep::Over(DrainEnd::Cut)));
    assert!(stage.said().contains("cut by the end"), "{}", stage.said());
}

#[test]
fn a_drain_that_the_gate_refused_is_none() {
    let mut stage = running();
    stage.fact(Fact::WriteRefused {
        action: 9,
        error: "words".into(),
    });
    assert!(stage.state.drain.is_none() && !stage.has_overlay());
    assert_eq!(stage.said(), "not sent: words");
}

/// Presses the key, and the server accepts what was asked.
fn accepted(stage: &mut Stage, key: &str, verb: &str) {
    stage.press(key);
    let confirm = stage.confirm_box().clone();
    stage.state.overlay = None;
    let order = super::super::write::order(&mut stage.state, confirm);
    stage.fact(Fact::Outcome(crate::escalation::Outcome {
        action: order.action,
        audit_id: "x".into(),
        verb: verb.into(),
        target: order.targets[0].clone(),
        status: 200,
        message: String::new(),
        took_ms: 3,
    }));
}

/// On nodes `u` is no undo: it uncordons.
#[test]
fn the_key_that_is_said_to_take_an_uncordon_back_does() {
    let mut stage = on_nodes();
    see_node(&mut stage, "Ready,SchedulingDisabled");
    accepted(&mut stage, "u", "uncordon");
    assert!(stage.said().ends_with("· c cordons it again"), "{}", stage.said());
    see_node(&mut stage, "Ready");
    stage.press("c");
    assert_eq!(stage.confirm_box().headline, "cordon nodes/node-a");
}

#[test]
fn a_cordon_is_one_line_and_its_way_back_is_offered() {
    let mut stage = on_nodes();
    stage.press("c");
    let confirm = stage.confirm_box().clone();
    assert_eq!(
        (confirm.friction, confirm.headline.as_str()),
        (Friction::Line, "cordon nodes/node-a")
    );
    stage.state.overlay = None;
    let order = super::super::write::order(&mut stage.state, confirm);
    let outcome = crate::escalation::Outcome {
        action: order.action,
        audit_id: "x".into(),
        verb: "cordon".into(),
        target: order.targets[0].clone(),
        status: 200,
        message: "no new pods come".into(),
        took_ms: 3,
    };
    stage.fact(Fact::Outcome(outcome));
    assert!(stage.said().ends_with("· u takes it back"), "{}", stage.said());
    super::super::undo::offer(&mut stage.state);
    assert_eq!(stage.confirm_box().headline, "uncordon nodes/node-a");
}

#[test]
fn a_drain_that_evicted_nothing_says_why_and_its_box_can_be_closed() {
    let mut stage = running();
    stage.fact(Fact::Drain(DrainProgress {
        action: 9,
        node: "node-a".into(),
        step: DrainStep::Over(DrainEnd::Incomplete),
        left: vec![PodNote {
            pod: "every pod".into(),
            why: "cordon nodes/node-a: the server answered 409".into(),
        }],
        ..DrainProgress::default()
    }));
    assert_eq!(
        stage.said(),
        "nothing on node-a was evicted: cordon nodes/node-a: the server answered 409"
    );
    stage.press("esc");
    assert!(!stage.has_overlay());
}

#[test]
fn the_look_is_no_longer_told_when_the_question_stands() {
    let stage = asked(vec![node_pod("web-1")]);
    stage.confirm_box();
    assert_eq!(stage.said(), "");
}

#[test]
fn an_empty_cordoned_node_is_not_asked_about() {
    let mut stage = on_nodes();
    stage.press("r");
    let node = looked_at(&stage);
    let daemon = NodePod {
        controller: Some(("DaemonSet".into(), "agent".into())),
        ..node_pod("agent-x")
    };
    let found = NodeSurvey {
        is_cordoned: true,
        ..survey(&node, vec![daemon])
    };
    stage.fact(Fact::Surveyed {
        node,
        found: Ok(Arc::new(found)),
    });
    assert!(!stage.has_overlay());
    assert_eq!(
        stage.said(),
        "nodes/node-a: nothing to do, it is cordoned and runs nothing that a drain evicts"
    );
}

#[test]
fn a_node_is_offered_only_what_it_is_not_yet() {
    let mut stage = on_nodes();
    let blocked = |stage: &Stage, id| {
        let action = crate::registry::action(id).expect("an action");
        crate::app::hints::blocked(&stage.state, action)
    };
    assert_eq!(blocked(&stage, "node.cordon"), None);
    assert_eq!(blocked(&stage, "node.uncordon").as_deref(), Some("not cordoned"));
    let mut node = pod("node-a", "", "Ready,SchedulingDisabled", 60);
    Arc::get_mut(&mut node.0).expect("not shared").namespace = None;
    stage.snapshot(snapshot_of("nodes", vec![node]));
    assert_eq!(blocked(&stage, "node.cordon").as_deref(), Some("cordoned already"));
    assert_eq!(blocked(&stage, "node.uncordon"), None);
}

#[test]
fn budgets_that_hold_something_back_are_named_and_the_others_counted() {
    let mut stage = on_nodes();
    stage.press("r");
    let node = looked_at(&stage);
    let budget = |name: &str, allowed| Budget {
        namespace: "shop".into(),
        name: name.into(),
        allowed,
        here: 1,
    };
    let found = NodeSurvey {
        budgets: Some(Arc::new([budget("ledger", 0), budget("cart", 1), budget("web", 2)])),
        ..survey(&node, vec![node_pod("web-1")])
    };
    stage.fact(Fact::Surveyed {
        node,
        found: Ok(Arc::new(found)),
    });
    assert_eq!(
        stage.confirm_box().impact,
        [
            "evicts 1 pod: 1 in shop",
            "shop/ledger: 1 pod here, its budget lets none go now: the drain waits",
            "2 budgets hold nothing back",
        ]
    );
}
