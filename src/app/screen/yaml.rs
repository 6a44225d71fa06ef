//! One whole object as lines of YAML.

use std::sync::Arc;

use super::Search;
use crate::app::{ReadId, Scroll};
use crate::cluster::ReadError;
use crate::model::{ObjectRef, yaml};

#[derive(Clone, Debug)]
pub struct YamlScreen {
    pub object: ObjectRef,
    pub read: Option<ReadId>,
    /// As read, values of Secrets redacted by the reader.
    pub value: Option<Arc<serde_json::Value>>,
    /// What is drawn; the view makes each span safe.
    pub lines: Arc<[yaml::Line]>,
    pub error: Option<ReadError>,
    /// `metadata.managedFields`, hidden by default.
    pub managed_fields: bool,
    pub search: Search,
    pub scroll: Scroll,
}

impl YamlScreen {
    pub fn new(object: ObjectRef, read: ReadId) -> Self {
        Self {
            object,
            read: Some(read),
            value: None,
            lines: Arc::default(),
            error: None,
            managed_fields: false,
            search: Search::default(),
            scroll: Scroll::default(),
        }
    }
}
