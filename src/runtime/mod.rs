//! Room `runtime`.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this room spawns what the others are, and runs what the operator opens"
)]
