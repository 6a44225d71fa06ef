//! Opening a context: off the loop's task, the last one asked for wins, and none is taken while a
//! grant lives.

use std::sync::Arc;
use std::time::Duration;

use super::{Contexts, World};
use crate::app::Fact;
use crate::cluster::{ConnectError, Endpoint, EndpointFacts};
use crate::runtime::connection::Connection;
use crate::runtime::happened::Happened;

/// Files that a kubeconfig names are read in no time, or not at all.
const OPENING: Duration = Duration::from_secs(10);

impl World {
    /// Opens a context on a task of its own; the old one goes when the new one has come. One that is
    /// being opened already is given up for it.
    pub fn connect(&mut self, name: Option<String>) {
        self.give_up_connecting();
        let attempt = self.attempt;
        let mail = self.mail.clone();
        let contexts = Arc::clone(&self.resources.contexts);
        let context = name.clone().or_else(|| contexts.current()).unwrap_or_default();
        let (policy, state_dir) = (self.resources.policy.clone(), self.resources.state_dir.clone());
        let (outbox, cache_dir) = (self.outbox.clone(), self.resources.cache_dir.clone());
        let opening = context.clone();
        let task = tokio::spawn(async move {
            let connected = match open_context(contexts, name).await {
                Ok(endpoint) => {
                    let facts = Arc::new(endpoint.facts().clone());
                    let connection = Connection::open(endpoint, policy, outbox, (&state_dir, &cache_dir), &mail).await;
                    connection.map(|connection| Happened::Connected {
                        attempt,
                        facts,
                        connection,
                    })
                }
                Err(error) => Err(error),
            };
            let happened = connected.unwrap_or_else(|error| Happened::ConnectFailed {
                attempt,
                context,
                error,
            });
            mail.send(happened).await;
        });
        self.connecting = Some((opening, task.abort_handle()));
    }

    /// What still comes of it is not heard.
    pub(super) fn give_up_connecting(&mut self) -> Option<String> {
        self.attempt += 1;
        let (context, task) = self.connecting.take()?;
        task.abort();
        Some(context)
    }

    /// Whether this is the answer that is waited for; then it is not waited for any more.
    pub fn is_awaited(&mut self, attempt: u64) -> bool {
        let is = attempt == self.attempt;
        if is {
            self.connecting = None;
        }
        is
    }

    /// Replaces the connection and looks for sessions that a killed process left open. Never while a
    /// grant lives or is asked for: it would go on unseen, over the tables of another cluster.
    pub fn connected(&mut self, attempt: u64, facts: Arc<EndpointFacts>, connection: Connection) -> Option<Fact> {
        if !self.is_awaited(attempt) {
            return None;
        }
        if self.held.is_some() || self.at_the_gate.is_some() {
            let context = facts.context.clone();
            return Some(connect_failed(context, &"end the escalation first, then open it again"));
        }
        self.connection = Some(connection);
        self.recover();
        Some(Fact::Connected(facts))
    }

    fn recover(&self) {
        let Some(gate) = self.gate() else { return };
        let mail = self.mail.clone();
        tokio::spawn(async move {
            for found in gate.recover().await {
                mail.send(Happened::Fact(Fact::Notice {
                    text: found.text,
                    is_error: found.is_error,
                }))
                .await;
            }
        });
    }
}

/// Reads the kubeconfig's files (a CA, a certificate), which may lie on a file system that hangs.
async fn open_context(contexts: Arc<dyn Contexts>, name: Option<String>) -> Result<Arc<dyn Endpoint>, ConnectError> {
    let what = format!("context {}", name.as_deref().unwrap_or("of the kubeconfig"));
    let opening = tokio::task::spawn_blocking(move || contexts.open(name.as_deref()));
    let cause = match tokio::time::timeout(OPENING, opening).await {
        Ok(Ok(opened)) => return opened,
        Ok(Err(panic)) => panic.to_string(),
        Err(_) => format!("its files could not be read within {} s", OPENING.as_secs()),
    };
    let cure = "look at the files that the kubeconfig names, and at the file system they lie on".into();
    Err(ConnectError { what, cause, cure })
}

pub fn connect_failed(context: String, error: &impl ToString) -> Fact {
    Fact::ConnectFailed {
        context,
        error: error.to_string(),
    }
}
