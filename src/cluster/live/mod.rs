//! Reads that go on: a collection is listed page by page, watched, resumed, and said to be stale
//! when the server falls silent.

mod backoff;
mod heartbeat;
mod pace;
mod painter;
mod rows;
mod several;
mod watching;

#[cfg(test)]
mod tests;

pub(super) use backoff::Backoff;
pub(super) use heartbeat::{Heartbeat, Pulse};
pub(super) use pace::Pace;
pub(super) use rows::{Live, run};
pub(super) use several::run as run_in;
pub(super) use watching::at;
