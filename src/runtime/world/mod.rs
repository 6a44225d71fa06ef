//! Effects → tasks → facts. Holds the one live `Escalation` and lends it to `update`; whatever
//! ends it, it goes to the gate's `end` by value, so nothing new can be built from it afterwards.
//! Decides nothing about screens.

mod connecting;
mod gate;
mod leaving;
mod taping;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::AbortHandle;

pub use connecting::connect_failed;
pub use leaving::Parting;

use super::connection::{self, Connection};
use super::happened::{Happened, Mail};
use super::held::{Held, Work};
use super::streams::Shells;
use super::{clock, replay};
use crate::app::{Effect, Fact, ReadId};
use crate::audit::SESSIONS_FOLDER;
use crate::audit::sinks::Outbox;
use crate::cluster::{ConnectError, ContextPlace, Endpoint, Query};
use crate::escalation::{EndReason, Escalation, Gate, GateEvent, Left, Policy, Stream};
use crate::recording::Recorder;

/// Where contexts come from: a kubeconfig, or the embedded cluster.
pub trait Contexts: Send + Sync {
    fn names(&self) -> Vec<String>;
    /// What they name, as far as that is known.
    fn places(&self) -> Vec<ContextPlace> {
        Vec::new()
    }
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
    /// Counts the contexts that were asked for, so that only the last one is taken.
    attempt: u64,
    /// The context being opened.
    connecting: Option<(String, AbortHandle)>,
    held: Option<Held>,
    /// Asking or ending. Kept until its answer has been taken, not only until it has come.
    at_the_gate: Option<Work>,
    shells: Shells,
    pub recorder: Option<Recorder>,
    /// A frame was left out once, and it was told.
    behind: bool,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// OSC 52, done by the loop, which has the terminal.
    pub to_copy: Option<String>,
    pub quit: bool,
    /// What ends have left behind.
    left: Vec<Left>,
    /// Sessions in which the glass was broken, by their names.
    broken: Vec<String>,
}

impl World {
    pub fn new(resources: Resources, mail: Mail) -> Self {
        let outbox = ship(&resources, &mail);
        Self {
            resources,
            outbox,
            mail,
            connection: None,
            attempt: 0,
            connecting: None,
            held: None,
            at_the_gate: None,
            shells: Shells::default(),
            recorder: None,
            behind: false,
            size: (0, 0),
            to_copy: None,
            quit: false,
            left: Vec::new(),
            broken: Vec::new(),
        }
    }

    pub fn authority(&self) -> Option<&Escalation> {
        self.held.as_ref().map(|held| &held.escalation)
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
                        "the remote takes no input: what is typed is lost until it does",
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
            Effect::OpenReplay { session } => replay::open(self.sessions(), session, &self.mail),
            Effect::ListSessions => replay::list(self.sessions(), &self.mail),
            Effect::Copy(text) => self.to_copy = Some(text),
            Effect::Quit => self.quit = true,
        }
    }

    fn sessions(&self) -> PathBuf {
        self.resources.state_dir.join(SESSIONS_FOLDER)
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
        if let Some(gate) = self.gate_in_use() {
            act(&gate);
        }
    }

    fn read(&mut self, id: ReadId, query: Query) {
        match &mut self.connection {
            Some(connection) => connection.read(id, query, &self.mail),
            None => self.post(connection::unread(id)),
        }
    }

    pub fn list_contexts(&self) {
        let names = self.resources.contexts.names().into();
        let current = self.resources.contexts.current().unwrap_or_default();
        self.post(Happened::Fact(Fact::Contexts { names, current }));
        let places = self.resources.contexts.places().into();
        self.post(Happened::Fact(Fact::ContextPlaces(places)));
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
            GateEvent::Ending(step) => Some(Fact::EndStep(step)),
            GateEvent::LostAuth => {
                self.end_if_held(EndReason::LostAuth);
                None
            }
            GateEvent::RecordFailed { cause } => {
                self.end_if_held(EndReason::RecordFailed);
                Some(notice(&format!(
                    "a record could not be written, the escalation ends: {cause}"
                )))
            }
        }
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
