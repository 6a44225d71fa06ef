//! The remote log: every record also goes to the places that the policy names, at least once, in
//! order per session, over restarts. The journal is the spool; a cursor per sink says how far it was
//! acknowledged. Must never hold up a write but where the policy says so, and never change a journal
//! but by appending that a sink failed or came back.

mod backlog;
mod backoff;
mod config;
mod cursor;
mod lane;
mod line;
mod live;
mod outbox;
mod rfc5424;
mod sink;
mod spool;
mod status;
mod syslog;
mod tls;
mod webhook;
mod wire;

pub use config::{SecretSource, SinkConfig, SinkKind, TlsConfig};
pub use cursor::{Cursor, cursors_in};
pub use outbox::{Bound, Outbox, Unacknowledged, Unsent};
pub use rfc5424::{DEFAULT_MAX_MESSAGE, MIN_MAX_MESSAGE};
pub use spool::count_owed;
pub use status::{Health, SinkStatus};
