//! Everything that can happen, as facts. Each carries its time; nobody in `app` reads a clock.

use std::sync::Arc;

use crate::audit::sinks::SinkStatus;
use crate::cluster::{ContextPlace, Reading};
use crate::config::Key;
use crate::escalation::{
    AskProgress, DrainProgress, EndStep, Ended, Grant, NodeSurvey, Offers, Outcome, StreamEnd, StreamEvent,
};
use crate::model::{Moment, ObjectRef, TerminalFrame};
use crate::review::SessionSummary;

/// One fact with its time.
#[derive(Clone, Debug)]
pub struct Msg {
    pub at: Moment,
    pub fact: Fact,
}

/// Names one read, so that answers of a cancelled one are dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReadId(pub u64);

#[derive(Clone, Debug)]
pub enum Fact {
    /// `burst`: it came together with other keys in one read of the terminal (typed ahead, or a
    /// paste without brackets). Such a key commands, but never confirms.
    Key {
        key: Key,
        burst: bool,
    },
    /// Bracketed paste: text for a field, never a command or consent.
    Paste(String),
    Resize {
        width: u16,
        height: u16,
    },
    /// Sent as often as `State::tick_interval_ms` says, and only while something visible depends on
    /// the time.
    Tick,
    Reading {
        id: ReadId,
        reading: Reading,
    },
    /// Contexts of the kubeconfig, and the one in use.
    /// What the contexts name: cluster, user, namespace.
    ContextPlaces(Arc<[ContextPlace]>),
    Contexts {
        names: Arc<[String]>,
        current: String,
    },
    /// A context was opened; everything read before belongs to the old one.
    Connected(Arc<crate::cluster::EndpointFacts>),
    /// The context could not be opened; the text names place, cause and cure.
    ConnectFailed {
        context: String,
        error: String,
    },
    /// What the policy offers to the base identity on this cluster.
    Offers(Arc<Offers>),
    /// The gate could not say; the glass does not open.
    OffersFailed {
        error: String,
    },
    Asked(AskProgress),
    AskFailed {
        error: String,
    },
    /// The ask was given up as the operator wished, and nothing of it is left.
    Withdrawn,
    Granted(Grant),
    /// Records in the journal of this session so far.
    Recorded {
        count: u32,
    },
    /// How the sinks are doing; none where records are kept on this machine only.
    Sinks(Arc<[SinkStatus]>),
    Outcome(Outcome),
    /// The gate refused before anything was sent.
    WriteRefused {
        action: u64,
        error: String,
    },
    /// How a shell or port-forward gets on.
    Stream(StreamEvent),
    StreamEnded {
        action: u64,
        end: StreamEnd,
    },
    /// The gate did not open it.
    StreamFailed {
        action: u64,
        error: String,
    },
    /// What a shell's terminal shows.
    Terminal {
        action: u64,
        frame: Arc<TerminalFrame>,
    },
    /// What runs on a node that is to be drained, or why that is not known.
    Surveyed {
        node: ObjectRef,
        found: Result<Arc<NodeSurvey>, String>,
    },
    /// How a drain gets on.
    Drain(DrainProgress),
    /// The end has begun: nothing is accepted any more.
    Ending,
    /// What the end waits for.
    EndStep(EndStep),
    Ended(Ended),
    /// Sessions found dead or unconfirmed at start, and what was done.
    Notice {
        text: String,
        is_error: bool,
    },
    /// Sessions kept on this machine, the newest first.
    Sessions(Arc<[SessionSummary]>),
    ReplayOpened(Arc<crate::recording::Recording>),
    ReplayFailed {
        error: String,
    },
    /// SIGTERM, SIGHUP: leave at once.
    Terminate {
        signal: &'static str,
    },
}
