//! The gate of one context: petitions, acquire, execute, end. Holds at most one live session; must
//! never hand out the elevated client or its token.

mod acquire;
mod approve;
mod ask;
mod asking;
pub(super) mod base;
pub(super) mod clock;
mod confirm;
pub(super) mod consent;
mod consenting;
mod drain;
mod drain_evict;
mod drains;
mod end;
mod execute;
mod found;
mod grants;
mod others;
mod petition;
mod recover;
mod remote;
pub(super) mod rights;
pub(super) mod rules;
mod said;
mod session;
mod stream;
mod take_back;
mod taken;
mod wait;
pub(super) mod wire;
mod write;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::policy::{Offers, Policy};
use super::{CredentialProvider, GateError, GateEvent};
use crate::audit::sinks::{Outbox, Unsent};
use crate::audit::{CHECKPOINT_EVERY, Event, Journal, Medium, Origin, PolicyId, ScreenHead};
use crate::cluster::Endpoint;
use base::Base;
use clock::ServerClock;
use session::Live;

/// What a gate is made of.
pub struct GateSettings {
    pub endpoint: Arc<dyn Endpoint>,
    pub policy: Arc<Policy>,
    pub provider: Arc<dyn CredentialProvider>,
    /// The state directory; sessions lie below it.
    pub state_dir: PathBuf,
    pub events: UnboundedSender<GateEvent>,
    pub timing: Timing,
    /// The sinks, shipped by whoever made it. None: records are kept on this machine only.
    pub outbox: Option<Outbox>,
    /// What journals are written through: the file itself, or in tests a disk that fails.
    pub disk: Disk,
}

/// Put around the file of each journal.
pub type Disk = Arc<dyn Fn(Box<dyn Medium>) -> Box<dyn Medium> + Send + Sync>;

impl GateSettings {
    /// With the usual timing, on the disk as it is.
    pub fn new(
        endpoint: Arc<dyn Endpoint>,
        policy: Arc<Policy>,
        provider: Arc<dyn CredentialProvider>,
        state_dir: PathBuf,
        events: UnboundedSender<GateEvent>,
    ) -> Self {
        Self {
            endpoint,
            policy,
            provider,
            state_dir,
            events,
            timing: Timing::default(),
            outbox: None,
            disk: Arc::new(|file| file),
        }
    }
}

/// How long an end waits, and a drain; how often the journal is looked after.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Before the credential is tried: API servers remember a success for 10 s.
    pub settle: Duration,
    /// After that, for it to be refused.
    pub patience: Duration,
    /// For grant and request to be deleted.
    pub petitions: Duration,
    /// For the last records to be on disk.
    pub seal: Duration,
    /// Between two tries of an eviction that a disruption budget refused, where the server names no
    /// time; kubectl waits as long.
    pub eviction: Duration,
    /// Between two checkpoints of the journal: as soon a lost journal ends the escalation.
    pub checkpoint: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(10),
            patience: Duration::from_secs(15),
            petitions: Duration::from_secs(10),
            seal: Duration::from_secs(3),
            eviction: Duration::from_secs(5),
            checkpoint: CHECKPOINT_EVERY,
        }
    }
}

/// The gate of one context. Shared by `Arc`; every method takes `&self`.
pub struct Gate {
    settings: GateSettings,
    clock: Arc<ServerClock>,
    phase: Mutex<Phase>,
}

enum Phase {
    Closed,
    Asking(CancellationToken),
    Open(Arc<Live>),
    /// Cancelled by whoever does not want to wait for the server.
    Ending(CancellationToken),
}

/// A request as an approver reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRequest {
    pub hash: String,
    /// Which object was read: one of the same name may be another by the time of consent.
    pub uid: String,
    pub requester: String,
    pub role: String,
    pub namespace: Option<String>,
    pub ttl_seconds: u32,
    pub ticket: String,
    pub trigger: String,
    pub reason: String,
    pub age_seconds: u64,
    pub rights: Vec<String>,
}

/// Consent given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The approver's own session.
    pub session: String,
    pub grant: String,
    /// Epoch seconds on the server's clock.
    pub deadline: u64,
    /// What sinks did not acknowledge in time.
    pub unsent: Vec<Unsent>,
}

/// A session that was found unfinished, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    pub session: String,
    pub text: String,
    pub is_error: bool,
}

impl Gate {
    pub fn new(settings: GateSettings) -> Self {
        Self {
            settings,
            clock: Arc::default(),
            phase: Mutex::new(Phase::Closed),
        }
    }

    /// What the pane offers to the base identity on this cluster.
    pub async fn offers(&self) -> Result<Offers, GateError> {
        let base = self.base().await?;
        let who = base.who().await?;
        let has_kit = base.has_kit().await?;
        Ok(self.settings.policy.offers(&who.username, &who.groups, has_kit))
    }

    async fn base(&self) -> Result<Base, GateError> {
        Base::open(&self.settings.endpoint, &self.clock).await
    }

    async fn origin(&self, base: &Base) -> Origin {
        let policy = PolicyId {
            version: "1".into(),
            hash: self.settings.policy.hash.clone(),
        };
        Origin::here(base.cluster().await, policy)
    }

    /// A session with its key, folder and first record, all durable before anything is sent.
    async fn new_journal(&self, base: &Base, first: &Event) -> Result<Journal, GateError> {
        let origin = self.origin(base).await;
        let disk = Arc::clone(&self.settings.disk);
        let created = Journal::create_on(&self.settings.state_dir, &origin, first, move |file| disk(file));
        let journal = created.map_err(|error| GateError::Record {
            what: "the session".into(),
            cause: error.to_string(),
        })?;
        let screen = ScreenHead::default();
        journal.attach_screen(screen.clone());
        journal.set_checkpoint_interval(self.settings.timing.checkpoint);
        if let Some(skew) = self.clock.skew_ms() {
            journal.set_clock_skew_ms(skew);
        }
        let (events, session) = (self.settings.events.clone(), journal.session().to_owned());
        journal.observe(move |appended| {
            // Nobody listens any more: the record is durable all the same.
            drop(events.send(GateEvent::Recorded {
                session: session.clone(),
                count: u32::try_from(appended.seq).unwrap_or(u32::MAX),
            }));
        });
        self.take_up(&journal)?;
        self.tell(GateEvent::Opened {
            session: journal.session().into(),
            folder: journal.folder().to_owned(),
            screen,
        });
        Ok(journal)
    }

    fn tell(&self, event: GateEvent) {
        // Without a listener (a subcommand that needs none) events are for nobody.
        drop(self.settings.events.send(event));
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        // The phase is replaced whole, so a panic in between leaves the old one.
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_asking(&self) -> Result<CancellationToken, GateError> {
        let mut phase = self.phase();
        if !matches!(*phase, Phase::Closed) {
            return Err(GateError::Busy);
        }
        let cancel = CancellationToken::new();
        *phase = Phase::Asking(cancel.clone());
        Ok(cancel)
    }

    fn cancel_asking(&self) {
        if let Phase::Asking(cancel) = &*self.phase() {
            cancel.cancel();
        }
    }

    fn opened(&self, live: Live) {
        let live = Arc::new(live);
        self.heed(&live);
        *self.phase() = Phase::Open(live);
    }

    /// A checkpoint that fails is a record that fails. A shell or port-forward asks for no other for
    /// minutes, and would go on without a record that anybody could find.
    fn heed(&self, live: &Arc<Live>) {
        let (live_still, events) = (Arc::downgrade(live), self.settings.events.clone());
        live.petitions.journal.on_alarm(move |error| {
            if live_still.upgrade().is_some_and(|live| live.stop_accepting()) {
                let cause = error.to_string();
                drop(events.send(GateEvent::RecordFailed { cause }));
            }
        });
    }

    /// Whether the gate still takes orders under what it has granted. For whoever receives the
    /// escalation: what ended it may have been told before.
    pub fn is_accepting(&self) -> bool {
        self.live().is_ok_and(|live| live.is_accepting())
    }

    fn closed(&self) {
        *self.phase() = Phase::Closed;
    }

    fn live(&self) -> Result<Arc<Live>, GateError> {
        match &*self.phase() {
            Phase::Open(live) => Ok(Arc::clone(live)),
            _ => Err(GateError::Closed),
        }
    }

    /// From here on nothing is accepted. None if `session` is not the live one.
    fn begin_ending(&self, session: &str) -> Option<(Arc<Live>, CancellationToken)> {
        let mut phase = self.phase();
        let live = match &*phase {
            Phase::Open(live) if live.grant.session == session => Arc::clone(live),
            _ => return None,
        };
        live.stop_accepting();
        let hurry = CancellationToken::new();
        *phase = Phase::Ending(hurry.clone());
        Some((live, hurry))
    }

    fn hurry_up(&self) {
        if let Phase::Ending(hurry) = &*self.phase() {
            hurry.cancel();
        }
    }
}
