//! `apidiscovery.k8s.io` documents: all groups, versions and resources in one answer.

use std::collections::HashSet;

use serde::Deserialize;

use super::{Found, verbs};
use crate::cluster::fault::Fault;
use crate::model::{ApiResource, Gvk};

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    items: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: Name,
    #[serde(default)]
    versions: Vec<GroupVersion>,
}

#[derive(Default, Deserialize)]
struct Name {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct GroupVersion {
    version: String,
    /// `Stale`: the extension API server behind this group did not answer.
    #[serde(default)]
    freshness: String,
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    #[serde(rename = "resource")]
    plural: String,
    #[serde(default)]
    response_kind: Option<ResponseKind>,
    #[serde(default)]
    scope: String,
    #[serde(default, rename = "singularResource")]
    singular: String,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    short_names: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    subresources: Vec<Subresource>,
}

#[derive(Deserialize)]
struct ResponseKind {
    #[serde(default)]
    kind: String,
}

#[derive(Deserialize)]
struct Subresource {
    subresource: String,
}

pub(super) fn read(document: serde_json::Value) -> Result<Found, Fault> {
    let list: List = serde_json::from_value(document).map_err(|e| Fault::Malformed(e.to_string()))?;
    let mut found = Found::default();
    for group in list.items {
        read_group(group, &mut found);
    }
    Ok(found)
}

/// Versions stand in the server's order of preference; each resource is taken from the first that
/// has it.
fn read_group(group: Group, found: &mut Found) {
    let mut seen = HashSet::new();
    let name = group.metadata.name;
    for version in group.versions {
        if version.freshness == "Stale" {
            let why = format!("{}: its API server does not answer", version.version);
            found.failed.push((name.clone(), why));
        }
        for resource in version.resources {
            if seen.insert(resource.plural.clone()) {
                found.resources.push(api_resource(&name, &version.version, resource));
            }
        }
    }
}

fn api_resource(group: &str, version: &str, resource: Resource) -> ApiResource {
    let kind = resource.response_kind.map(|k| k.kind).unwrap_or_default();
    ApiResource {
        gvk: Gvk::new(group, version, &kind),
        singular: if resource.singular.is_empty() {
            kind.to_lowercase()
        } else {
            resource.singular
        },
        plural: resource.plural,
        short_names: resource.short_names,
        categories: resource.categories,
        namespaced: resource.scope == "Namespaced",
        verbs: verbs(&resource.verbs),
        subresources: resource.subresources.into_iter().map(|s| s.subresource).collect(),
    }
}
