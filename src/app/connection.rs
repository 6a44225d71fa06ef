//! The cluster that is looked at: facts, kinds, rights and namespaces. All of it belongs to one
//! context and is replaced as a whole by the next.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ReadId;
use super::screen::RowKey;
use crate::cluster::{BaseRights, Catalog, ContextPlace, EndpointFacts, ReadError};
use crate::model::Moment;

/// What the newest event says of a row that is not well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    pub row: RowKey,
    pub read: ReadId,
    pub asked: Moment,
    /// Empty until it is known, and if no event says anything.
    pub text: String,
}

#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// None until a context is open.
    pub facts: Option<Arc<EndpointFacts>>,
    /// Why the last context could not be opened, with cause and cure.
    pub error: Option<String>,
    /// The context being opened.
    pub connecting: Option<String>,
    pub catalog: Option<Arc<Catalog>>,
    pub rights: Option<Arc<BaseRights>>,
    /// Why the glass cannot be broken here.
    pub offers_error: Option<String>,
    /// Why kinds or rights could not be read.
    pub trouble: Option<ReadError>,
    /// Names of contexts in the kubeconfig.
    pub contexts: Arc<[String]>,
    /// What they name.
    pub places: Arc<[ContextPlace]>,
    /// Namespaces seen so far, for suggestions.
    pub namespaces: BTreeSet<String>,
    /// The list of namespaces was read whole.
    pub namespaces_known: bool,
    /// This person may not list them: what is typed and seen is all there is to go by.
    pub namespaces_refused: bool,
    /// A command that names a kind, typed before the kinds were known.
    pub waiting_command: Option<String>,
    pub discovery_read: Option<ReadId>,
    pub rights_read: Option<ReadId>,
    pub namespaces_read: Option<ReadId>,
    /// The object whose owner is looked for.
    pub owner_read: Option<ReadId>,
    /// Why the row under the cursor is not well.
    pub why: Option<Why>,
    /// The metrics API is missing or refused, so nobody asks it again.
    pub usage_off: bool,
    /// Events are refused, so nobody asks for them again.
    pub events_refused: bool,
}

impl Connection {
    /// The context in use, or being opened.
    pub fn context(&self) -> &str {
        match (&self.facts, &self.connecting) {
            (_, Some(name)) => name,
            (Some(facts), None) => &facts.context,
            (None, None) => "",
        }
    }
}

/// Namespaces on the keys 1-9. A place once given stays, so that a finger can learn it; when all
/// are taken, the one used longest ago gives way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamespaceKeys {
    /// Name and when it was last used, counted.
    places: Vec<(String, u64)>,
    uses: u64,
}

impl NamespaceKeys {
    const PLACES: usize = 9;

    pub fn new(favourites: &[String]) -> Self {
        let mut keys = Self::default();
        for name in favourites.iter().take(Self::PLACES) {
            keys.used(name);
        }
        keys
    }

    pub fn used(&mut self, name: &str) {
        self.uses += 1;
        if let Some(place) = self.places.iter_mut().find(|(n, _)| n == name) {
            place.1 = self.uses;
        } else if self.places.len() < Self::PLACES {
            self.places.push((name.into(), self.uses));
        } else if let Some(oldest) = self.places.iter_mut().min_by_key(|(_, used)| *used) {
            *oldest = (name.into(), self.uses);
        }
    }

    /// The namespace of a key, 1-9.
    pub fn get(&self, key: u8) -> Option<&str> {
        let index = usize::from(key).checked_sub(1)?;
        self.places.get(index).map(|(name, _)| name.as_str())
    }

    /// From key 1 on.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(|(name, _)| name.as_str())
    }
}
