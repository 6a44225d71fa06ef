//! Everything `app` may ask of the world. An effect is a value: inspected, gated and logged
//! before anything happens. If `update` wants something new, it becomes a variant here.

use super::msg::ReadId;
use crate::cluster::Query;
use crate::escalation::{Drain, EndReason, EscalationRequest, Input, Mutation, Stream};
use crate::model::ObjectRef;

#[derive(Debug)]
pub enum Effect {
    /// Starts a read; answers come as `Fact::Reading` with the same id.
    Read(ReadId, Query),
    /// Ends a live read.
    StopRead(ReadId),
    /// Asks the gate what the policy offers here; the answer is `Fact::Offers`.
    Offers,
    /// Petition: record, request, wait for the grant, acquire.
    Ask(EscalationRequest),
    /// Gives up an ask that is waiting: the request object is deleted.
    Withdraw,
    /// One write, through the gate.
    Mutate(Mutation),
    /// Opens a shell or port-forward, through the gate. Named by its action from here on.
    Stream(Stream),
    /// Keys for a shell, or its new size.
    Input(u64, Input),
    CloseStream(u64),
    /// Asks what runs on this node; the answer is `Fact::Surveyed`.
    Survey(ObjectRef),
    /// Drains a node, through the gate. Named by its action from here on.
    Drain(Drain),
    StopDrain(u64),
    /// The operator was told that the end is near: a record.
    Warned {
        seconds_left: u32,
    },
    /// Ends the live escalation.
    End(EndReason),
    SwitchContext(String),
    ListContexts,
    /// None: the newest that has ended.
    OpenReplay {
        session: Option<String>,
    },
    /// The sessions kept here; the answer is `Fact::Sessions`.
    ListSessions,
    /// OSC 52.
    Copy(String),
    Quit,
}
