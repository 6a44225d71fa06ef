//! The READ-ONLY view of Kubernetes: kubeconfig, discovery, tables, watches, logs, access reviews.
//! Nothing in this room can write; its transport refuses whatever is not a read.

#![expect(
    clippy::disallowed_types,
    reason = "this room makes the base client, behind its allow-list, and runs exec plugins"
)]

mod access;
mod catalog;
mod clock;
mod connect;
mod containers;
mod describe;
mod discovery;
mod endpoint;
mod fault;
pub mod guard;
mod jobs_of;
mod latest;
mod lines;
mod live;
mod logs;
#[cfg(test)]
mod mock;
mod object;
mod pod_for;
mod pods_of;
mod query;
mod reader;
mod redact;
mod related;
mod table;
mod uri;
mod usage;

pub use catalog::Catalog;
pub use connect::{ContextPlace, Kubeconfigs};
pub use endpoint::{ConnectError, Endpoint, EndpointFacts, Identity, Transport};
pub use pod_for::{ContainerFacts, PodFacts, PortFacts};
pub use query::{
    BaseRights, Freshness, LogLine, LogQuery, LogSource, Query, ReadError, ReadErrorKind, Reading, RowsQuery,
    ServerAnswer,
};
pub use reader::Reader;
pub use related::Related;
pub use table::quantity;
pub use uri::uri;
pub use usage::{Bounds, Usage, UsageOf, UsageQuery, Used};
