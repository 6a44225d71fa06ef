//! The contexts of the kubeconfig.

use std::sync::Arc;

use super::Filter;
use crate::app::ListCursor;

#[derive(Clone, Debug, Default)]
pub struct ContextsScreen {
    pub names: Arc<[String]>,
    /// The one in use.
    pub current: String,
    /// Indices into `names` that pass the filter.
    pub shown: Vec<usize>,
    pub filter: Filter,
    /// In `shown`.
    pub cursor: ListCursor,
}
