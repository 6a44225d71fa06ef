//! Which pods belong to a workload, a service, a node: as a query on pods, so that they are read,
//! watched and shown like any other table.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::fault::Fault;
use super::live::Live;
use super::query::{ReadError, ReadErrorKind, Reading, RowsQuery};
use super::reader::{Out, Reader, Unheard};
use super::table::{Keep, Page};
use super::uri::uri;
use crate::model::{ApiResource, Gvk, ObjectRef, RowData, Verb};

/// Pods, and which of them.
pub(super) struct Selection {
    pub query: RowsQuery,
    /// Where no selector says it.
    pub keep: Option<Keep>,
}

pub(super) async fn run(reader: &Reader, object: &ObjectRef, out: &Out) -> Result<(), Unheard> {
    match selection(reader, object).await {
        Ok(selection) => Live::new(reader, &selection.query, selection.keep, out).run().await,
        Err(error) => out.send(Reading::Failed(error)).await,
    }
}

/// The pods of `object`; reads it for its selector.
pub(super) async fn selection(reader: &Reader, object: &ObjectRef) -> Result<Selection, ReadError> {
    let asked = |fault: Fault| fault.read_error(&format!("get {object}"), false);
    if object.resource == "nodes" && object.gvk.group.is_empty() {
        let mut query = pods(None);
        query.fields = Some(format!("spec.nodeName={}", object.name));
        return Ok(Selection { query, keep: None });
    }
    let mut query = pods(object.namespace.clone());
    if object.resource == "cronjobs" {
        let keep = of_cron_job(reader, object).await.map_err(asked)?;
        return Ok(Selection {
            query,
            keep: Some(keep),
        });
    }
    let value: Value = reader.get_json(&object.path()).await.map_err(asked)?;
    let selector = value.pointer("/spec/selector").filter(|s| !s.is_null());
    query.labels = match selector {
        Some(selector) if is_map_of_labels(object) => labels_of(selector),
        Some(selector) => selector_of(selector),
        None if object.resource == "services" => None,
        None => {
            let keep = owned_by(format!("{}/{}", object.gvk.kind, object.name));
            return Ok(Selection {
                query,
                keep: Some(keep),
            });
        }
    };
    if query.labels.is_none() {
        return Err(selects_nothing(object));
    }
    Ok(Selection { query, keep: None })
}

/// All pods of a namespace, or of all.
pub(super) fn pods(namespace: Option<String>) -> RowsQuery {
    let short_names = vec!["po".into()];
    let subresources = vec!["log".into()];
    all_of(
        ApiResource {
            short_names,
            subresources,
            ..known("", "Pod", "pods")
        },
        namespace,
    )
}

/// A kind of the API server's own, as discovery would tell it: what the tables here need of it.
pub(super) fn known(group: &str, kind: &str, plural: &str) -> ApiResource {
    ApiResource {
        gvk: Gvk::new(group, "v1", kind),
        plural: plural.into(),
        singular: kind.to_lowercase(),
        short_names: Vec::new(),
        categories: vec!["all".into()],
        namespaced: true,
        verbs: vec![Verb::Get, Verb::List, Verb::Watch],
        subresources: Vec::new(),
    }
}

pub(super) fn all_of(resource: ApiResource, namespace: Option<String>) -> RowsQuery {
    RowsQuery {
        resource: Arc::new(resource),
        namespace,
        labels: None,
        fields: None,
    }
}

/// Services and replication controllers have labels where all others have a LabelSelector.
fn is_map_of_labels(object: &ObjectRef) -> bool {
    object.gvk.group.is_empty() && matches!(object.resource.as_str(), "services" | "replicationcontrollers")
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LabelSelector {
    #[serde(default)]
    match_labels: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    match_expressions: Vec<Expression>,
}

#[derive(Deserialize)]
struct Expression {
    key: String,
    operator: String,
    #[serde(default)]
    values: Vec<String>,
}

/// As the query parameter has it; None if it cannot be read or selects nothing in particular.
pub(super) fn selector_of(selector: &Value) -> Option<String> {
    // Some custom resources keep the finished string.
    if let Some(text) = selector.as_str() {
        return Some(text.to_owned()).filter(|t| !t.is_empty());
    }
    let selector: LabelSelector = serde_json::from_value(selector.clone()).ok()?;
    let labels = selector
        .match_labels
        .iter()
        .map(|(key, value)| Some(format!("{key}={value}")));
    let expressions = selector.match_expressions.iter().map(|e| {
        let values = e.values.join(",");
        match e.operator.as_str() {
            "In" => Some(format!("{} in ({values})", e.key)),
            "NotIn" => Some(format!("{} notin ({values})", e.key)),
            "Exists" => Some(e.key.clone()),
            "DoesNotExist" => Some(format!("!{}", e.key)),
            _ => None,
        }
    });
    let parts: Option<Vec<String>> = labels.chain(expressions).collect();
    parts.map(|parts| parts.join(",")).filter(|text| !text.is_empty())
}

fn labels_of(map: &Value) -> Option<String> {
    let parts: Vec<_> = map
        .as_object()?
        .iter()
        .filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)))
        .collect();
    Some(parts.join(",")).filter(|text| !text.is_empty())
}

/// The pods of a cron job's jobs: those it has now, and those it will make, which are named after
/// it and the minute they are due.
async fn of_cron_job(reader: &Reader, object: &ObjectRef) -> Result<Keep, Fault> {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let path = format!("/apis/batch/v1/namespaces/{namespace}/jobs");
    let jobs: Page = reader.get_json(&uri(&path, &[])).await?;
    let owner = format!("CronJob/{}", object.name);
    let now: HashSet<String> = jobs
        .items
        .into_iter()
        .filter(|job| job.metadata.owner().as_ref() == Some(&owner))
        .map(|job| format!("Job/{}", job.metadata.name))
        .collect();
    let prefix = format!("Job/{}-", object.name);
    Ok(Box::new(move |row: &RowData| {
        let Some(owner) = row.owner.as_deref() else {
            return false;
        };
        let due = owner.strip_prefix(&prefix);
        now.contains(owner) || due.is_some_and(|due| !due.is_empty() && due.bytes().all(|b| b.is_ascii_digit()))
    }))
}

pub(super) fn owned_by(owner: String) -> Keep {
    Box::new(move |row: &RowData| row.owner.as_deref() == Some(&owner))
}

fn selects_nothing(object: &ObjectRef) -> ReadError {
    ReadError {
        kind: ReadErrorKind::NotFound,
        cause: format!("pods of {object}: it has no selector, so no pods belong to it"),
        cure: "look at its YAML; a service without selector has its endpoints written by somebody else".into(),
        retrying: false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn label_selectors_become_query_parameters() {
        let selector = json!({
            "matchLabels": {"app": "web", "tier": "front"},
            "matchExpressions": [
                {"key": "env", "operator": "In", "values": ["a", "b"]},
                {"key": "old", "operator": "DoesNotExist"},
                {"key": "x", "operator": "NotIn", "values": ["y"]},
                {"key": "z", "operator": "Exists"},
            ],
        });
        assert_eq!(
            selector_of(&selector).as_deref(),
            Some("app=web,tier=front,env in (a,b),!old,x notin (y),z")
        );
        assert_eq!(selector_of(&json!("app=web")).as_deref(), Some("app=web"));
        assert_eq!(selector_of(&json!({})), None, "nothing in particular");
        let unknown = json!({"matchExpressions": [{"key": "a", "operator": "Near"}]});
        assert_eq!(selector_of(&unknown), None, "half a selector would select too much");
        assert_eq!(labels_of(&json!({"app": "web"})).as_deref(), Some("app=web"));
    }
}
