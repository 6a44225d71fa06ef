//! The same inside the crate: modules laid over a copy of the source, each in a room that must not
//! be able to do what it tries. Every attempt must be refused, each with its own code, and nothing
//! else may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::library::{Library, Verdict};

/// Room, file, what is tried, and how it is refused.
const ATTEMPTS: &[(&str, &str, &str, &str)] = &[
    (
        "app",
        "state that keeps the authority",
        "#[derive(Clone)] pub struct Kept { pub authority: crate::escalation::Escalation }",
        "E0277",
    ),
    (
        "registry",
        "a write filed as a read",
        "pub const FILED: crate::registry::Run = crate::registry::Run::Read(crate::escalation::Mutation::restart);",
        "E0308",
    ),
    (
        "runtime",
        "a mutation from nothing",
        "pub fn f() -> crate::escalation::Mutation { crate::escalation::Mutation::delete(&(), 1, Vec::new()) }",
        "E0308",
    ),
    (
        "runtime",
        "the Reader's client",
        "pub fn f(reader: &crate::cluster::Reader) { let _ = &reader.inner; }",
        "E0616",
    ),
    (
        "runtime",
        "the gate's endpoint",
        "pub fn f(gate: &crate::escalation::Gate) { let _ = &gate.settings; }",
        "E0616",
    ),
    (
        "escalation",
        "a receipt without a journal",
        "pub fn f(real: crate::audit::Receipt) -> crate::audit::Receipt { crate::audit::Receipt { seq: 1, ..real } }",
        "E0451",
    ),
    (
        "cli",
        "an escalation by hand",
        "pub fn f(grant: crate::escalation::Grant) -> crate::escalation::Escalation { crate::escalation::Escalation { grant } }",
        "E0451",
    ),
    (
        "credential",
        "an escalation by default",
        "pub fn f() { fn needs<T: Default>() {} needs::<crate::escalation::Escalation>() }",
        "E0277",
    ),
];

#[test]
fn no_room_can_do_inside_the_crate_what_programs_cannot_outside() {
    // Privacy of fields in a literal is judged in a later pass, which is not reached while the
    // type checker finds errors.
    attempt("inside_types", |code| code != "E0451");
    attempt("inside_privacy", |code| code == "E0451");
}

fn attempt(name: &str, chosen: fn(&str) -> bool) {
    let copy = tempfile::tempdir().expect("there is room for a copy of the source");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for part in ["src", "assets", "themes", "keymaps"] {
        copy_folder(&root.join(part), &copy.path().join(part));
    }
    let mut expected = BTreeSet::new();
    for (number, (room, what, text, code)) in ATTEMPTS.iter().enumerate().filter(|(_, a)| chosen(a.3)) {
        let folder = copy.path().join("src").join(room);
        fs::write(folder.join(format!("attempt_{number}.rs")), text).expect("writable");
        let entry = folder.join("mod.rs");
        let before = fs::read_to_string(&entry).expect("each room has a mod.rs");
        fs::write(&entry, format!("{before}\nmod attempt_{number};\n")).expect("writable");
        expected.insert((format!("{room}/attempt_{number}.rs"), (*code).to_owned(), *what));
    }
    let library = Library::get();
    let errors = match library.compile_library(name, &copy.path().join("src/lib.rs")) {
        Verdict::Compiles => Vec::new(),
        Verdict::Refused(errors) => errors,
    };
    let is_met =
        |(file, code, _): &(String, String, &str)| errors.iter().any(|e| e.file.ends_with(file) && e.code == *code);
    let unmet: Vec<_> = expected.iter().filter(|e| !is_met(e)).collect();
    assert!(unmet.is_empty(), "not refused: {unmet:#?}\nall errors: {errors:#?}");
    assert_eq!(
        errors.len(),
        expected.len(),
        "only the attempts are refused: {errors:#?}"
    );
}

fn copy_folder(from: &Path, to: &Path) {
    if !from.is_dir() {
        return;
    }
    fs::create_dir_all(to).expect("writable");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable").path();
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy_folder(&entry, &target);
        } else {
            fs::copy(&entry, &target).expect("writable");
        }
    }
}
