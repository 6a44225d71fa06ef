//! The whole story by key script: the binary in a terminal, a real Kubernetes, and the API
//! server's own audit log as the witness.

#![expect(clippy::disallowed_types, reason = "the rig's components are processes")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper of tests that panics fails its test, and measurements are printed"
)]

#[path = "cluster/harness/mod.rs"]
mod harness;
#[path = "pty/terminal.rs"]
mod terminal;

#[path = "story/deadline.rs"]
mod deadline;
#[path = "story/desk.rs"]
mod desk;
#[path = "story/drain.rs"]
mod drain;
#[path = "story/expiry.rs"]
mod expiry;
#[path = "story/killed.rs"]
mod killed;
#[path = "story/operator.rs"]
mod operator;
#[path = "story/policy.rs"]
mod policy;
#[path = "story/remote.rs"]
mod remote;
#[path = "story/restricted.rs"]
mod restricted;
#[path = "story/witness.rs"]
mod witness;

#[path = "story/script.rs"]
mod script;
#[path = "story/streams.rs"]
mod streams;

#[path = "story/whole.rs"]
mod whole;
