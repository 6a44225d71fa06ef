//! A session's journal as the rest of the program sees it: a handle to the thread that writes.
//! Order is the order of the calls; nothing here blocks an async worker but `create`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::append_error::{AppendError, AppendFault};
use super::clock;
use super::event::{Event, Intent, Outcome};
use super::folder::{JOURNAL_FILE, NewFolder};
use super::hash;
use super::key::SessionKey;
use super::medium::{FileMedium, Medium, Place};
use super::pending::{self, Pending, Promise};
use super::receipt::{Receipt, Sent};
use super::record::{Appended, Mode, Origin, spell_key};
use super::screen_head::ScreenHead;
use super::writer::{Alarm, Observer, Start, Writer};

/// How often the thread looks at least whether a checkpoint is due.
const TICK: Duration = Duration::from_secs(1);

/// A journal that could not be begun; nothing was sent.
#[derive(Debug, thiserror::Error)]
#[error("journal in {place}: {cause}; {cure}")]
pub struct JournalError {
    pub place: String,
    pub cause: String,
    pub cure: String,
}

/// The journal of one session. Cheap to clone; all clones write to one thread.
#[derive(Clone)]
pub struct Journal(Arc<Handle>);

/// The same without keeping the journal open: for those who only look on.
#[derive(Clone)]
pub struct WeakJournal(Weak<Handle>);

impl WeakJournal {
    /// None once everybody who writes has let go of it.
    pub fn upgrade(&self) -> Option<Journal> {
        self.0.upgrade().map(Journal)
    }
}

struct Handle {
    session: String,
    session_key: String,
    folder: PathBuf,
    commands: Sender<Command>,
}

enum Command {
    Append(Box<Event>, Promise<Appended>),
    Intend(Box<Intent>, Promise<Receipt>),
    Conclude(Sent, Outcome, Promise<Appended>),
    Close(Promise<Appended>),
    Screen(ScreenHead),
    ClockSkew(i64),
    Observe(Observer),
    ObserveLost(Observer),
    OnAlarm(Alarm),
    CheckpointEvery(Duration),
}

impl Journal {
    /// Makes the session: key, folder, journal with its first record, all durable. Blocks for some
    /// milliseconds.
    pub fn create(state_dir: &Path, origin: &Origin, first: &Event) -> Result<Self, JournalError> {
        Self::create_on(state_dir, origin, first, |file| file)
    }

    /// The same on a medium that lies around the file: for sessions whose disk fails.
    pub fn create_on(
        state_dir: &Path,
        origin: &Origin,
        first: &Event,
        around: impl FnOnce(Box<dyn Medium>) -> Box<dyn Medium>,
    ) -> Result<Self, JournalError> {
        let failed = |cause: String, cure: &str| JournalError {
            place: state_dir.display().to_string(),
            cause,
            cure: cure.into(),
        };
        let key = SessionKey::generate().map_err(|e| failed(e.to_string(), "the system gives no randomness"))?;
        let public = key.public();
        let session = hash::session_hash(&public);
        let disk = "make the state directory yours alone, writable and not full, or choose another";
        let (new, file) = NewFolder::create(state_dir, &session).map_err(|e| failed(e.to_string(), disk))?;
        let start = Start {
            session: session.clone(),
            next_seq: 1,
            head: hash::genesis(&public),
            mode: Mode::Normal,
            length: 0,
            counts: std::collections::BTreeMap::new(),
        };
        let place = Place::default();
        let medium = FileMedium::new(file, Arc::clone(&place)).map_err(|e| failed(e.to_string(), disk))?;
        let medium = around(Box::new(medium));
        let mut writer = Writer::new(new.path.join(JOURNAL_FILE), medium, key, origin, start);
        writer.open(first, None).map_err(|e| failed(e.to_string(), disk))?;
        let folder = new.publish(&session).map_err(|e| failed(e.to_string(), disk))?;
        place.get_or_init(|| folder.join(JOURNAL_FILE));
        Self::serve(session, spell_key(&public), folder, writer).map_err(|e| failed(e.to_string(), "free some memory"))
    }

    pub(super) fn serve(
        session: String,
        session_key: String,
        folder: PathBuf,
        writer: Writer,
    ) -> std::io::Result<Self> {
        let (commands, inbox) = mpsc::channel();
        std::thread::Builder::new()
            .name("kglass-journal".into())
            .spawn(move || run(writer, &inbox))?;
        Ok(Self(Arc::new(Handle {
            session,
            session_key,
            folder,
            commands,
        })))
    }

    /// `<hash>`: the session's name.
    pub fn session(&self) -> &str {
        &self.0.session
    }

    /// Base64 of the public key that signs the records.
    pub fn session_key(&self) -> &str {
        &self.0.session_key
    }

    /// Where journal and recording lie.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    pub fn append(&self, event: Event) -> Pending<Appended> {
        self.ask(|promise| Command::Append(Box::new(event), promise))
    }

    /// The receipt comes when the intent is durable; without it nothing is sent.
    pub fn intend(&self, intent: Intent) -> Pending<Receipt> {
        self.ask(|promise| Command::Intend(Box::new(intent), promise))
    }

    pub fn conclude(&self, sent: Sent, outcome: Outcome) -> Pending<Appended> {
        self.ask(|promise| Command::Conclude(sent, outcome, promise))
    }

    /// Seals the journal: the close record, then no other. The lock is free when the answer is there.
    pub fn close(&self) -> Pending<Appended> {
        self.ask(Command::Close)
    }

    /// From now on checkpoints vouch for this recording.
    pub fn attach_screen(&self, screen: ScreenHead) {
        self.tell(Command::Screen(screen));
    }

    /// Local clock minus server clock, for the records that follow.
    pub fn set_clock_skew_ms(&self, skew: i64) {
        self.tell(Command::ClockSkew(skew));
    }

    /// Tells of each record once it is durable, on the journal's thread.
    pub fn observe(&self, observer: impl FnMut(&Appended) + Send + 'static) {
        self.tell(Command::Observe(Box::new(observer)));
    }

    /// Tells of each record that could not be made durable, on the journal's thread.
    pub fn observe_lost(&self, observer: impl FnMut(&Appended) + Send + 'static) {
        self.tell(Command::ObserveLost(Box::new(observer)));
    }

    /// Tells, on the journal's thread, that a checkpoint failed or that the journal is no longer at its
    /// place: what no answer to anybody says. Also of what happened before this was called.
    pub fn on_alarm(&self, alarm: impl FnMut(&AppendError) + Send + 'static) {
        self.tell(Command::OnAlarm(Box::new(alarm)));
    }

    /// Time between checkpoints; a journal that is lost is noticed as soon.
    pub fn set_checkpoint_interval(&self, every: Duration) {
        self.tell(Command::CheckpointEvery(every));
    }

    /// A handle that does not keep the journal open.
    pub fn downgrade(&self) -> WeakJournal {
        WeakJournal(Arc::downgrade(&self.0))
    }

    fn ask<T>(&self, command: impl FnOnce(Promise<T>) -> Command) -> Pending<T> {
        let (promise, pending) = pending::pair();
        self.tell(command(promise));
        pending
    }

    fn tell(&self, command: Command) {
        // If the thread is gone the promise inside the command answers so when it is dropped here.
        drop(self.0.commands.send(command));
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("session", &self.0.session)
            .field("folder", &self.0.folder)
            .finish_non_exhaustive()
    }
}

fn run(mut writer: Writer, inbox: &Receiver<Command>) {
    loop {
        match inbox.recv_timeout(TICK.min(writer.checkpoint_every)) {
            Ok(Command::Close(promise)) => {
                let answer = writer.close();
                let path = writer.path().to_owned();
                // Key erased and lock released before anybody hears of it.
                drop(writer);
                promise.answer(answer);
                return refuse_rest(&path, inbox);
            }
            Ok(Command::Append(event, promise)) => promise.answer(writer.append(&event)),
            Ok(Command::Intend(intent, promise)) => promise.answer(writer.intend(&intent)),
            Ok(Command::Conclude(sent, outcome, promise)) => promise.answer(writer.conclude(&sent, &outcome)),
            Ok(Command::Screen(screen)) => writer.screen = Some(screen),
            Ok(Command::ClockSkew(skew)) => writer.clock_skew_ms = Some(skew),
            Ok(Command::Observe(observer)) => writer.observers.push(observer),
            Ok(Command::ObserveLost(observer)) => writer.losers.push(observer),
            Ok(Command::OnAlarm(alarm)) => writer.on_alarm(alarm),
            Ok(Command::CheckpointEvery(every)) => writer.checkpoint_every = every,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        writer.tick(clock::boot_ns());
    }
}

fn refuse_rest(path: &Path, inbox: &Receiver<Command>) {
    let closed = |kind| AppendError {
        path: path.to_owned(),
        kind,
        fault: AppendFault::Closed,
        record: None,
    };
    for command in inbox {
        match command {
            Command::Append(_, promise) => promise.answer(Err(closed("event"))),
            Command::Intend(_, promise) => promise.answer(Err(closed("intent"))),
            Command::Conclude(_, _, promise) => promise.answer(Err(closed("outcome"))),
            Command::Close(promise) => promise.answer(Err(closed("close"))),
            Command::Screen(_)
            | Command::ClockSkew(_)
            | Command::Observe(_)
            | Command::ObserveLost(_)
            | Command::OnAlarm(_)
            | Command::CheckpointEvery(_) => {}
        }
    }
}
