//! Shells and port-forwards from the key to the end: which pod, which container, which port; then
//! the stream, which only a borrowed authority can build; then what the gate tells of it.

use super::{act, navigate, write};
use crate::app::screen::Screen;
use crate::app::streams::{Ready, Wanted};
use crate::app::{
    Effect, ForwardsScreen, KeyCode, Level, ListCursor, Move, OpenStream, Overlay, Pick, PickOption, Prompt,
    PromptKind, ReadId, ShellScreen, State,
};
use crate::cluster::{PodFacts, Query, ReadErrorKind, Reading};
use crate::escalation::{
    Escalation, MAY_GO_ON, StreamClose, StreamCounts, StreamEnd, StreamEvent, StreamFact, StreamKind, TerminalSize,
    format_duration,
};
use crate::model::ObjectRef;
use crate::registry::{Action, Aim, AppliesTo, Run, Subject};
use std::sync::Arc;

use super::keys::Press;

/// The key was pressed and the glass is broken: the pod is read as it is now.
pub fn begin(state: &mut State, action: &'static Action) -> Vec<Effect> {
    let subject = match state.screens.current() {
        Some(Screen::Table(table)) => table.subject(),
        _ => None,
    };
    let Some(subject) = subject else {
        return act::nothing_there(state);
    };
    if let Some(why) = write::outside_scope(state, std::slice::from_ref(&subject.object)) {
        state.say(Level::Warning, why);
        return Vec::new();
    }
    let read = state.new_read();
    let query = Query::PodFor(subject.object.clone());
    state.streams.wanted = Some(Wanted { action, subject, read });
    vec![Effect::Read(read, query)]
}

/// What was read for the stream that is being prepared; false if it is none of this.
pub fn reading(state: &mut State, id: ReadId, reading: &Reading) -> bool {
    let Some(wanted) = state.streams.wanted.take_if(|wanted| wanted.read == id) else {
        return false;
    };
    match reading {
        Reading::Pod(facts) => found(state, wanted, facts),
        // Who may open a shell need not be one who may read pods: the server chooses the container.
        Reading::Failed(error) if error.kind == ReadErrorKind::Forbidden && is_shell(wanted.action) => {
            let Subject { object, container } = wanted.subject;
            shell(state, wanted.action, object, container);
        }
        Reading::Failed(error) => {
            state.say(Level::Error, format!("{}: {error}", wanted.action.title));
        }
        _ => state.streams.wanted = Some(wanted),
    }
    state.changed = true;
    true
}

fn is_shell(action: &Action) -> bool {
    action.applies_to == AppliesTo::Shell
}

fn found(state: &mut State, wanted: Wanted, facts: &Arc<PodFacts>) {
    let seen = &wanted.subject.object;
    let is_pod = seen.resource == "pods";
    if is_pod && seen.uid.is_some() && seen.uid != facts.pod.uid {
        let text = format!("{seen} is another pod by now: look, and press the key again");
        return state.say(Level::Warning, text);
    }
    if state.overlay.is_some() {
        return state.say(Level::Note, format!("{}: press the key again", wanted.action.title));
    }
    if !is_shell(wanted.action) {
        return ask_ports(state, facts, &wanted.subject);
    }
    match (&wanted.subject.container, facts.containers.as_slice()) {
        (Some(container), _) => shell(state, wanted.action, facts.pod.clone(), Some(container.clone())),
        (None, [only]) => shell(state, wanted.action, facts.pod.clone(), Some(only.name.clone())),
        (None, _) => pick(state, wanted.action, facts),
    }
}

fn pick(state: &mut State, action: &'static Action, facts: &PodFacts) {
    let options: Vec<PickOption> = facts
        .containers
        .iter()
        .map(|container| PickOption {
            name: container.name.clone(),
            running: container.running,
            is_default: facts.default_container.as_ref() == Some(&container.name),
        })
        .collect();
    let by = |test: fn(&PickOption) -> bool| options.iter().position(test);
    let index = by(|o| o.is_default).or_else(|| by(|o| o.running)).unwrap_or(0);
    state.overlay = Some(Overlay::Pick(Pick {
        action,
        pod: facts.pod.clone(),
        options,
        cursor: ListCursor { index, top: 0 },
    }));
}

/// In the list of containers.
pub fn pick_key(state: &mut State, press: Press) -> Vec<Effect> {
    let Some(Overlay::Pick(pick)) = &mut state.overlay else {
        return Vec::new();
    };
    let len = pick.options.len();
    match (press.key.code, press.key.ctrl) {
        (KeyCode::Esc | KeyCode::Char('q'), false) | (KeyCode::Char('c'), true) => state.overlay = None,
        (KeyCode::Up | KeyCode::Char('k'), false) => pick.cursor.step(Move::Up, len, len),
        (KeyCode::Down | KeyCode::Char('j'), false) => pick.cursor.step(Move::Down, len, len),
        (KeyCode::Enter, _) => {
            let pick = pick.clone();
            state.overlay = None;
            if let Some(option) = pick.options.get(pick.cursor.index) {
                shell(state, pick.action, pick.pod, Some(option.name.clone()));
            }
        }
        _ => {}
    }
    Vec::new()
}

fn shell(state: &mut State, action: &'static Action, pod: ObjectRef, container: Option<String>) {
    let number = next_action(state);
    let aim = Aim {
        action: number,
        pod,
        container,
        size: size(state),
        remote: 0,
        local: 0,
    };
    state.streams.ready = Some(Ready {
        action,
        aim,
        from: None,
    });
}

fn next_action(state: &mut State) -> u64 {
    let number = state.next_action;
    state.next_action += 1;
    number
}

/// The remote terminal has everything but the banner's line.
pub fn size(state: &State) -> TerminalSize {
    TerminalSize {
        columns: state.width.max(1),
        rows: state.height.saturating_sub(1).max(1),
    }
}

/// `8080:80`, filled in with the first port that the pod names.
fn ask_ports(state: &mut State, facts: &Arc<PodFacts>, subject: &Subject) {
    let ports = facts.ports(subject.container.as_deref());
    let text = ports.first().map(|port| pair(port.number)).unwrap_or_default();
    let kind = PromptKind::Forward {
        pod: facts.pod.clone(),
        from: Box::new(subject.object.clone()),
        ports: ports.into(),
    };
    state.overlay = Some(Overlay::Prompt(Prompt::new(kind, &text)));
}

/// The same number on both sides, where an ordinary user may listen on it.
pub fn pair(remote: u16) -> String {
    let local = if remote < 1024 { remote + 8000 } else { remote };
    format!("{local}:{remote}")
}

/// Enter in the prompt.
pub fn ports_typed(state: &mut State, text: &str, pod: ObjectRef, from: ObjectRef) -> Vec<Effect> {
    let Some(action) = crate::registry::action("pod.forward") else {
        return Vec::new();
    };
    let (local, remote) = match read_ports(text) {
        Ok(ports) => ports,
        Err(why) => {
            super::typing::set_error(state, Some(why.into()));
            return Vec::new();
        }
    };
    state.overlay = None;
    let number = next_action(state);
    let aim = Aim {
        action: number,
        pod,
        container: None,
        size: size(state),
        remote,
        local,
    };
    let from = Some(from).filter(|from| from.resource != "pods");
    state.streams.ready = Some(Ready { action, aim, from });
    Vec::new()
}

/// `local:remote`, `:remote` or `0:remote` for a free local port, `port` for the same on both sides.
fn read_ports(text: &str) -> Result<(u16, u16), &'static str> {
    const HOW: &str = "LOCAL:REMOTE, like 8080:80; 0:80 takes a free port";
    let number = |text: &str| text.trim().parse::<u16>().map_err(|_| HOW);
    let (local, remote) = match text.split_once(':') {
        Some((local, remote)) if local.trim().is_empty() => (0, number(remote)?),
        Some((local, remote)) => (number(local)?, number(remote)?),
        None => (number(text)?, number(text)?),
    };
    if remote == 0 { Err(HOW) } else { Ok((local, remote)) }
}

/// The last step of each message: what has been chosen is opened, if there is an authority.
pub fn open_ready(state: &mut State, authority: Option<&Escalation>) -> Vec<Effect> {
    let Some(Ready { action, aim, from }) = state.streams.ready.take() else {
        return Vec::new();
    };
    let blocked = crate::app::hints::glass_blocks(state);
    let (None, Some(authority), Run::Stream(make)) = (&blocked, authority, action.run) else {
        let why = blocked.unwrap_or_else(|| "the glass is not broken".into());
        state.say(Level::Error, format!("{} was not opened: {why}", action.title));
        return Vec::new();
    };
    let stream = make(authority, aim.clone());
    let open = OpenStream {
        action: aim.action,
        kind: stream.kind(),
        pod: aim.pod,
        container: aim.container,
        from,
        remote: aim.remote,
        local: aim.local,
        is_open: false,
        counts: StreamCounts::default(),
        since: state.now,
        trouble: None,
    };
    let mut effects = Vec::new();
    if open.kind == StreamKind::Shell {
        state.say(Level::Note, format!("{}: ctrl-] is the way out", open.words()));
        effects = navigate::open(
            state,
            Screen::Shell(Box::new(ShellScreen {
                action: open.action,
                title: open.words(),
                frame: None,
                menu: false,
            })),
        );
    }
    state.streams.open.push(open);
    effects.push(Effect::Stream(stream));
    state.changed = true;
    effects
}

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

/// The glass is whole again: the gate has cut everything, and so has the screen.
pub fn close_for_end(state: &mut State) -> Vec<Effect> {
    state.streams.wanted = None;
    state.streams.ready = None;
    let waits = match &state.overlay {
        Some(Overlay::Pick(_)) => true,
        Some(Overlay::Prompt(prompt)) => matches!(prompt.kind, PromptKind::Forward { .. }),
        _ => false,
    };
    if waits {
        state.overlay = None;
    }
    let open = std::mem::take(&mut state.streams.open);
    open.iter()
        .flat_map(|stream| navigate::leave_shell(state, stream.action))
        .collect()
}

pub fn open_list(state: &mut State) -> Vec<Effect> {
    if matches!(state.screens.current(), Some(Screen::Forwards(_))) {
        return Vec::new();
    }
    navigate::open(state, Screen::Forwards(ForwardsScreen::default()))
}

/// ctrl-d in the list.
pub fn close_chosen(state: &mut State) -> Vec<Effect> {
    let Some(Screen::Forwards(screen)) = state.screens.current() else {
        return Vec::new();
    };
    let chosen = state.streams.forwards().nth(screen.cursor.index);
    match chosen.map(|stream| stream.action) {
        Some(action) => vec![Effect::CloseStream(action)],
        None => act::nothing_there(state),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_written_as_kubectl_has_them() {
        assert_eq!(read_ports("8080:80"), Ok((8080, 80)));
        assert_eq!(read_ports(":80"), Ok((0, 80)));
        assert_eq!(read_ports("0:80"), Ok((0, 80)));
        assert_eq!(read_ports("5432"), Ok((5432, 5432)));
        for wrong in ["", "80:", "a:80", "80:0", "70000:80", "1:2:3"] {
            assert!(read_ports(wrong).is_err(), "{wrong}");
        }
        assert_eq!((pair(80), pair(8080)), ("8080:80".into(), "8080:8080".into()));
    }

    #[test]
    fn bytes_are_short() {
        assert_eq!((bytes(0), bytes(1023)), ("0 B".into(), "1023 B".into()));
        assert_eq!((bytes(1434), bytes(20 << 20)), ("1.4 KiB".into(), "20 MiB".into()));
    }
}
