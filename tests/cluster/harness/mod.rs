//! A whole real Kubernetes for tests: started in seconds, in a slot of its own,
//! gone with the test process however that ends.
//!
//! ```ignore
//! #[path = "cluster/harness/mod.rs"]
//! mod harness;
//! use harness::Rig;
//!
//! #[test]
//! fn a_viewer_reads() {
//!     if harness::require().is_none() { return; }
//!     let rig = Rig::shared(); // one per test binary; Rig::start(Options { .. }) for one's own
//!     let namespace = rig.namespace("reads");
//!     let reply = rig.http("GET", &namespace.path("pods"), Some(&rig.token("viewer")), None);
//!     assert_eq!(reply.status, 200);
//! }
//! ```
//!
//! Never names kglass itself: what it says about the server must not depend on
//! the code that is under test.

#![allow(dead_code, reason = "each test binary uses its own part of the rig")]

mod audit;
mod binary;
mod component;
mod connection;
mod control_plane;
mod fixtures;
mod kubectl;
mod leftovers;
mod lives;
mod metrics;
mod namespace;
mod node;
mod options;
mod people;
mod processes;
mod request;
mod rig;
mod slot;
mod supervisor;
mod wait;

#[allow(unused_imports, reason = "each test binary uses its own part of the rig")]
pub use self::{
    audit::AuditMark,
    binary::{RigBinary, require},
    component::Component,
    connection::{Connection, Reply},
    fixtures::{BUSYBOX, Shop, pod_spec},
    leftovers::leftovers,
    namespace::Namespace,
    options::Options,
    processes::Process,
    request::Request,
    rig::Rig,
    wait::{wait, wait_for},
};
