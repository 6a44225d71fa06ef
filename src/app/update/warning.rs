//! Warnings before the end, once each. Those longer than the whole time are skipped, and of several
//! due at once, as after a suspend, only the last is said. What is said is recorded.

use crate::app::{Effect, Level, State};
use crate::escalation::format_duration;

/// Before the end, in seconds, when the policy names none.
const WARNINGS: [u32; 4] = [300, 120, 60, 10];

pub fn warnings(state: &State) -> Vec<u32> {
    match &state.offers {
        Some(offers) => offers.warnings.to_vec(),
        None => WARNINGS.to_vec(),
    }
}

/// Says the warnings whose time has come; of several at once only the last.
pub fn warn(state: &mut State) -> Vec<Effect> {
    let (true, Some(left)) = (state.glass.is_broken(), state.glass.left_ms(state.now)) else {
        return Vec::new();
    };
    let due: Vec<u32> = warnings(state)
        .into_iter()
        .filter(|w| left <= u64::from(*w) * 1000 && !state.glass.warned.contains(w))
        .collect();
    let said = due.iter().min().copied().filter(|_| left > 0);
    state.glass.warned.extend(due);
    let Some(shortest) = said else {
        return Vec::new();
    };
    state.say(
        Level::Warning,
        format!("{} left, then the escalation ends", format_duration(shortest)),
    );
    vec![Effect::Warned {
        seconds_left: u32::try_from(left.div_ceil(1000)).unwrap_or(shortest),
    }]
}
