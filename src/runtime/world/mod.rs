//! Effects → tasks → facts. Holds the one live `Escalation` and lends it to `update`; whatever
//! ends it, it goes to the gate's `end` by value, so nothing new can be built from it afterwards.
//! Decides nothing about screens.

mod connecting;
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
use crate::escalation::{Drain, EndReason, Escalation, EscalationRequest, Gate, GateEvent, Left, Policy, Stream};
use crate::model::ObjectRef;
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
        if let Some(context) = self.give_up_connecting() {
            let why = "break-glass is asked for on the context that was open";
            self.post(Happened::Fact(connect_failed(context, &why)));
        }
        let (mail, asked) = (self.mail.clone(), Arc::clone(&gate));
        let task = tokio::spawn(async move {
            let happened = match asked.ask(request).await {
                Ok(escalation) => Happened::Granted(Held {
                    escalation,
                    gate: asked,
                }),
                Err(error) => Happened::GateDone(Fact::AskFailed {
                    error: error.to_string(),
                }),
            };
            mail.send(happened).await;
            None
        });
        self.at_the_gate = Some(Work { gate, task });
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
                connection::did_not_begin(action, &error, &mail).await;
            }
        });
    }

    /// The gate of the context that is looked at.
    fn gate(&self) -> Option<Arc<Gate>> {
        self.connection.as_ref().and_then(|connection| connection.gate.clone())
    }

    /// The gate of what lives, else of the context that is looked at.
    fn gate_in_use(&self) -> Option<Arc<Gate>> {
        let held = self.held.as_ref().map(|held| &held.gate);
        let in_use = held.or_else(|| self.at_the_gate.as_ref().map(|work| &work.gate));
        in_use.cloned().or_else(|| self.gate())
    }

    /// Keeps the authority. The facts for the screen follow by themselves.
    pub fn granted(&mut self, held: Held) -> Fact {
        let grant = held.escalation.grant().clone();
        let is_over = !held.gate.is_accepting();
        self.broken.push(grant.session.clone());
        self.held = Some(held);
        self.at_the_gate = None;
        if is_over {
            // The journal failed before the grant was here, and was told of when nothing was held.
            self.end(EndReason::RecordFailed);
        }
        Fact::Granted(grant)
    }

    fn warned(&self, seconds_left: u32) {
        if let Some(gate) = self.gate_in_use() {
            tokio::spawn(async move { gate.warned(seconds_left).await });
        }
    }

    /// What the gate was working on has been taken.
    pub fn gate_done(&mut self, fact: &Fact) {
        self.at_the_gate = None;
        if let Fact::Ended(ended) = fact {
            self.left.extend(ended.left.iter().cloned());
        }
    }

    /// Ends the live escalation; asked again while it is ending, the wait is cut short.
    fn end(&mut self, reason: EndReason) {
        if matches!(reason, EndReason::Signal(_)) {
            // Two seconds are left: `leave` ends it the fast way.
            self.quit = true;
            return;
        }
        let Some(Held { escalation, gate }) = self.held.take() else {
            self.with_gate(Gate::hurry);
            return;
        };
        let (mail, ending) = (self.mail.clone(), Arc::clone(&gate));
        let task = tokio::spawn(async move {
            // Told beside the end, never before it: the mail may be full, and then who ends would
            // wait for a screen.
            let ending = ending.end(escalation, reason);
            let (ended, ()) = tokio::join!(ending, mail.send(Happened::Fact(Fact::Ending)));
            mail.send(Happened::GateDone(Fact::Ended(ended.clone()))).await;
            Some(ended)
        });
        self.at_the_gate = Some(Work { gate, task });
    }

    /// For what the gate finds: an end that runs already is not hurried by it.
    fn end_if_held(&mut self, reason: EndReason) {
        if self.held.is_some() {
            self.end(reason);
        }
    }

    /// To be called at least once a second: ends the escalation at its deadline by the boot clock,
    /// which goes on in suspend where tokio's timers stop.
    pub fn expire(&mut self) {
        let now = clock::now();
        if self
            .authority()
            .is_some_and(|e| e.grant().deadline.boot_ms <= now.boot_ms)
        {
            self.end(EndReason::Expired);
        }
    }

    /// Milliseconds to the deadline of the live escalation.
    pub fn deadline_in(&self) -> Option<u64> {
        self.authority().map(|e| e.grant().deadline.since(clock::now()))
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
