//! What the operator saw: asciicast v3 writer and player over `model::Grid`. Knows no view and no
//! cluster, so a replay cannot touch one.

mod recording;
mod screen;

pub use recording::{EventKind, Recording, ReplayEvent, Summary};
pub use screen::Screen;
