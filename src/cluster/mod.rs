//! The READ-ONLY view of Kubernetes: kubeconfig, discovery, tables, watches, logs, access reviews.
//! Nothing in this room can write; its transport refuses whatever is not a read.

mod connect;
mod discovery;
mod endpoint;
mod fault;
pub mod guard;
mod object;
mod query;
mod reader;
mod redact;

pub use connect::Kubeconfigs;
pub use endpoint::{ConnectError, Endpoint, EndpointFacts, Identity, Transport};
pub use query::{
    BaseRights, Catalog, Freshness, LogLine, LogQuery, LogSource, Query, ReadError, ReadErrorKind, Reading, RowsQuery,
    ServerAnswer,
};
pub use reader::Reader;
