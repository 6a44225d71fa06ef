//! RBAC, evaluated from the roles and bindings in the store by the API server's own rules. There
//! is no second table of rights: what the kit prints is installed and asked.

use serde_json::Value;

use super::authn::UserInfo;
use super::kinds;
use super::request::Attributes;
use super::store::{Key, Store, text};

/// True if some rule that reaches the user allows it.
pub(super) fn allows(store: &Store, user: &UserInfo, at: &Attributes) -> bool {
    rules(store, user, at.namespace.as_deref())
        .into_iter()
        .any(|rule| covers(rule, at))
}

/// Every rule that reaches the user: of cluster-wide bindings, and of those in `namespace`.
pub(super) fn rules<'a>(store: &'a Store, user: &UserInfo, namespace: Option<&str>) -> Vec<&'a Value> {
    let wide = bound_roles(store, "clusterrolebindings", user, None);
    let local = namespace.map(|ns| bound_roles(store, "rolebindings", user, Some(ns)));
    wide.into_iter()
        .chain(local.into_iter().flatten())
        .filter_map(|key| store.get(&key)?.pointer("/rules")?.as_array())
        .flatten()
        .collect()
}

fn bound_roles(store: &Store, bindings: &str, user: &UserInfo, namespace: Option<&str>) -> Vec<Key> {
    store
        .of_kind(kinds::known(bindings))
        .filter(|(key, _)| namespace.is_none_or(|ns| key.namespace == ns))
        .filter(|(_, binding)| subjects(binding).any(|s| is_subject(s, user)))
        .filter_map(|(key, binding)| {
            let role = match text(binding, "/roleRef/kind")? {
                "ClusterRole" => kinds::known("clusterroles"),
                _ => kinds::known("roles"),
            };
            Some(Key::new(role, &key.namespace, text(binding, "/roleRef/name")?))
        })
        .collect()
}

fn subjects(binding: &Value) -> impl Iterator<Item = &Value> {
    binding
        .pointer("/subjects")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn is_subject(subject: &Value, user: &UserInfo) -> bool {
    let name = text(subject, "/name").unwrap_or_default();
    match text(subject, "/kind") {
        Some("User") => name == user.username,
        Some("Group") => user.groups.iter().any(|g| g == name),
        Some("ServiceAccount") => {
            let namespace = text(subject, "/namespace").unwrap_or_default();
            user.username == format!("system:serviceaccount:{namespace}:{name}")
        }
        _ => false,
    }
}

pub(super) fn covers(rule: &Value, at: &Attributes) -> bool {
    if !has(rule, "verbs", |v| v == "*" || v == at.verb) {
        return false;
    }
    let Some(resource) = &at.resource else {
        return has(rule, "nonResourceURLs", |url| path_matches(url, &at.path));
    };
    let full = at.resource_path();
    let any = at.subresource.as_ref().map(|sub| format!("*/{sub}"));
    has(rule, "apiGroups", |g| g == "*" || g == at.group)
        && has(rule, "resources", |r| {
            r == "*" || r == full || any.as_deref() == Some(r) || (at.subresource.is_none() && r == resource)
        })
        && names_cover(rule, at)
}

fn names_cover(rule: &Value, at: &Attributes) -> bool {
    let limited = rule
        .pointer("/resourceNames")
        .and_then(Value::as_array)
        .is_some_and(|names| !names.is_empty());
    !limited || has(rule, "resourceNames", |n| at.name.as_deref() == Some(n))
}

fn path_matches(url: &str, path: &str) -> bool {
    match url.strip_suffix('*') {
        Some(prefix) => path.starts_with(prefix),
        None => url == path,
    }
}

fn has(rule: &Value, field: &str, test: impl Fn(&str) -> bool) -> bool {
    rule.get(field)
        .and_then(Value::as_array)
        .is_some_and(|list| list.iter().filter_map(Value::as_str).any(test))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(verb: &str, group: &str, resource: &str, sub: Option<&str>, name: Option<&str>) -> Attributes {
        Attributes {
            verb: verb.into(),
            group: group.into(),
            resource: Some(resource.into()),
            subresource: sub.map(Into::into),
            name: name.map(Into::into),
            ..Attributes::default()
        }
    }

    #[test]
    fn a_rule_on_a_resource_does_not_cover_its_subresources() {
        let rule = json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]});
        assert!(covers(&rule, &at("create", "", "pods", None, None)));
        assert!(!covers(&rule, &at("create", "", "pods", Some("exec"), None)));
        assert!(!covers(&rule, &at("create", "apps", "pods", None, None)));
        assert!(!covers(&rule, &at("delete", "", "pods", None, None)));
    }

    #[test]
    fn a_star_before_a_subresource_covers_it_on_every_resource() {
        let rule = json!({"apiGroups": ["*"], "resources": ["*/scale"], "verbs": ["patch"]});
        assert!(covers(&rule, &at("patch", "apps", "deployments", Some("scale"), None)));
        assert!(!covers(&rule, &at("patch", "apps", "deployments", None, None)));
    }

    #[test]
    fn resource_names_limit_a_rule_to_those_names() {
        let rule = json!({"apiGroups": [""], "resources": ["serviceaccounts/token"], "resourceNames": ["restarter"], "verbs": ["create"]});
        let asked = |name| at("create", "", "serviceaccounts", Some("token"), name);
        assert!(covers(&rule, &asked(Some("restarter"))));
        assert!(!covers(&rule, &asked(Some("node-operator"))));
        assert!(!covers(&rule, &asked(None)));
    }

    #[test]
    fn a_path_rule_covers_paths_only() {
        let rule = json!({"nonResourceURLs": ["/api/*", "/version"], "verbs": ["get"]});
        let path = |p: &str| Attributes {
            verb: "get".into(),
            path: p.into(),
            ..Attributes::default()
        };
        assert!(covers(&rule, &path("/api/v1")));
        assert!(covers(&rule, &path("/version")));
        assert!(!covers(&rule, &path("/versions")));
        assert!(!covers(&rule, &at("get", "", "pods", None, None)));
    }
}
