//! An API server in this process, behind `cluster::Endpoint`: for tests, and later for demo and
//! drill. No socket, no task, no thread: requests are answered where they are awaited.
//!
//! It serves a table of kinds (`kinds`) with every verb that discovery lists for them, and answers
//! as a real one does: reasons, codes and messages, pages of one snapshot, preconditions, patches,
//! disruption budgets, RBAC, the deadline of Jobs with the fall of what they own, and the ten
//! seconds of the authentication cache.
//!
//! **It has no admission rule of its own.** One reviewer can be plugged in
//! ([`EmbeddedServer::set_admission`]); the rules of the in-cluster kit exist once, as the kit prints
//! them, and a second copy written here would be a second truth. RBAC is evaluated, from the very
//! roles and bindings that are installed.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the server wraps itself in kube's client, which alone can make a streaming body of kube's type; its side \
              of a websocket is a task, as it is a process elsewhere"
)]

mod admission;
mod answer;
mod asked;
mod audit_log;
mod authn;
mod bootstrap;
mod clock;
mod collection;
mod controllers;
mod create;
mod defaults;
mod delete;
mod discovery;
mod endpoint;
mod events;
mod eviction;
mod exec;
mod fault;
mod kinds;
mod kubelet;
mod lifecycle;
mod log;
mod metrics;
mod object;
mod patch;
mod port_forward;
mod pulse;
mod quantity;
mod random;
mod rbac;
mod rbac_guard;
mod refusal;
mod request;
mod reviews;
mod route;
mod runs;
mod scale;
pub mod seed;
mod selector;
mod serve;
mod served;
mod server;
mod shell;
pub mod shop;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod token_request;
mod touch;
mod update;
mod upgrade;
mod validate;
mod validating;
mod watch;
mod world;
mod writer;

pub use admission::{Admission, AdmissionRequest, Annotations, DenyReason, Operation, Sight, Verdict};
pub use audit_log::AuditEvent;
pub use authn::UserInfo;
pub use clock::ServerClock;
pub use endpoint::EmbeddedEndpoint;
pub use fault::{Arrival, Fault, Hold, On};
pub use request::Attributes;
pub use server::{EmbeddedServer, InstallError, Metrics};
pub use touch::Touch;
pub use validating::ValidatingPolicies;
pub use world::{Fate, LogLine, Run, Usage, World};
