//! Reads as data: what may be asked, and what comes back. Closed lists; the executor hands a
//! `Query` to the Reader and turns each `Reading` into a message.

use std::sync::Arc;

use super::{Catalog, PodFacts, Related, Usage, UsageQuery};
use crate::model::{ApiResource, LogText, ObjectRef, Snapshot};

/// One read. Those marked (live) go on until they are cancelled by dropping their future.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// Every kind the server serves.
    Discovery,
    /// Who the base identity is, the server's version, and what it could write (design 4).
    BaseRights,
    /// (live) A collection as a table.
    Rows(RowsQuery),
    /// (live) The same in these namespaces, one by one: for people who may not list over all.
    RowsIn(RowsQuery, Arc<[String]>),
    /// (live) Pods selected by a workload (or service), or running on a node.
    PodsOf(ObjectRef),
    /// (live) Jobs that a cron job has made.
    JobsOf(ObjectRef),
    /// (live) Containers of one pod, as a table.
    Containers(ObjectRef),
    /// (live) One whole object, its events and what belongs to it, values of Secrets redacted.
    Describe(ObjectRef),
    /// CPU and memory in use, once.
    Usage(UsageQuery),
    /// The newest events of an object, once.
    LatestEvents(ObjectRef),
    /// The pod for a shell or a port-forward: this one, or a running one of a workload or service.
    PodFor(ObjectRef),
    /// One whole object, values of Secrets redacted.
    Object(ObjectRef),
    /// (live if `follow`) Log lines.
    Logs(LogQuery),
}

#[derive(Clone, Debug, PartialEq)]
pub struct RowsQuery {
    pub resource: Arc<ApiResource>,
    /// None: all namespaces, or a cluster-scoped kind.
    pub namespace: Option<String>,
    pub labels: Option<String>,
    pub fields: Option<String>,
}

impl RowsQuery {
    /// The one object of this kind that is asked for.
    pub fn only(resource: Arc<ApiResource>, namespace: Option<String>, name: &str) -> Self {
        Self {
            resource,
            namespace,
            labels: None,
            fields: Some(format!("metadata.name={name}")),
        }
    }

    /// Of whose events, or of which object alone, these rows are.
    pub fn about(&self) -> Option<&str> {
        let mut fields = self.fields.as_deref()?.split(',');
        fields.find_map(|field| {
            let name = field.strip_prefix("involvedObject.name=");
            name.or_else(|| field.strip_prefix("metadata.name="))
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct LogQuery {
    pub source: LogSource,
    pub follow: bool,
    pub previous: bool,
    /// Lines from the end; None is everything.
    pub tail: Option<u32>,
    pub since_seconds: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LogSource {
    /// One pod; all its containers if none is named.
    Pod { pod: ObjectRef, container: Option<String> },
    /// All pods of a workload.
    Workload(ObjectRef),
}

impl LogSource {
    pub fn namespace(&self) -> Option<&str> {
        let (Self::Pod { pod: of, .. } | Self::Workload(of)) = self;
        of.namespace.as_deref()
    }
}

/// What a read tells. Several may follow one Query.
#[derive(Clone, Debug)]
pub enum Reading {
    Discovered(Arc<Catalog>),
    Rights(Arc<BaseRights>),
    /// The whole table as it is now; replaces the one before.
    Rows(Snapshot),
    Freshness(Freshness),
    /// Of the namespaces asked for those that may be read; the others are left out.
    Namespaces(Arc<[String]>),
    Object(Arc<serde_json::Value>),
    Usage(Arc<Usage>),
    /// What belongs to the description of the object beside it.
    Related(Arc<Related>),
    /// The events of the object, or why they cannot be read.
    Events(Result<Snapshot, ReadError>),
    Pod(Arc<PodFacts>),
    Logs(Vec<LogLine>),
    Failed(ReadError),
    /// Nothing more comes.
    Ended,
}

/// How current a table is. The title of the screen says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Loading {
        rows: usize,
    },
    /// A watch delivers, and its heartbeat is younger than 5 s.
    Live,
    /// Nothing was heard since this boot-clock time.
    Stale {
        since_boot_ms: u64,
    },
    /// No watch is possible; asked again every 30 s.
    Refreshed {
        at_boot_ms: u64,
    },
}

/// What the server answered when asked what the base identity could write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerAnswer {
    /// Every probe was refused: READ-ONLY (server refuses).
    Refuses,
    /// At least one was allowed, e.g. `delete pods`: READ-ONLY (client only: could …).
    ClientOnly { could: Vec<String> },
    /// The reviews could not be asked, or were incomplete: READ-ONLY (server unknown).
    Unknown { why: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseRights {
    pub user: String,
    pub groups: Vec<String>,
    pub server_version: String,
    pub answer: ServerAnswer,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Pod, where several are followed.
    pub pod: Arc<str>,
    pub container: Arc<str>,
    /// RFC 3339 as the kubelet wrote it; always asked for, shown on demand.
    pub time: Arc<str>,
    /// Escape sequences but SGR colours removed, the rest made visible.
    pub text: LogText,
    /// Said by kglass about the log, not by the container: it ended, or lines may be missing.
    pub note: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadErrorKind {
    /// Connection refused, timeout, DNS, TLS.
    Unreachable,
    /// 401: the credential expired or is wrong.
    Unauthorized,
    /// 403.
    Forbidden,
    NotFound,
    /// 410 or an expired continue token; the Reader retries by itself.
    Gone,
    Other,
}

/// A read that failed; `cause` and `cure` are complete sentences for the screen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}; {cure}")]
pub struct ReadError {
    pub kind: ReadErrorKind,
    pub cause: String,
    pub cure: String,
    /// The Reader tries again by itself.
    pub retrying: bool,
}
