//! What is on a node, read from lists of pods and disruption budgets. Every name is made safe for a
//! terminal here; must never fail on a field that is not there.

use std::sync::Arc;

use serde_json::Value;

use crate::model::{Gvk, ObjectRef, TermSafe};

const MIRROR: &str = "kubernetes.io/config.mirror";

/// A node as it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeSurvey {
    /// With the uid and resourceVersion it has now.
    pub node: ObjectRef,
    pub is_cordoned: bool,
    pub pods: Arc<[NodePod]>,
    /// Those that choose a pod of the node; None if they may not be read.
    pub budgets: Option<Arc<[Budget]>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodePod {
    pub object: ObjectRef,
    /// Kind and name.
    pub controller: Option<(String, String)>,
    pub is_mirror: bool,
    pub has_empty_dir: bool,
    /// Succeeded or failed.
    pub is_over: bool,
    /// Deleted, and not gone yet.
    pub is_ending: bool,
    /// What budgets choose by.
    pub labels: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    pub namespace: String,
    pub name: String,
    /// Disruptions that it allows now.
    pub allowed: i64,
    /// Pods of the node that it chooses.
    pub here: usize,
}

impl NodePod {
    pub fn is_of_daemon_set(&self) -> bool {
        self.controller.as_ref().is_some_and(|(kind, _)| kind == "DaemonSet")
    }

    /// `shop/web-0`
    pub fn spelt(&self) -> String {
        let namespace = self.object.namespace.as_deref().unwrap_or_default();
        format!("{namespace}/{}", self.object.name)
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn safe(value: &Value, pointer: &str) -> String {
    TermSafe::new(text(value, pointer)).to_string()
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list["items"].as_array().into_iter().flatten()
}

/// Pods of a PodList, in order of namespace and name.
pub(in crate::escalation) fn node_pods(list: &Value) -> Vec<NodePod> {
    let mut pods: Vec<NodePod> = items(list).map(pod).collect();
    pods.sort_by(|a, b| (&a.object.namespace, &a.object.name).cmp(&(&b.object.namespace, &b.object.name)));
    pods
}

fn pod(pod: &Value) -> NodePod {
    let owners = pod.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    let controller = owners.into_iter().flatten().find(|owner| owner["controller"] == true);
    let volumes = pod.pointer("/spec/volumes").and_then(Value::as_array);
    let labels = pod.pointer("/metadata/labels").and_then(Value::as_object);
    let some = |pointer: &str| Some(text(pod, pointer).to_owned()).filter(|t| !t.is_empty());
    NodePod {
        object: ObjectRef {
            gvk: Gvk::new("", "v1", "Pod"),
            resource: "pods".into(),
            namespace: Some(safe(pod, "/metadata/namespace")),
            name: safe(pod, "/metadata/name"),
            uid: some("/metadata/uid"),
            resource_version: some("/metadata/resourceVersion"),
        },
        controller: controller.map(|owner| (safe(owner, "/kind"), safe(owner, "/name"))),
        is_mirror: pod["metadata"]["annotations"].get(MIRROR).is_some(),
        has_empty_dir: volumes
            .into_iter()
            .flatten()
            .any(|volume| volume.get("emptyDir").is_some()),
        is_over: matches!(text(pod, "/status/phase"), "Succeeded" | "Failed"),
        is_ending: pod.pointer("/metadata/deletionTimestamp").is_some(),
        labels: labels
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect(),
    }
}

/// Of a PodDisruptionBudgetList, those that choose one of `pods`.
pub(in crate::escalation) fn budgets(list: &Value, pods: &[NodePod]) -> Vec<Budget> {
    let budget = |item: &Value| {
        let namespace = text(item, "/metadata/namespace");
        let chosen = |pod: &&NodePod| {
            pod.object.namespace.as_deref() == Some(namespace) && selects(&item["spec"]["selector"], &pod.labels)
        };
        Budget {
            namespace: safe(item, "/metadata/namespace"),
            name: safe(item, "/metadata/name"),
            allowed: item
                .pointer("/status/disruptionsAllowed")
                .and_then(Value::as_i64)
                .unwrap_or(0),
            here: pods.iter().filter(|pod| !pod.is_mirror).filter(chosen).count(),
        }
    };
    items(list).map(budget).filter(|budget| budget.here > 0).collect()
}

/// An empty selector of policy/v1 chooses every pod of its namespace, a missing one none.
fn selects(selector: &Value, labels: &[(String, String)]) -> bool {
    let Some(selector) = selector.as_object() else {
        return false;
    };
    let value_of = |key: &str| labels.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str());
    let equal = selector.get("matchLabels").and_then(Value::as_object);
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    equal
        .into_iter()
        .flatten()
        .all(|(key, value)| value_of(key) == value.as_str())
        && expressions.into_iter().flatten().all(|e| {
            let has = value_of(text(e, "/key"));
            let among =
                || has.is_some_and(|has| e["values"].as_array().is_some_and(|all| all.iter().any(|v| v == has)));
            match text(e, "/operator") {
                "In" => among(),
                "NotIn" => !among(),
                "Exists" => has.is_some(),
                "DoesNotExist" => has.is_none(),
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list() -> Value {
        json!({"items": [
            {"metadata": {"name": "web-1", "namespace": "shop", "uid": "u1", "resourceVersion": "7",
                "labels": {"app": "web"},
                "ownerReferences": [{"kind": "Nobody", "name": "x"}, {"kind": "ReplicaSet", "name": "web", "controller": true}]},
                "spec": {"volumes": [{"name": "v", "emptyDir": {}}]}, "status": {"phase": "Running"}},
            {"metadata": {"name": "etcd\u{1b}[2J", "namespace": "kube-system", "deletionTimestamp": "x",
                "annotations": {"kubernetes.io/config.mirror": "hash"}}, "status": {"phase": "Failed"}},
            {},
        ]})
    }

    #[test]
    fn pods_are_read_with_what_a_drain_must_know() {
        let pods = node_pods(&list());
        let web = pods.last().expect("the last in order");
        assert_eq!(web.spelt(), "shop/web-1");
        assert_eq!(web.controller, Some(("ReplicaSet".into(), "web".into())));
        assert!(web.has_empty_dir && !web.is_over && !web.is_ending && !web.is_mirror);
        assert_eq!(web.object.uid.as_deref(), Some("u1"));
        let etcd = &pods[1];
        assert!(etcd.is_mirror && etcd.is_over && etcd.is_ending);
        assert!(!etcd.object.name.contains('\u{1b}'), "{:?}", etcd.object.name);
    }

    #[test]
    fn a_budget_counts_the_pods_it_chooses_here() {
        let pods = node_pods(&list());
        let budget = |namespace: &str, selector: Value| {
            let list = json!({"items": [{"metadata": {"name": "b", "namespace": namespace},
                "spec": {"selector": selector}, "status": {"disruptionsAllowed": 2}}]});
            budgets(&list, &pods).first().map(|b| (b.here, b.allowed))
        };
        let here = Some((1, 2));
        assert_eq!(budget("shop", json!({"matchLabels": {"app": "web"}})), here);
        assert_eq!(budget("shop", json!({})), here, "an empty selector chooses all");
        assert_eq!(budget("shop", Value::Null), None);
        assert_eq!(budget("other", json!({})), None);
        let expression = |operator: &str, values: Value| {
            let e = json!({"key": "app", "operator": operator, "values": values});
            budget("shop", json!({"matchExpressions": [e]}))
        };
        assert_eq!(expression("In", json!(["web", "x"])), here);
        assert_eq!(expression("NotIn", json!(["web"])), None);
        assert_eq!(expression("Exists", json!([])), here);
        assert_eq!(expression("DoesNotExist", json!([])), None);
    }
}
