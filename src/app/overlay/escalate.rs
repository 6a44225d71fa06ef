//! The escalate pane: what is typed and chosen, and what is still missing.

use crate::app::InputLine;
use crate::model::Moment;

/// Fields in the order of the pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaneField {
    #[default]
    Trigger,
    Ticket,
    Reason,
    Role,
    Scope,
    Minutes,
}

impl PaneField {
    pub const ALL: [Self; 6] = [
        Self::Trigger,
        Self::Ticket,
        Self::Reason,
        Self::Role,
        Self::Scope,
        Self::Minutes,
    ];
}

#[derive(Clone, Debug)]
pub struct EscalatePane {
    pub opened: Moment,
    pub field: PaneField,
    /// Index into the offered triggers; one past the manual ones is the incident.
    pub trigger: usize,
    /// Typed where the trigger is an incident.
    pub incident: InputLine,
    pub ticket: InputLine,
    pub reason: InputLine,
    /// Index into the offered roles.
    pub role: usize,
    /// Index into the role's scopes.
    pub scope: usize,
    /// As typed; chosen with the arrows.
    pub minutes: InputLine,
    /// What is missing or wrong, beside its field. Empty: it can be asked.
    pub missing: Vec<(PaneField, String)>,
    /// True after the first ctrl-s, so that an empty pane does not scold.
    pub tried: bool,
    /// Why the last ask failed.
    pub error: Option<String>,
}
