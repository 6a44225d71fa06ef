//! Everything that needs only Rust, in one binary: each file under `tests/` is linked by itself.

#[path = "suite/mod.rs"]
mod suite;
