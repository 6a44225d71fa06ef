//! The READ-ONLY view of Kubernetes: kubeconfig, discovery, tables, watches, logs, access reviews.
//! Nothing in this room can write; its transport refuses whatever is not a read.

mod endpoint;
mod query;

pub use endpoint::{ConnectError, Endpoint, EndpointFacts, Identity, Transport};
pub use query::{
    BaseRights, Catalog, Freshness, LogLine, LogQuery, LogSource, Query, ReadError, ReadErrorKind, Reading, RowsQuery,
    ServerAnswer,
};
