//! CPU and memory in use, from the metrics API, and the bounds they are measured against. One
//! answer per question; who asks decides how often. A list where it is small, else the objects that
//! are named one by one.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::Value;

use super::fault::Fault;
use super::query::Reading;
use super::reader::{Out, Reader, Unheard};
use super::table::quantity;
use crate::model::{ApiResource, ObjectRef};

/// Requests in flight.
const AT_ONCE: usize = 8;

#[derive(Clone, Debug, PartialEq)]
pub struct UsageQuery {
    /// `pods` or `nodes` of the metrics API.
    pub resource: Arc<ApiResource>,
    pub of: UsageOf,
    /// Pods or nodes whose bounds are not known yet.
    pub bounds: Vec<ObjectRef>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum UsageOf {
    /// All of a namespace, of all namespaces, or all nodes.
    Whole { namespace: Option<String> },
    /// These and no others.
    Each(Vec<ObjectRef>),
}

/// What one pod or node uses: cores and bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Used {
    pub namespace: Option<String>,
    pub name: String,
    pub cpu: f64,
    pub memory: f64,
}

/// What it may use: of a pod the sums of its containers, of a node what pods may have of it. None
/// where there is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    pub cpu_request: Option<f64>,
    pub cpu_limit: Option<f64>,
    pub memory_request: Option<f64>,
    pub memory_limit: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    pub used: Vec<Used>,
    pub bounds: Vec<(ObjectRef, Bounds)>,
}

pub(super) async fn run(reader: &Reader, query: &UsageQuery, out: &Out) -> Result<(), Unheard> {
    let used = match &query.of {
        UsageOf::Whole { namespace } => whole(reader, query, namespace.as_deref()).await,
        UsageOf::Each(objects) => each(reader, query, objects).await,
    };
    let used = match used {
        Ok(used) => used,
        Err(fault) => return out.fail(&fault, &format!("list {}", query.resource.qualified())).await,
    };
    let mut asking: Vec<BoxFuture<'_, Option<(ObjectRef, Bounds)>>> = Vec::new();
    for object in &query.bounds {
        asking.push(Box::pin(bounds_of(reader, object)));
    }
    let bounds: Vec<_> = stream::iter(asking)
        .buffered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    out.send(Reading::Usage(Arc::new(Usage { used, bounds }))).await
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    items: Vec<Metrics>,
}

/// PodMetrics, or NodeMetrics.
#[derive(Deserialize)]
struct Metrics {
    #[serde(default)]
    metadata: Meta,
    #[serde(default)]
    containers: Vec<Metered>,
    #[serde(default)]
    usage: Quantities,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    name: String,
    #[serde(default)]
    namespace: Option<String>,
}

#[derive(Deserialize)]
struct Metered {
    #[serde(default)]
    usage: Quantities,
}

#[derive(Default, Deserialize)]
struct Quantities {
    #[serde(default)]
    cpu: String,
    #[serde(default)]
    memory: String,
}

impl Metrics {
    fn used(self) -> Used {
        let all = || {
            self.containers
                .iter()
                .map(|container| &container.usage)
                .chain([&self.usage])
        };
        let sum = |of: fn(&Quantities) -> &str| all().filter_map(|usage| quantity(of(usage))).sum();
        Used {
            cpu: sum(|usage| &usage.cpu),
            memory: sum(|usage| &usage.memory),
            namespace: self.metadata.namespace.filter(|namespace| !namespace.is_empty()),
            name: self.metadata.name,
        }
    }
}

async fn whole(reader: &Reader, query: &UsageQuery, namespace: Option<&str>) -> Result<Vec<Used>, Fault> {
    let list: List = reader.get_json(&query.resource.path(namespace)).await?;
    Ok(list.items.into_iter().map(Metrics::used).collect())
}

/// One that has no numbers yet is left out; the first real fault is told if there is nothing else.
async fn each(reader: &Reader, query: &UsageQuery, objects: &[ObjectRef]) -> Result<Vec<Used>, Fault> {
    let mut asking: Vec<BoxFuture<'_, Result<Metrics, Fault>>> = Vec::new();
    for object in objects {
        let path = format!("{}/{}", query.resource.path(object.namespace.as_deref()), object.name);
        asking.push(Box::pin(async move { reader.get_json(&path).await }));
    }
    let answers: Vec<_> = stream::iter(asking).buffered(AT_ONCE).collect().await;
    let mut used = Vec::new();
    let mut fault = None;
    for answer in answers {
        match answer {
            Ok(metrics) => used.push(metrics.used()),
            Err(missing) if missing.code() == Some(404) => {}
            Err(other) => fault = fault.or(Some(other)),
        }
    }
    match fault {
        Some(fault) if used.is_empty() => Err(fault),
        _ => Ok(used),
    }
}

/// None if it cannot be read: its percentages are not known then.
async fn bounds_of(reader: &Reader, object: &ObjectRef) -> Option<(ObjectRef, Bounds)> {
    match reader.get_json::<Value>(&object.path()).await {
        Ok(value) if object.resource == "nodes" => Some((object.clone(), of_node(&value))),
        Ok(value) => Some((object.clone(), of_pod(&value))),
        Err(fault) => {
            tracing::debug!(code = fault.code(), %object, "no bounds");
            None
        }
    }
}

fn of_node(node: &Value) -> Bounds {
    let allocatable = |name: &str| quantity(node["status"]["allocatable"][name].as_str()?);
    Bounds {
        cpu_limit: allocatable("cpu"),
        memory_limit: allocatable("memory"),
        ..Bounds::default()
    }
}

fn of_pod(pod: &Value) -> Bounds {
    let list = |field: &str| pod["spec"][field].as_array().cloned().unwrap_or_default();
    // Init containers that go on beside the others; the rest have ended.
    let beside = list("initContainers")
        .into_iter()
        .filter(|spec| spec["restartPolicy"] == "Always");
    let containers: Vec<Value> = list("containers").into_iter().chain(beside).collect();
    let of = |kind: &str, name: &str| -> Vec<Option<f64>> {
        containers
            .iter()
            .map(|spec| quantity(spec["resources"][kind][name].as_str()?))
            .collect()
    };
    // One container without a limit makes the pod one without.
    let limit = |name: &str| {
        of("limits", name)
            .into_iter()
            .sum::<Option<f64>>()
            .filter(|sum| *sum > 0.0)
    };
    let request = |name: &str| Some(of("requests", name).into_iter().flatten().sum::<f64>()).filter(|sum| *sum > 0.0);
    Bounds {
        cpu_request: request("cpu"),
        cpu_limit: limit("cpu"),
        memory_request: request("memory"),
        memory_limit: limit("memory"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::mock::{Mock, Reply, status};
    use crate::cluster::{Query, ReadErrorKind};
    use crate::model::Gvk;

    fn metrics_of(plural: &str) -> Arc<ApiResource> {
        Arc::new(ApiResource {
            gvk: Gvk::new("metrics.k8s.io", "v1beta1", "PodMetrics"),
            plural: plural.into(),
            namespaced: plural == "pods",
            ..ApiResource::default()
        })
    }

    fn pod(name: &str) -> ObjectRef {
        ObjectRef {
            gvk: Gvk::new("", "v1", "Pod"),
            resource: "pods".into(),
            namespace: Some("shop".into()),
            name: name.into(),
            ..ObjectRef::default()
        }
    }

    fn metrics(name: &str) -> Value {
        let usage = |cpu: &str, memory: &str| json!({"usage": {"cpu": cpu, "memory": memory}});
        json!({"metadata": {"name": name, "namespace": "shop"}, "containers": [usage("1500000n", "1024Ki"), usage("2m", "1Mi")]})
    }

    async fn answer(mock: &Mock, query: UsageQuery) -> Usage {
        mock.run(Query::Usage(query))
            .await
            .find(|reading| match reading {
                Reading::Usage(usage) => Some((**usage).clone()),
                Reading::Failed(error) => panic!("{error}"),
                _ => None,
            })
            .await
    }

    fn used(name: &str) -> Used {
        Used {
            namespace: Some("shop".into()),
            name: name.into(),
            cpu: 0.0035,
            memory: 2_097_152.0,
        }
    }

    #[tokio::test]
    async fn a_small_table_is_one_request_and_its_containers_are_summed() {
        let mock = Mock::new(|asked| match asked.path.as_str() {
            "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods" => {
                Reply::Json(200, json!({"items": [metrics("web-0")]}))
            }
            _ => status(404, "?"),
        });
        let of = UsageOf::Whole {
            namespace: Some("shop".into()),
        };
        let query = UsageQuery {
            resource: metrics_of("pods"),
            of,
            bounds: Vec::new(),
        };
        assert_eq!(answer(&mock, query).await.used, [used("web-0")]);
        assert_eq!(mock.seen().len(), 1);
    }

    #[tokio::test]
    async fn of_a_large_table_only_what_is_named_is_asked_for() {
        let mock = Mock::new(|asked| match asked.path.as_str() {
            "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/web-0" => Reply::Json(200, metrics("web-0")),
            "/api/v1/namespaces/shop/pods/web-0" => Reply::Json(
                200,
                json!({"spec": {"containers": [{"resources": {"limits": {"memory": "64Mi"}, "requests": {"cpu": "10m"}}}]}}),
            ),
            _ => status(404, "no numbers yet"),
        });
        let query = UsageQuery {
            resource: metrics_of("pods"),
            of: UsageOf::Each(vec![pod("web-0"), pod("new")]),
            bounds: vec![pod("web-0"), pod("gone")],
        };
        let usage = answer(&mock, query).await;
        assert_eq!(usage.used, [used("web-0")]);
        let bounds = Bounds {
            cpu_request: Some(0.01),
            memory_limit: Some(67_108_864.0),
            ..Bounds::default()
        };
        assert_eq!(usage.bounds, [(pod("web-0"), bounds)]);
    }

    #[tokio::test]
    async fn a_metrics_api_that_is_forbidden_or_down_is_a_failure() {
        for (code, kind) in [(403, ReadErrorKind::Forbidden), (503, ReadErrorKind::Other)] {
            let mock = Mock::new(move |_| status(code, "no"));
            for of in [UsageOf::Whole { namespace: None }, UsageOf::Each(vec![pod("web-0")])] {
                let query = UsageQuery {
                    resource: metrics_of("pods"),
                    of,
                    bounds: Vec::new(),
                };
                let told = mock.run(Query::Usage(query)).await.all().await;
                assert!(
                    matches!(&told[0], Reading::Failed(error) if error.kind == kind),
                    "{told:?}"
                );
            }
        }
    }

    #[test]
    fn one_container_without_a_limit_makes_the_pod_one_without() {
        let spec = json!({"spec": {
            "containers": [{"resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m"}}}, {"resources": {"limits": {"cpu": "500m"}}}],
            "initContainers": [{"restartPolicy": "Always", "resources": {"limits": {"cpu": "500m"}, "requests": {"cpu": "50m"}}}, {"resources": {}}],
        }});
        let bounds = of_pod(&spec);
        assert_eq!(
            (bounds.cpu_limit, bounds.memory_limit, bounds.memory_request),
            (Some(2.0), None, None)
        );
        assert!(bounds.cpu_request.is_some_and(|cpu| (cpu - 0.15).abs() < 1e-9));
        let node = json!({"status": {"allocatable": {"cpu": "4", "memory": "1Gi"}}});
        assert_eq!(of_node(&node).memory_limit, Some(1_073_741_824.0));
    }
}
