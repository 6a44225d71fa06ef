//! The server as its owner holds it: made, seeded, looked into, disturbed. What goes over the wire
//! is in `serve`.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::admission::Admission;
use super::audit_log::AuditEvent;
use super::authn::{Authn, UserInfo};
use super::bootstrap;
use super::clock::ServerClock;
use super::controllers::{self, Settled};
use super::endpoint::EmbeddedEndpoint;
use super::fault::{Arrival, Fault, Held, Hold, Hook, On, Planned};
use super::kinds;
use super::kubelet::Kubelet;
use super::random::Random;
use super::store::{Key, Store, text};
use super::touch::place;
use super::world::{Quiet, World};

pub(super) struct State {
    pub store: Store,
    pub authn: Authn,
    pub audit: Vec<AuditEvent>,
    pub plan: Vec<Planned>,
    pub hooks: Vec<Hook>,
    pub holds: Vec<std::sync::Weak<Held>>,
    /// API servers behind the one address; connections are spread over them in turn.
    pub replicas: usize,
    pub aggregated_discovery: bool,
    pub metrics: Metrics,
    pub admission: Option<Arc<dyn Admission>>,
    pub world: Arc<dyn World>,
    pub kubelet: Kubelet,
    pub settled: Settled,
}

/// The extension API server behind `metrics.k8s.io`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metrics {
    /// Not installed: no such group.
    #[default]
    Absent,
    Up,
    /// Installed, and does not answer: 503, and `Stale` in discovery.
    Down,
}

pub(super) struct Shared {
    state: Mutex<State>,
    pub clock: ServerClock,
    pub connections: AtomicU64,
    pub random: Random,
    /// Raised to break every open stream.
    pub cut: watch::Sender<u64>,
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while it holds the state")
    }

    /// Locked, with everything done that is due by now.
    pub fn settled(&self) -> MutexGuard<'_, State> {
        let now = self.clock.now_ms();
        let mut state = self.lock();
        let State {
            store,
            kubelet,
            settled,
            world,
            ..
        } = &mut *state;
        controllers::settle(store, kubelet, &**world, settled, now);
        state
    }
}

/// What could not be put in place.
#[derive(Debug, thiserror::Error)]
#[error(
    "object {index} ({what}) cannot be installed: {cause}; the embedded server serves the kinds its discovery lists"
)]
pub struct InstallError {
    pub index: usize,
    pub what: String,
    pub cause: String,
}

impl InstallError {
    pub(super) fn of(index: usize, object: &Value, cause: String) -> Self {
        let (version, kind) = (text(object, "/apiVersion"), text(object, "/kind"));
        let what = format!("{} {}", version.unwrap_or("?"), kind.unwrap_or("?"));
        Self { index, what, cause }
    }
}

/// An API server in this process. Clones are the same server.
#[derive(Clone)]
pub struct EmbeddedServer(pub(super) Arc<Shared>);

impl Default for EmbeddedServer {
    fn default() -> Self {
        Self::new()
    }
}

impl EmbeddedServer {
    /// With what every cluster has: system namespaces and roles. Nobody can do anything yet.
    pub fn new() -> Self {
        Self::with_clock(ServerClock::new())
    }

    /// A cluster that was set up at this time, where its clock stands still.
    pub(super) fn set_up_at(unix_ms: i64) -> Self {
        let clock = ServerClock::new();
        clock.stand_still_at(unix_ms);
        Self::with_clock(clock)
    }

    fn with_clock(clock: ServerClock) -> Self {
        let server = Self(Arc::new(Shared {
            state: Mutex::new(State {
                store: Store::new(),
                authn: Authn::new(),
                audit: Vec::new(),
                plan: Vec::new(),
                hooks: Vec::new(),
                holds: Vec::new(),
                replicas: 1,
                aggregated_discovery: true,
                metrics: Metrics::default(),
                admission: None,
                world: Arc::new(Quiet),
                kubelet: Kubelet::default(),
                settled: Settled::default(),
            }),
            clock,
            connections: AtomicU64::new(0),
            random: Random::default(),
            cut: watch::Sender::new(0),
        }));
        server
            .install(&bootstrap::objects())
            .expect("the bootstrap objects are of kinds in the table");
        server
    }

    /// A person with a static token; use [`Self::endpoint`] with the same token.
    pub fn add_person(&self, token: &str, name: &str, groups: &[&str]) {
        self.0.lock().authn.add_person(token, UserInfo::person(name, groups));
    }

    /// The way in for whoever holds `token`.
    pub fn endpoint(&self, token: &str) -> EmbeddedEndpoint {
        EmbeddedEndpoint::new(self.clone(), token)
    }

    /// Puts objects in place as the cluster's owner would, without authentication, admission or
    /// audit. What is there already is replaced. An owner reference without a uid gets that of the
    /// owner named. Lists (`kind: List`) are not opened.
    pub fn install(&self, objects: &[Value]) -> Result<(), InstallError> {
        let now = self.0.clock.now_ms();
        // What was before is brought to an end first: these objects begin now.
        let mut state = self.0.settled();
        for (index, object) in objects.iter().enumerate() {
            place(&mut state.store, object, now).map_err(|cause| InstallError::of(index, object, cause))?;
        }
        Ok(())
    }

    /// [`Self::install`] from YAML of several documents, as `kglass kit print` writes it.
    pub fn install_yaml(&self, text: &str) -> Result<(), InstallError> {
        let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|e| InstallError {
            index: 0,
            what: "YAML".to_owned(),
            cause: e.to_string(),
        })?;
        self.install(&documents)
    }

    pub fn clock(&self) -> &ServerClock {
        &self.0.clock
    }

    /// From now on ids of requests and credentials are the same in every run. Uids and generated
    /// names always are.
    pub fn seed_randomness(&self, seed: u64) {
        self.0.random.seed(seed);
    }

    /// How long a success of authentication is believed; a real server: 10 s. Zero at first.
    pub fn set_authentication_cache(&self, time: Duration) {
        self.0.lock().authn.cache_ms = time.as_millis() as i64;
    }

    /// How many API servers stand behind the address, each with an authentication cache of its own.
    pub fn set_replicas(&self, count: usize) {
        self.0.lock().replicas = count.max(1);
    }

    /// Answers discovery as servers before aggregated discovery did.
    pub fn set_legacy_discovery(&self) {
        self.0.lock().aggregated_discovery = false;
    }

    pub fn set_metrics(&self, metrics: Metrics) {
        self.0.lock().metrics = metrics;
    }

    /// From now on every write is shown to this reviewer; before, all were allowed.
    pub fn set_admission(&self, admission: impl Admission + 'static) {
        self.0.lock().admission = Some(Arc::new(admission));
    }

    /// From now on this world decides what happens by itself; before, containers just ran.
    pub fn set_world(&self, world: impl World + 'static) {
        self.0.lock().world = Arc::new(world);
    }

    /// Every request so far, in the order of arrival.
    pub fn audit_events(&self) -> Vec<AuditEvent> {
        self.0.lock().audit.clone()
    }

    /// The same as the lines of an API server's log file, for what reads such a file.
    pub fn audit_lines(&self) -> String {
        let events = self.audit_events();
        events
            .iter()
            .fold(String::new(), |all, event| all + &event.to_line() + "\n")
    }

    /// An object as it is stored now.
    pub fn object(&self, plural: &str, namespace: &str, name: &str) -> Option<Value> {
        let key = Key::new(kinds::by_plural(plural)?, namespace, name);
        self.0.settled().store.get(&key).cloned()
    }

    /// Names of all objects of a kind in a namespace (`""` for a cluster-scoped kind).
    pub fn names(&self, plural: &str, namespace: &str) -> Vec<String> {
        let Some(kind) = kinds::by_plural(plural) else {
            return Vec::new();
        };
        let state = self.0.settled();
        let here = |(key, _): &(&Key, &Value)| key.namespace == namespace;
        state
            .store
            .of_kind(kind)
            .filter(here)
            .map(|(key, _)| key.name.clone())
            .collect()
    }

    /// Removes an object behind everybody's back, with what it owns.
    pub fn remove(&self, plural: &str, namespace: &str, name: &str) -> bool {
        let Some(kind) = kinds::by_plural(plural) else {
            return false;
        };
        self.0.lock().store.remove(&Key::new(kind, namespace, name)).is_some()
    }

    /// Every token minted so far, so that tests can search for them by value.
    pub fn minted_tokens(&self) -> Vec<secrecy::SecretString> {
        self.0.lock().authn.minted_tokens().map(Into::into).collect()
    }

    /// Calls `hook` for each request when it arrives, before anything is done about it.
    pub fn on_arrival(&self, hook: impl Fn(&Arrival) + Send + Sync + 'static) {
        self.0.lock().hooks.push(Arc::new(hook));
    }

    /// From now on, each request that matches meets the fault.
    pub fn inject(&self, on: On, fault: Fault) {
        self.0.lock().plan.push(Planned { on, fault, times: None });
    }

    /// Only the next request that matches.
    pub fn inject_once(&self, on: On, fault: Fault) {
        self.0.lock().plan.push(Planned {
            on,
            fault,
            times: Some(1),
        });
    }

    pub fn clear_faults(&self) {
        self.0.lock().plan.clear();
    }

    /// Holds requests that match at the door until the returned value is released.
    pub fn hold(&self, on: On) -> Hold {
        let held = Arc::new(Held::new(on));
        self.0.lock().holds.push(Arc::downgrade(&held));
        Hold(held)
    }

    /// Forgets the past, as etcd's compaction does: a watch or page from before meets `410 Gone`.
    pub fn compact(&self) {
        self.0.lock().store.compact();
    }

    /// Breaks every open watch, as a restarting API server does.
    pub fn cut_streams(&self) {
        self.0.cut.send_modify(|n| *n += 1);
    }
}
