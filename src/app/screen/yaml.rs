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
    pub fn new(object: ObjectRef) -> Self {
        Self {
            object,
            read: None,
            value: None,
            lines: Arc::default(),
            error: None,
            managed_fields: false,
            search: Search::default(),
            scroll: Scroll::default(),
        }
    }

    /// Makes the lines anew from the value.
    pub fn render(&mut self) {
        let Some(value) = &self.value else { return };
        self.lines = if self.managed_fields {
            yaml::lines(value).into()
        } else {
            let mut value = value.as_ref().clone();
            if let Some(metadata) = value.get_mut("metadata").and_then(|m| m.as_object_mut()) {
                metadata.remove("managedFields");
            }
            yaml::lines(&value).into()
        };
        self.look();
    }

    /// Searches the lines anew.
    pub fn look(&mut self) {
        let lines: Vec<String> = self.lines.iter().map(yaml::Line::text).collect();
        self.search.run(lines.iter().map(String::as_str));
    }
}
