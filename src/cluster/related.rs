//! What stands in a description beside the object itself: one list for each of a few kinds, read when
//! the object was, again when it changed and now and then. A refusal is told in its place and stops
//! nothing else.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;

use super::pods_of::selector_of;
use super::query::{ReadError, Reading};
use super::reader::{Out, Reader, Unheard};
use super::uri::uri;
use crate::model::ObjectRef;

/// A description shows no more of them.
const MOST: usize = 500;

/// A list that belongs to a description.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// `pods`, as a refusal names them.
    pub plural: &'static str,
    pub found: Result<Vec<Value>, ReadError>,
    /// There are more than were read.
    pub more: bool,
}

struct Asked {
    plural: &'static str,
    path: String,
    labels: Option<String>,
    fields: Option<String>,
}

/// As `seen` tells of the object; until nobody tells any more.
pub(super) async fn run(
    reader: &Reader,
    object: &ObjectRef,
    mut seen: watch::Receiver<Option<Arc<Value>>>,
    out: &Out,
) -> Result<(), Unheard> {
    loop {
        let value = seen.borrow_and_update().clone();
        if let Some(asked) = value.as_deref().and_then(|value| asked(object, value)) {
            let related = list(reader, object, &asked).await;
            out.send(Reading::Related(Arc::new(related))).await?;
            tokio::time::sleep(reader.pace().reread).await;
        }
        tokio::select! {
            changed = seen.changed() => if changed.is_err() { return Ok(()) },
            () = tokio::time::sleep(reader.pace().refresh) => {}
        }
    }
}

/// None: the object says all of it itself.
fn asked(object: &ObjectRef, value: &Value) -> Option<Asked> {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let asked = |group: &str, plural: &'static str| Asked {
        plural,
        path: format!("{group}/namespaces/{namespace}/{plural}"),
        labels: None,
        fields: None,
    };
    match (object.gvk.group.as_str(), object.resource.as_str()) {
        ("", "services") => Some(Asked {
            labels: Some(format!("kubernetes.io/service-name={}", object.name)),
            ..asked("/apis/discovery.k8s.io/v1", "endpointslices")
        }),
        ("", "persistentvolumeclaims") => Some(asked("/api/v1", "pods")),
        ("", "nodes") => Some(Asked {
            path: "/api/v1/pods".to_owned(),
            fields: Some(format!(
                "spec.nodeName={},status.phase!=Succeeded,status.phase!=Failed",
                object.name
            )),
            ..asked("", "pods")
        }),
        ("apps", "deployments") => Some(Asked {
            labels: Some(selector_of(value.pointer("/spec/selector")?)?),
            ..asked("/apis/apps/v1", "replicasets")
        }),
        _ => None,
    }
}

async fn list(reader: &Reader, object: &ObjectRef, asked: &Asked) -> Related {
    let limit = MOST.to_string();
    let mut parameters = vec![("limit", limit.as_str())];
    parameters.extend(asked.labels.as_deref().map(|labels| ("labelSelector", labels)));
    parameters.extend(asked.fields.as_deref().map(|fields| ("fieldSelector", fields)));
    let answer = reader.get_json::<Value>(&uri(&asked.path, &parameters)).await;
    let (found, more) = match answer {
        Ok(mut answer) => {
            let more = answer["metadata"]["continue"]
                .as_str()
                .is_some_and(|rest| !rest.is_empty());
            let items = match answer["items"].take() {
                Value::Array(items) => items,
                _ => Vec::new(),
            };
            (Ok(items), more)
        }
        Err(fault) => {
            let what = format!("list {} of {object}", asked.plural);
            (Err(fault.read_error(&what, fault.may_pass())), false)
        }
    };
    Related {
        plural: asked.plural,
        found,
        more,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::mock::{Mock, Reply, status};
    use crate::cluster::{Query, ReadErrorKind};
    use crate::model::Gvk;

    fn service() -> ObjectRef {
        ObjectRef {
            gvk: Gvk::new("", "v1", "Service"),
            resource: "services".into(),
            namespace: Some("shop".into()),
            name: "web".into(),
            uid: None,
            resource_version: None,
        }
    }

    async fn related(mock: &Mock, of: ObjectRef) -> Related {
        let mut running = mock.run(Query::Describe(of)).await;
        running
            .find(|reading| match reading {
                Reading::Related(related) => Some((**related).clone()),
                _ => None,
            })
            .await
    }

    #[tokio::test]
    async fn a_service_comes_with_its_endpoint_slices_and_no_others() {
        let mock = Mock::new(|asked| match asked.path.as_str() {
            "/api/v1/namespaces/shop/services/web" => Reply::Json(200, json!({"metadata": {"name": "web"}})),
            "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices" => {
                Reply::Json(200, json!({"metadata": {"continue": "x"}, "items": [{"ports": []}]}))
            }
            _ => status(404, "?"),
        });
        let related = related(&mock, service()).await;
        assert_eq!((related.found, related.more), (Ok(vec![json!({"ports": []})]), true));
        let seen = mock.seen();
        let list = seen.iter().find(|asked| asked.path.ends_with("/endpointslices"));
        let list = list.expect("it was asked for");
        assert_eq!(list.get("labelSelector"), "kubernetes.io/service-name=web");
        assert_eq!(list.get("limit"), "500");
    }

    #[tokio::test]
    async fn a_refusal_is_told_and_the_object_comes_all_the_same() {
        let mock = Mock::new(|asked| match asked.path.as_str() {
            "/api/v1/namespaces/shop/services/web" => Reply::Json(200, json!({"metadata": {"name": "web"}})),
            _ => status(403, "no"),
        });
        let related = related(&mock, service()).await;
        let kind = related.found.map_err(|error| error.kind);
        assert_eq!(
            (related.plural, kind),
            ("endpointslices", Err(ReadErrorKind::Forbidden))
        );
    }

    #[test]
    fn what_is_asked_for_is_bounded_by_the_object() {
        let deployment = ObjectRef {
            gvk: Gvk::new("apps", "v1", "Deployment"),
            resource: "deployments".into(),
            ..service()
        };
        let value = json!({"spec": {"selector": {"matchLabels": {"app": "web"}}}});
        let sets = asked(&deployment, &value).expect("it has replica sets");
        assert_eq!(sets.path, "/apis/apps/v1/namespaces/shop/replicasets");
        assert_eq!(sets.labels.as_deref(), Some("app=web"));
        assert!(asked(&deployment, &json!({})).is_none(), "never all of a namespace's");
        let node = ObjectRef {
            gvk: Gvk::new("", "v1", "Node"),
            resource: "nodes".into(),
            namespace: None,
            name: "node-a".into(),
            ..service()
        };
        let pods = asked(&node, &json!({})).expect("it has pods");
        assert_eq!(pods.path, "/api/v1/pods");
        let fields = "spec.nodeName=node-a,status.phase!=Succeeded,status.phase!=Failed";
        assert_eq!(pods.fields.as_deref(), Some(fields));
    }
}
