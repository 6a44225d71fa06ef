//! Which kinds of the table this server serves at the moment: a custom resource while its
//! definition is there, metrics while somebody measures.

use super::kinds::{self, Kind};
use super::server::{Metrics, State};
use super::store::Key;

pub(super) fn is_served(state: &State, kind: &Kind) -> bool {
    if kind.is_measured() {
        return state.metrics == Metrics::Up;
    }
    if !kind.is_custom() {
        return true;
    }
    let definitions = kinds::known("customresourcedefinitions");
    state.store.get(&Key::new(definitions, "", &kind.qualified())).is_some()
}
