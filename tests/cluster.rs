//! The real Kubernetes: for now, that the rig itself keeps its promises.

#[path = "cluster/harness/mod.rs"]
mod harness;
#[path = "cluster/rig_tests.rs"]
mod rig_tests;
