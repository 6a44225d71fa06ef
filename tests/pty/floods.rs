//! More keys at once than one read takes: none of them is left in the terminal, and those after them
//! still count.

use super::Home;
use super::terminal::PATIENCE;

/// More than any buffer between the terminal and the program.
const MANY: usize = 60_000;

#[test]
fn a_flood_of_keys_leaves_the_keyboard_alive() {
    let home = Home::new();
    let mut kglass = home.open(&[], (80, 24));
    kglass.wait_for("? keys");
    kglass.at_once(&"jk".repeat(MANY / 2));
    kglass.keys("?");
    kglass.wait_until("the help screen", PATIENCE, |screen| screen.contains("▸ keys"));
    kglass.keys(":q<enter>");
    assert!(kglass.exit().success());
}
