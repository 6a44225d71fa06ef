//! Screens from fixed states: text and styles, as accepted in `snapshots/view`.

mod described;
mod drain;
mod dump;
mod fixture;
mod glass;
mod living;
mod overlays;
mod picture;
mod promises;
mod replay;
mod streams;
mod tables;
mod texts;
mod usage;

use fixture::World;

/// Compares the screen with `snapshots/view/<name>.snap`.
fn accept(name: &str, world: &World) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/view"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.remove_input_file();
    settings.bind(|| insta::assert_snapshot!(name, dump::dump(&world.state)));
}

/// Name of a snapshot at one size: `table__normal_80x24`.
fn sized(name: &str, (width, height): (u16, u16)) -> String {
    format!("{name}_{width}x{height}")
}

const SMALL: (u16, u16) = (80, 24);
const MIDDLE: (u16, u16) = (120, 40);
const LARGE: (u16, u16) = (200, 60);

/// A snapshot that nothing compares any more would be accepted for ever.
#[test]
fn every_snapshot_is_still_compared() {
    let folder = |path: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let entries = std::fs::read_dir(path).expect("a folder of the package");
        entries
            .map(|entry| entry.expect("an entry of it").path())
            .collect::<Vec<_>>()
    };
    let sources: String = folder("tests/suite/view")
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a source file"))
        .collect();
    for path in folder("snapshots/view") {
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name in ASCII");
        let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        let (base, size) = name.rsplit_once('_').expect("subject__condition");
        let is_sized = size
            .split_once('x')
            .is_some_and(|(width, height)| digits(width) && digits(height));
        let name = if is_sized { base } else { name };
        assert!(
            sources.contains(&format!("\"{name}\"")),
            "{} is compared by no test",
            path.display()
        );
    }
}
