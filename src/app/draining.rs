//! The drain of a node, as far as the screen knows it. One at a time: two would wait for the same
//! disruption budgets.

use std::sync::Arc;

use crate::escalation::{DrainOptions, DrainPlan, DrainProgress, DrainStep, NodeSurvey, plan_drain};
use crate::model::ObjectRef;

#[derive(Clone, Debug, PartialEq)]
pub enum Draining {
    /// What runs on the node is being read; the question follows.
    Looking(ObjectRef),
    Running {
        progress: DrainProgress,
        /// Esc was pressed; what is in flight is answered first.
        stopping: bool,
    },
}

impl Draining {
    pub fn progress(&self) -> Option<&DrainProgress> {
        match self {
            Self::Running { progress, .. } => Some(progress),
            Self::Looking(_) => None,
        }
    }

    /// It may still evict something.
    pub fn is_at_work(&self) -> bool {
        self.progress()
            .is_some_and(|progress| !matches!(progress.step, DrainStep::Over(_)))
    }
}

/// What the question before a drain rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct DrainQuestion {
    pub survey: Arc<NodeSurvey>,
    pub options: DrainOptions,
}

impl DrainQuestion {
    pub fn plan(&self) -> DrainPlan {
        plan_drain(&self.survey, self.options)
    }
}
