//! The line that is typed at the bottom.

use std::sync::Arc;

use super::Desired;
use crate::app::InputLine;
use crate::cluster::PortFacts;
use crate::model::ObjectRef;

#[derive(Clone, Debug, PartialEq)]
pub enum PromptKind {
    /// `:`
    Command,
    /// `/` in a list: applied at each key.
    Filter {
        /// What it was before; Esc brings it back.
        before: String,
    },
    /// `/` in a text: jumps at each key.
    Search { before: String },
    /// How many replicas.
    Replicas {
        targets: Vec<ObjectRef>,
        /// What is desired now, where the table says so.
        now: Desired,
    },
    /// `local:remote` of a port-forward.
    Forward {
        pod: ObjectRef,
        /// The row that the pod was found by.
        from: Box<ObjectRef>,
        /// What the pod or service names; tab goes through them.
        ports: Arc<[PortFacts]>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What the line becomes.
    pub line: String,
    /// What it is: `Deployment apps/v1`, `namespace`, `context`.
    pub about: String,
}

#[derive(Clone, Debug)]
pub struct Prompt {
    pub kind: PromptKind,
    pub line: InputLine,
    /// Best first. The rest of the first one is shown behind the caret.
    pub suggestions: Vec<Suggestion>,
    /// Chosen with tab; none while typing.
    pub selected: Option<usize>,
    /// What is wrong with the line, shown beside it.
    pub error: Option<String>,
    /// Which line of the history is shown; counted from the newest.
    pub history_at: Option<usize>,
}

impl Prompt {
    pub fn new(kind: PromptKind, text: &str) -> Self {
        Self {
            kind,
            line: InputLine::new(text),
            suggestions: Vec::new(),
            selected: None,
            error: None,
            history_at: None,
        }
    }
}
