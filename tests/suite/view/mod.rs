//! Screens from fixed states: text and styles, as accepted in `snapshots/view`.

mod dump;
mod fixture;
mod glass;
mod overlays;
mod promises;
mod replay;
mod tables;
mod texts;

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
