//! Names of kinds and objects, spelt as the Kubernetes API spells them.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

/// Group, version and kind. The core group is the empty string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gvk {
    pub group: String,
    pub version: String,
    pub kind: String,
}

impl Gvk {
    pub fn new(group: &str, version: &str, kind: &str) -> Self {
        Self {
            group: group.into(),
            version: version.into(),
            kind: kind.into(),
        }
    }

    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

/// The API's verbs, as RBAC and the audit log spell them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    Get,
    List,
    Watch,
    Create,
    Update,
    Patch,
    Delete,
    DeleteCollection,
}

impl Verb {
    pub const ALL: [Self; 8] = [
        Self::Get,
        Self::List,
        Self::Watch,
        Self::Create,
        Self::Update,
        Self::Patch,
        Self::Delete,
        Self::DeleteCollection,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
        }
    }
}

/// One kind that a server serves, from its discovery document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiResource {
    pub gvk: Gvk,
    /// The name in the URL and in RBAC: `deployments`.
    pub plural: String,
    pub singular: String,
    pub short_names: Vec<String>,
    pub categories: Vec<String>,
    pub namespaced: bool,
    pub verbs: Vec<Verb>,
    /// `log`, `scale`, `status` …
    pub subresources: Vec<String>,
}

impl ApiResource {
    pub fn can(&self, verb: Verb) -> bool {
        self.verbs.contains(&verb)
    }

    /// `deployments.apps`, or `pods` for the core group.
    pub fn qualified(&self) -> String {
        if self.gvk.group.is_empty() {
            self.plural.clone()
        } else {
            format!("{}.{}", self.plural, self.gvk.group)
        }
    }

    /// URL path of the collection, e.g. `/apis/apps/v1/namespaces/shop/deployments`.
    pub fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.gvk.group.is_empty() {
            format!("/api/{}", self.gvk.version)
        } else {
            format!("/apis/{}/{}", self.gvk.group, self.gvk.version)
        };
        match namespace {
            Some(ns) if self.namespaced => format!("{root}/namespaces/{}/{}", segment(ns), self.plural),
            _ => format!("{root}/{}", self.plural),
        }
    }
}

/// One object, as the operator saw it: with `uid` and `resource_version` wherever they were known,
/// since writes send both as preconditions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    #[serde(flatten)]
    pub gvk: Gvk,
    /// Plural name of the resource.
    pub resource: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub namespace: Option<String>,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resource_version: Option<String>,
}

impl ObjectRef {
    /// URL path of the object, e.g. `/api/v1/namespaces/shop/pods/web-0`. A name with `#`, `?` or the
    /// like (roles may have such) stays one segment, so that it can never address another object.
    pub fn path(&self) -> String {
        let root = if self.gvk.group.is_empty() {
            format!("/api/{}", self.gvk.version)
        } else {
            format!("/apis/{}/{}", self.gvk.group, self.gvk.version)
        };
        let name = segment(&self.name);
        match &self.namespace {
            Some(ns) => format!("{root}/namespaces/{}/{}/{name}", segment(ns), self.resource),
            None => format!("{root}/{}/{name}", self.resource),
        }
    }
}

/// `name` as one segment of a path: whatever could end or leave the segment is percent-encoded.
fn segment(name: &str) -> Cow<'_, str> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:@+".contains(&b);
    if name.bytes().all(is_plain) && !matches!(name, "" | "." | "..") {
        return Cow::Borrowed(name);
    }
    let is_dots = name.bytes().all(|b| b == b'.');
    let mut encoded = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        if is_plain(byte) && !is_dots {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    Cow::Owned(encoded)
}

impl fmt::Display for ObjectRef {
    /// `pods/web-0` or `deployments.apps/web`; the namespace is left to the caller.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.gvk.group.is_empty() {
            write!(f, "{}/{}", self.resource, self.name)
        } else {
            write!(f, "{}.{}/{}", self.resource, self.gvk.group, self.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_addresses_anything_but_its_own_object() {
        let path = |name: &str| {
            let object = ObjectRef {
                gvk: Gvk::new("rbac.authorization.k8s.io", "v1", "ClusterRole"),
                resource: "clusterroles".into(),
                name: name.into(),
                ..ObjectRef::default()
            };
            object
                .path()
                .replace("/apis/rbac.authorization.k8s.io/v1/clusterroles/", "")
        };
        assert_eq!(path("system:node"), "system:node");
        assert_eq!(path("a#x"), "a%23x");
        assert_eq!(path("a?dryRun=All"), "a%3FdryRun%3DAll");
        assert_eq!(path("web/scale"), "web%2Fscale");
        assert_eq!((path(".."), path(".")), ("%2E%2E".into(), "%2E".into()));
        assert_eq!(path("a%2e"), "a%252e");
        let pods = ApiResource {
            gvk: Gvk::new("", "v1", "Pod"),
            plural: "pods".into(),
            namespaced: true,
            ..ApiResource::default()
        };
        assert_eq!(pods.path(Some("a/b?c")), "/api/v1/namespaces/a%2Fb%3Fc/pods");
    }
}
