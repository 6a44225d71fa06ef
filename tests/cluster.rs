//! The real Kubernetes: for now, that the rig itself keeps its promises.

#![expect(clippy::disallowed_types, reason = "the rig's components are processes")]
#![expect(clippy::disallowed_methods, reason = "a test runs what runtime would spawn")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper of tests that panics fails its test, and measurements are printed"
)]

#[path = "contract/mod.rs"]
mod contract;
#[path = "cluster/contract_tests.rs"]
mod contract_tests;
#[path = "cluster/gate/mod.rs"]
mod gate;
#[path = "cluster/harness/mod.rs"]
mod harness;
#[path = "cluster/kit/mod.rs"]
mod kit;
#[path = "cluster/reading/mod.rs"]
mod reading;
#[path = "cluster/remote/mod.rs"]
mod remote;
#[path = "cluster/rig_tests.rs"]
mod rig_tests;
