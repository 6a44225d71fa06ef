//! Shells and port-forwards.

use std::sync::Arc;

use kglass::app::{ForwardsScreen, OpenStream, Screen, ShellScreen};
use kglass::escalation::{Enforced, StreamCounts, StreamKind};
use kglass::model::{Grid, ObjectRef, TerminalFrame};

use super::fixture::{SECOND, World};
use super::{LARGE, MIDDLE, SMALL, accept, sized};

fn object(resource: &str, name: &str) -> ObjectRef {
    ObjectRef {
        resource: resource.into(),
        namespace: Some("shop".into()),
        name: name.into(),
        ..ObjectRef::default()
    }
}

fn open(world: &mut World, action: u64, kind: StreamKind, pod: &str) {
    let stream = OpenStream {
        action,
        kind,
        pod: object("pods", pod),
        container: (kind == StreamKind::Shell).then(|| "web".into()),
        from: None,
        remote: 8080,
        local: 18080,
        is_open: true,
        counts: StreamCounts {
            connections: 12,
            open: 2,
            bytes_in: 2048,
            bytes_out: 3 << 20,
        },
        since: world.state.now,
        trouble: None,
    };
    world.state.streams.open.push(stream);
}

#[test]
fn port_forwards_are_as_wide_as_they_are_and_name_their_origin() {
    for size in [SMALL, MIDDLE, LARGE] {
        let mut world = World::with_pods(size.0, size.1);
        world.break_glass(Enforced::Server, 28 * SECOND);
        open(&mut world, 1, StreamKind::Forward, "cart-6c8f7b9d4-5tn24");
        world.state.streams.open[0].from = Some(object("services", "cart"));
        open(&mut world, 2, StreamKind::Forward, "ledger-0");
        world.state.streams.open[1].is_open = false;
        world.state.screens.push(Screen::Forwards(ForwardsScreen::default()));
        accept(&sized("streams__forwards", size), &world);
    }
}

#[test]
fn the_banner_over_a_shell_says_where_one_types() {
    for (pod, name) in [
        ("web-0", "streams__shell"),
        ("checkout-74c77f8f7b-6wn6k", "streams__shell_long"),
    ] {
        shells(pod, name);
    }
}

fn shells(pod: &str, name: &str) {
    for size in [SMALL, MIDDLE] {
        let mut world = World::with_pods(size.0, size.1);
        world.break_glass(Enforced::Server, 28 * SECOND);
        open(&mut world, 1, StreamKind::Shell, pod);
        let mut grid = Grid::blank(size.0, size.1 - 1);
        grid.cells[0].symbol = "$".into();
        world.state.screens.push(Screen::Shell(Box::new(ShellScreen {
            action: 1,
            title: "shell in web-0:web".into(),
            frame: Some(Arc::new(TerminalFrame {
                grid,
                cursor: Some((2, 0)),
                application_cursor: false,
                bracketed_paste: false,
            })),
            menu: false,
        })));
        accept(&sized(name, size), &world);
    }
}
