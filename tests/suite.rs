//! Everything that needs only Rust, in one binary: each file under `tests/` is linked by itself.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "tests run cargo and rustc, and look at the gate while it works"
)]
#![allow(clippy::unwrap_used, reason = "a helper of tests that panics fails its test")]

#[path = "contract/mod.rs"]
mod contract;
#[path = "suite/mod.rs"]
mod suite;
