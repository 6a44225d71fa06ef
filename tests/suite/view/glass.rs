//! The banner, and everything around breaking the glass.

use kglass::app::Fact;
use kglass::audit::sinks::{Health, SinkStatus};
use kglass::escalation::{AskProgress, EndReason, EndStep, Ended, Enforced, Revocation};

use super::dump::{drawn, grid, probe_theme};
use super::fixture::{MINUTE, NOW, SECOND, World, deployments};
use super::{LARGE, MIDDLE, SMALL, accept, sized};

#[test]
fn the_banner_stands_on_the_first_line_at_every_size() {
    for size in [SMALL, MIDDLE, LARGE, (60, 20)] {
        let mut world = World::with_pods(size.0, size.1);
        world.break_glass(Enforced::Server, 28 * SECOND);
        world.press(&["j"]);
        accept(&sized("glass__broken", size), &world);
    }
}

#[test]
fn the_last_minutes_and_seconds_are_said_in_words() {
    for (name, passed) in [
        ("glass__soon", 13 * MINUTE + 17 * SECOND),
        ("glass__ending", 14 * MINUTE + 52 * SECOND),
    ] {
        for size in [SMALL, MIDDLE] {
            let mut world = World::with_pods(size.0, size.1);
            world.break_glass(Enforced::ClientOnly, passed);
            accept(&sized(name, size), &world);
        }
    }
}

#[test]
fn the_first_press_says_what_the_second_does() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.break_glass(Enforced::Server, MINUTE);
    world.press(&["!"]);
    accept("glass__end_armed", &world);
    world.press(&["!"]);
    world.tell(Fact::EndStep(EndStep::Confirm));
    world.tick(4 * SECOND);
    accept("glass__confirming_the_end", &world);
    world.tell(Fact::Ended(Ended {
        session: "mfrggzdfmztwq2lk".into(),
        reason: EndReason::Operator,
        revocation: Revocation::Confirmed { after_ms: 9800 },
        writes: 3,
        declined: 0,
        unknown: 0,
        left: Vec::new(),
        refused: 1,
        unsent: Vec::new(),
        cut: Vec::new(),
    }));
    accept("glass__ended", &world);
}

#[test]
fn writes_are_bright_while_the_glass_is_broken() {
    let mut world = World::with_pods(MIDDLE.0, MIDDLE.1);
    world.press(&[":"]);
    world.write("deploy");
    world.press(&["enter"]);
    world.rows(deployments());
    world.break_glass(Enforced::Server, MINUTE);
    accept("glass__broken_deployments", &world);
}

#[test]
fn a_write_beyond_the_role_says_so() {
    for size in [SMALL, MIDDLE] {
        let mut world = World::with_pods(size.0, size.1);
        world.press(&[":"]);
        world.write("svc");
        world.press(&["enter"]);
        world.break_glass(Enforced::Server, MINUTE);
        accept(&sized("glass__role_lacks_the_right", size), &world);
    }
}

#[test]
fn the_pane_names_what_is_missing_and_what_will_follow() {
    for size in [SMALL, MIDDLE] {
        let mut world = World::with_pods(size.0, size.1);
        world.press(&["!"]);
        accept(&sized("escalate__opened", size), &world);
        world.press(&["ctrl-s"]);
        accept(&sized("escalate__incomplete", size), &world);
    }
}

fn filled(size: (u16, u16)) -> World {
    let mut world = World::with_pods(size.0, size.1);
    world.press(&["!", "tab"]);
    world.write("INC-4711");
    world.press(&["tab"]);
    world.write("checkout crash-loops since the 02:11 rollout, rolling back to the image before it");
    world.press(&["tab"]);
    world
}

#[test]
fn a_filled_pane_can_be_asked() {
    accept("escalate__filled", &filled(SMALL));
}

#[test]
fn waiting_shows_who_consents_and_what_they_paste() {
    let mut world = filled(SMALL);
    world.press(&["ctrl-s"]);
    for progress in [
        AskProgress::Recorded {
            session: "mfrggzdfmztwq2lk".into(),
        },
        AskProgress::Waiting {
            session: "mfrggzdfmztwq2lk".into(),
            command: "kglass --context prod-eu approve mfrggzdfmztwq2lk".into(),
        },
    ] {
        world.tell(Fact::Asked(progress));
    }
    world.tick(41 * SECOND);
    accept("escalate__waiting", &world);
    world.tell(Fact::Asked(AskProgress::Approved { by: "lead".into() }));
    accept("escalate__consented", &world);
}

#[test]
fn a_failed_ask_stays_in_the_pane_with_its_cause() {
    let mut world = filled(SMALL);
    world.press(&["ctrl-s"]);
    world.tell(Fact::AskFailed {
        error: "the request ConfigMap kglass-system/mfrggzdfmztwq2lk was refused: configmaps is forbidden for alice (403); ask for the binding kglass-requesters of the kit".into(),
    });
    accept("escalate__failed", &world);
}

#[test]
fn a_sink_that_is_down_is_said_where_there_is_no_room_for_more() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.break_glass(Enforced::Server, MINUTE);
    let down = SinkStatus {
        name: "siem".into(),
        host: "siem.example".into(),
        required: true,
        health: Health::Down {
            since: NOW,
            cause: "connection refused".into(),
        },
        behind: 3,
        oldest: None,
        refusing: false,
        owed: 0,
        faults: [].into(),
    };
    world.tell(Fact::Sinks([down].into()));
    accept("glass__sink_down", &world);
}

/// The line stays where it is, second by second, until its words say something else.
#[test]
fn the_banner_does_not_move_when_ten_minutes_become_nine() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.break_glass(Enforced::Server, 5 * MINUTE);
    let place = |world: &World| {
        let screen = grid(&drawn(&world.state, &probe_theme()).0);
        let banner = screen.lines().next().expect("a first line").to_owned();
        (banner.find("prod-eu").expect("the cluster"), banner)
    };
    let (ten, banner) = place(&world);
    assert!(banner.contains("10:00"), "{banner}");
    world.tick(2 * SECOND);
    let (nine, banner) = place(&world);
    assert!(banner.contains("9:58"), "{banner}");
    assert_eq!(ten, nine, "{banner}");
}
