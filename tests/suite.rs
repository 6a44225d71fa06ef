//! Everything that needs only Rust, in one binary: each file under `tests/` is linked by itself.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "tests run cargo and rustc, and look at the gate while it works"
)]

#[path = "suite/mod.rs"]
mod suite;
