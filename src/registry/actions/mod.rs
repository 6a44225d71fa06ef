//! Every action, each in the file of its place.

mod everywhere;
mod reads;
mod streams;
mod table;
mod text;
mod writes;

use super::{Action, AppliesTo, Friction, Local, Mode, Run};

/// All of them, in the order help shows them.
pub fn actions() -> impl Iterator<Item = &'static Action> {
    [
        everywhere::ACTIONS,
        table::ACTIONS,
        reads::ACTIONS,
        streams::ACTIONS,
        writes::ACTIONS,
        text::ACTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The action of this id.
pub fn action(id: &str) -> Option<&'static Action> {
    actions().find(|action| action.id == id)
}

const fn local(id: &'static str, modes: &'static [Mode], run: Local, title: &'static str, doc: &'static str) -> Action {
    Action {
        id,
        title,
        doc,
        modes,
        run: Run::Local(run),
        applies_to: AppliesTo::Anything,
        friction: Friction::None,
        needs: None,
    }
}
