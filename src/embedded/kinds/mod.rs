//! The kinds this server serves, and for each the verbs it really answers. Discovery is made
//! from this table, so it never promises what the server then refuses.

mod table;

pub(super) use table::{GROUPS, KINDS};

/// One kind, as discovery shows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub group: &'static str,
    pub version: &'static str,
    /// As a manifest spells it: `Deployment`.
    pub name: &'static str,
    pub plural: &'static str,
    pub short: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    pub verbs: &'static [&'static str],
    pub subresources: &'static [Subresource],
    /// Deleting one answers with the object, not with a `Status`.
    pub shown_when_deleted: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Subresource {
    pub name: &'static str,
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub verbs: &'static [&'static str],
}

impl Kind {
    pub fn api_version(&self) -> String {
        group_version(self.group, self.version)
    }

    /// `deployments.apps`, as messages name a resource.
    pub fn qualified(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    pub fn singular(&self) -> String {
        self.name.to_lowercase()
    }

    pub fn subresource(&self, name: &str) -> Option<&'static Subresource> {
        self.subresources.iter().find(|s| s.name == name)
    }

    /// Its status is written through `/status` only.
    pub fn keeps_status(&self) -> bool {
        self.subresource("status").is_some()
    }

    /// Defined by a `CustomResourceDefinition`, and served while that is there.
    pub fn is_custom(&self) -> bool {
        self.group == "shop.example.com"
    }

    /// Nothing of it is stored: each look makes it.
    pub fn is_measured(&self) -> bool {
        self.group == "metrics.k8s.io"
    }
}

pub(super) fn group_version(group: &str, version: &str) -> String {
    if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    }
}

pub(super) fn find(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    KINDS
        .iter()
        .find(|k| k.group == group && k.version == version && k.plural == plural)
}

/// Something is served under this group and version.
pub(super) fn is_known_version(group: &str, version: &str) -> bool {
    KINDS.iter().any(|k| k.group == group && k.version == version)
}

/// By what stands in a manifest.
pub(super) fn of_manifest(api_version: &str, kind: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.name == kind && k.api_version() == api_version)
}

/// The stored kind of that name; metrics, which share names with it, come later in the table.
pub(super) fn by_plural(plural: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.plural == plural)
}

/// A kind that the server itself cannot do without.
pub(super) fn known(plural: &str) -> &'static Kind {
    by_plural(plural).expect("the server's own code names kinds of its table only")
}
