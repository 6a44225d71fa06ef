//! A table as immutable snapshots. Whether a row came from a server Table, a typed list or
//! metadata is invisible from here on.

use std::ops::Deref;
use std::sync::Arc;

use super::{ApiResource, ObjectRef, TermSafe};

/// How a column is ordered and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    /// Right-aligned, ordered by value.
    Number,
    /// Each cell holds a time; the view shows its age.
    Age,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Upper case, as kubectl prints it.
    pub name: TermSafe,
    pub kind: ColumnKind,
    /// Shown only when wide columns are asked for (a Table column with priority above 0).
    pub wide: bool,
}

/// What a cell is ordered by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SortKey {
    Text,
    Number(f64),
    /// Unix milliseconds.
    Time(i64),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub text: TermSafe,
    pub sort: SortKey,
    /// Unix milliseconds. The view appends its age: `17 (41s)`; with empty text it is the age alone.
    pub since_ms: Option<i64>,
}

/// One object's line. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Row(pub Arc<RowData>);

impl Row {
    /// The very same one, not one that looks the same: nothing has been told of it in between.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Debug)]
pub struct RowData {
    pub uid: Option<Arc<str>>,
    pub namespace: Option<Arc<str>>,
    pub name: Arc<str>,
    pub resource_version: Option<Arc<str>>,
    /// Unix milliseconds.
    pub created_ms: Option<i64>,
    pub deleting: bool,
    /// `Kind/name` of the controlling owner.
    pub owner: Option<Arc<str>>,
    /// As many as the snapshot has columns.
    pub cells: Box<[Cell]>,
}

impl Deref for Row {
    type Target = RowData;

    fn deref(&self) -> &RowData {
        &self.0
    }
}

impl Row {
    /// Identity over updates: the uid, or namespace and name where the source has none.
    pub fn is_same_object(&self, other: &Self) -> bool {
        match (&self.uid, &other.uid) {
            (Some(a), Some(b)) => a == b,
            _ => self.namespace == other.namespace && self.name == other.name,
        }
    }
}

/// Everything a table screen shows of one collection at one instant.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub resource: Arc<ApiResource>,
    pub columns: Arc<[Column]>,
    pub rows: Arc<[Row]>,
    /// False while pages are still arriving.
    pub complete: bool,
}

impl Snapshot {
    /// The object behind a row, with uid and resourceVersion as the operator saw them.
    pub fn object(&self, row: &Row) -> ObjectRef {
        ObjectRef {
            gvk: self.resource.gvk.clone(),
            resource: self.resource.plural.clone(),
            namespace: row.namespace.as_deref().map(Into::into),
            name: row.name.as_ref().into(),
            uid: row.uid.as_deref().map(Into::into),
            resource_version: row.resource_version.as_deref().map(Into::into),
        }
    }
}
