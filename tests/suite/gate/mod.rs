//! The gate on the in-process API server: order, expiry, scope, fail-closed, the end. That the
//! server's own rules hold is shown on the real cluster.

mod approval;
mod asking;
mod authority;
mod certain;
mod consents;
mod doors;
mod draining;
mod ending;
mod leaving;
mod limits;
mod lost;
mod order;
mod recovery;
mod remote;
pub mod stage;
mod streams;
mod witness;
mod writes;
