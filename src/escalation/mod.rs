//! THE ONE WRITE DOOR. Petitions, acquiring, executing and ending go through the gate here and
//! nowhere else; each request has a durable intent record before it is sent.

mod contract;
mod live;

pub use contract::*;
pub use live::{Escalation, Mutation};
