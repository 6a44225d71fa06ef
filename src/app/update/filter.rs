//! Filters of lists: shown at each key, applied at Enter. Labels are the server's to apply, so they
//! wait for Enter and start the read again.

use super::{contexts, table};
use crate::app::screen::{FilterKind, Screen, TableSource};
use crate::app::{Effect, Filter, State};
use crate::cluster::RowsQuery;

/// Takes a filter as typed. Labels are the server's to apply, so they start the read again.
fn set_filter(state: &mut State, typed: &str) -> Vec<Effect> {
    let height = state.body_height();
    let Some(Screen::Table(table)) = state.screen_mut() else {
        return Vec::new();
    };
    let filter = Filter::parse(typed);
    let labels = filter.labels().map(ToOwned::to_owned);
    table.filter = filter;
    match &table.source {
        TableSource::Rows(query) if query.labels != labels => {
            let mut query = query.clone();
            query.labels = labels;
            return table::requery(state, TableSource::Rows(query));
        }
        TableSource::RowsIn(query, namespaces) if query.labels != labels => {
            let query = RowsQuery {
                labels,
                ..query.clone()
            };
            let source = TableSource::RowsIn(query, namespaces.clone());
            return table::requery(state, source);
        }
        TableSource::Rows(_) | TableSource::RowsIn(..) => {}
        TableSource::PodsOf(_) | TableSource::JobsOf(_) | TableSource::Containers(_) => {
            if labels.is_some() {
                table.filter.kind = FilterKind::Off;
                table.filter.error = Some("labels select only in a list of a kind".into());
            }
        }
    }
    table.arrange(height);
    Vec::new()
}

/// While typing; says what is wrong with the expression.
pub fn preview(state: &mut State, typed: &str) -> Option<String> {
    let height = state.body_height();
    let filter = Filter::parse(typed);
    let error = filter.error.clone();
    match state.screen_mut()? {
        Screen::Table(table) if filter.labels().is_none() => {
            table.filter = filter;
            table.arrange(height);
        }
        Screen::Contexts(screen) => contexts::filter(screen, filter, height),
        Screen::Help(screen) => screen.filter(filter),
        _ => {}
    }
    error
}

/// Enter, or Esc with what was there before.
pub fn apply(state: &mut State, typed: &str) -> Vec<Effect> {
    let height = state.body_height();
    match state.screen_mut() {
        Some(Screen::Table(_)) => set_filter(state, typed),
        Some(Screen::Contexts(screen)) => {
            contexts::filter(screen, Filter::parse(typed), height);
            Vec::new()
        }
        Some(Screen::Help(screen)) => {
            screen.filter(Filter::parse(typed));
            Vec::new()
        }
        _ => Vec::new(),
    }
}
