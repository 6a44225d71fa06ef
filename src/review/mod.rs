//! The sessions kept on this machine. Reads folders only; knows neither kube nor any way to a
//! cluster, and judges nothing that `audit` has not judged.

mod find;
mod sessions;

pub use find::{NotFound, find};
pub use sessions::{SessionKind, SessionSummary, sessions, summary};
