//! What the gate tells of open streams: opened, counted, in trouble, ended and how.

use crate::app::screen::Screen;
use crate::app::update::navigate;
use crate::app::{Effect, Level, OpenStream, State};
use crate::escalation::{MAY_GO_ON, StreamClose, StreamEnd, StreamEvent, StreamFact, StreamKind, format_duration};

pub fn event(state: &mut State, event: StreamEvent) {
    let Some(stream) = state.streams.open.iter_mut().find(|s| s.action == event.action) else {
        return;
    };
    state.changed = true;
    match event.fact {
        StreamFact::Opened { local } => {
            stream.is_open = true;
            stream.local = local.unwrap_or(stream.local);
            if stream.kind == StreamKind::Forward {
                let text = format!("{} is open · :pf lists them", stream.words());
                state.say(Level::Note, text);
            }
        }
        StreamFact::Counted(counts) => stream.counts = counts,
        StreamFact::Trouble(why) => {
            let text = format!("{}: {why}", stream.words());
            stream.trouble = Some(why);
            state.say(Level::Warning, text);
        }
    }
}

/// The gate did not open it.
pub fn failed(state: &mut State, action: u64, error: &str) -> Vec<Effect> {
    let effects = remove(state, action).map(|(_, effects)| effects);
    // Of a stream that the end took away before it was open nothing more is said.
    if effects.is_some() {
        state.say(Level::Error, format!("not opened: {error}"));
    }
    effects.unwrap_or_default()
}

pub fn ended(state: &mut State, action: u64, end: &StreamEnd) -> Vec<Effect> {
    let Some((stream, effects)) = remove(state, action) else {
        return Vec::new();
    };
    let words = stream.words();
    let (mut level, mut how) = match &end.close {
        StreamClose::Exit(0) => (Level::Note, "exit code 0".to_owned()),
        StreamClose::Exit(code) => (Level::Warning, format!("exit code {code}")),
        StreamClose::Closed => (Level::Note, "closed".into()),
        StreamClose::Cut => (Level::Warning, "cut by the end of the escalation".into()),
        StreamClose::Broken(cause) => (Level::Error, cause.clone()),
    };
    if end.may_go_on {
        how = format!("{how}; {MAY_GO_ON}");
        if level == Level::Note {
            level = Level::Warning;
        }
    }
    let took = format_duration((end.took_ms / 1000) as u32);
    let (sent, got) = (bytes(end.counts.bytes_in), bytes(end.counts.bytes_out));
    state.say(level, format!("{words} ended: {how} · {took} · {sent} in, {got} out"));
    effects
}

/// `312 B`, `1.4 KiB`, `20 MiB`
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut value, mut unit) = (count as f64, 0);
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 || value >= 10.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

fn remove(state: &mut State, action: u64) -> Option<(OpenStream, Vec<Effect>)> {
    let at = state.streams.open.iter().position(|stream| stream.action == action)?;
    let stream = state.streams.open.remove(at);
    state.changed = true;
    let len = state.streams.forwards().count();
    let height = state.body_height();
    if let Some(Screen::Forwards(screen)) = state.screen_mut() {
        screen.cursor.fit(len, height);
    }
    Some((stream, navigate::leave_shell(state, action)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_short() {
        assert_eq!((bytes(0), bytes(1023)), ("0 B".into(), "1023 B".into()));
        assert_eq!((bytes(1434), bytes(20 << 20)), ("1.4 KiB".into(), "20 MiB".into()));
    }
}
