//! What the operator saw: asciicast v3 writer and player over `model::Grid`. Knows no view and no
//! cluster, so a replay cannot touch one.

/// A session opened for replay: verified journal, events and screen.
#[derive(Debug)]
pub struct Recording {}
