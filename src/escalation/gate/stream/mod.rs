//! Streams through the gate: checked, recorded, opened, pumped, cut, recorded. Each is registered
//! before anything is sent, and whatever ends the escalation cuts it at once; none can outlive the
//! grant, not even if nobody calls `end`, since each watches the deadline itself. A quarter of a second
//! before it they are cut, so that a shell can be hung up while the grant still holds.

mod forward;
mod forwarded;
mod frames;
mod hang_up;
mod job;
mod open;
mod shell;
mod socket;
mod typed;

use super::Gate;
use crate::escalation::stream::StreamAct;
use crate::escalation::{GateError, Stream, StreamEnd, StreamIo};
use job::Job;
pub(super) use open::OpenStreams;

impl Gate {
    /// Runs one stream until it ends, whoever ends it; its outcome is on disk when this returns.
    /// An error says why it was not opened. Events tell of it while it runs.
    pub async fn stream(&self, stream: Stream, io: StreamIo) -> Result<StreamEnd, GateError> {
        let live = self.live()?;
        let words = stream.words();
        let last = live.grant.deadline.boot_ms.saturating_sub(hang_up::AHEAD_MS);
        let entered = live.streams.enter(stream.action, &words, last);
        let job = Job {
            gate: self,
            live: &live,
            entered: &entered,
            action: stream.action,
            words,
            pod: stream.pod,
        };
        if live.grant.session != stream.session {
            return Err(job.refuse(GateError::Stale).await);
        }
        if entered.is_over() {
            return Err(job.refuse(GateError::Closed).await);
        }
        match stream.act {
            StreamAct::Shell { container, size } => shell::run(&job, container.as_deref(), size, io).await,
            StreamAct::Forward { remote, local } => forward::run(&job, remote, local).await,
        }
    }

    /// Ends one stream; the others go on.
    pub fn close_stream(&self, action: u64) {
        if let Ok(live) = self.live() {
            live.streams.close(action);
        }
    }
}
