//! The table, topic by topic. The order matters: what one step makes, later ones find.

mod discovery;
mod errors;
mod evictions;
mod lists;
mod logs;
mod objects;
mod patches;
mod removals;
mod reviews;
mod stage;
mod tables;
mod tokens;
mod watches;

use super::step::Step;

pub fn all() -> Vec<Step> {
    [
        stage::steps(),
        discovery::steps(),
        objects::steps(),
        errors::steps(),
        lists::steps(),
        tables::steps(),
        patches::steps(),
        watches::steps(),
        reviews::steps(),
        tokens::steps(),
        evictions::steps(),
        logs::steps(),
        removals::steps(),
    ]
    .concat()
}

/// A path in the table's namespace.
fn core(resource: &str) -> String {
    format!("/api/v1/namespaces/contract/{resource}")
}

fn group(group_version: &str, resource: &str) -> String {
    format!("/apis/{group_version}/namespaces/contract/{resource}")
}
