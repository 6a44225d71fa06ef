//! One collection as it is known: rows by namespace and name, in the order a server lists them,
//! and immutable snapshots of it. Knows nothing of requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::Layout;
use super::texts::Texts;
use super::wire::{Meta, Page, WatchObject, WireRow};
use crate::model::{ApiResource, Row, RowData, Snapshot};

/// Which rows belong; for pods of something that no selector describes.
pub type Keep = Box<dyn Fn(&RowData) -> bool + Send + Sync>;

type Rows = BTreeMap<(Option<Arc<str>>, Arc<str>), Row>;

pub struct Collection {
    resource: Arc<ApiResource>,
    keep: Option<Keep>,
    layout: Layout,
    texts: Texts,
    rows: Rows,
    /// A new listing that is not complete yet.
    next: Option<Rows>,
    /// Whether a listing was ever complete.
    complete: bool,
    /// Where a watch goes on.
    pub resource_version: String,
}

impl Collection {
    pub fn new(resource: Arc<ApiResource>, keep: Option<Keep>) -> Self {
        Self {
            resource,
            keep,
            layout: Layout::plain(),
            texts: Texts::default(),
            rows: Rows::new(),
            next: None,
            complete: false,
            resource_version: String::new(),
        }
    }

    /// Whether a listing was ever complete.
    pub fn is_known(&self) -> bool {
        self.complete
    }

    pub fn len(&self) -> usize {
        self.shown().len()
    }

    /// A listing begins. Until it ends the rows of the one before stay, so that nothing flickers.
    pub fn begin_listing(&mut self) {
        self.next = Some(Rows::new());
    }

    pub fn add_page(&mut self, page: &Page, now_ms: i64) {
        if page.is_table() && !page.column_definitions.is_empty() {
            self.layout = Layout::from_definitions(&page.column_definitions);
        } else if !page.is_table() {
            self.layout = Layout::plain();
        }
        for row in &page.rows {
            self.add(row, now_ms);
        }
        for item in &page.items {
            let row = self.row(&[], &item.metadata, now_ms);
            self.insert(row);
        }
    }

    pub fn end_listing(&mut self, resource_version: String) {
        if let Some(next) = self.next.take() {
            self.rows = next;
        }
        self.complete = true;
        self.resource_version = resource_version;
    }

    /// Applies `ADDED`, `MODIFIED` or `DELETED`; tells whether anything visible changed.
    pub fn apply(&mut self, kind: &str, object: &WatchObject, now_ms: i64) -> bool {
        let metas = object
            .rows
            .iter()
            .filter_map(|row| row.object.as_ref().map(|o| (&row.cells[..], &o.metadata)));
        let rows: Vec<Row> = if object.kind == "Table" {
            let metas: Vec<_> = metas.collect();
            metas
                .into_iter()
                .map(|(cells, meta)| self.row(cells, meta, now_ms))
                .collect()
        } else {
            vec![self.row(&[], &object.metadata, now_ms)]
        };
        let mut changed = false;
        for row in rows {
            changed |= if kind == "DELETED" {
                self.remove(&row)
            } else {
                self.insert(row)
            };
        }
        changed
    }

    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            resource: Arc::clone(&self.resource),
            columns: Arc::clone(&self.layout.columns),
            rows: self.shown().values().cloned().collect(),
            complete: self.complete,
        }
    }

    /// The first listing is shown while it grows.
    fn shown(&self) -> &Rows {
        match &self.next {
            Some(next) if !self.complete => next,
            _ => &self.rows,
        }
    }

    fn add(&mut self, row: &WireRow, now_ms: i64) {
        // Without an object there is no identity; includeObject=Metadata always sends one.
        if let Some(object) = &row.object {
            let row = self.row(&row.cells, &object.metadata, now_ms);
            self.insert(row);
        }
    }

    fn row(&mut self, cells: &[serde_json::Value], meta: &Meta, now_ms: i64) -> Row {
        Row(Arc::new(RowData {
            uid: meta.uid.as_deref().map(Into::into),
            namespace: meta
                .namespace
                .as_deref()
                .filter(|ns| !ns.is_empty())
                .map(|ns| self.texts.name(ns)),
            name: meta.name.as_str().into(),
            resource_version: meta.resource_version.as_deref().map(Into::into),
            created_ms: meta.creation_timestamp.map(jiff::Timestamp::as_millisecond),
            deleting: meta.deletion_timestamp.is_some(),
            owner: meta.owner().map(|owner| self.texts.name(&owner)),
            cells: self.layout.cells(cells, meta, now_ms, &mut self.texts),
        }))
    }

    fn insert(&mut self, row: Row) -> bool {
        if self.keep.as_ref().is_some_and(|keep| !keep(&row)) {
            return self.remove(&row);
        }
        let key = (row.namespace.clone(), Arc::clone(&row.name));
        self.next.as_mut().unwrap_or(&mut self.rows).insert(key, row);
        true
    }

    /// Unless another object has taken the name meanwhile.
    fn remove(&mut self, row: &Row) -> bool {
        let key = (row.namespace.clone(), Arc::clone(&row.name));
        let rows = self.next.as_mut().unwrap_or(&mut self.rows);
        if rows.get(&key).is_some_and(|held| held.is_same_object(row)) {
            rows.remove(&key);
            return true;
        }
        false
    }
}
