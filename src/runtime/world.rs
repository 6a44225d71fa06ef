//! Effects → tasks → facts. Holds the one live `Escalation` and lends it to `update`; whatever
//! ends it, it goes to the gate's `end` by value, so nothing new can be built from it afterwards.
//! Decides nothing about screens.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::connection::{self, Connection};
use super::happened::{Happened, Mail};
use super::streams::Shells;
use super::{clock, replay};
use crate::app::{Effect, Fact, ReadId};
use crate::audit::sinks::{Outbox, SinkStatus};
use crate::audit::{SESSIONS_FOLDER, ScreenHead};
use crate::cluster::{ConnectError, Endpoint, Query};
use crate::escalation::{Drain, EndReason, Escalation, EscalationRequest, Gate, GateEvent, Policy, Stream};
use crate::model::{Grid, Moment, ObjectRef, Rect};
use crate::recording::{Recorder, RecordingError};

/// Where contexts come from: a kubeconfig, or the embedded cluster.
pub trait Contexts: Send + Sync {
    fn names(&self) -> Vec<String>;
    fn current(&self) -> Option<String>;
    /// None is the current one. Reads no network.
    fn open(&self, name: Option<&str>) -> Result<Arc<dyn Endpoint>, ConnectError>;
}

/// What the program has beside its screen.
pub struct Resources {
    pub contexts: Arc<dyn Contexts>,
    /// None if the policy file is broken: the glass then stays closed.
    pub policy: Option<Arc<Policy>>,
    /// Sessions lie below it.
    pub state_dir: PathBuf,
    /// What servers told of their kinds is kept below it.
    pub cache_dir: PathBuf,
}

pub struct World {
    resources: Resources,
    /// None if the policy names no sink.
    outbox: Option<Outbox>,
    mail: Mail,
    connection: Option<Connection>,
    escalation: Option<Escalation>,
    /// Asking or ending: work of the gate that must not be abandoned when the program ends.
    at_the_gate: Option<JoinHandle<()>>,
    shells: Shells,
    pub recorder: Option<Recorder>,
    /// A frame was left out once, and it was told.
    behind: bool,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// OSC 52, done by the loop, which has the terminal.
    pub to_copy: Option<String>,
    pub quit: bool,
}

impl World {
    pub fn new(resources: Resources, mail: Mail) -> Self {
        let outbox = ship(&resources, &mail);
        Self {
            resources,
            outbox,
            mail,
            connection: None,
            escalation: None,
            at_the_gate: None,
            shells: Shells::default(),
            recorder: None,
            behind: false,
            size: (0, 0),
            to_copy: None,
            quit: false,
        }
    }

    pub fn authority(&self) -> Option<&Escalation> {
        self.escalation.as_ref()
    }

    pub fn execute(&mut self, effect: Effect) {
        match effect {
            Effect::Read(id, query) => self.read(id, query),
            Effect::StopRead(id) => {
                if let Some(connection) = &mut self.connection {
                    connection.stop_read(id);
                }
            }
            Effect::Ask(request) => self.ask(request),
            Effect::Withdraw => self.with_gate(Gate::withdraw),
            Effect::Mutate(mutation) => {
                if let Some(connection) = &self.connection {
                    connection.write(mutation);
                }
            }
            Effect::Stream(stream) => self.stream(stream),
            Effect::Input(action, input) => {
                if self.shells.input(action, input).is_err() {
                    self.post(Happened::Fact(notice(
                        "the remote takes no input: what was typed just now is lost",
                    )));
                }
            }
            Effect::CloseStream(action) => self.with_gate(|gate| gate.close_stream(action)),
            Effect::Survey(node) => self.survey(node),
            Effect::Drain(drain) => self.drain(drain),
            Effect::StopDrain(action) => self.with_gate(|gate| gate.cancel_drain(action)),
            Effect::Warned { seconds_left } => self.warned(seconds_left),
            Effect::Offers => self.offers(),
            Effect::End(reason) => self.end(reason),
            Effect::SwitchContext(name) => self.connect(Some(name)),
            Effect::ListContexts => self.list_contexts(),
            Effect::OpenReplay { session } => {
                replay::open(&self.resources.state_dir.join(SESSIONS_FOLDER), session, &self.mail);
            }
            Effect::Copy(text) => self.to_copy = Some(text),
            Effect::Quit => self.quit = true,
        }
    }

    fn stream(&mut self, stream: Stream) {
        match self.gate() {
            Some(gate) => self.shells.open(gate, stream, &self.mail),
            None => self.post(Happened::Fact(Fact::StreamFailed {
                action: stream.action(),
                error: "the context is gone".into(),
            })),
        }
    }

    fn post(&self, happened: Happened) {
        let mail = self.mail.clone();
        tokio::spawn(async move { mail.send(happened).await });
    }

    fn with_gate(&self, act: impl FnOnce(&Gate)) {
        if let Some(gate) = self.gate() {
            act(&gate);
        }
    }

    fn read(&mut self, id: ReadId, query: Query) {
        match &mut self.connection {
            Some(connection) => connection.read(id, query, &self.mail),
            None => self.post(connection::unread(id)),
        }
    }

    /// Opens a context on a task of its own; the old one goes when the new one has come.
    pub fn connect(&self, name: Option<String>) {
        let mail = self.mail.clone();
        let opened = self.resources.contexts.open(name.as_deref());
        let context = name.or_else(|| self.resources.contexts.current()).unwrap_or_default();
        let (policy, state_dir) = (self.resources.policy.clone(), self.resources.state_dir.clone());
        let (outbox, cache_dir) = (self.outbox.clone(), self.resources.cache_dir.clone());
        tokio::spawn(async move {
            let connected = match opened {
                Ok(endpoint) => {
                    let facts = Arc::new(endpoint.facts().clone());
                    let connection = Connection::open(endpoint, policy, outbox, (&state_dir, &cache_dir), &mail).await;
                    connection.map(|connection| Happened::Connected { facts, connection })
                }
                Err(error) => Err(error),
            };
            let happened = connected.unwrap_or_else(|error| Happened::ConnectFailed { context, error });
            mail.send(happened).await;
        });
    }

    pub fn list_contexts(&self) {
        let names = self.resources.contexts.names().into();
        let current = self.resources.contexts.current().unwrap_or_default();
        self.post(Happened::Fact(Fact::Contexts { names, current }));
    }

    /// Replaces the connection, looks for sessions that a killed process left open, and asks what
    /// the policy offers this person.
    pub fn connected(&mut self, connection: Connection) {
        self.connection = Some(connection);
        let Some(gate) = self.gate() else { return };
        let mail = self.mail.clone();
        tokio::spawn(async move {
            for found in gate.recover().await {
                mail.send(Happened::Fact(Fact::Notice {
                    text: found.text,
                    is_error: found.is_error,
                }))
                .await;
            }
        });
    }

    fn offers(&self) {
        let Some(gate) = self.gate() else {
            let error = "the policy file is broken; :messages says where".to_owned();
            self.post(Happened::Fact(Fact::OffersFailed { error }));
            return;
        };
        let mail = self.mail.clone();
        tokio::spawn(async move {
            let fact = match gate.offers().await {
                Ok(offers) => Fact::Offers(Arc::new(offers)),
                Err(error) => Fact::OffersFailed {
                    error: error.to_string(),
                },
            };
            mail.send(Happened::Fact(fact)).await;
        });
    }

    fn ask(&mut self, request: EscalationRequest) {
        let Some(gate) = self.gate() else { return };
        let mail = self.mail.clone();
        self.at_the_gate = Some(tokio::spawn(async move {
            let happened = match gate.ask(request).await {
                Ok(escalation) => Happened::Granted(escalation),
                Err(error) => Happened::Fact(Fact::AskFailed {
                    error: error.to_string(),
                }),
            };
            mail.send(happened).await;
        }));
    }

    /// What runs on a node, for the question before a drain.
    fn survey(&self, node: ObjectRef) {
        let Some(gate) = self.gate() else { return };
        let mail = self.mail.clone();
        tokio::spawn(async move {
            let found = gate
                .survey(&node)
                .await
                .map(Arc::new)
                .map_err(|error| error.to_string());
            mail.send(Happened::Fact(Fact::Surveyed { node, found })).await;
        });
    }

    /// Beside the queue of writes: it may wait for minutes, and the end cuts it.
    fn drain(&self, drain: Drain) {
        let Some(gate) = self.gate() else { return };
        let mail = self.mail.clone();
        tokio::spawn(async move {
            let action = drain.action();
            if let Err(error) = gate.drain(drain).await {
                let error = error.to_string();
                mail.send(Happened::Fact(Fact::WriteRefused { action, error })).await;
            }
        });
    }

    fn gate(&self) -> Option<Arc<Gate>> {
        self.connection.as_ref().and_then(|connection| connection.gate.clone())
    }

    /// Keeps the authority. The facts for the screen follow by themselves.
    pub fn granted(&mut self, escalation: Escalation) -> Fact {
        let grant = escalation.grant().clone();
        self.escalation = Some(escalation);
        Fact::Granted(grant)
    }

    fn warned(&self, seconds_left: u32) {
        if let Some(gate) = self.gate() {
            tokio::spawn(async move { gate.warned(seconds_left).await });
        }
    }

    /// Ends the live escalation; asked again while it is ending, the wait is cut short.
    fn end(&mut self, reason: EndReason) {
        if matches!(reason, EndReason::Signal(_)) {
            // Two seconds are left: `leave` ends it the fast way.
            self.quit = true;
            return;
        }
        let Some(gate) = self.gate() else { return };
        let Some(escalation) = self.escalation.take() else {
            gate.hurry();
            return;
        };
        let mail = self.mail.clone();
        self.at_the_gate = Some(tokio::spawn(async move {
            mail.send(Happened::Fact(Fact::Ending)).await;
            let ended = gate.end(escalation, reason).await;
            mail.send(Happened::Fact(Fact::Ended(ended))).await;
        }));
    }

    /// To be called at least once a second: ends the escalation at its deadline by the boot clock,
    /// which goes on in suspend where tokio's timers stop.
    pub fn expire(&mut self) {
        let now = clock::now();
        if self
            .escalation
            .as_ref()
            .is_some_and(|e| e.grant().deadline.boot_ms <= now.boot_ms)
        {
            self.end(EndReason::Expired);
        }
    }

    /// Milliseconds to the deadline of the live escalation.
    pub fn deadline_in(&self) -> Option<u64> {
        self.escalation.as_ref().map(|e| e.grant().deadline.since(clock::now()))
    }

    /// What a gate event means for the loop; events that the screen shows become facts.
    pub fn heard(&mut self, event: GateEvent) -> Option<Fact> {
        match event {
            GateEvent::Opened {
                folder,
                screen,
                session,
            } => {
                self.record(folder, session, screen);
                None
            }
            GateEvent::Progress(progress) => Some(Fact::Asked(progress)),
            GateEvent::Recorded { count, .. } => Some(Fact::Recorded { count }),
            GateEvent::Marker { audit_id, label } => {
                self.recorded(|recorder| recorder.marker(clock::now(), &audit_id, &label))
            }
            GateEvent::Outcome(outcome) => Some(Fact::Outcome(outcome)),
            GateEvent::Stream(event) => Some(Fact::Stream(event)),
            GateEvent::Drain(progress) => Some(Fact::Drain(progress)),
            GateEvent::LostAuth => {
                self.end(EndReason::LostAuth);
                None
            }
            GateEvent::RecordFailed { cause } => {
                self.end(EndReason::RecordFailed);
                Some(notice(&format!(
                    "a record could not be written, the escalation ends: {cause}"
                )))
            }
        }
    }

    /// Starts the recording off the UI task, since it makes a file.
    fn record(&self, folder: PathBuf, session: String, screen: ScreenHead) {
        // The next frame follows at once and has everything on it.
        let (mail, grid, at) = (self.mail.clone(), Grid::blank(self.size.0, self.size.1), clock::now());
        tokio::spawn(async move {
            let start = move || Recorder::start(&folder, &session, &grid, at, screen);
            let happened = match tokio::task::spawn_blocking(start).await {
                Ok(Ok(recorder)) => Happened::Recording(recorder),
                Ok(Err(error)) => Happened::Fact(notice(&error.to_string())),
                Err(panic) => Happened::Fact(notice(&panic.to_string())),
            };
            mail.send(happened).await;
        });
    }

    /// Hands something to the recorder, if there is one. A recording whose session is closed is
    /// over; other trouble is told once, then the recording goes on as far as it can.
    fn recorded(&mut self, hand_over: impl FnOnce(&Recorder) -> Result<(), RecordingError>) -> Option<Fact> {
        let result = hand_over(self.recorder.as_ref()?);
        match result {
            Ok(()) => None,
            Err(RecordingError::Over) => {
                self.recorder = None;
                None
            }
            Err(RecordingError::Behind) => {
                let first = !std::mem::replace(&mut self.behind, true);
                first.then(|| notice(&RecordingError::Behind.to_string()))
            }
            Err(error) => {
                self.recorder = None;
                Some(notice(&error.to_string()))
            }
        }
    }

    /// Whether frames are wanted.
    pub fn is_recording(&self) -> bool {
        self.recorder.is_some()
    }

    /// What was drawn; `private` is not recorded.
    pub fn drawn(&mut self, at: Moment, grid: &Grid, private: &[Rect]) -> Option<Fact> {
        self.recorded(|recorder| recorder.frame(at, grid, private))
    }

    /// The last thing before the program leaves: nothing of an escalation stays behind. Waits at
    /// most some two seconds; the server ends what could not be confirmed.
    pub async fn leave(&mut self, reason: EndReason) {
        if let (Some(gate), Some(escalation)) = (self.gate(), self.escalation.take()) {
            gate.end_fast(escalation, reason.clone()).await;
        }
        if let (Some(gate), Some(mut work)) = (self.gate(), self.at_the_gate.take()) {
            gate.withdraw();
            gate.hurry();
            let _ = tokio::time::timeout(Duration::from_secs(2), &mut work).await;
            // The ask may have been answered just now, and nobody takes the escalation any more.
            gate.end_whatever_lives(reason).await;
        }
        if let Some(recorder) = self.recorder.take() {
            // It waits for its last write, and a disk may hang.
            let finished = tokio::task::spawn_blocking(move || drop(recorder));
            let _ = tokio::time::timeout(Duration::from_millis(500), finished).await;
        }
    }

    /// What the sinks do not have, at the very end.
    pub fn unsent(&self) -> Vec<SinkStatus> {
        let statuses = self.outbox.as_ref().map(|outbox| outbox.statuses().borrow().clone());
        let lacks = |status: &&SinkStatus| status.behind + status.owed > 0;
        statuses
            .iter()
            .flat_map(|all| all.iter())
            .filter(lacks)
            .cloned()
            .collect()
    }
}

/// Ships records for as long as the program runs: also those that earlier sessions still owe.
fn ship(resources: &Resources, mail: &Mail) -> Option<Outbox> {
    let remote = &resources.policy.as_ref()?.remote;
    if remote.sinks.is_empty() {
        return None;
    }
    let outbox = Outbox::new(resources.state_dir.clone(), &remote.sinks, remote.bound);
    let (shipping, mail, mut statuses) = (outbox.clone(), mail.clone(), outbox.statuses());
    tokio::spawn(async move { shipping.run().await });
    tokio::spawn(async move {
        statuses.mark_changed();
        while statuses.changed().await.is_ok() {
            let told = statuses.borrow_and_update().clone();
            mail.send(Happened::Fact(Fact::Sinks(told))).await;
        }
    });
    Some(outbox)
}

fn notice(text: &str) -> Fact {
    Fact::Notice {
        text: text.to_owned(),
        is_error: true,
    }
}
