//! Discovery before 1.26: a list of groups, then a document per group and version, a few at a
//! time. One that fails is reported, the others count.

use std::collections::HashSet;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;

use super::{Found, verbs};
use crate::cluster::fault::Fault;
use crate::cluster::reader::Reader;
use crate::model::{ApiResource, Gvk};

/// Requests in flight.
const AT_ONCE: usize = 8;

/// `APIVersions` of `/api` or `APIGroupList` of `/apis`.
#[derive(Deserialize)]
struct Root {
    #[serde(default)]
    versions: Vec<String>,
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    name: String,
    #[serde(default)]
    versions: Vec<GroupVersion>,
    #[serde(default)]
    preferred_version: Option<GroupVersion>,
}

#[derive(Deserialize)]
struct GroupVersion {
    version: String,
}

#[derive(Deserialize)]
struct ResourceList {
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    /// `pods`, or `pods/log`.
    name: String,
    #[serde(default)]
    singular_name: String,
    #[serde(default)]
    namespaced: bool,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    short_names: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
}

/// Group, version, and what is in it.
type Answer = (String, String, Result<ResourceList, Fault>);

pub(super) async fn read(reader: &Reader, path: &str, document: serde_json::Value) -> Result<Found, Fault> {
    let root: Root = serde_json::from_value(document).map_err(|e| Fault::Malformed(e.to_string()))?;
    let mut wanted: Vec<(String, String)> = root.versions.into_iter().map(|v| (String::new(), v)).collect();
    for group in root.groups {
        wanted.extend(in_order(group));
    }
    let mut asking: Vec<BoxFuture<'_, Answer>> = Vec::new();
    for (group, version) in wanted {
        asking.push(Box::pin(answer(reader, path, group, version)));
    }
    let answers: Vec<Answer> = futures_util::stream::iter(asking).buffered(AT_ONCE).collect().await;
    let mut found = Found::default();
    let mut seen = HashSet::new();
    for (group, version, answer) in answers {
        match answer {
            Ok(list) => read_version(&group, &version, list.resources, &mut seen, &mut found),
            Err(fault) => found.failed.push((group, fault.read_error(&version, false).cause)),
        }
    }
    Ok(found)
}

async fn answer(reader: &Reader, path: &str, group: String, version: String) -> Answer {
    let uri = if group.is_empty() {
        format!("{path}/{version}")
    } else {
        format!("{path}/{group}/{version}")
    };
    let list = reader.get_json(&uri).await;
    (group, version, list)
}

/// The preferred version first, then the others in the server's order.
fn in_order(group: Group) -> Vec<(String, String)> {
    let preferred = group.preferred_version.map(|v| v.version);
    let others = group.versions.into_iter().map(|v| v.version);
    let others = others.filter(|v| Some(v) != preferred.as_ref()).collect::<Vec<_>>();
    let versions = preferred.clone().into_iter().chain(others);
    versions.map(|version| (group.name.clone(), version)).collect()
}

fn read_version(
    group: &str,
    version: &str,
    resources: Vec<Resource>,
    seen: &mut HashSet<(String, String)>,
    found: &mut Found,
) {
    let first = found.resources.len();
    let (subresources, resources): (Vec<_>, Vec<_>) = resources.into_iter().partition(|r| r.name.contains('/'));
    for resource in resources {
        if seen.insert((group.to_owned(), resource.name.clone())) {
            found.resources.push(api_resource(group, version, resource));
        }
    }
    for subresource in subresources {
        if let Some((parent, name)) = subresource.name.split_once('/')
            && let Some(parent) = found.resources[first..].iter_mut().find(|r| r.plural == parent)
        {
            parent.subresources.push(name.to_owned());
        }
    }
}

fn api_resource(group: &str, version: &str, resource: Resource) -> ApiResource {
    ApiResource {
        gvk: Gvk::new(group, version, &resource.kind),
        singular: if resource.singular_name.is_empty() {
            resource.kind.to_lowercase()
        } else {
            resource.singular_name
        },
        plural: resource.name,
        short_names: resource.short_names,
        categories: resource.categories,
        namespaced: resource.namespaced,
        verbs: verbs(&resource.verbs),
        subresources: Vec::new(),
    }
}
