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
    for text in fresh_faults(&state.sinks, &statuses) {
        state.say(Level::Error, text);
    }
    // In normal mode nothing shows them but the pane.
    state.changed |= state.overlay.is_some() || !matches!(state.glass.mode, GlassMode::Normal);
    state.sinks = statuses;
}

/// A journal that a hand has changed is told once.
fn fresh_faults(held: &[SinkStatus], now: &[SinkStatus]) -> Vec<String> {
    let fresh = now.iter().flat_map(|status| {
        let known = held.iter().find(|held| held.name == status.name);
        let faults = status.faults.iter().skip(known.map_or(0, |held| held.faults.len()));
        faults.map(|fault| format!("not sent to {}: {fault}", status.name))
    });
    fresh.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Start;
    use crate::model::Moment;

    fn status(health: Health, faults: &[&str]) -> Arc<[SinkStatus]> {
        [SinkStatus {
            name: "siem".into(),
            host: "siem.example".into(),
            required: true,
            health,
            behind: 0,
            oldest: None,
            refusing: false,
            owed: 0,
            faults: faults.iter().map(|&fault| fault.to_owned()).collect(),
        }]
        .into()
    }

    #[test]
    fn a_sink_that_fails_or_comes_back_is_told_once() {
        let mut state = State::new(Start::default());
        let down = Health::Down {
            since: Moment::default(),
            cause: "connection refused".into(),
        };
        let newest = |state: &State| state.messages.newest().map(|message| message.text.clone());
        told(&mut state, status(Health::Ok, &[]));
        assert_eq!(newest(&state), None, "a sink that is well is no news");
        told(&mut state, status(down.clone(), &[]));
        let said = newest(&state).expect("it is told");
        assert_eq!(
            said,
            "siem takes no records: connection refused; they wait on this machine"
        );
        state.now.boot_ms = 12_000;
        told(&mut state, status(down, &[]));
        assert_eq!(newest(&state).as_ref(), Some(&said), "told once");
        told(&mut state, status(Health::Ok, &[]));
        assert_eq!(newest(&state).unwrap(), "siem takes records again after 12 s");
        told(&mut state, status(Health::Ok, &["session a: changed"]));
        assert_eq!(newest(&state).unwrap(), "not sent to siem: session a: changed");
    }
}
