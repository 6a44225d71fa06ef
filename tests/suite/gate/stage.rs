//! A gate per person over one server with the kit's RBAC, and what the tests look at.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use kglass::audit::Medium;
use kglass::credential::TokenRequest;
use kglass::embedded::{EmbeddedServer, Hold, seed};
use kglass::escalation::{
    AskProgress, BUILT_IN, Escalation, EscalationRequest, Gate, GateError, GateEvent, GateSettings, Policy, Timing,
    Trigger, kit,
};
use kglass::model::{Gvk, ObjectRef};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub struct Stage {
    pub server: EmbeddedServer,
    pub policy: Arc<Policy>,
    pub state: TempDir,
}

/// A person's gate with its events.
pub struct Person {
    pub gate: Arc<Gate>,
    pub events: UnboundedReceiver<GateEvent>,
}

const ENTRANT: &str = r#"
[roles.entrant]
about = "shells and port-forwards"
namespaces = ["shop"]
max_ttl = "1h"
requesters = { groups = ["oncall"] }
self_approve = true
rules = [
  { groups = [""], resources = ["pods"], verbs = ["get", "delete"] },
  { groups = [""], resources = ["pods/exec", "pods/portforward"], verbs = ["get", "create"] },
]
"#;

pub fn policy() -> Policy {
    let text = BUILT_IN.replace("namespaces = [\"default\"]", "namespaces = [\"shop\"]");
    Policy::parse(&text, "test").expect("the built-in policy with another namespace")
}

/// Objects of the kit that the in-process server serves: all but the admission policies.
pub fn kit_objects(policy: &Policy) -> Vec<Value> {
    let kit = kit::generate(policy, "embedded");
    let all = [kit.policies, kit.access].map(|text| serde_saphyr::from_multiple::<Value>(&text).expect("YAML"));
    let served = |d: &Value| {
        !d["apiVersion"]
            .as_str()
            .is_some_and(|v| v.starts_with("admissionregistration"))
    };
    all.into_iter().flatten().filter(served).collect()
}

impl Stage {
    pub fn new() -> Self {
        let stage = Self::without_kit(policy());
        stage
            .server
            .install(&kit_objects(&stage.policy))
            .expect("the kit's objects are served");
        stage
    }

    /// With a role `entrant` beside those of the built-in policy, which one consents to oneself.
    pub fn for_streams() -> Self {
        let policy = Policy::parse(&format!("{BUILT_IN}{ENTRANT}"), "test").expect("a good policy");
        let stage = Self::without_kit(policy);
        stage.server.install(&kit_objects(&stage.policy)).expect("served");
        stage
    }

    pub fn without_kit(policy: Policy) -> Self {
        Self {
            server: EmbeddedServer::seeded(),
            policy: Arc::new(policy),
            state: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub fn person(&self, token: &str) -> Person {
        self.person_with(token, |_| {})
    }

    pub fn person_with(&self, token: &str, change: impl FnOnce(&mut GateSettings)) -> Person {
        let (sender, events) = unbounded_channel();
        let endpoint = Arc::new(self.server.endpoint(token));
        let state = self.state.path().to_owned();
        let mut settings = GateSettings::new(
            endpoint,
            Arc::clone(&self.policy),
            Arc::new(TokenRequest),
            state,
            sender,
        );
        settings.timing = Timing {
            settle: Duration::from_millis(20),
            patience: Duration::from_millis(1500),
            petitions: Duration::from_millis(700),
            seal: Duration::from_millis(300),
            eviction: Duration::from_millis(50),
            checkpoint: Duration::from_secs(10),
        };
        change(&mut settings);
        Person {
            gate: Arc::new(Gate::new(settings)),
            events,
        }
    }

    pub fn oncall(&self) -> Person {
        self.person(seed::ONCALL)
    }

    /// An object with uid and resourceVersion as somebody sees it now.
    pub fn see(&self, gvk: Gvk, plural: &str, name: &str) -> ObjectRef {
        let object = self.server.object(plural, "shop", name).expect("the seed has it");
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        ObjectRef {
            gvk,
            resource: plural.into(),
            namespace: Some("shop".into()),
            name: name.into(),
            uid: text("/metadata/uid"),
            resource_version: text("/metadata/resourceVersion"),
        }
    }

    pub fn web(&self) -> ObjectRef {
        self.see(Gvk::new("apps", "v1", "Deployment"), "deployments", "web")
    }

    pub fn pod(&self) -> ObjectRef {
        self.see(pods(), "pods", "ledger-0")
    }

    /// The records of a session, as they are on disk.
    pub fn journal(&self, session: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.journal_path(session)).expect("the journal is there");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("each line is JSON"))
            .collect()
    }

    pub fn state_dir(&self) -> &std::path::Path {
        self.state.path()
    }

    pub fn journal_path(&self, session: &str) -> PathBuf {
        self.state.path().join("sessions").join(session).join("journal.jsonl")
    }

    /// Kinds of a session's records; checkpoints are the journal's own business.
    pub fn kinds(&self, session: &str) -> Vec<String> {
        self.journal(session)
            .iter()
            .filter(|r| r["kind"] != "checkpoint")
            .map(|r| r["kind"].as_str().unwrap_or("?").to_owned())
            .collect()
    }

    /// What the record `ended` says.
    pub fn ended(&self, session: &str) -> Value {
        let journal = self.journal(session);
        let ended = journal.into_iter().find(|r| r["kind"] == "ended");
        ended.expect("the session has ended")["data"].clone()
    }

    /// Requests that change something, as the server saw them: who, what, status.
    pub fn changes(&self) -> Vec<(String, String, u16)> {
        let events = self.server.audit_events();
        let is_change = |e: &&kglass::embedded::AuditEvent| {
            !matches!(e.verb.as_str(), "get" | "list" | "watch")
                && !e.resource.as_deref().is_some_and(|r| r.starts_with("selfsubject"))
        };
        events
            .iter()
            .filter(is_change)
            .map(|e| (e.username.clone(), e.act(), e.status))
            .collect()
    }
}

impl Person {
    pub async fn ask(&self, role: &str) -> Result<Escalation, GateError> {
        self.gate.ask(request(role)).await
    }

    /// The session of an ask that waits for another person.
    pub async fn waiting(&mut self) -> String {
        self.await_event(|event| match event {
            GateEvent::Progress(AskProgress::Waiting { session, command }) => {
                assert_eq!(command, &format!("kglass approve {session}"));
                Some(session.clone())
            }
            _ => None,
        })
        .await
    }

    /// Everything told so far.
    pub fn told(&mut self) -> Vec<GateEvent> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }

    /// Waits for the first event that fits.
    pub async fn await_event<T>(&mut self, fits: impl Fn(&GateEvent) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let event = self.events.recv().await.expect("the gate lives");
                if let Some(found) = fits(&event) {
                    return found;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting)
            .await
            .expect("the event comes")
    }
}

/// The first request at the door. What the gate refuses to send never comes, and must fail the test
/// instead of leaving it to wait.
pub async fn arrives(hold: &Hold) {
    const PATIENCE: Duration = Duration::from_secs(10);
    tokio::time::timeout(PATIENCE, hold.arrived(1))
        .await
        .expect("the request arrives at the server; if nothing does, the gate did not send it");
}

/// Waits until the server has none of `plural` of the kit left.
pub async fn are_gone(stage: &Stage, plural: &str) {
    let gone = async {
        while !stage.server.names(plural, "kglass-system").is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let what = format!("the {plural} of the session are deleted");
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect(&what);
}

pub fn pods() -> Gvk {
    Gvk::new("", "v1", "Pod")
}

pub fn request(role: &str) -> EscalationRequest {
    EscalationRequest {
        trigger: Trigger::Incident("INC-4711".into()),
        ticket: "INC-4711".into(),
        reason: "checkout crash-loops since the rollout".into(),
        role: role.into(),
        namespace: (role == "namespace-operator").then(|| "shop".into()),
        ttl_seconds: 300,
    }
}

/// A disk that can be told to fail from now on.
#[derive(Clone, Default)]
pub struct Failing(Arc<Mutex<bool>>);

impl Failing {
    pub fn fail(&self) {
        *self.0.lock().expect("nobody panics here") = true;
    }

    pub fn around(&self, inner: Box<dyn Medium>) -> Box<dyn Medium> {
        Box::new(FailingMedium {
            failing: self.clone(),
            inner,
        })
    }
}

struct FailingMedium {
    failing: Failing,
    inner: Box<dyn Medium>,
}

impl Medium for FailingMedium {
    fn append(&mut self, line: &[u8]) -> std::io::Result<()> {
        if *self.failing.0.lock().expect("nobody panics here") {
            return Err(std::io::Error::other("no space left on device"));
        }
        self.inner.append(line)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.inner.sync()
    }
}

/// A disk whose syncs take as long as the test says.
#[derive(Clone, Default)]
pub struct Slow(Arc<Mutex<Duration>>);

impl Slow {
    pub fn take(&self, time: Duration) {
        *self.0.lock().expect("nobody panics here") = time;
    }

    pub fn around(&self, inner: Box<dyn Medium>) -> Box<dyn Medium> {
        Box::new(SlowMedium {
            slow: self.clone(),
            inner,
        })
    }
}

struct SlowMedium {
    slow: Slow,
    inner: Box<dyn Medium>,
}

impl Medium for SlowMedium {
    fn append(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.inner.append(line)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        // Once: the outcome that follows is quick again.
        let time = std::mem::take(&mut *self.slow.0.lock().expect("nobody panics here"));
        std::thread::sleep(time);
        self.inner.sync()
    }
}

/// A disk that can be told to hang: a sync that does not come back.
#[derive(Clone, Default)]
pub struct Hanging(Arc<(Mutex<bool>, Condvar, AtomicBool)>);

impl Hanging {
    pub fn hang(&self) {
        *self.0.0.lock().expect("nobody panics here") = true;
    }

    /// Waits until somebody waits for it.
    pub async fn is_met(&self) {
        let met = async {
            while !self.0.2.load(Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), met)
            .await
            .expect("a record is written");
    }

    pub fn go_on(&self) {
        *self.0.0.lock().expect("nobody panics here") = false;
        self.0.1.notify_all();
    }

    pub fn around(&self, inner: Box<dyn Medium>) -> Box<dyn Medium> {
        Box::new(HangingMedium {
            hanging: self.clone(),
            inner,
        })
    }
}

struct HangingMedium {
    hanging: Hanging,
    inner: Box<dyn Medium>,
}

impl Medium for HangingMedium {
    fn append(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.inner.append(line)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        let (hangs, changed, met) = &*self.hanging.0;
        let held = hangs.lock().expect("nobody panics here");
        met.store(*held, Ordering::SeqCst);
        drop(changed.wait_while(held, |hangs| *hangs).expect("nobody panics here"));
        self.inner.sync()
    }
}
