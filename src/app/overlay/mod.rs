//! What lies over a screen and takes the keys: one at a time.

mod confirm;
mod escalate;
mod pick;
mod prompt;

pub use confirm::{Choice, Confirm, Desired, Leave, LeaveFor};
pub use escalate::{EscalatePane, FIELDS, as_minutes};
pub use pick::{Pick, PickOption};
pub use prompt::{Prompt, PromptKind, Suggestion};

#[derive(Clone, Debug)]
pub enum Overlay {
    /// One line at the bottom: a command, a filter, a search, a number.
    Prompt(Prompt),
    /// Before a write.
    Confirm(Box<Confirm>),
    /// Asking for the glass; while `Glass` is asking, its waiting view.
    Escalate(Box<EscalatePane>),
    /// How the drain gets on; it goes on without it.
    Drain,
    /// Asked once before quitting or switching with a broken glass.
    Leave(Leave),
    /// Which container.
    Pick(Pick),
}
