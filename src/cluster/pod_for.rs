//! The pod that a shell or port-forward is for, with its containers and ports: the pod itself, or a
//! running one of a workload or service. Read once, as it is now; never decides what is opened.

use serde_json::Value;

use super::fault::Fault;
use super::pods_of::selection;
use super::query::{ReadError, ReadErrorKind, Reading};
use super::reader::{Out, Reader, Unheard};
use super::uri::uri;
use crate::model::{Gvk, ObjectRef};

/// Of these one that runs is taken.
const LOOKED_AT: &str = "100";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodFacts {
    pub pod: ObjectRef,
    pub containers: Vec<ContainerFacts>,
    /// As the annotation `kubectl.kubernetes.io/default-container` names it.
    pub default_container: Option<String>,
    /// What a service calls its ports, and the pod's port behind each.
    pub service_ports: Vec<PortFacts>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerFacts {
    pub name: String,
    pub running: bool,
    pub ports: Vec<PortFacts>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortFacts {
    /// `http`; empty if it has no name.
    pub name: String,
    /// Of the pod.
    pub number: u16,
}

impl PodFacts {
    /// The ports worth offering, each once: the service's, else those of the container or of all.
    pub fn ports(&self, container: Option<&str>) -> Vec<PortFacts> {
        if !self.service_ports.is_empty() {
            return self.service_ports.clone();
        }
        let wanted = |c: &&ContainerFacts| container.is_none_or(|name| c.name == name);
        let mut ports: Vec<PortFacts> = Vec::new();
        for port in self.containers.iter().filter(wanted).flat_map(|c| &c.ports) {
            if !ports.iter().any(|p| p.number == port.number) {
                ports.push(port.clone());
            }
        }
        ports
    }
}

pub(super) async fn run(reader: &Reader, object: &ObjectRef, out: &Out) -> Result<(), Unheard> {
    match find(reader, object).await {
        Ok(facts) => out.send(Reading::Pod(facts.into())).await,
        Err(error) => out.send(Reading::Failed(error)).await,
    }
}

async fn find(reader: &Reader, object: &ObjectRef) -> Result<PodFacts, ReadError> {
    let asked = |what: String| move |fault: Fault| fault.read_error(&what, false);
    if object.resource == "pods" && object.gvk.group.is_empty() {
        let pod: Value = reader
            .get_json(&object.path())
            .await
            .map_err(asked(format!("get {object}")))?;
        return Ok(facts(&pod, None));
    }
    let selection = selection(reader, object).await?;
    let Some(labels) = selection.query.labels else {
        return Err(none(object, "open its pods first"));
    };
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let path = format!("/api/v1/namespaces/{namespace}/pods");
    let uri = uri(&path, &[("labelSelector", &labels), ("limit", LOOKED_AT)]);
    let list: Value = reader
        .get_json(&uri)
        .await
        .map_err(asked(format!("list pods of {object}")))?;
    let pods = items(&list, "/items");
    let pod = pods
        .iter()
        .filter(|pod| runs(pod))
        .max_by_key(|pod| is_ready(pod))
        .ok_or_else(|| none(object, "wait until one runs"))?;
    let service = if object.resource == "services" {
        let service: Value = reader
            .get_json(&object.path())
            .await
            .map_err(asked(format!("get {object}")))?;
        Some(service)
    } else {
        None
    };
    Ok(facts(pod, service.as_ref()))
}

fn none(object: &ObjectRef, cure: &str) -> ReadError {
    ReadError {
        kind: ReadErrorKind::NotFound,
        cause: format!("{object} has no running pod"),
        cure: cure.into(),
        retrying: false,
    }
}

fn runs(pod: &Value) -> bool {
    text(pod, "/status/phase") == "Running" && pod.pointer("/metadata/deletionTimestamp").is_none()
}

fn is_ready(pod: &Value) -> bool {
    items(pod, "/status/conditions")
        .iter()
        .any(|c| c["type"] == "Ready" && c["status"] == "True")
}

fn facts(pod: &Value, service: Option<&Value>) -> PodFacts {
    let some = |pointer: &str| Some(text(pod, pointer).to_owned()).filter(|t| !t.is_empty());
    let containers: Vec<ContainerFacts> = ["", "ephemeral"]
        .into_iter()
        .flat_map(|kind| of_kind(pod, kind))
        .collect();
    let service_ports = service.map(|service| service_ports(service, &containers));
    PodFacts {
        pod: ObjectRef {
            gvk: Gvk::new("", "v1", "Pod"),
            resource: "pods".into(),
            namespace: some("/metadata/namespace"),
            name: text(pod, "/metadata/name").to_owned(),
            uid: some("/metadata/uid"),
            resource_version: some("/metadata/resourceVersion"),
        },
        default_container: some("/metadata/annotations/kubectl.kubernetes.io~1default-container"),
        service_ports: service_ports.unwrap_or_default(),
        containers,
    }
}

/// Init containers have ended, but sidecars among them run on; they are offered if they do.
fn of_kind(pod: &Value, kind: &str) -> Vec<ContainerFacts> {
    let (specs, statuses) = match kind {
        "" => ("/spec/containers", "/status/containerStatuses"),
        _ => ("/spec/ephemeralContainers", "/status/ephemeralContainerStatuses"),
    };
    let mut found = read(pod, specs, statuses);
    if kind.is_empty() {
        let inits = read(pod, "/spec/initContainers", "/status/initContainerStatuses");
        found.extend(inits.into_iter().filter(|c| c.running));
    }
    found
}

fn read(pod: &Value, specs: &str, statuses: &str) -> Vec<ContainerFacts> {
    let statuses = items(pod, statuses);
    let running = |name: &Value| {
        statuses
            .iter()
            .any(|s| s["name"] == *name && !s["state"]["running"].is_null())
    };
    items(pod, specs)
        .iter()
        .map(|spec| ContainerFacts {
            name: text(spec, "/name").to_owned(),
            running: running(&spec["name"]),
            ports: items(spec, "/ports").iter().filter_map(port).collect(),
        })
        .collect()
}

fn port(port: &Value) -> Option<PortFacts> {
    // The protocol carries TCP only.
    let is_tcp = matches!(port["protocol"].as_str(), None | Some("TCP"));
    let number = u16::try_from(port["containerPort"].as_u64()?).ok()?;
    is_tcp.then(|| PortFacts {
        name: text(port, "/name").to_owned(),
        number,
    })
}

/// A service's target port is a number or the name of a container's port; without one it is the
/// service's own number.
fn service_ports(service: &Value, containers: &[ContainerFacts]) -> Vec<PortFacts> {
    let behind = |port: &Value| -> Option<u16> {
        let number = |value: &Value| value.as_u64().and_then(|n| u16::try_from(n).ok());
        match &port["targetPort"] {
            Value::String(name) => {
                let ports = containers.iter().flat_map(|c| &c.ports);
                ports.into_iter().find(|p| p.name == *name).map(|p| p.number)
            }
            Value::Null => number(&port["port"]),
            target => number(target),
        }
    };
    items(service, "/spec/ports")
        .iter()
        .filter(|port| matches!(port["protocol"].as_str(), None | Some("TCP")))
        .filter_map(|port| {
            Some(PortFacts {
                name: text(port, "/name").to_owned(),
                number: behind(port)?,
            })
        })
        .collect()
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn items<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod() -> Value {
        json!({
            "metadata": {"name": "web-0", "namespace": "shop", "uid": "u", "resourceVersion": "7",
                "annotations": {"kubectl.kubernetes.io/default-container": "web"}},
            "spec": {
                "initContainers": [{"name": "setup"}, {"name": "proxy", "ports": [{"containerPort": 15000}]}],
                "containers": [
                    {"name": "log"},
                    {"name": "web", "ports": [{"name": "http", "containerPort": 8080}, {"containerPort": 53, "protocol": "UDP"}]},
                ],
            },
            "status": {
                "phase": "Running",
                "initContainerStatuses": [
                    {"name": "setup", "state": {"terminated": {}}}, {"name": "proxy", "state": {"running": {}}},
                ],
                "containerStatuses": [{"name": "web", "state": {"running": {}}}, {"name": "log", "state": {"waiting": {}}}],
            },
        })
    }

    #[test]
    fn a_pods_containers_are_those_one_can_enter() {
        let facts = facts(&pod(), None);
        let names: Vec<_> = facts.containers.iter().map(|c| (c.name.as_str(), c.running)).collect();
        assert_eq!(names, [("log", false), ("web", true), ("proxy", true)]);
        assert_eq!(facts.default_container.as_deref(), Some("web"));
        assert_eq!(facts.pod.uid.as_deref(), Some("u"));
    }

    #[test]
    fn ports_are_those_of_the_container_and_tcp_only() {
        let facts = facts(&pod(), None);
        let numbers = |container| facts.ports(container).iter().map(|p| p.number).collect::<Vec<_>>();
        assert_eq!(numbers(None), [8080, 15000]);
        assert_eq!(numbers(Some("web")), [8080]);
        assert!(numbers(Some("log")).is_empty());
    }

    #[test]
    fn a_services_port_leads_to_the_pods() {
        let service = json!({"spec": {"ports": [
            {"name": "web", "port": 80, "targetPort": "http"}, {"port": 443, "targetPort": 8443}, {"port": 9090},
            {"name": "gone", "port": 81, "targetPort": "nobody"},
        ]}});
        let facts = facts(&pod(), Some(&service));
        let ports: Vec<_> = facts.ports(None).into_iter().map(|p| (p.name, p.number)).collect();
        assert_eq!(
            ports,
            [("web".to_owned(), 8080), (String::new(), 8443), (String::new(), 9090)]
        );
    }

    #[test]
    fn a_pod_that_is_going_is_not_chosen() {
        let mut leaving = pod();
        leaving["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert!(runs(&pod()) && !runs(&leaving));
    }
}
