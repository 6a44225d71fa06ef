//! How the sinks are doing: kept for the banner, and told when one fails or comes back.

use std::sync::Arc;

use crate::app::{GlassMode, Level, State};
use crate::audit::sinks::{Health, SinkStatus};

pub fn told(state: &mut State, statuses: Arc<[SinkStatus]>) {
    for status in statuses.iter() {
        let was = state.sinks.iter().find(|held| held.name == status.name);
        match (was.map(|held| &held.health), &status.health) {
            (Some(Health::Down { .. }), Health::Down { .. }) => {}
            (_, Health::Down { cause, .. }) => {
                let text = format!("{} takes no records: {cause}; they wait on this machine", status.name);
                state.say(Level::Warning, text);
            }
            (Some(Health::Down { since, .. }), Health::Ok) => {
                let seconds = state.now.since(*since) / 1000;
                state.say(
                    Level::Note,
                    format!("{} takes records again after {seconds} s", status.name),
                );
            }
            _ => {}
        }
    }
    // In normal mode nothing shows them but the pane.
    state.changed |= state.overlay.is_some() || !matches!(state.glass.mode, GlassMode::Normal);
    state.sinks = statuses;
}
