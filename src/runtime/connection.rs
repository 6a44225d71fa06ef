//! One open context: reader and gate over one endpoint, and the live reads. Dropping it ends
//! every read; the live escalation is not in here, since it must outlive no one but be ended.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::AbortHandle;

use super::happened::{Happened, Mail};
use crate::app::{Fact, ReadId};
use crate::audit::sinks::Outbox;
use crate::cluster::{ConnectError, Endpoint, Query, Reader, Reading};
use crate::credential::TokenRequest;
use crate::escalation::{Gate, GateError, GateSettings, Mutation, Policy};

/// Readings that may wait for the loop per read; a full queue slows the read down.
const READINGS_AHEAD: usize = 4;

pub struct Connection {
    pub reader: Reader,
    /// None without a valid policy: the glass stays closed.
    pub gate: Option<Arc<Gate>>,
    reads: HashMap<ReadId, AbortHandle>,
    writes: Option<UnboundedSender<Mutation>>,
}

impl Connection {
    /// Connects to nothing yet, but runs exec plugins; not for the UI task.
    pub async fn open(
        endpoint: Arc<dyn Endpoint>,
        policy: Option<Arc<Policy>>,
        outbox: Option<Outbox>,
        (state_dir, cache_dir): (&Path, &Path),
        mail: &Mail,
    ) -> Result<Self, ConnectError> {
        let reader = Reader::connect_caching(endpoint.as_ref(), cache_dir).await?;
        let gate = policy.map(|policy| open_gate(endpoint, policy, outbox, state_dir, mail));
        let writes = gate.clone().map(|gate| write_in_order(gate, mail.clone()));
        Ok(Self {
            reader,
            gate,
            reads: HashMap::new(),
            writes,
        })
    }

    /// Starts a read; what it tells arrives as facts with its id.
    pub fn read(&mut self, id: ReadId, query: Query, mail: &Mail) {
        let (reader, mail) = (self.reader.clone(), mail.clone());
        let task = tokio::spawn(async move {
            let (out, mut readings) = mpsc::channel(READINGS_AHEAD);
            let forward = async {
                while let Some(reading) = readings.recv().await {
                    mail.send(Happened::Fact(Fact::Reading { id, reading })).await;
                }
            };
            tokio::join!(reader.run(query, out), forward);
        });
        self.reads.insert(id, task.abort_handle());
        self.reads.retain(|_, task| !task.is_finished());
    }

    /// Queues a write. The gate refuses what is still queued when the escalation ends.
    pub fn write(&self, mutation: Mutation) {
        if let Some(writes) = &self.writes {
            // The worker lives as long as this sender.
            let _ = writes.send(mutation);
        }
    }

    pub fn stop_read(&mut self, id: ReadId) {
        if let Some(task) = self.reads.remove(&id) {
            task.abort();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reads.values().for_each(AbortHandle::abort);
    }
}

fn open_gate(
    endpoint: Arc<dyn Endpoint>,
    policy: Arc<Policy>,
    outbox: Option<Outbox>,
    state_dir: &Path,
    mail: &Mail,
) -> Arc<Gate> {
    let (events, mut heard) = mpsc::unbounded_channel();
    let post = mail.clone();
    tokio::spawn(async move {
        while let Some(event) = heard.recv().await {
            post.send(Happened::Gate(event)).await;
        }
    });
    let provider = Arc::new(TokenRequest);
    let settings = GateSettings::new(endpoint, policy, provider, state_dir.to_owned(), events);
    Arc::new(Gate::new(GateSettings { outbox, ..settings }))
}

/// Writes go one after another, so that two keystrokes reach the server in the order in which they
/// were typed.
fn write_in_order(gate: Arc<Gate>, mail: Mail) -> UnboundedSender<Mutation> {
    let (queue, mut queued) = mpsc::unbounded_channel::<Mutation>();
    tokio::spawn(async move {
        while let Some(mutation) = queued.recv().await {
            let action = mutation.action();
            if let Err(error) = gate.execute(mutation).await {
                told(action, &error, &mail).await;
            }
        }
    });
    queue
}

/// Why a write was not sent. Of one that was, but could not be recorded, the gate has told.
pub async fn told(action: u64, error: &GateError, mail: &Mail) {
    if !error.was_sent() {
        let error = error.to_string();
        mail.send(Happened::Fact(Fact::WriteRefused { action, error })).await;
    }
}

/// Why a drain did not begin. It looks first, so an answer of the server is no sign that a write was
/// sent.
pub async fn did_not_begin(action: u64, error: &GateError, mail: &Mail) {
    if !matches!(error, GateError::Unrecorded { .. }) {
        let error = error.to_string();
        mail.send(Happened::Fact(Fact::WriteRefused { action, error })).await;
    }
}

/// A read that was asked for while no context is open.
pub fn unread(id: ReadId) -> Happened {
    Happened::Fact(Fact::Reading {
        id,
        reading: Reading::Ended,
    })
}
