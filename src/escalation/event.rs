//! What the gate tells while it works. One channel, so that counts, markers and outcomes arrive in
//! the order in which they were recorded.

use std::path::PathBuf;

use super::contract::{AskProgress, EndStep, Outcome};
use super::drain::DrainProgress;
use super::stream::StreamEvent;
use crate::audit::ScreenHead;

#[derive(Clone, Debug)]
pub enum GateEvent {
    /// A session's folder and journal exist; a recording may begin beside it.
    Opened {
        session: String,
        folder: PathBuf,
        /// The recording feeds it, the journal's checkpoints read it.
        screen: ScreenHead,
    },
    Progress(AskProgress),
    /// Records in the journal so far.
    Recorded {
        session: String,
        count: u32,
    },
    /// For the recording: this request is about to be sent.
    Marker {
        audit_id: String,
        label: String,
    },
    Outcome(Outcome),
    /// How a shell or port-forward gets on.
    Stream(StreamEvent),
    /// How a drain gets on.
    Drain(DrainProgress),
    /// What the end waits for.
    Ending(EndStep),
    /// The server answered 401 to the live credential: the escalation must be ended.
    LostAuth,
    /// A record could not be made durable, or the journal is gone: nothing is accepted any more, the escalation must be ended.
    RecordFailed {
        cause: String,
    },
}
