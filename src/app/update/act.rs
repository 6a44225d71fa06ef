//! From an action to what it does: local, read or write.

use super::{
    connection, contexts, describe, drain, filter, leave, logs, navigate, prompt, replay, shell, streams, table, undo,
    write, yaml,
};
use crate::app::screen::Screen;
use crate::app::{Effect, Level, Move, PromptKind, State};
use crate::registry::{Action, Local, Run};

use super::keys::Press;

pub fn act(state: &mut State, action: &'static Action, press: Press) -> Vec<Effect> {
    if let Some(why) = crate::app::hints::blocked(state, action) {
        state.say(Level::Warning, format!("{}: {why}", action.title));
        return Vec::new();
    }
    match action.run {
        Run::Local(local) => self::local(state, local, press),
        Run::Read(query) => match subject(state) {
            Some(subject) => navigate::open_query(state, query(&subject)),
            None => nothing_there(state),
        },
        Run::Write(_) => write::begin(state, action),
        Run::Stream(_) => streams::begin(state, action),
        Run::Drain(_) => drain::begin(state),
    }
}

fn subject(state: &State) -> Option<crate::registry::Subject> {
    match state.screens.current() {
        Some(Screen::Table(table)) => table.subject(),
        _ => None,
    }
}

pub fn nothing_there(state: &mut State) -> Vec<Effect> {
    state.say(Level::Note, "there is no row under the cursor");
    Vec::new()
}

fn local(state: &mut State, local: Local, press: Press) -> Vec<Effect> {
    match local {
        Local::CommandLine => prompt::open(state, PromptKind::Command),
        Local::Help => navigate::open_help(state),
        Local::Messages => navigate::open_messages(state),
        Local::Back => back(state),
        Local::Quit => quit_key(state, press),
        Local::Glass => super::glass::key(state),
        Local::HistoryBack => navigate::back(state),
        Local::HistoryForward => navigate::forward(state),
        Local::LastScreen => navigate::swap_last(state),
        Local::Refresh => {
            let mut effects = navigate::refresh(state);
            effects.extend(connection::ask_again(state));
            effects
        }
        Local::Undo => undo::offer(state),
        Local::Forwards => streams::open_list(state),
        Local::CloseForward => streams::close_chosen(state),
        Local::Guide => card(state),
        Local::Up => step(state, Move::Up),
        Local::Down => step(state, Move::Down),
        Local::PageUp => step(state, Move::PageUp),
        Local::PageDown => step(state, Move::PageDown),
        Local::Top => step(state, Move::Top),
        Local::Bottom => step(state, Move::Bottom),
        Local::Filter => prompt::open_filter(state),
        Local::Search => prompt::open_search(state),
        _ => on_screen(state, local),
    }
}

/// What means something only on one kind of screen.
fn on_screen(state: &mut State, local: Local) -> Vec<Effect> {
    match state.screens.current() {
        Some(Screen::Table(_)) => table::act(state, local),
        Some(Screen::Describe(_)) => describe::act(state, local),
        Some(Screen::Yaml(_)) => yaml::act(state, local),
        Some(Screen::Logs(_)) => logs::act(state, local),
        Some(Screen::Contexts(_)) if local == Local::Open => contexts::open(state),
        Some(Screen::Replay(_)) => replay::act(state, local),
        Some(Screen::Shell(_)) => shell::act(state, local),
        _ => Vec::new(),
    }
}

fn step(state: &mut State, step: Move) -> Vec<Effect> {
    let height = state.body_height();
    let messages = state.messages.all().len();
    let forwards = state.streams.forwards().count();
    if let Some(room) = replay::room(state)
        && let Some(Screen::Replay(screen)) = state.screen_mut()
    {
        replay::step(screen, step, room);
        return Vec::new();
    }
    match state.screen_mut() {
        Some(Screen::Table(table)) => table.step(step, height),
        Some(Screen::Describe(screen)) => screen.step(step, height),
        Some(Screen::Yaml(screen)) => yaml::step(screen, step, height),
        Some(Screen::Logs(screen)) => logs::step(screen, step, height),
        Some(Screen::Contexts(screen)) => screen.cursor.step(step, screen.shown.len(), height),
        Some(Screen::Help(screen)) => screen.scroll.step(step, screen.lines.len(), height),
        Some(Screen::Messages(screen)) => screen.cursor.step(step, messages, height),
        Some(Screen::Forwards(screen)) => screen.cursor.step(step, forwards, height),
        Some(Screen::Replay(_) | Screen::Shell(_)) | None => {}
    }
    Vec::new()
}

/// The table is as high as the card leaves it.
fn card(state: &mut State) -> Vec<Effect> {
    match &mut state.guide {
        Some(guide) => guide.hidden = !guide.hidden,
        None => state.say(Level::Note, "there is no card here: `kglass demo` has one"),
    }
    let (width, height) = (state.width, state.height);
    super::resize::resize(state, width, height);
    Vec::new()
}

/// Esc: a search or filter is cleared first, then marks, then one goes back.
fn back(state: &mut State) -> Vec<Effect> {
    let height = state.body_height();
    let is_first = !state.screens.can_go_back();
    match state.screen_mut() {
        Some(Screen::Table(table)) if table.filter.is_on() || table.faults_only => {
            table.faults_only = false;
            return filter::apply(state, "");
        }
        Some(Screen::Table(table)) if !table.marks.is_empty() => {
            table.marks.clear();
            table.arrange(height);
            return Vec::new();
        }
        Some(Screen::Contexts(screen)) if screen.filter.is_on() => {
            contexts::filter(screen, crate::app::Filter::default(), height);
            return Vec::new();
        }
        Some(Screen::Help(screen)) if screen.filter.is_on() => {
            screen.filter(crate::app::Filter::default());
            return Vec::new();
        }
        Some(Screen::Yaml(yaml)) if yaml.search.is_on() => {
            yaml.search = crate::app::Search::default();
            return Vec::new();
        }
        Some(Screen::Describe(screen)) if screen.search.is_on() => {
            screen.search = crate::app::Search::default();
            return Vec::new();
        }
        Some(Screen::Logs(logs)) if logs.search.is_on() => {
            logs.search = crate::app::Search::default();
            return Vec::new();
        }
        Some(Screen::Replay(_)) if is_first => return leave::quit(state),
        _ => {}
    }
    navigate::back(state)
}

/// `q` climbs as in k9s and quits at the top; ctrl-c always quits. While the glass is broken both
/// ask, wherever one is.
fn quit_key(state: &mut State, press: Press) -> Vec<Effect> {
    let climbs = !press.key.ctrl && state.screens.can_go_back() && state.glass.grant().is_none();
    if climbs {
        navigate::back(state)
    } else {
        leave::quit(state)
    }
}

pub fn copy(state: &mut State, text: String, what: &str) -> Vec<Effect> {
    if text.is_empty() {
        state.say(Level::Note, "there is nothing to copy");
        return Vec::new();
    }
    state.say(Level::Note, format!("copied {what}"));
    vec![Effect::Copy(text)]
}
