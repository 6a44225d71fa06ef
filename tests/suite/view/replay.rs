//! Replay of a recorded session.
