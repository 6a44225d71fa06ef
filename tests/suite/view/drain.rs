//! The question before a drain, and how it gets on.

use std::sync::Arc;

use kglass::app::{Choice, Confirm, Desired, DrainQuestion, Draining, InputLine, Overlay};
use kglass::escalation::{DrainEnd, DrainOptions, DrainProgress, DrainStep, Enforced, NodeSurvey, PodNote};
use kglass::registry::{Friction, action};

use super::fixture::{MINUTE, World};
use super::{MIDDLE, SMALL, accept, sized};

fn world(size: (u16, u16)) -> World {
    let mut world = World::with_pods(size.0, size.1);
    world.break_glass(Enforced::Server, MINUTE);
    world
}

#[test]
fn the_question_says_what_goes_what_stays_who_waits_and_what_is_lost() {
    let mut world = world(SMALL);
    world.state.overlay = Some(Overlay::Confirm(Box::new(Confirm {
        action: action("node.drain").expect("an action of the registry"),
        friction: Friction::Box,
        targets: Vec::new(),
        seen: Vec::new(),
        replicas: None,
        replicas_now: Desired::default(),
        drain: Some(DrainQuestion {
            survey: Arc::new(NodeSurvey::default()),
            options: DrainOptions::default(),
        }),
        headline: "drain nodes/node-a".into(),
        impact: vec![
            "evicts 7 pods: 1 in kube-system, 6 in shop".into(),
            "2 of DaemonSets stay, 1 static stay".into(),
            "shop/ledger: 1 pod here, its budget lets none go now: the drain waits".into(),
            "f [ ] nothing brings back shop/debug".into(),
            "e [x] lose the data of an emptyDir: shop/cache-0, shop/cache-1".into(),
        ],
        opened: world.state.now,
        choice: Choice::Cancel,
        typed: InputLine::default(),
        expected: "node-a".into(),
        hint: Some("choose what is lost first, or esc"),
    })));
    accept("drain__question", &world);
}

fn running(size: (u16, u16), progress: DrainProgress, stopping: bool) -> World {
    let mut world = world(size);
    world.state.drain = Some(Draining::Running { progress, stopping });
    world.state.overlay = Some(Overlay::Drain);
    world
}

fn progress() -> DrainProgress {
    let note = |pod: &str, why: &str| PodNote {
        pod: pod.into(),
        why: why.into(),
    };
    DrainProgress {
        action: 1,
        node: "ip-10-0-12-7.eu-central-1.compute.internal".into(),
        step: DrainStep::Evicting,
        total: 7,
        evicted: 4,
        gone: 0,
        blocked: vec![
            note(
                "shop/ledger-0",
                "The disruption budget ledger needs 1 healthy pods and has 1 currently",
            ),
            note(
                "shop/cart-5d9c8c7b6f-4x2lq",
                "The disruption budget cart needs 2 healthy pods and has 2 currently",
            ),
            note(
                "shop/cart-5d9c8c7b6f-9kmzt",
                "The disruption budget cart needs 2 healthy pods and has 2 currently",
            ),
        ],
        failed: vec![note(
            "shop/odd-1",
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
        )],
        left: Vec::new(),
    }
}

#[test]
fn how_it_gets_on_names_who_waits_for_which_budget() {
    for size in [SMALL, MIDDLE] {
        accept(&sized("drain__evicting", size), &running(size, progress(), false));
    }
    accept("drain__stopping", &running(SMALL, progress(), true));
}

#[test]
fn when_it_is_over_what_was_left_is_named() {
    let mut cut = progress();
    cut.left = std::mem::take(&mut cut.blocked);
    cut.step = DrainStep::Over(DrainEnd::Cut);
    accept("drain__cut", &running(SMALL, cut, false));
    let done = DrainProgress {
        step: DrainStep::Over(DrainEnd::Done),
        evicted: 7,
        gone: 7,
        blocked: Vec::new(),
        failed: Vec::new(),
        ..progress()
    };
    accept("drain__done", &running(SMALL, done, false));
}
