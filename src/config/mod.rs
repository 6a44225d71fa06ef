//! What the user chose: settings, keymap, theme, policy, and where the files are. Built-in values
//! lie under everything, so that a broken file never keeps the program from starting.

mod key;
mod keymap;
mod layers;
mod load;
mod paths;
mod problem;
mod settings;
pub mod theme;

pub use key::{BadKey, Key, KeyCode};
pub use keymap::Keymap;
pub use load::{Loaded, load, load_policy, policy_text};
pub use paths::{Env, Paths};
pub use problem::Problem;
pub use settings::{SETTINGS, Setting, Settings};
pub use theme::{Scope, ScopeStyle, Theme};
