//! The objects, one counter of revisions over all of them, and what changed lately. Knows no
//! request, no user and no kind's meaning; `lifecycle` does.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;
use tokio::sync::watch;

use super::kinds::Kind;

/// How many changes a watch may be behind before it is answered `410 Gone`.
const KEPT_CHANGES: usize = 4096;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub group: &'static str,
    pub plural: &'static str,
    /// Empty for a cluster-scoped kind.
    pub namespace: String,
    pub name: String,
}

impl Key {
    pub fn new(kind: &'static Kind, namespace: &str, name: &str) -> Self {
        Self {
            group: kind.group,
            plural: kind.plural,
            namespace: if kind.namespaced {
                namespace.to_owned()
            } else {
                String::new()
            },
            name: name.to_owned(),
        }
    }

    pub fn is_of(&self, kind: &Kind) -> bool {
        self.group == kind.group && self.plural == kind.plural
    }
}

/// One change, with the object before and after it, so that a watch with a selector can tell an
/// object that left the selection.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub revision: u64,
    pub key: Key,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

pub(super) struct Store {
    objects: BTreeMap<Key, Value>,
    revision: u64,
    uids: u64,
    changes: VecDeque<Change>,
    /// Nothing is known of what came before.
    compacted: u64,
    changed: watch::Sender<u64>,
    /// By plural name, the revision of the last change.
    touched: BTreeMap<&'static str, u64>,
}

impl Store {
    pub fn new() -> Self {
        Self {
            objects: BTreeMap::new(),
            revision: 1,
            uids: 0,
            changes: VecDeque::new(),
            compacted: 0,
            changed: watch::Sender::new(1),
            touched: BTreeMap::new(),
        }
    }

    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Follows the revision counter; never misses a change between two looks.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Counted, not random: the same seed gives the same screens.
    pub fn next_uid(&mut self) -> String {
        self.uids += 1;
        format!("5eed0000-0000-4000-8000-{:012x}", self.uids)
    }

    /// Five characters for a generated name, of those that the API server uses; the same every
    /// time for the same history.
    pub fn next_suffix(&self) -> String {
        const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        let mut seed = self
            .revision
            .wrapping_add(self.uids << 20)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (0..5)
            .map(|_| {
                seed = (seed ^ (seed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                char::from(ALPHABET[((seed >> 33) % ALPHABET.len() as u64) as usize])
            })
            .collect()
    }

    pub fn get(&self, key: &Key) -> Option<&Value> {
        self.objects.get(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.objects.iter()
    }

    pub fn of_kind<'a>(&'a self, kind: &'a Kind) -> impl Iterator<Item = (&'a Key, &'a Value)> {
        let first = Key {
            group: kind.group,
            plural: kind.plural,
            namespace: String::new(),
            name: String::new(),
        };
        // Keys are in order of group and plural, so those of a kind lie together.
        self.objects.range(first..).take_while(move |(key, _)| key.is_of(kind))
    }

    /// Those of one namespace, without a look at the others.
    pub fn in_namespace<'a>(
        &'a self,
        kind: &'a Kind,
        namespace: &'a str,
    ) -> impl Iterator<Item = (&'a Key, &'a Value)> {
        let first = Key {
            group: kind.group,
            plural: kind.plural,
            namespace: namespace.to_owned(),
            name: String::new(),
        };
        self.objects
            .range(first..)
            .take_while(move |(key, _)| key.is_of(kind) && key.namespace == namespace)
    }

    /// Writes an object under the next revision and returns it as stored.
    pub fn put(&mut self, key: Key, mut object: Value) -> Value {
        self.revision += 1;
        object["metadata"]["resourceVersion"] = Value::String(self.revision.to_string());
        let before = self.objects.insert(key.clone(), object.clone());
        self.log(key, before, Some(object.clone()));
        object
    }

    pub fn remove(&mut self, key: &Key) -> Option<Value> {
        let before = self.objects.remove(key)?;
        self.revision += 1;
        self.log(key.clone(), Some(before.clone()), None);
        Some(before)
    }

    /// Changes after `revision`, or the oldest revision still told if that is too long ago.
    pub fn since(&self, revision: u64) -> Result<impl Iterator<Item = &Change>, u64> {
        if revision < self.compacted {
            return Err(self.compacted);
        }
        Ok(self.changes.iter().filter(move |c| c.revision > revision))
    }

    /// Objects of a kind at a revision, by undoing what came after it; or the oldest revision that
    /// can be shown.
    pub fn as_it_was(&self, kind: &Kind, revision: u64) -> Result<Vec<(Key, Value)>, u64> {
        if revision < self.compacted {
            return Err(self.compacted);
        }
        let mut then: BTreeMap<&Key, &Value> = self.of_kind(kind).collect();
        for change in self.changes.iter().rev().take_while(|c| c.revision > revision) {
            if !change.key.is_of(kind) {
                continue;
            }
            match &change.before {
                Some(before) => then.insert(&change.key, before),
                None => then.remove(&change.key),
            };
        }
        Ok(then.into_iter().map(|(k, o)| (k.clone(), o.clone())).collect())
    }

    /// Forgets all changes up to now: whoever asks from an older revision is answered `410 Gone`.
    pub fn compact(&mut self) {
        self.compacted = self.revision;
        self.changes.clear();
    }

    /// Whether something of these kinds changed after `revision`; without kinds, anything but events.
    pub fn changed_since(&self, revision: u64, plurals: &[&str]) -> bool {
        let is_meant = |plural: &str| {
            if plurals.is_empty() {
                plural != "events"
            } else {
                plurals.contains(&plural)
            }
        };
        self.touched
            .iter()
            .any(|(plural, at)| *at > revision && is_meant(plural))
    }

    fn log(&mut self, key: Key, before: Option<Value>, after: Option<Value>) {
        self.touched.insert(key.plural, self.revision);
        if self.changes.len() == KEPT_CHANGES {
            self.compacted = self.changes.pop_front().map_or(0, |c| c.revision);
        }
        self.changes.push_back(Change {
            revision: self.revision,
            key,
            before,
            after,
        });
        self.changed.send_replace(self.revision);
    }
}

/// A string inside an object, by path.
pub(super) fn text<'a>(object: &'a Value, pointer: &str) -> Option<&'a str> {
    at(object, pointer).and_then(Value::as_str)
}

/// What stands at a pointer without escapes: `Value::pointer` allocates twice for each step, and the
/// controllers take most of their time to find out that there is nothing to do.
pub(super) fn at<'a>(object: &'a Value, pointer: &str) -> Option<&'a Value> {
    debug_assert!(pointer.starts_with('/') && !pointer.contains('~'), "{pointer}");
    pointer.split('/').skip(1).try_fold(object, |value, step| match value {
        Value::Object(fields) => fields.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

pub(super) fn uid(object: &Value) -> &str {
    text(object, "/metadata/uid").unwrap_or_default()
}
