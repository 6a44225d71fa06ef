//! Every right of one caller, copied out of the store: an expression asks for several, and while it
//! is evaluated the store is not at hand.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::admission::Sight;
use super::super::authn::UserInfo;
use super::super::rbac;
use super::super::request::Attributes;
use super::super::store::text;

pub(super) struct Reach {
    wide: Vec<Value>,
    local: BTreeMap<String, Vec<Value>>,
}

impl Reach {
    pub fn of(cluster: Sight<'_>, user: &UserInfo) -> Self {
        let copied = |namespace| cluster.rules(user, namespace).into_iter().cloned().collect();
        let bindings = cluster.objects("rolebindings");
        let namespaces = bindings.filter_map(|binding| text(binding, "/metadata/namespace"));
        Self {
            wide: copied(None),
            local: namespaces.map(|ns| (ns.to_owned(), copied(Some(ns)))).collect(),
        }
    }

    pub fn covers(&self, about: &Attributes) -> bool {
        let local = about.namespace.as_ref().and_then(|ns| self.local.get(ns));
        local.unwrap_or(&self.wide).iter().any(|rule| rbac::covers(rule, about))
    }
}
