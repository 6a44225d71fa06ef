//! Going to a screen and back. Only what is seen reads: a screen that something else covers stops,
//! and starts again where it was, with its cursor. Help and messages cover nothing: they are read
//! while a log goes on behind them.

use crate::app::screen::{Screen, TableScreen, TableSource};
use crate::app::{
    ContextsScreen, DescribeScreen, Effect, Filter, HelpScreen, Level, LogsScreen, MessagesScreen, State, YamlScreen,
};
use crate::cluster::{Freshness, LogQuery, Query, RowsQuery};
use crate::model::ApiResource;
use std::sync::Arc;

/// Shows `screen` over the one that is seen.
pub fn open(state: &mut State, screen: Screen) -> Vec<Effect> {
    let mut effects = if matches!(screen, Screen::Help(_) | Screen::Messages(_)) {
        Vec::new()
    } else {
        stop_reads(state)
    };
    state.screens.push(screen);
    effects.extend(enter(state));
    effects
}

/// Opens what shows the answer of `query`.
pub fn open_query(state: &mut State, query: Query) -> Vec<Effect> {
    let screen = match query {
        Query::Rows(rows) => table(TableSource::Rows(rows)),
        Query::RowsIn(rows, namespaces) => table(TableSource::RowsIn(rows, namespaces)),
        Query::PodsOf(object) => table(TableSource::PodsOf(object)),
        Query::JobsOf(object) => table(TableSource::JobsOf(object)),
        Query::Containers(pod) => table(TableSource::Containers(pod)),
        Query::Describe(object) => Screen::Describe(Box::new(DescribeScreen::new(object))),
        Query::Object(object) => Screen::Yaml(Box::new(YamlScreen::new(object))),
        Query::Logs(logs) => log(state, logs),
        // Answers of these have no screen of their own.
        Query::Discovery | Query::BaseRights | Query::LatestEvents(_) | Query::Usage(_) | Query::PodFor(_) => {
            return Vec::new();
        }
    };
    open(state, screen)
}

fn table(source: TableSource) -> Screen {
    Screen::Table(Box::new(TableScreen::new(source)))
}

fn log(state: &State, query: LogQuery) -> Screen {
    Screen::Logs(Box::new(LogsScreen::new(query, state.settings.log_lines as usize)))
}

/// Shows a kind in the namespace in use.
pub fn open_kind(
    state: &mut State,
    resource: Arc<ApiResource>,
    labels: Option<String>,
    filter: Option<&str>,
) -> Vec<Effect> {
    let namespace = state.namespace.clone().filter(|_| resource.namespaced);
    let mut table = TableScreen::new(TableSource::Rows(RowsQuery {
        resource,
        namespace,
        labels,
        fields: None,
    }));
    if let Some(filter) = filter {
        table.filter = Filter::parse(filter);
    }
    open(state, Screen::Table(Box::new(table)))
}

pub fn open_help(state: &mut State) -> Vec<Effect> {
    if matches!(state.screens.current(), Some(Screen::Help(_))) {
        return back(state);
    }
    let lines = crate::app::hints::help_lines(state);
    open(state, Screen::Help(HelpScreen::new(lines)))
}

pub fn open_messages(state: &mut State) -> Vec<Effect> {
    if matches!(state.screens.current(), Some(Screen::Messages(_))) {
        return Vec::new();
    }
    open(state, Screen::Messages(MessagesScreen::default()))
}

pub fn open_contexts(state: &mut State) -> Vec<Effect> {
    let names = state.connection.contexts.clone();
    let screen = ContextsScreen::new(names, state.connection.context());
    let mut effects = open(state, Screen::Contexts(screen));
    effects.push(Effect::ListContexts);
    effects
}

/// To the screen before, if there is one.
pub fn back(state: &mut State) -> Vec<Effect> {
    if !state.screens.can_go_back() {
        return Vec::new();
    }
    let mut effects = stop_current(state);
    state.screens.back();
    effects.extend(enter(state));
    effects
}

/// The shell of this stream is over: what was before it is seen again, and reads.
pub fn leave_shell(state: &mut State, action: u64) -> Vec<Effect> {
    match state.screens.current() {
        Some(Screen::Shell(shell)) if shell.action == action => {
            state.screens.drop_current();
            enter(state)
        }
        _ => Vec::new(),
    }
}

pub fn forward(state: &mut State) -> Vec<Effect> {
    if !state.screens.can_go_forward() {
        state.say(Level::Note, "there is nothing to go forward to");
        return Vec::new();
    }
    let mut effects = stop_reads(state);
    state.screens.forward();
    effects.extend(enter(state));
    effects
}

pub fn swap_last(state: &mut State) -> Vec<Effect> {
    if !state.screens.can_go_back() {
        return Vec::new();
    }
    let mut effects = stop_reads(state);
    state.screens.swap_last();
    effects.extend(enter(state));
    effects
}

/// Reads the screen that is seen again from the start.
pub fn refresh(state: &mut State) -> Vec<Effect> {
    let mut effects = stop_current(state);
    if let Some(Screen::Logs(logs)) = state.screen_mut() {
        logs.ended = false;
    }
    effects.extend(enter(state));
    effects
}

/// Starts the read of the screen that is seen, unless it is running.
fn enter(state: &mut State) -> Vec<Effect> {
    state.changed = true;
    let height = state.body_height();
    let Some(screen) = state.screens.current().filter(|screen| screen.read().is_none()) else {
        return Vec::new();
    };
    let Some(query) = screen.query() else {
        return Vec::new();
    };
    let id = state.new_read();
    let Some(screen) = state.screen_mut() else {
        return Vec::new();
    };
    screen.set_read(Some(id));
    super::usage::expect(state);
    let Some(screen) = state.screen_mut() else {
        return Vec::new();
    };
    match screen {
        Screen::Table(table) => {
            table.freshness = Freshness::Loading {
                rows: table.counts.total,
            };
            table.arrange(height);
        }
        Screen::Logs(logs) => {
            // The stream starts from its tail again; lines kept would be there twice.
            logs.clear();
            logs.error = None;
        }
        _ => {}
    }
    vec![Effect::Read(id, query)]
}

/// Stops the reads of all screens.
pub fn stop_reads(state: &mut State) -> Vec<Effect> {
    state.screens.path_mut().iter_mut().filter_map(stop).collect()
}

fn stop_current(state: &mut State) -> Vec<Effect> {
    state.screen_mut().and_then(stop).into_iter().collect()
}

fn stop(screen: &mut Screen) -> Option<Effect> {
    let id = screen.read()?;
    screen.set_read(None);
    Some(Effect::StopRead(id))
}
