//! An API server in this process, behind `cluster::Endpoint`: for tests, and later for demo and
//! drill. No socket, no task, no thread: requests are answered where they are awaited.
//!
//! It serves what acquiring, executing and ending an escalation need (discovery, self-reviews,
//! TokenRequest, a dozen kinds with list, watch, get, create, patch, `/scale` and delete) and
//! answers as a real one does: reasons, codes and messages, preconditions, RBAC, the deadline of
//! Jobs with the fall of what they own, and the ten seconds of the authentication cache. Where it
//! cannot be true it refuses, and discovery does not list the verb.
//!
//! **It evaluates no admission policy.** The rules of the in-cluster kit exist once, as the kit
//! prints them; a second copy written here would be a second truth, and tests against it would
//! prove nothing. So who may *grant* whom is shown on the real cluster only. RBAC is evaluated,
//! from the very roles and bindings that are installed.

#![expect(
    clippy::disallowed_types,
    reason = "the server wraps itself in kube's client, which alone can make a streaming body of kube's type"
)]

mod answer;
mod audit_log;
mod authn;
mod bootstrap;
mod clock;
mod collection;
mod discovery;
mod endpoint;
mod fault;
mod kinds;
mod lifecycle;
mod object;
mod rbac;
mod request;
mod reviews;
mod scale;
pub mod seed;
mod selector;
mod serve;
mod server;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod token_request;
mod watch;

pub use audit_log::AuditEvent;
pub use authn::UserInfo;
pub use clock::ServerClock;
pub use endpoint::EmbeddedEndpoint;
pub use fault::{Arrival, Fault, Hold, On};
pub use request::Attributes;
pub use server::{EmbeddedServer, InstallError};
