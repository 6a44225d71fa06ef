//! A table of rows: what it shows, sorted and filtered by index, with cursor and marks that belong
//! to objects rather than to lines.

use std::collections::HashSet;
use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use super::{Filter, TableUsage};
use crate::app::{ListCursor, ReadId};
use crate::cluster::{Freshness, Query, ReadError, RowsQuery};
use crate::model::{ApiResource, Cell, Gvk, Moment, ObjectRef, Row, Snapshot};
use crate::registry::{HealthColumns, Kind, RowState, Subject, well_known};

/// Where the rows come from.
#[derive(Clone, Debug, PartialEq)]
pub enum TableSource {
    Rows(RowsQuery),
    /// The same in these namespaces one by one, where listing over all is refused.
    RowsIn(RowsQuery, Arc<[String]>),
    /// Pods of a workload, service or node.
    PodsOf(ObjectRef),
    /// Jobs of a cron job.
    JobsOf(ObjectRef),
    /// Containers of a pod.
    Containers(ObjectRef),
}

/// Identity of a row over updates: the uid, or namespace and name where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RowKey {
    Uid(Arc<str>),
    Name(Option<Arc<str>>, Arc<str>),
}

impl RowKey {
    pub fn of(row: &Row) -> Self {
        match &row.uid {
            Some(uid) => Self::Uid(uid.clone()),
            None => Self::Name(row.namespace.clone(), row.name.clone()),
        }
    }

    pub fn is(&self, row: &Row) -> bool {
        match self {
            Self::Uid(uid) => row.uid.as_ref() == Some(uid),
            Self::Name(namespace, name) => row.uid.is_none() && row.namespace == *namespace && row.name == *name,
        }
    }
}

/// By the name of the column, since columns may come and go. `NAMESPACE` is the row's own, whether
/// or not the server prints such a column. An empty name is the server's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: String,
    pub descending: bool,
}

/// What the title counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub total: usize,
    /// After the filter.
    pub shown: usize,
    /// Pending or bad, of those shown.
    pub not_ready: usize,
    /// Cordoned, of those shown.
    pub held: usize,
    /// Marked rows that the filter hides.
    pub hidden_marks: usize,
}

/// An age behind a text: ` (4m12s)`.
const AGE_BEHIND: usize = 8;

/// What a column needs over all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Cells of the widest text with its age; heads and columns of ages left out.
    pub width: u16,
    /// Some row says something there: not `<none>`, `<unset>` or nothing.
    pub says: bool,
}

impl Extent {
    pub fn of(cell: &Cell) -> Self {
        let text = cell.text.as_str();
        // Printable ASCII has one cell per byte.
        let cells = if text.is_ascii() { text.len() } else { text.width() };
        let aged = if cell.since_ms.is_some() && !text.is_empty() {
            AGE_BEHIND
        } else {
            0
        };
        Self {
            width: u16::try_from(cells + aged).unwrap_or(u16::MAX),
            says: cell.since_ms.is_some() || !matches!(text, "" | "<none>" | "<unset>"),
        }
    }

    pub fn max(self, other: Self) -> Self {
        Self {
            width: self.width.max(other.width),
            says: self.says || other.says,
        }
    }
}

/// Of each of so many columns; one more at the end for the rows' namespaces.
pub fn extents_of<'r>(rows: impl Iterator<Item = &'r Row>, columns: usize) -> Vec<Extent> {
    let mut extents = vec![Extent::default(); columns + 1];
    for row in rows {
        for (extent, cell) in extents.iter_mut().zip(&row.cells) {
            *extent = extent.max(Extent::of(cell));
        }
        let namespace = row.namespace.as_deref().map_or(0, str::len);
        let width = u16::try_from(namespace).unwrap_or(u16::MAX);
        extents[columns] = extents[columns].max(Extent { width, says: true });
    }
    extents
}

#[derive(Clone, Debug)]
pub struct TableScreen {
    pub source: TableSource,
    pub kind: &'static Kind,
    /// What the rows are; known before the first of them is there.
    pub resource: Arc<ApiResource>,
    /// The read that feeds it; none while it is in the background.
    pub read: Option<ReadId>,
    pub snapshot: Option<Snapshot>,
    /// `extents_of` the snapshots so far, kept so that a frame costs no more than its lines and columns
    /// do not jump while scrolling. If empty, the view measures the lines it shows.
    pub extents: Vec<Extent>,
    /// Columns behind the name that are scrolled away to the left.
    pub pan: usize,
    pub freshness: Freshness,
    /// Of the namespaces listed one by one those that may be read; empty where all are listed.
    pub namespaces: Arc<[String]>,
    pub error: Option<ReadError>,
    pub filter: Filter,
    /// Only rows that are not well.
    pub faults_only: bool,
    pub wide: bool,
    pub sort: Sort,
    /// Indices into `snapshot.rows`, filtered and sorted. The view draws these.
    pub shown: Arc<[u32]>,
    pub counts: Counts,
    pub health: HealthColumns,
    /// Of each row of the snapshot; empty where the columns say nothing of it.
    pub(super) states: Vec<RowState>,
    pub usage: TableUsage,
    /// Indices of the snapshot's columns in the order they are shown.
    pub order: Vec<usize>,
    /// In `shown`.
    pub cursor: ListCursor,
    /// The object under the cursor; found again after each update.
    pub cursor_row: Option<RowKey>,
    pub marks: HashSet<RowKey>,
    /// Where a range starts.
    pub last_mark: Option<RowKey>,
    /// Cells of seen rows that changed lately: row, column in the snapshot, when. The view marks
    /// those younger than two seconds.
    pub changed: Vec<(RowKey, usize, Moment)>,
}

impl TableScreen {
    pub fn new(source: TableSource) -> Self {
        let resource = match &source {
            TableSource::Rows(query) | TableSource::RowsIn(query, _) => query.resource.clone(),
            TableSource::PodsOf(_) => Arc::new(well_known("pods").unwrap_or_default()),
            TableSource::JobsOf(_) => Arc::new(well_known("jobs").unwrap_or_default()),
            TableSource::Containers(_) => Arc::new(containers()),
        };
        let kind = Kind::of(&resource);
        Self {
            kind,
            filter: match &source {
                TableSource::Rows(query) | TableSource::RowsIn(query, _) => {
                    query.labels.as_deref().map(Filter::labelled).unwrap_or_default()
                }
                _ => Filter::default(),
            },
            namespaces: match &source {
                TableSource::RowsIn(_, namespaces) => namespaces.clone(),
                _ => Arc::default(),
            },
            source,
            resource,
            read: None,
            snapshot: None,
            extents: Vec::new(),
            pan: 0,
            freshness: Freshness::Loading { rows: 0 },
            error: None,
            faults_only: false,
            wide: false,
            sort: Sort {
                column: kind.sort.0.into(),
                descending: kind.sort.1,
            },
            shown: Arc::default(),
            counts: Counts::default(),
            health: HealthColumns::default(),
            states: Vec::new(),
            usage: TableUsage::default(),
            order: Vec::new(),
            cursor: ListCursor::default(),
            cursor_row: None,
            marks: HashSet::new(),
            last_mark: None,
            changed: Vec::new(),
        }
    }

    /// What feeds it.
    pub fn query(&self) -> Query {
        match &self.source {
            TableSource::Rows(query) => Query::Rows(query.clone()),
            TableSource::RowsIn(query, namespaces) => Query::RowsIn(query.clone(), namespaces.clone()),
            TableSource::PodsOf(object) => Query::PodsOf(object.clone()),
            TableSource::JobsOf(object) => Query::JobsOf(object.clone()),
            TableSource::Containers(object) => Query::Containers(object.clone()),
        }
    }

    /// What a read on the row under the cursor is about.
    pub fn subject(&self) -> Option<Subject> {
        let row = self.cursor_line()?;
        Some(match &self.source {
            TableSource::Containers(pod) => Subject {
                object: pod.clone(),
                container: Some(row.name.as_ref().into()),
            },
            _ => Subject {
                object: self.snapshot.as_ref()?.object(row),
                container: None,
            },
        })
    }

    /// The row drawn as line `index`.
    pub fn row(&self, index: usize) -> Option<&Row> {
        let at = *self.shown.get(index)?;
        self.snapshot.as_ref()?.rows.get(at as usize)
    }

    pub fn cursor_line(&self) -> Option<&Row> {
        self.row(self.cursor.index)
    }

    pub fn is_marked(&self, row: &Row) -> bool {
        !self.marks.is_empty() && self.marks.contains(&RowKey::of(row))
    }

    pub fn state_of(&self, row: &Row) -> RowState {
        self.health.state(row)
    }

    pub fn namespace(&self) -> Option<&str> {
        match &self.source {
            TableSource::Rows(query) => query.namespace.as_deref(),
            TableSource::RowsIn(..) => None,
            TableSource::PodsOf(object) | TableSource::JobsOf(object) | TableSource::Containers(object) => {
                object.namespace.as_deref()
            }
        }
    }

    /// True if rows of several namespaces are mixed, so that a NAMESPACE column is needed.
    pub fn shows_namespace(&self) -> bool {
        match &self.source {
            TableSource::Rows(query) => query.resource.namespaced && query.namespace.is_none(),
            TableSource::RowsIn(..) => true,
            // A node runs pods of every namespace.
            TableSource::PodsOf(object) => object.namespace.is_none(),
            TableSource::JobsOf(_) | TableSource::Containers(_) => false,
        }
    }

    /// `pods`, `pods of checkout`, `containers of checkout-7f9d`.
    pub fn title(&self) -> String {
        match &self.source {
            TableSource::Rows(query) | TableSource::RowsIn(query, _) => match query.about() {
                Some(name) if self.kind.plural == "events" => format!("events of {name}"),
                Some(name) => format!("{} {name}", query.resource.singular),
                None => query.resource.plural.clone(),
            },
            TableSource::PodsOf(object) => format!("pods of {}", object.name),
            TableSource::JobsOf(object) => format!("jobs of {}", object.name),
            TableSource::Containers(object) => format!("containers of {}", object.name),
        }
    }
}

/// Containers are no resource of the API: nothing can be done to one but read.
fn containers() -> ApiResource {
    ApiResource {
        gvk: Gvk::new("", "v1", "Container"),
        plural: "containers".into(),
        singular: "container".into(),
        namespaced: true,
        ..ApiResource::default()
    }
}
