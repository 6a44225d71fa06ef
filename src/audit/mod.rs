//! The append-only journal of one session: records, chain, signatures, verification, recovery.
//! Knows no cluster and no screen; never holds a credential; never rewrites what is written.

mod append_error;
mod canon;
mod clock;
mod event;
mod folder;
mod hash;
mod journal;
mod key;
mod medium;
mod pending;
mod receipt;
mod record;
mod recover;
mod screen_head;
mod show;
pub mod sinks;
mod verify;
mod writer;

pub use append_error::{AppendError, AppendFault};
pub use clock::rfc3339;
pub use event::{
    Approval, Approving, Drained, Ended, Event, Granted, Intent, Outcome, Person, Probe, Refused, Requested,
    SinkFailed, SinkRecovered, StreamClosed, StreamOpened, Streamed, Target, Typed, Warned, end_in_words,
};
pub use folder::{JOURNAL_FILE, SCREEN_FILE, SESSIONS_FOLDER};
pub use hash::{audit_id, session_hash};
pub use journal::{Journal, JournalError, WeakJournal};
pub use medium::Medium;
pub use pending::Pending;
pub use receipt::{Receipt, Sent};
pub use record::{Appended, Cluster, Host, LocalUser, Mode, Origin, PolicyId, Tool};
pub use recover::{Recovery, is_running, recover};
pub use screen_head::{ScreenHead, ScreenMark};
pub use show::{Entry, Shown, show};
pub use verify::{Expectation, Fault, Finding, Flaw, Place, Report, ScreenState, VerifyError, verify, verify_against};
pub use writer::CHECKPOINT_EVERY;
