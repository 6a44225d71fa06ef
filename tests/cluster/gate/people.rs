//! Gates of people over the rig that has the kit.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kglass::cluster::Kubeconfigs;
use kglass::credential::TokenRequest;
use kglass::escalation::{
    Escalation, EscalationRequest, Gate, GateError, GateEvent, GateSettings, Outcome, Policy, Trigger,
};
use kglass::model::{Gvk, ObjectRef};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::harness::Rig;
use crate::kit::stage;

pub struct Person {
    pub gate: Arc<Gate>,
    pub events: UnboundedReceiver<GateEvent>,
}

pub fn person(rig: &Rig, user: &str, state: &Path) -> Person {
    person_under(rig, user, state, stage::policy())
}

pub fn person_under(rig: &Rig, user: &str, state: &Path, policy: Policy) -> Person {
    let files = Kubeconfigs::load(Some(&rig.kubeconfig(user))).expect("the rig writes good ones");
    let endpoint = files.open(None).expect("the current context is there");
    let (sender, events) = unbounded_channel();
    let provider = Arc::new(TokenRequest);
    let settings = GateSettings::new(endpoint, Arc::new(policy), provider, state.to_owned(), sender);
    Person {
        gate: Arc::new(Gate::new(settings)),
        events,
    }
}

pub fn request(role: &str, seconds: u32) -> EscalationRequest {
    EscalationRequest {
        trigger: Trigger::Manual("customer impact".into()),
        ticket: "INC-4711".into(),
        reason: "checkout crash-loops since the rollout".into(),
        role: role.into(),
        namespace: (role == "namespace-operator").then(|| "default".into()),
        ttl_seconds: seconds,
    }
}

impl Person {
    pub async fn ask(&self, role: &str, seconds: u32) -> Result<Escalation, GateError> {
        self.gate.ask(request(role, seconds)).await
    }

    pub fn outcomes(&mut self) -> Vec<Outcome> {
        let told = std::iter::from_fn(|| self.events.try_recv().ok());
        told.filter_map(|event| match event {
            GateEvent::Outcome(outcome) => Some(outcome),
            _ => None,
        })
        .collect()
    }

    pub async fn await_event<T>(&mut self, fits: impl Fn(&GateEvent) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let event = self.events.recv().await.expect("the gate lives");
                if let Some(found) = fits(&event) {
                    return found;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting)
            .await
            .expect("the event comes")
    }
}

/// A deployment of pods that never start, and its reference as somebody sees it.
pub fn deployment(rig: &Rig, namespace: &str, name: &str) {
    let object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "main", "image": "rig.local/busybox:1"}]},
            },
        },
    });
    let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments");
    let made = rig.http("POST", &path, Some(&rig.token("admin")), Some(&object));
    assert_eq!(made.status, 201, "{}", made.message());
    let pods = format!("/api/v1/namespaces/{namespace}/pods?labelSelector=app%3D{name}");
    rig.wait("its pods are there", Duration::from_secs(30), || {
        let list = rig.http("GET", &pods, Some(&rig.token("admin")), None).json;
        list["items"].as_array().is_some_and(|items| items.len() == 2)
    });
}

pub fn see(rig: &Rig, namespace: &str, name: &str) -> ObjectRef {
    let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}");
    let object = rig.http("GET", &path, Some(&rig.token("viewer")), None).json;
    reference(&object, Gvk::new("apps", "v1", "Deployment"), "deployments", namespace)
}

/// The same once its controller has done what it had to do: each of its writes makes a new version.
pub fn see_settled(rig: &Rig, namespace: &str, name: &str) -> ObjectRef {
    let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}");
    let mut last = (None, 0);
    rig.wait("the deployment settles", Duration::from_secs(30), || {
        let object = rig.http("GET", &path, Some(&rig.token("viewer")), None).json;
        let version = object["metadata"]["resourceVersion"].as_str().map(str::to_owned);
        last = if version == last.0 {
            (version, last.1 + 1)
        } else {
            (version, 0)
        };
        object["status"]["observedGeneration"] == object["metadata"]["generation"] && last.1 >= 10
    });
    see(rig, namespace, name)
}

/// The first pod of an app.
pub fn see_pod(rig: &Rig, namespace: &str, app: &str) -> ObjectRef {
    let path = format!("/api/v1/namespaces/{namespace}/pods?labelSelector=app%3D{app}");
    let list = rig.http("GET", &path, Some(&rig.token("viewer")), None).json;
    reference(&list["items"][0], Gvk::new("", "v1", "Pod"), "pods", namespace)
}

fn reference(object: &Value, gvk: Gvk, plural: &str, namespace: &str) -> ObjectRef {
    let text = |field: &str| object["metadata"][field].as_str().map(str::to_owned);
    ObjectRef {
        gvk,
        resource: plural.into(),
        namespace: Some(namespace.into()),
        name: text("name").expect("the object is there"),
        uid: text("uid"),
        resource_version: text("resourceVersion"),
    }
}

/// Audit ids that the intents of a session commit to.
pub fn intents(state: &Path, session: &str) -> Vec<String> {
    records(state, session)
        .iter()
        .filter(|record| record["kind"] == "intent")
        .map(|record| {
            let hash = record["hash"].as_str().expect("each record has its hash");
            let hash = data_encoding::HEXLOWER.decode(hash.as_bytes()).expect("it is hex");
            kglass::audit::audit_id(&hash.try_into().expect("32 bytes"))
        })
        .collect()
}

pub fn records(state: &Path, session: &str) -> Vec<Value> {
    let path = state.join("sessions").join(session).join("journal.jsonl");
    let text = std::fs::read_to_string(path).expect("the journal is there");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect()
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(future)
}
