//! Rooms stand in one line and each uses only rooms to its left. Tests beside the code are held to
//! it as well: a room whose tests need a room to its right is tested in `tests/suite`.

use super::source::{File, read_all};

pub const LINE: [&str; 14] = [
    "model",
    "audit",
    "recording",
    "review",
    "cluster",
    "escalation",
    "credential",
    "registry",
    "config",
    "app",
    "view",
    "embedded",
    "runtime",
    "cli",
];

fn place(room: &str) -> Option<usize> {
    LINE.iter().position(|r| *r == room)
}

/// Arrows to the right, and paths that hide where they point.
fn violations(file: &File) -> Vec<String> {
    let own = file.room();
    let is_root = own == "lib" || own == "main";
    let mut found = Vec::new();
    for name in file.names.iter().filter(|n| n.from_root) {
        let at = format!("src/{}:{}: {}", file.path, name.line, name.text());
        let Some(target) = name.segments.first() else {
            found.push(format!("{at} takes the whole crate under another name; name a room"));
            continue;
        };
        match (place(target), place(own)) {
            _ if is_root => {}
            (None, _) => found.push(format!("{at} is no room; what several rooms need stands in `model`")),
            (_, None) => found.push(format!("{at} is named outside the rooms")),
            (Some(to), Some(from)) if to > from => {
                found.push(format!(
                    "{at} points to the right; {own} may use only {}",
                    LINE[..from].join(", ")
                ));
            }
            _ => {}
        }
    }
    let crates = file
        .names
        .iter()
        .filter(|n| n.starts_with("extern") || n.starts_with("kglass"));
    // `extern crate self as x` would open a second way to the root. main.rs is another crate.
    found.extend(
        crates
            .filter(|n| !is_root && (n.has("kglass") || next_is_crate(file, n.line)))
            .map(|n| format!("src/{}:{}: the crate is reached by its own name", file.path, n.line)),
    );
    found
}

fn next_is_crate(file: &File, line: usize) -> bool {
    file.names
        .iter()
        .any(|n| n.line == line && n.from_root && n.segments.is_empty())
}

#[test]
fn no_arrow_points_to_the_right() {
    let found: Vec<String> = read_all().iter().flat_map(violations).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_folder_is_a_room_and_every_room_a_folder() {
    let mut rooms: Vec<String> = read_all().iter().map(|f| f.room().to_owned()).collect();
    rooms.dedup();
    rooms.retain(|r| r != "lib" && r != "main");
    rooms.sort();
    let mut line = LINE.map(str::to_owned);
    line.sort();
    assert_eq!(rooms, line);
}

#[test]
fn the_program_enters_by_the_last_room_only() {
    let files = read_all();
    let main = files.iter().find(|f| f.path == "main.rs").expect("there is a main.rs");
    let entered = main.names.iter().filter(|n| n.starts_with("kglass"));
    let wrong: Vec<String> = entered
        .filter(|n| !n.has("cli"))
        .map(super::source::Named::text)
        .collect();
    assert!(wrong.is_empty(), "main.rs names {wrong:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caught(path: &str, source: &str) -> bool {
        !violations(&File::read(path, source)).is_empty()
    }

    #[test]
    fn arrows_to_the_right_are_caught_however_they_are_written() {
        for (path, source) in [
            ("model/row.rs", "use crate::cluster::Query;"),
            ("app/state.rs", "use crate::{model::Row, view::{draw, Theme}};"),
            ("app/update/act.rs", "fn f() { crate::runtime::spawn() }"),
            ("app/update/act.rs", "use super::super::super::runtime::spawn;"),
            ("cluster/reader.rs", "pub use crate::escalation::Gate;"),
            (
                "cluster/reader.rs",
                "macro_rules! m { () => { $crate::escalation::Gate } }",
            ),
            ("cluster/mod.rs", "mod a { use super::super::escalation::Gate; }"),
            (
                "app/mod.rs",
                "#[cfg(test)] mod tests { use crate::embedded::EmbeddedServer; }",
            ),
        ] {
            assert!(caught(path, source), "{path}: {source}");
        }
    }

    #[test]
    fn hidden_ways_to_the_root_are_caught() {
        for source in [
            "use crate as root;",
            "use crate::*;",
            "use super::super::*;",
            "extern crate self as me;",
        ] {
            assert!(caught("app/state.rs", source), "{source}");
        }
        assert!(caught("app/state.rs", "use crate::Shortcut;"));
        assert!(caught("app/state.rs", "use kglass::view::draw;"));
    }

    #[test]
    fn arrows_to_the_left_and_within_a_room_pass() {
        let source = "use crate::model::Row; use crate::app::state::State; use super::super::state; // crate::view\n
            const TEXT: &str = \"crate::view\"; extern \"C\" fn x() {}";
        assert!(!caught("app/update/keys.rs", source));
    }
}
