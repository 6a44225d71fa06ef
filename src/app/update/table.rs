//! What keys do to a table.

use super::{act, navigate, owner};
use crate::app::screen::{RowKey, Screen, TableScreen, TableSource};
use crate::app::{Effect, Level, Move, State};
use crate::cluster::{LogQuery, LogSource, Query};
use crate::registry::{Drill, Local, Subject};

/// Lines a container's log starts with.
const TAIL: u32 = 500;

pub fn act(state: &mut State, act: Local) -> Vec<Effect> {
    let height = state.body_height();
    let Some(Screen::Table(table)) = state.screen_mut() else {
        return Vec::new();
    };
    match act {
        Local::Open => return open(state),
        Local::SortName => table.sort_by("NAME", height),
        Local::SortAge => table.sort_by("AGE", height),
        Local::SortNamespace => table.sort_by("NAMESPACE", height),
        Local::SortStatus => table.sort_by_status(height),
        Local::SortColumn(column) => {
            if let Err(why) = table.sort_by_name(column, height) {
                state.say(Level::Note, why);
            }
        }
        Local::SortLeft => table.sort_beside(false, height),
        Local::SortRight => table.sort_beside(true, height),
        Local::SortFlip => table.flip(height),
        Local::Mark => table.toggle_mark(height),
        Local::MarkRange => table.mark_range(height),
        Local::ClearMarks => {
            table.marks.clear();
            table.arrange(height);
        }
        Local::Wide => table.wide = !table.wide,
        Local::Left => table.pan = table.pan.saturating_sub(1),
        Local::Right => table.pan = (table.pan + 1).min(table.columns().saturating_sub(2)),
        Local::Faults => {
            table.faults_only = !table.faults_only;
            table.arrange(height);
        }
        Local::CopyName => return copy_names(state),
        Local::CopyNamespace => return copy_namespace(state),
        Local::Namespace(0) => return use_namespace(state, None),
        Local::Namespace(key) => return namespace_key(state, key),
        Local::UseNamespace => return choose_namespace(state, false),
        Local::Warp => return warp(state),
        Local::Owner => return owner::ask(state),
        _ => {}
    }
    Vec::new()
}

/// Enter: into the row.
fn open(state: &mut State) -> Vec<Effect> {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    let drill = table.kind.drill;
    let Some(subject) = table.subject() else {
        return act::nothing_there(state);
    };
    if drill == Drill::UseNamespace {
        return choose_namespace(state, true);
    }
    if drill == Drill::Instances {
        // A definition is named after its kind: plural and group.
        return super::command::open_kind(state, &subject.object.name);
    }
    navigate::open_query(state, drilled(drill, subject))
}

fn drilled(drill: Drill, subject: Subject) -> Query {
    let Subject { object, container } = subject;
    match drill {
        Drill::Pods => Query::PodsOf(object),
        Drill::Jobs => Query::JobsOf(object),
        Drill::Containers => Query::Containers(object),
        Drill::Logs => Query::Logs(LogQuery {
            source: LogSource::Pod { pod: object, container },
            follow: true,
            previous: false,
            tail: Some(TAIL),
            since_seconds: None,
        }),
        Drill::Describe | Drill::UseNamespace | Drill::Instances => Query::Describe(object),
    }
}

/// Makes the namespace under the cursor the one in use; with `go` its pods are shown.
fn choose_namespace(state: &mut State, go: bool) -> Vec<Effect> {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    let Some(name) = table.cursor_line().map(|row| row.name.as_ref().to_owned()) else {
        return act::nothing_there(state);
    };
    state.namespace_keys.used(&name);
    state.say(Level::Note, format!("namespace {name} is in use"));
    state.namespace = Some(name);
    if go {
        super::command::run(state, "pods")
    } else {
        Vec::new()
    }
}

fn namespace_key(state: &mut State, key: u8) -> Vec<Effect> {
    let Some(name) = state.namespace_keys.get(key).map(ToOwned::to_owned) else {
        state.say(
            Level::Note,
            format!("no namespace is on key {key} yet: use one, and it will be"),
        );
        return Vec::new();
    };
    use_namespace(state, Some(&name))
}

/// The same kind in another namespace, or in all.
pub fn use_namespace(state: &mut State, name: Option<&str>) -> Vec<Effect> {
    state.namespace = name.map(ToOwned::to_owned);
    if let Some(name) = name {
        state.namespace_keys.used(name);
    }
    let Some(Screen::Table(table)) = state.screen_mut() else {
        return Vec::new();
    };
    let (TableSource::Rows(query) | TableSource::RowsIn(query, _)) = &table.source else {
        // Pods of a workload stay its pods; the next list is of the namespace just chosen.
        return Vec::new();
    };
    if !query.resource.namespaced || query.namespace.as_deref() == name {
        return Vec::new();
    }
    let mut query = query.clone();
    query.namespace = name.map(ToOwned::to_owned);
    requery(state, TableSource::Rows(query))
}

fn warp(state: &mut State) -> Vec<Effect> {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    match table
        .cursor_line()
        .and_then(|row| row.namespace.as_deref())
        .map(ToOwned::to_owned)
    {
        Some(name) => use_namespace(state, Some(&name)),
        None => act::nothing_there(state),
    }
}

/// Another source for the same table: sorting, filter and width stay, rows and marks go.
pub fn requery(state: &mut State, source: TableSource) -> Vec<Effect> {
    let mut effects = navigate::stop_reads(state);
    if let Some(Screen::Table(table)) = state.screen_mut() {
        let mut fresh = TableScreen::new(source);
        fresh.sort = table.sort.clone();
        fresh.filter = table.filter.clone();
        fresh.wide = table.wide;
        **table = fresh;
    }
    effects.extend(navigate::refresh(state));
    effects
}

fn copy_names(state: &mut State) -> Vec<Effect> {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    let names: Vec<String> = table
        .chosen_rows()
        .iter()
        .map(|row| row.name.as_ref().to_owned())
        .collect();
    let what = match names.as_slice() {
        [one] => one.clone(),
        many => format!("{} names", many.len()),
    };
    act::copy(state, names.join("\n"), &what)
}

fn copy_namespace(state: &mut State) -> Vec<Effect> {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    let name = table
        .cursor_line()
        .and_then(|row| row.namespace.as_deref())
        .unwrap_or_default()
        .to_owned();
    let what = name.clone();
    act::copy(state, name, &what)
}

impl TableScreen {
    pub fn step(&mut self, step: Move, height: usize) {
        let len = self.shown.len();
        self.cursor.step(step, len, height);
        self.cursor_row = self.cursor_line().map(RowKey::of);
    }
}
