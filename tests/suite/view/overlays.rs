//! The command line, and the questions before a write.

use kglass::app::{Choice, Confirm, Desired, Fact, InputLine, Leave, LeaveFor, Overlay};
use kglass::escalation::Enforced;
use kglass::model::ObjectRef;
use kglass::registry::{Friction, action};

use super::fixture::{MINUTE, World, resource};
use super::{MIDDLE, SMALL, accept, sized};

#[test]
fn the_command_line_suggests_kinds() {
    for size in [SMALL, MIDDLE] {
        let mut world = World::with_pods(size.0, size.1);
        world.press(&[":"]);
        world.write("de");
        accept(&sized("prompt__suggestions", size), &world);
    }
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.press(&[":"]);
    world.write("nosuchkind");
    world.press(&["enter"]);
    accept("prompt__unknown_kind", &world);
}

#[test]
fn a_long_line_keeps_its_caret_in_sight() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.press(&["/"]);
    world.tell(Fact::Paste("a-very-long-expression|".repeat(6)));
    accept("prompt__long_line", &world);
}

fn object(name: &str) -> ObjectRef {
    let pods = resource("pods");
    ObjectRef {
        gvk: pods.gvk.clone(),
        resource: pods.plural.clone(),
        namespace: Some("shop".into()),
        name: name.into(),
        uid: Some(format!("uid-of-{name}")),
        resource_version: Some("4711".into()),
    }
}

fn asking(size: (u16, u16), id: &str, friction: Friction, targets: Vec<ObjectRef>) -> World {
    let mut world = World::with_pods(size.0, size.1);
    world.break_glass(Enforced::Server, MINUTE);
    let expected = targets.first().map(|target| target.name.clone()).unwrap_or_default();
    world.state.overlay = Some(Overlay::Confirm(Box::new(Confirm {
        seen: Vec::new(),
        action: action(id).expect("an action of the registry"),
        friction,
        replicas: None,
        replicas_now: Desired::default(),
        drain: None,
        headline: format!("delete pods/{expected} in shop"),
        impact: vec![
            "owned by ReplicaSet/checkout-74c77f8f7b, which makes a new one".into(),
            "1 more of this owner in this list, 0 of them well".into(),
        ],
        targets,
        opened: world.state.now,
        choice: Choice::Cancel,
        typed: InputLine::default(),
        expected,
        hint: None,
    })));
    world
}

#[test]
fn a_disruptive_write_is_asked_in_a_box_with_cancel_chosen() {
    for size in [SMALL, MIDDLE] {
        let world = asking(
            size,
            "object.delete",
            Friction::Box,
            vec![object("checkout-74c77f8f7b-6wn6k")],
        );
        accept(&sized("confirm__box", size), &world);
    }
}

#[test]
fn a_destructive_write_is_typed_and_look_alikes_are_spelt_out() {
    let targets = vec![object("p\u{430}yments"), object("payments\u{200b}"), object("cart")];
    let mut world = asking(SMALL, "object.delete", Friction::Name, targets);
    if let Some(Overlay::Confirm(confirm)) = &mut world.state.overlay {
        confirm.expected = "3 objects".into();
        confirm.typed = InputLine::new("3 obj");
        confirm.hint = Some("that is not the name");
    }
    accept("confirm__typed_name", &world);
}

#[test]
fn a_reversible_write_is_one_line() {
    let mut world = asking(SMALL, "workload.restart", Friction::Line, vec![object("checkout")]);
    if let Some(Overlay::Confirm(confirm)) = &mut world.state.overlay {
        confirm.headline = "scale deployments.apps/checkout in shop: 3 → 0".into();
    }
    accept("confirm__line", &world);
}

#[test]
fn leaving_with_a_broken_glass_is_asked_once() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.break_glass(Enforced::Server, MINUTE);
    world.state.overlay = Some(Overlay::Leave(Leave {
        to: LeaveFor::Quit,
        opened: world.state.now,
    }));
    accept("confirm__leave", &world);
}

#[test]
fn a_long_error_shows_who_and_the_cause_that_began_it() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    let why = "error forwarding port 1 to pod d974a2337110998323a0463758378a72a7611bfec3ce791b6304a30b328a1643, uid : failed to execute portforward in network namespace \"/var/run/netns/cni-64927dbd-3617-8f88-b0f9-c2e90a10c89c\": failed to connect to localhost:1 inside namespace: dial tcp4 127.0.0.1:1: connect: connection refused";
    world.tell(Fact::Notice {
        text: format!("127.0.0.1:18081 → web-0:1: {why}"),
        is_error: true,
    });
    accept("messages__long_error", &world);
}
