//! The door for admission: one reviewer that its owner plugs in sees each write after
//! authorization, as the API server's admission chain does, and allows or denies it. The server
//! itself has no rule of its own here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::authn::UserInfo;
use super::kinds;
use super::rbac;
use super::request::Attributes;
use super::store::{Key, Store};

/// What stands in `request.operation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Create,
    Update,
    Delete,
    Connect,
}

impl Operation {
    /// As policies spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
        }
    }
}

/// One write as admission sees it.
pub struct AdmissionRequest<'a> {
    pub operation: Operation,
    /// Verb, resource, subresource, namespace of the URL. `name` is the object's own at creation.
    pub attributes: &'a Attributes,
    /// Group, version and kind of `object`: `TokenRequest` at `serviceaccounts/token`.
    pub kind: (&'a str, &'a str, &'a str),
    pub user: &'a UserInfo,
    pub object: Option<&'a Value>,
    pub old_object: Option<&'a Value>,
    /// `CreateOptions`, `DeleteOptions` … as sent.
    pub options: &'a Value,
    pub dry_run: bool,
    pub now_ms: i64,
    pub cluster: Sight<'a>,
}

/// What admission may look at while the write waits: objects, and what RBAC allows whom.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    store: &'a Store,
}

impl<'a> Sight<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// All objects of a kind by its plural name, in order of namespace and name.
    pub fn objects(self, plural: &str) -> impl Iterator<Item = &'a Value> {
        let kind = kinds::by_plural(plural);
        kind.into_iter()
            .flat_map(move |kind| self.store.of_kind(kind))
            .map(|(_, object)| object)
    }

    /// `namespace` is ignored for a cluster-scoped kind.
    pub fn object(self, plural: &str, namespace: &str, name: &str) -> Option<&'a Value> {
        self.store.get(&Key::new(kinds::by_plural(plural)?, namespace, name))
    }

    /// What CEL's `authorizer` asks.
    pub fn allows(self, user: &UserInfo, attributes: &Attributes) -> bool {
        rbac::allows(self.store, user, attributes)
    }

    /// Every rule that reaches the user: of cluster-wide bindings, and of those in `namespace`.
    pub(super) fn rules(self, user: &UserInfo, namespace: Option<&str>) -> Vec<&'a Value> {
        rbac::rules(self.store, user, namespace)
    }

    /// Counts every change of any object.
    pub fn revision(self) -> u64 {
        self.store.revision()
    }
}

pub type Annotations = BTreeMap<String, String>;

/// What admission says. Annotations go into the server's audit event, whatever the verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allow(Annotations),
    Deny {
        /// What follows `… is forbidden: ` in the server's message.
        message: String,
        reason: DenyReason,
        annotations: Annotations,
    },
}

/// `reason` of a `ValidatingAdmissionPolicy`'s validation; `Invalid` where it names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DenyReason {
    Unauthorized,
    Forbidden,
    Invalid,
    RequestEntityTooLarge,
}

impl DenyReason {
    pub(super) fn code_and_name(self) -> (u16, &'static str) {
        match self {
            Self::Unauthorized => (401, "Unauthorized"),
            Self::Forbidden => (403, "Forbidden"),
            Self::Invalid => (422, "Invalid"),
            Self::RequestEntityTooLarge => (413, "RequestEntityTooLarge"),
        }
    }
}

/// The reviewer. Called while the server's state is locked: it must not ask the server itself, only
/// [`AdmissionRequest::cluster`].
pub trait Admission: Send + Sync {
    fn review(&self, request: &AdmissionRequest<'_>) -> Verdict;
}

impl<F> Admission for F
where
    F: Fn(&AdmissionRequest<'_>) -> Verdict + Send + Sync,
{
    fn review(&self, request: &AdmissionRequest<'_>) -> Verdict {
        self(request)
    }
}
