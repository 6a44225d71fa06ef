//! What tasks send to the loop. One bounded channel, so that a flood of readings slows the tasks
//! down and not the keys; keys come by the terminal's own stream.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::connection::Connection;
use super::held::Held;
use crate::app::Fact;
use crate::cluster::{ConnectError, EndpointFacts};
use crate::escalation::GateEvent;
use crate::recording::Recorder;

/// Messages of all tasks that may wait for the loop.
const AHEAD: usize = 64;

pub enum Happened {
    Fact(Fact),
    Gate(GateEvent),
    /// The gate made it; only the loop may keep it, and it ends through that gate.
    Granted(Held),
    /// An ask was refused, or an end is over.
    GateDone(Fact),
    /// The screen of a session is being recorded from now on.
    Recording(Recorder),
    Connected {
        attempt: u64,
        facts: Arc<EndpointFacts>,
        connection: Connection,
    },
    ConnectFailed {
        attempt: u64,
        context: String,
        error: ConnectError,
    },
}

#[derive(Clone)]
pub struct Mail(mpsc::Sender<Happened>);

pub fn channel() -> (Mail, mpsc::Receiver<Happened>) {
    let (sender, receiver) = mpsc::channel(AHEAD);
    (Mail(sender), receiver)
}

impl Mail {
    /// The loop is gone only when the program ends; then nobody needs the message.
    pub async fn send(&self, happened: Happened) {
        let _ = self.0.send(happened).await;
    }
}
