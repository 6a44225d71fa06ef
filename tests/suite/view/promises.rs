//! What must hold on every screen, whatever is accepted in the snapshots.

use kglass::app::{Confirm, Desired, Leave, LeaveFor, Overlay, Screen, State};
use kglass::config::{Scope, Theme};
use kglass::escalation::Enforced;
use kglass::model::TermSafe;
use kglass::registry::{Friction, action};
use ratatui::buffer::Buffer;
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

use super::dump::{drawn, grid, probe_theme, runs};
use super::fixture::{MINUTE, World, pod_columns, shop_pods, snapshot};
use super::{MIDDLE, SMALL};

/// A way to each screen and overlay, by keys that work in every mode.
const WAYS: &[&[&str]] = &[
    &[],
    &["y"],
    &["l"],
    &["?"],
    &[":", "m", "e", "s", "s", "a", "g", "e", "s", "enter"],
    &[":", "c", "t", "x", "enter"],
    &[":", "d", "e"],
    &["/", "x"],
    &["ctrl-d"],
    &["q"],
];

fn worlds((width, height): (u16, u16), broken: Option<u64>) -> Vec<World> {
    let mut worlds: Vec<World> = WAYS
        .iter()
        .map(|way| {
            let mut world = World::with_pods(width, height);
            if let Some(passed) = broken {
                world.break_glass(Enforced::ClientOnly, passed);
            }
            world.press(way);
            world
        })
        .collect();
    if broken.is_some() {
        let mut world = World::with_pods(width, height);
        world.break_glass(Enforced::Server, MINUTE);
        world.state.overlay = Some(Overlay::Leave(Leave {
            to: LeaveFor::Quit,
            opened: world.state.now,
        }));
        worlds.push(world);
    } else {
        let mut world = World::with_pods(width, height);
        world.press(&["!"]);
        worlds.push(world);
    }
    worlds
}

fn first_line(buffer: &Buffer) -> String {
    grid(buffer).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn the_banner_is_on_the_first_line_of_every_screen_and_overlay() {
    for size in [SMALL, MIDDLE, (60, 20), (40, 12)] {
        for world in worlds(size, Some(MINUTE)) {
            let (buffer, _) = drawn(&world.state, &probe_theme());
            let line = first_line(&buffer);
            assert!(line.starts_with(" GLASS BROKEN "), "{line}");
            // Pressing keys took a little of the time.
            assert!(line.contains("13:5") || line.contains("14:00"), "{line}");
            assert!(line.contains("!!") || line.contains("again"), "{line}");
            let grounds: Vec<_> = runs(&buffer, 0)
                .into_iter()
                .filter(|run| run.2.starts_with("ground"))
                .collect();
            let covered: u16 = grounds.iter().map(|(from, to, _)| to - from).sum();
            assert_eq!(covered, size.0, "{grounds:?}");
            assert!(
                grounds.iter().all(|run| run.2.starts_with("ground broken.")),
                "{grounds:?}"
            );
        }
    }
}

#[test]
fn the_warning_hue_is_seen_only_while_the_glass_is_broken_and_never_in_the_body() {
    for world in worlds(MIDDLE, None) {
        let (buffer, _) = drawn(&world.state, &probe_theme());
        let all = (0..buffer.area.height).flat_map(|y| runs(&buffer, y));
        let broken: Vec<_> = all.filter(|run| run.2.contains("broken.")).collect();
        assert_eq!(broken, []);
    }
    for world in worlds(MIDDLE, Some(MINUTE)) {
        let (buffer, _) = drawn(&world.state, &probe_theme());
        let below = (1..buffer.area.height).flat_map(|y| runs(&buffer, y));
        let others: Vec<_> = below
            .filter(|run| run.2.contains("broken.") && run.2 != "broken.frame")
            .collect();
        assert_eq!(others, []);
    }
}

#[test]
fn nothing_moves_when_the_glass_breaks_or_closes() {
    for (width, height) in [SMALL, MIDDLE] {
        let body = |state: &State| {
            let (buffer, _) = drawn(state, &probe_theme());
            let top = if height < 36 { 2 } else { 4 };
            grid(&buffer)
                .lines()
                .skip(top)
                .take(10)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let mut world = World::with_pods(width, height);
        let before = body(&world.state);
        world.break_glass(Enforced::Server, 0);
        assert_eq!(body(&world.state), before);
    }
}

#[test]
fn whatever_a_cluster_sends_no_cell_holds_what_a_terminal_obeys() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    let mut nasty = String::new();
    for code in (0..0x3000).chain(0xe000..0x1_0000).chain(0xe_0000..0xe_0200) {
        nasty.extend(char::from_u32(code));
    }
    let chars: Vec<char> = nasty.chars().collect();
    for part in chars.chunks(36) {
        let text: String = part.iter().collect();
        let rows = vec![super::fixture::pod("shop", &text, &text, &text, 1, None, 1000, &text)];
        world.rows(snapshot("pods", pod_columns(), rows));
        let (buffer, _) = drawn(&world.state, &Theme::default());
        for cell in &buffer.content {
            assert_eq!(TermSafe::new(cell.symbol()).as_str(), cell.symbol());
            assert_ne!(cell.symbol(), "");
        }
        // A cell more or less in one line would move everything to its right.
        for line in grid(&buffer).lines() {
            assert_eq!(line.trim_end_matches('▏').width(), usize::from(SMALL.0), "{line}");
        }
    }
}

#[test]
fn no_size_is_too_small_to_draw() {
    let theme = Theme::default();
    for broken in [None, Some(MINUTE)] {
        for mut world in worlds(SMALL, broken) {
            for width in [1, 2, 3, 4, 5, 8, 13, 20, 29, 39, 60, 79, 81, 130] {
                for height in [1, 2, 3, 4, 5, 8, 12, 35, 36] {
                    (world.state.width, world.state.height) = (width, height);
                    drawn(&world.state, &theme);
                }
            }
        }
    }
}

#[test]
fn the_same_state_gives_the_same_screen() {
    for world in worlds(MIDDLE, Some(MINUTE)) {
        let theme = Theme::default();
        assert_eq!(drawn(&world.state, &theme), drawn(&world.state.clone(), &theme));
    }
}

#[test]
fn the_ascii_set_leaves_no_glyph_and_the_same_layout() {
    let mut theme = Theme::default();
    theme.ascii = true;
    for broken in [None, Some(MINUTE)] {
        for world in worlds(MIDDLE, broken) {
            let (ascii, _) = drawn(&world.state, &theme);
            let (unicode, _) = drawn(&world.state, &Theme::default());
            for (a, u) in ascii.content.iter().zip(&unicode.content) {
                assert!(a.symbol().is_ascii(), "{:?}", a.symbol());
                assert!(a == u || !u.symbol().is_ascii());
            }
        }
    }
}

#[test]
fn without_colours_everything_still_says_what_it_is() {
    let theme = Theme::built_in("no-colour").expect("shipped");
    for broken in [None, Some(MINUTE)] {
        for world in worlds(SMALL, broken) {
            let (buffer, _) = drawn(&world.state, &theme);
            assert!(
                buffer
                    .content
                    .iter()
                    .all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset)
            );
            let text = grid(&buffer);
            assert!(text.contains("READ-ONLY") != text.contains("GLASS BROKEN"), "{text}");
        }
    }
}

#[test]
fn a_frame_of_a_hundred_thousand_rows_costs_what_its_lines_cost() {
    let few = World::with_pods(MIDDLE.0, MIDDLE.1);
    let mut many = World::with_pods(MIDDLE.0, MIDDLE.1);
    let rows = (0..12_500).flat_map(|_| shop_pods("shop")).collect();
    many.rows(snapshot("pods", pod_columns(), rows));
    let theme = Theme::default();
    let time = |world: &World| {
        let fastest = (0..5).map(|_| {
            let begin = std::time::Instant::now();
            drawn(&world.state, &theme);
            begin.elapsed()
        });
        fastest.min().expect("five frames")
    };
    let (small, large) = (time(&few), time(&many));
    // The eight lines of the small one against a full screen; a frame that looks at every row
    // takes thousands of times as long.
    assert!(large < small * 20, "{small:?} for 8 rows, {large:?} for 100,000");
}

#[test]
fn a_question_names_every_object_it_hits_up_to_a_number_and_counts_the_rest() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.break_glass(Enforced::Server, MINUTE);
    let Some(Screen::Table(table)) = world.state.screens.current() else {
        panic!("a table is shown")
    };
    let snapshot = table.snapshot.clone().expect("rows came");
    let eight: Vec<_> = snapshot.rows.iter().map(|row| snapshot.object(row)).collect();
    let targets = [eight.clone(), eight.clone(), eight].concat();
    world.state.overlay = Some(Overlay::Confirm(Box::new(Confirm {
        seen: Vec::new(),
        action: action("object.delete").expect("an action of the registry"),
        friction: Friction::Box,
        targets,
        replicas: None,
        replicas_now: Desired::default(),
        drain: None,
        headline: "delete 24 pods".into(),
        impact: vec!["all 2 of ReplicaSet/checkout-74c77f8f7b in this list".into()],
        opened: world.state.now,
        choice: kglass::app::Choice::Cancel,
        typed: kglass::app::InputLine::default(),
        expected: "24 objects".into(),
        hint: None,
    })));
    let text = grid(&drawn(&world.state, &probe_theme()).0);
    for row in snapshot.rows.iter() {
        assert!(text.contains(row.name.as_ref()), "{} is not in\n{text}", row.name);
    }
    assert!(text.contains("and 13 more"), "{text}");
    assert!(
        text.contains("all 2 of ReplicaSet"),
        "what is hit is never pushed out:\n{text}"
    );
}

#[test]
fn each_scope_has_a_colour_of_its_own_in_the_probe() {
    let theme = probe_theme();
    let mut seen: Vec<_> = Scope::ALL.iter().map(|scope| theme.style(*scope)).collect();
    seen.sort_by_key(|style| format!("{style:?}"));
    let before = seen.len();
    seen.dedup();
    assert_eq!(seen.len(), before);
}
