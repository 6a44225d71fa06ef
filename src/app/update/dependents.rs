//! What goes with an object that is deleted, by its kind: what it owns, whom it leads to, what is
//! stored in it. Counted where the table on the screen has the number, and nothing is read for it.

use super::impact::desired;
use crate::app::screen::TableScreen;
use crate::model::Row;

/// What the deletion of these rows takes with it; nothing for kinds that stand alone.
pub fn lost(table: &TableScreen, rows: &[&Row]) -> Option<String> {
    let resource = &table.resource;
    let (its, it) = if rows.len() == 1 {
        ("its", "it")
    } else {
        ("their", "them")
    };
    let kind = (resource.gvk.group.as_str(), resource.plural.as_str());
    Some(match kind {
        ("apps", "deployments") => match count(table, rows) {
            Some(n) => format!("{its} {} and {its} replica sets go with {it}", pods(n)),
            None => format!("{its} pods and replica sets go with {it}"),
        },
        ("apps", "statefulsets" | "daemonsets" | "replicasets") | ("", "replicationcontrollers") => {
            match count(table, rows) {
                Some(1) => format!("{its} pod goes with {it}"),
                Some(n) => format!("{its} {} go with {it}", pods(n)),
                None => format!("{its} pods go with {it}"),
            }
        }
        // Its completions are not its pods: a failed one was tried again.
        ("batch", "jobs") => format!("{its} pods go with {it}"),
        ("batch", "cronjobs") => format!("{its} jobs and their pods go with {it}"),
        ("", "services") if rows.len() == 1 => "nothing reaches its pods by this name any more".into(),
        ("", "services") => "nothing reaches their pods by these names any more".into(),
        ("", "persistentvolumeclaims") if rows.len() == 1 => {
            "its volume and what is on it may go too (reclaim policy)".into()
        }
        ("", "persistentvolumeclaims") => "their volumes and what is on them may go too (reclaim policy)".into(),
        ("", "namespaces") => format!("everything in {it} goes with {it}"),
        _ => return None,
    })
}

/// Pods of all of them; none where one does not say, or where there are none.
fn count(table: &TableScreen, rows: &[&Row]) -> Option<u32> {
    let each = rows.iter().map(|row| desired(table, row));
    let sum = each.sum::<Option<u32>>()?;
    (sum > 0).then_some(sum)
}

fn pods(n: u32) -> String {
    if n == 1 { "1 pod".into() } else { format!("{n} pods") }
}
