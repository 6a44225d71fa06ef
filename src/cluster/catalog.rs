//! What discovery found, and how a kind is found in it by what people type.

use std::sync::Arc;

use crate::model::ApiResource;

/// Every kind that the server serves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// Preferred version of each kind, built-in groups first.
    pub resources: Vec<Arc<ApiResource>>,
    pub server_version: String,
    /// Groups whose discovery failed, with the reason.
    pub failed_groups: Vec<(String, String)>,
}

impl Catalog {
    /// By plural, singular, short name or kind, alone or followed by its group, the beginning of
    /// it, or version and group (`deploy`, `deployments.apps`, `deployments.v1.apps`,
    /// `apps/v1/deployments`, `Deployment`), regardless of case. Of several the built-in one: no
    /// custom resource can take the name `deploy` from deployments.
    pub fn find(&self, typed: &str) -> Option<&Arc<ApiResource>> {
        let typed = typed.to_lowercase();
        if let Some((prefix, plural)) = typed.rsplit_once('/') {
            return self
                .resources
                .iter()
                .find(|r| r.plural == plural && r.gvk.api_version() == prefix);
        }
        let Some((name, group)) = typed.split_once('.') else {
            return self
                .named(&typed, |r| is_built_in(&r.gvk.group))
                .or_else(|| self.named(&typed, |_| true));
        };
        self.named(name, |r| r.gvk.group == group)
            .or_else(|| self.named(name, |r| format!("{}.{}", r.gvk.version, r.gvk.group) == group))
            .or_else(|| self.named(name, |r| !group.is_empty() && r.gvk.group.starts_with(group)))
    }

    /// The first of those that `among` takes; a plural stands before a short name.
    fn named(&self, name: &str, among: impl Fn(&ApiResource) -> bool) -> Option<&Arc<ApiResource>> {
        let by = |test: &dyn Fn(&ApiResource) -> bool| self.resources.iter().find(|r| among(r) && test(r));
        by(&|r| r.plural == name)
            .or_else(|| by(&|r| r.short_names.iter().any(|s| s == name)))
            .or_else(|| by(&|r| r.singular == name))
            .or_else(|| by(&|r| r.gvk.kind.to_lowercase() == name))
    }
}

/// Groups of Kubernetes itself; those of custom resources have a domain of their own.
pub(super) fn is_built_in(group: &str) -> bool {
    !group.contains('.') || (group.ends_with(".k8s.io") && !group.ends_with("metrics.k8s.io"))
}
