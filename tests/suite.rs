//! Everything that needs only Rust, in one binary: each file under `tests/` is linked by itself.

#![expect(clippy::disallowed_types, reason = "tests run cargo and rustc")]

#[path = "suite/mod.rs"]
mod suite;
