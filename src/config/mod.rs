//! What the user chose: settings, keymap, theme, policy, and where the files are. Built-in values
//! lie under everything, so that a broken file never keeps the program from starting.

mod key;
mod keymap;
mod problem;
mod settings;
pub mod theme;

pub use key::{BadKey, Key, KeyCode};
pub use keymap::Keymap;
pub use problem::Problem;
pub use settings::Settings;
pub use theme::{Scope, ScopeStyle, Theme};
