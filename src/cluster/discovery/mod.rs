//! Every kind that the server serves: two requests where the server aggregates its discovery
//! documents (1.26 and later; cached, so that what has not changed is not sent again), else one per group and version. A group that fails is reported and
//! the others are used.

mod aggregated;
mod cache;
mod legacy;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::Deserialize;

use super::catalog::{Catalog, is_built_in};
use super::fault::Fault;
use super::query::Reading;
use super::reader::{Answered, Out, Reader, Unheard};
use crate::model::{ApiResource, Verb};
pub(super) use cache::DiscoveryCache;

/// The first the server knows wins: 1.30 and later, 1.26 and later, all others.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
    application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    git_version: String,
}

/// What one of the two roots told.
#[derive(Default)]
struct Found {
    resources: Vec<ApiResource>,
    failed: Vec<(String, String)>,
}

pub(super) async fn run(reader: &Reader, out: &Out) -> Result<(), Unheard> {
    match discover(reader).await {
        Ok(catalog) => out.send(Reading::Discovered(Arc::new(catalog))).await,
        Err(fault) => out.fail(&fault, "ask what the server serves").await,
    }
}

async fn discover(reader: &Reader) -> Result<Catalog, Fault> {
    let (core, groups, version) = tokio::join!(root(reader, "/api"), root(reader, "/apis"), server_version(reader));
    let mut catalog = Catalog {
        // Discovery works without it.
        server_version: version.unwrap_or_default(),
        ..Catalog::default()
    };
    let mut found = core?;
    match groups {
        Ok(more) => {
            found.resources.extend(more.resources);
            found.failed.extend(more.failed);
        }
        Err(fault) => found
            .failed
            .push(("/apis".to_owned(), fault.read_error("groups", false).cause)),
    }
    found.resources.retain(|r| r.can(Verb::List) || r.can(Verb::Get));
    found.resources.sort_by_key(rank);
    catalog.resources = found.resources.into_iter().map(Arc::new).collect();
    catalog.failed_groups = found.failed;
    Ok(catalog)
}

pub(super) async fn server_version(reader: &Reader) -> Result<String, Fault> {
    Ok(reader.get_json::<Version>("/version").await?.git_version)
}

/// `/api` or `/apis` with everything below. What is cached is used only if the server says that it
/// has not changed, and if it can be read.
async fn root(reader: &Reader, path: &'static str) -> Result<Found, Fault> {
    let cached = reader.discovery_cache().and_then(|cache| cache.load(path));
    let etag = cached.as_ref().map(|cached| cached.etag.as_str());
    let document = match reader.get_if_changed(path, AGGREGATED, etag).await? {
        Answered::Changed { etag, document } => {
            if let (Some(cache), Some(etag), true) = (reader.discovery_cache(), etag, is_aggregated(&document)) {
                cache.store(path, &etag, &document);
            }
            document
        }
        Answered::Unchanged => {
            if let Some(Ok(found)) = cached.map(|cached| aggregated::read(cached.document)) {
                return Ok(found);
            }
            tracing::warn!(path, "cached discovery ignored: it is no discovery document");
            reader.get(path, AGGREGATED).await?
        }
    };
    if is_aggregated(&document) {
        aggregated::read(document)
    } else {
        legacy::read(reader, path, document).await
    }
}

fn is_aggregated(document: &serde_json::Value) -> bool {
    document.get("kind").and_then(serde_json::Value::as_str) == Some("APIGroupDiscoveryList")
}

/// Built-in kinds first, so that `pods` and `events` mean what everybody means. Within a rank the
/// server's own order of groups stays.
fn rank(resource: &ApiResource) -> u8 {
    match resource.gvk.group.as_str() {
        "" => 0,
        "apps" | "batch" => 1,
        // The same events once more, by another path.
        "events.k8s.io" => 3,
        group if is_built_in(group) => 2,
        group if group.ends_with("metrics.k8s.io") => 5,
        _ => 4,
    }
}

fn verbs(names: &[String]) -> Vec<Verb> {
    Verb::ALL
        .into_iter()
        .filter(|verb| names.iter().any(|name| name == verb.as_str()))
        .collect()
}
