//! Shells and port-forwards from the key to the stream, which only a borrowed authority can build:
//! which pod, which container, which port.

mod ports;
mod told;

pub use ports::{pair, ports_typed};
pub use told::{bytes, ended, event, failed};

use super::{act, navigate, write};
use crate::app::screen::Screen;
use crate::app::streams::{Ready, Wanted};
use crate::app::{
    Effect, ForwardsScreen, KeyCode, Level, ListCursor, Move, OpenStream, Overlay, Pick, PickOption, PromptKind,
    ReadId, ShellScreen, State,
};
use crate::cluster::{PodFacts, Query, ReadErrorKind, Reading};
use crate::escalation::{Escalation, StreamCounts, StreamKind, TerminalSize};
use crate::model::ObjectRef;
use crate::registry::{Action, Aim, AppliesTo, Run, Subject};
use ports::ask_ports;
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
