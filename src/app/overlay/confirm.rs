//! What stands before a write, in proportion to what it may break; and the question before leaving.

use crate::app::{DrainQuestion, InputLine};
use crate::model::{Moment, ObjectRef, Row};
use crate::registry::{Action, Friction};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    #[default]
    Cancel,
    Proceed,
}

/// How many replicas each of the targets wants, in their order; none where the table does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desired(pub Vec<Option<u32>>);

impl Desired {
    /// What all of them want, where it is known of all and the same.
    pub fn of_all(&self) -> Option<u32> {
        let (first, rest) = self.0.split_first()?;
        first.filter(|_| rest.iter().all(|other| other == first))
    }

    /// `3`, `3 and 6`, `2 to 6`; nothing where it is not known of all.
    pub fn words(&self) -> Option<String> {
        let mut numbers: Vec<u32> = self.0.iter().copied().collect::<Option<_>>()?;
        numbers.sort_unstable();
        numbers.dedup();
        match numbers.as_slice() {
            [] => None,
            [one] => Some(one.to_string()),
            [one, other] => Some(format!("{one} and {other}")),
            [least, .., most] => Some(format!("{least} to {most}")),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Confirm {
    pub action: &'static Action,
    /// Line, Box or Name; never None.
    pub friction: Friction,
    /// As the operator saw them: uid and resourceVersion.
    pub targets: Vec<ObjectRef>,
    /// Their rows as they stood when the question was asked, as far as they were known.
    pub seen: Vec<Row>,
    pub replicas: Option<u32>,
    /// What is desired now, for the way back.
    pub replicas_now: Desired,
    /// Before a drain: what is on the node, and what was chosen to be lost.
    pub drain: Option<DrainQuestion>,
    /// `scale deployments.apps/checkout in shop: 3 → 0`
    pub headline: String,
    /// What will be hit, one line each: owner, what stays, what is lost.
    pub impact: Vec<String>,
    pub opened: Moment,
    /// In a box.
    pub choice: Choice,
    /// With `Friction::Name`: what has been typed, and what must be.
    pub typed: InputLine,
    pub expected: String,
    /// Why the last key did not confirm.
    pub hint: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaveFor {
    Quit,
    Context(String),
}

/// `q` or `y` ends the escalation and leaves; anything else stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    pub to: LeaveFor,
    pub opened: Moment,
}
