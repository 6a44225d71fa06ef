//! kglass: a Kubernetes terminal UI that is read-only until somebody breaks the glass.
//!
//! The rooms stand in one line; each uses only rooms to its left, and a test reads the `crate::`
//! paths and fails on any other arrow:
//!
//! `model → audit → recording → review → cluster → escalation → credential → registry → config →
//! app → view → embedded → runtime → cli`
//!
//! `runtime` waits, `app` thinks, `view` shows, `cluster` reads, `escalation` writes.
//! `ARCHITECTURE.md` is the page to read first.

pub mod app;
pub mod audit;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod credential;
pub mod embedded;
pub mod escalation;
pub mod model;
pub mod recording;
pub mod registry;
pub mod review;
pub mod runtime;
pub mod view;
