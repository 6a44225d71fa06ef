//! What the operator saw: asciicast v3 writer and player over `model::Grid`. Knows no view and no
//! cluster, so a replay cannot touch one.

mod ansi;
mod cast;
mod events;
mod open;
mod parse;
mod recorder;
mod replay;
mod screen;

pub use parse::{Damage, Marker};
pub use recorder::{Recorder, RecordingError};
pub use replay::{EventKind, Recording, ReplayEvent, SessionEnd, Summary};
pub use screen::{Screen, grid_of};
