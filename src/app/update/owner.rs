//! From a row to what owns it, and from an event to the object it is about. The row knows its owner
//! by kind and name only; the object says the group too, so it is read once.

use super::{act, navigate};
use crate::app::{Effect, Level, Screen, State};
use crate::cluster::{Query, Reading, RowsQuery};
use crate::registry::Subject;

pub fn ask(state: &mut State) -> Vec<Effect> {
    let Some(Screen::Table(table)) = state.screens.current() else {
        return Vec::new();
    };
    let Some(Subject { object, .. }) = table.subject() else {
        return act::nothing_there(state);
    };
    let mut effects: Vec<Effect> = state
        .connection
        .owner_read
        .take()
        .map(Effect::StopRead)
        .into_iter()
        .collect();
    let id = state.new_read();
    state.connection.owner_read = Some(id);
    effects.push(Effect::Read(id, Query::Object(object)));
    effects
}

pub fn found(state: &mut State, reading: Reading) -> Vec<Effect> {
    let value = match reading {
        Reading::Object(value) => value,
        Reading::Failed(error) => {
            state.connection.owner_read = None;
            state.say(Level::Error, format!("the owner is unknown: {error}"));
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    state.connection.owner_read = None;
    let Some(owner) = Owner::of(&value) else {
        let name = text(&value["metadata"], "name");
        state.say(Level::Note, format!("{name} has no owner"));
        return Vec::new();
    };
    open(state, &owner)
}

struct Owner {
    api_version: String,
    kind: String,
    name: String,
    namespace: Option<String>,
}

impl Owner {
    /// The object of an event, the controller, or the first of those that own it.
    fn of(value: &serde_json::Value) -> Option<Self> {
        let owners = value["metadata"]["ownerReferences"].as_array();
        let owner = owners.and_then(|owners| {
            owners
                .iter()
                .find(|owner| owner["controller"] == true)
                .or_else(|| owners.first())
        });
        let of_event = value.get("involvedObject").or_else(|| value.get("regarding"));
        let (reference, place) = match (of_event, owner) {
            (Some(object), _) => (object, object),
            (None, owner) => (owner?, &value["metadata"]),
        };
        Some(Self {
            api_version: text(reference, "apiVersion"),
            kind: text(reference, "kind"),
            name: text(reference, "name"),
            namespace: Some(text(place, "namespace")).filter(|namespace| !namespace.is_empty()),
        })
    }
}

fn text(value: &serde_json::Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

fn open(state: &mut State, owner: &Owner) -> Vec<Effect> {
    let group = owner.api_version.split_once('/').map_or("", |(group, _)| group);
    let mut kinds = state.connection.catalog.iter().flat_map(|catalog| &catalog.resources);
    let found = kinds
        .find(|kind| kind.gvk.kind == owner.kind && kind.gvk.group == group)
        .cloned();
    let Some(resource) = found else {
        state.say(
            Level::Error,
            format!(
                "{} {} cannot be shown: this server does not say what a {} is",
                owner.kind, owner.name, owner.kind
            ),
        );
        return Vec::new();
    };
    let namespace = owner.namespace.clone().filter(|_| resource.namespaced);
    navigate::open_query(state, Query::Rows(RowsQuery::only(resource, namespace, &owner.name)))
}
