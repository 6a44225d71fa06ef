//! What there is to see and to do, defined once: kinds, actions, modes. Keymap, help, menu and
//! command line are derived from here. Never reads, never writes, never draws.

mod action;
mod actions;
pub mod describe;
mod health;
mod kind;
mod kinds;
mod mode;

pub use action::{Action, Aim, AppliesTo, Friction, Local, Order, Run, Subject};
pub use actions::{action, actions};
pub use health::{HealthColumns, RowState};
pub use kind::{Drill, Kind};
pub use kinds::{known_kinds, well_known};
pub use mode::Mode;
