//! One kind that kglass knows more about than discovery tells.

use super::Mode;
use crate::model::{ApiResource, Gvk, Verb};

/// Where Enter leads from a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drill {
    /// What is known of it, laid out: for kinds that lead nowhere.
    Describe,
    /// The pods it owns, selects or runs.
    Pods,
    /// The jobs it has made.
    Jobs,
    /// The objects of the kind it defines.
    Instances,
    /// The containers of the pod.
    Containers,
    /// The log of the container.
    Logs,
    /// Makes it the namespace in use and shows its pods.
    UseNamespace,
}

#[derive(Debug)]
pub struct Kind {
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub singular: &'static str,
    pub short_names: &'static [&'static str],
    pub namespaced: bool,
    pub subresources: &'static [&'static str],
    pub drill: Drill,
    /// The keymap section of its table.
    pub mode: Mode,
    /// Columns that stand first and are always shown, also those the server calls wide.
    pub lead: &'static [&'static str],
    /// Column its table is sorted by at first, and whether downwards.
    pub sort: (&'static str, bool),
}

impl Kind {
    pub fn is(&self, resource: &ApiResource) -> bool {
        self.group == resource.gvk.group && self.plural == resource.plural
    }

    /// What every server serves, so that the first table need not wait for discovery.
    pub fn resource(&self) -> ApiResource {
        ApiResource {
            gvk: Gvk::new(self.group, self.version, self.kind),
            plural: self.plural.into(),
            singular: self.singular.into(),
            short_names: self.short_names.iter().map(|&s| s.into()).collect(),
            categories: Vec::new(),
            namespaced: self.namespaced,
            // What not every kind has is left to discovery.
            verbs: Verb::ALL
                .into_iter()
                .filter(|verb| *verb != Verb::DeleteCollection)
                .collect(),
            subresources: self.subresources.iter().map(|&s| s.into()).collect(),
        }
    }
}
