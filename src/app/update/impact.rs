//! What a write will hit, in words: shown before it is confirmed. Only what the table on the screen
//! knows; nothing is read for it, so that the question opens at once.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::dependents;
use crate::app::Desired;
use crate::app::screen::TableScreen;
use crate::model::{ObjectRef, Row, term_safe};
use crate::registry::Action;

/// Owners named in a box; the rest is counted.
const MOST_OWNERS: usize = 6;

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
    // The objects themselves are named by the view, in a restricted alphabet.
    let mut lines: Vec<String> = Vec::new();
    if table.counts.hidden_marks > 0 {
        lines.push(format!(
            "{} of them are hidden by the filter",
            table.counts.hidden_marks
        ));
    }
    let rows = rows_of(table, targets);
    if deletes && !rows.is_empty() {
        lines.extend(match (targets, rows.as_slice()) {
            ([_], [row]) => owner_lines(table, row),
            _ => owners(table, &rows),
        });
        lines.extend(dependents::lost(table, &rows));
    }
    lines
}

/// The rows of these objects, in their order.
fn rows_of<'t>(table: &'t TableScreen, targets: &[ObjectRef]) -> Vec<&'t Row> {
    let rows = table.snapshot.as_ref().map(|s| s.rows.as_ref()).unwrap_or_default();
    let row = |target: &ObjectRef| rows.iter().find(|row| is_target(row, target));
    targets.iter().filter_map(row).collect()
}

/// Those whose name could be mistaken for another and those that nothing brings back come first:
/// where not all can be named, they are.
pub fn worst_first(table: &TableScreen, targets: &mut [ObjectRef]) {
    let alone: Vec<&Row> = rows_of(table, targets)
        .into_iter()
        .filter(|row| row.owner.is_none())
        .collect();
    targets.sort_by_cached_key(|target| {
        let is_alone = alone.iter().any(|row| is_target(row, target));
        (!term_safe::restricted(&target.name).1, !is_alone)
    });
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

/// How many of an owner's objects are hit, and how many of them there are.
#[derive(Default)]
struct Share {
    hit: usize,
    all: usize,
}

/// Of several objects: how much of each owner is left, those that lose all of it first.
fn owners(table: &TableScreen, hit: &[&Row]) -> Vec<String> {
    let alone = hit.iter().filter(|row| row.owner.is_none()).count();
    let mut lines = Vec::new();
    match alone {
        0 => {}
        1 => lines.push("1 without owner: nothing brings it back".to_owned()),
        n => lines.push(format!("{n} without owner: nothing brings them back")),
    }
    let mut shares: BTreeMap<(Option<&str>, &str), Share> = BTreeMap::new();
    for row in hit {
        let Some(owner) = row.owner.as_deref() else { continue };
        shares.entry((row.namespace.as_deref(), owner)).or_default().hit += 1;
    }
    for row in table.snapshot.iter().flat_map(|snapshot| snapshot.rows.iter()) {
        let Some(owner) = row.owner.as_deref() else { continue };
        if let Some(share) = shares.get_mut(&(row.namespace.as_deref(), owner)) {
            share.all += 1;
        }
    }
    let mut shares: Vec<_> = shares.into_iter().collect();
    shares.sort_by_key(|(_, share)| (share.hit < share.all, Reverse(share.hit)));
    let first = shares.first().map(|((namespace, _), _)| *namespace);
    let several = shares.iter().any(|((namespace, _), _)| Some(*namespace) != first);
    for ((namespace, owner), share) in shares.iter().take(MOST_OWNERS) {
        let place = namespace.filter(|_| several).map(|name| format!(" in {name}"));
        lines.push(share.words(&format!("{owner}{}", place.unwrap_or_default())));
    }
    if shares.len() > MOST_OWNERS {
        lines.push(format!("and some of {} more owners", shares.len() - MOST_OWNERS));
    }
    lines
}

impl Share {
    fn words(&self, owner: &str) -> String {
        if self.hit >= self.all {
            format!("all {} of {owner} in this list", self.all)
        } else {
            format!("{} of {} of {owner}", self.hit, self.all)
        }
    }
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
