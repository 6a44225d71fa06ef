//! Actions that ask the cluster something. Filing a write here does not compile: a read is given
//! no `&Escalation` and has to return a `Query`.

use super::{Action, AppliesTo, Friction, Mode, Run};
use crate::cluster::{LogQuery, LogSource, Query, RowsQuery};
use crate::registry::Subject;

/// Lines from the end that a log opens with.
const TAIL: u32 = 500;

const fn read(
    id: &'static str,
    modes: &'static [Mode],
    run: fn(&Subject) -> Query,
    title: &'static str,
    doc: &'static str,
) -> Action {
    Action {
        id,
        title,
        doc,
        modes,
        run: Run::Read(run),
        applies_to: AppliesTo::Anything,
        friction: Friction::None,
        needs: None,
    }
}

pub const ACTIONS: &[Action] = &[
    read("object.yaml", &[Mode::Table], yaml, "yaml", "Show the whole object."),
    read(
        "object.describe",
        &[Mode::Table],
        describe,
        "describe",
        "Show the facts of the object and its events, kept fresh.",
    ),
    read(
        "object.events",
        &[Mode::Table],
        events,
        "events",
        "Show the events of the object.",
    ),
    read(
        "view.logs",
        &[Mode::Pods, Mode::Workloads, Mode::Containers],
        logs,
        "logs",
        "Follow the log of the row, or of a workload's pods.",
    ),
    read(
        "view.logs.previous",
        &[Mode::Pods, Mode::Containers],
        previous,
        "previous",
        "Show the log of the run before this one.",
    ),
];

fn yaml(subject: &Subject) -> Query {
    Query::Object(subject.object.clone())
}

fn describe(subject: &Subject) -> Query {
    Query::Describe(subject.object.clone())
}

fn events(subject: &Subject) -> Query {
    Query::Rows(RowsQuery::events_of(&subject.object))
}

fn logs(subject: &Subject) -> Query {
    Query::Logs(LogQuery {
        source: source(subject),
        follow: true,
        previous: false,
        tail: Some(TAIL),
        since_seconds: None,
    })
}

fn previous(subject: &Subject) -> Query {
    Query::Logs(LogQuery {
        source: source(subject),
        follow: false,
        previous: true,
        tail: Some(TAIL),
        since_seconds: None,
    })
}

fn source(subject: &Subject) -> LogSource {
    if subject.object.gvk.group.is_empty() && subject.object.resource == "pods" {
        LogSource::Pod {
            pod: subject.object.clone(),
            container: subject.container.clone(),
        }
    } else {
        LogSource::Workload(subject.object.clone())
    }
}
