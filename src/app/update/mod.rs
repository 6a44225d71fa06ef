//! Routes each fact to the file of its place. Decides nothing itself.

use super::{Effect, Fact, Msg, State};
use crate::escalation::Escalation;

/// What follows from one fact: the next state, and what the world is asked to do.
///
/// `authority` is lent by the runtime while the glass is broken; only a write uses it.
pub fn update(state: &mut State, _authority: Option<&Escalation>, msg: Msg) -> Vec<Effect> {
    state.now = msg.at;
    if let Fact::Resize { width, height } = msg.fact {
        state.width = width;
        state.height = height;
        state.changed = true;
    }
    Vec::new()
}
