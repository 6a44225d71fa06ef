//! What a write will hit, in words: shown before it is confirmed. Only what the table on the screen
//! knows; nothing is read for it, so that the question opens at once.

use crate::app::Desired;
use crate::app::screen::TableScreen;
use crate::model::{ObjectRef, Row};
use crate::registry::Action;

pub fn headline(action: &Action, targets: &[ObjectRef], replicas: Option<u32>, now: &Desired) -> String {
    let what = match targets {
        [one] => match &one.namespace {
            Some(namespace) => format!("{one} in {namespace}"),
            None => one.to_string(),
        },
        many => format!(
            "{} {}",
            many.len(),
            many.first().map(|t| t.resource.as_str()).unwrap_or_default()
        ),
    };
    match (replicas, now.words()) {
        (Some(to), Some(from)) if targets.len() == 1 => format!("{} {what}: {from} → {to}", action.title),
        (Some(to), Some(from)) => format!("{} {what} to {to} (now {from})", action.title),
        (Some(to), None) => format!("{} {what} to {to}", action.title),
        (None, _) => format!("{} {what}", action.title),
    }
}

/// What must be typed: the name, or for many how many they are.
pub fn expected(targets: &[ObjectRef]) -> String {
    match targets {
        [one] => one.name.clone(),
        many => format!("{} objects", many.len()),
    }
}

/// One line per thing that will be hit.
pub fn lines(table: &TableScreen, targets: &[ObjectRef], deletes: bool) -> Vec<String> {
    let Some(snapshot) = &table.snapshot else {
        return Vec::new();
    };
    let row_of = |target: &ObjectRef| {
        snapshot
            .rows
            .iter()
            .find(|row| row.uid.as_deref() == target.uid.as_deref())
    };
    // The objects themselves are named by the view, in a restricted alphabet.
    let mut lines: Vec<String> = Vec::new();
    if table.counts.hidden_marks > 0 {
        lines.push(format!(
            "{} of them are hidden by the filter",
            table.counts.hidden_marks
        ));
    }
    if deletes
        && let [one] = targets
        && let Some(row) = row_of(one)
    {
        lines.extend(owner_lines(table, row));
    }
    lines
}

/// Whether it comes back, and how many of its siblings stay meanwhile.
fn owner_lines(table: &TableScreen, row: &Row) -> Vec<String> {
    let Some(owner) = &row.owner else {
        return vec!["it has no owner: nothing brings it back".into()];
    };
    let rows = table.snapshot.as_ref().map(|s| s.rows.as_ref()).unwrap_or_default();
    let siblings = rows.iter().filter(|other| {
        other.owner.as_ref() == Some(owner) && other.namespace == row.namespace && !other.is_same_object(row)
    });
    let (mut left, mut well) = (0, 0);
    for sibling in siblings {
        left += 1;
        well += usize::from(!table.state_of(sibling).is_unwell());
    }
    vec![
        format!("owned by {owner}, which makes a new one"),
        format!("{left} more of this owner in this list, {well} of them well"),
    ]
}

/// Of each of these objects.
pub fn all_desired(table: &TableScreen, targets: &[ObjectRef]) -> Desired {
    let of = |target: &ObjectRef| {
        let mut rows = table.snapshot.iter().flat_map(|snapshot| snapshot.rows.iter());
        rows.find(|row| is_target(row, target))
            .and_then(|row| desired(table, row))
    };
    Desired(targets.iter().map(of).collect())
}

pub fn is_target(row: &Row, target: &ObjectRef) -> bool {
    match (&row.uid, &target.uid) {
        (Some(uid), Some(wanted)) => uid.as_ref() == wanted,
        _ => row.name.as_ref() == target.name && row.namespace.as_deref() == target.namespace.as_deref(),
    }
}

/// Desired replicas by READY (`1/3`) or DESIRED, where the table has them.
pub fn desired(table: &TableScreen, row: &Row) -> Option<u32> {
    let cell = |at: Option<usize>| at.and_then(|at| row.cells.get(at)).map(|cell| cell.text.as_str());
    match cell(table.health.desired) {
        Some(number) => number.parse().ok(),
        None => cell(table.health.ready)?.split_once('/')?.1.parse().ok(),
    }
}
