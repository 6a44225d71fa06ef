//! The sessions kept on this machine. Knows neither kube nor any way to a cluster, so a review
//! cannot touch one.

mod find;

pub use find::{NotFound, find};
