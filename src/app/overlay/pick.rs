//! One of a few is chosen before something opens: the container of a pod.

use crate::app::ListCursor;
use crate::model::ObjectRef;
use crate::registry::Action;

#[derive(Clone, Debug)]
pub struct Pick {
    pub action: &'static Action,
    pub pod: ObjectRef,
    pub options: Vec<PickOption>,
    pub cursor: ListCursor,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickOption {
    pub name: String,
    pub running: bool,
    /// The pod's own choice.
    pub is_default: bool,
}
