//! Syslog has no acknowledgement, so an orderly close is made to be one. A batch has a connection of
//! its own: sent, shut, and confirmed when the receiver closes its side *and is seen to live after
//! that*. The second half matters: when a receiver is killed with the batch read but not yet
//! written, the system closes its connections just as politely as the program would have.

use std::time::Duration;

use async_trait::async_trait;

use super::config::TlsConfig;
use super::line::Line;
use super::rfc5424;
use super::sink::{Failure, Sink};
use super::wire::{Closed, Dial, Wire};
use crate::audit::record::Host;

pub struct Syslog {
    dial: Dial,
    hostname: String,
    max_message: usize,
    /// An idle connection, opened before the batch. It breaks if the receiver dies.
    witness: Option<Wire>,
}

impl Syslog {
    pub fn new(address: &str, max_message: usize, tls: Option<TlsConfig>, patience: Duration) -> Self {
        Self {
            dial: Dial::new(address, tls, patience),
            hostname: Host::here().name,
            max_message,
            witness: None,
        }
    }

    async fn ensure_witness(&mut self) -> Result<(), Failure> {
        let lives = match &mut self.witness {
            Some(witness) => witness.is_alive().await,
            None => false,
        };
        if !lives {
            self.witness = None;
            self.witness = Some(self.dial.connect().await?);
        }
        Ok(())
    }

    /// A silent close came. Whoever answers a connection made after it, while one made before it
    /// still stands, is the program that closed; not its successor, and not the system.
    async fn confirm(&mut self) -> Result<(), Failure> {
        let patience = self.dial.patience;
        let later = self.dial.connect().await?;
        // Over TLS the handshake was an answer; without it only a close is one.
        later.finish(patience).await?;
        let lives = match &mut self.witness {
            Some(witness) => witness.is_alive().await,
            None => false,
        };
        if lives {
            return Ok(());
        }
        self.witness = None;
        Err(Failure::new(
            "the receiver ended while it had the records: whether it kept them is unknown",
        ))
    }
}

#[async_trait]
impl Sink for Syslog {
    async fn deliver(&mut self, batch: &[Line]) -> Result<(), Failure> {
        let mut frames = Vec::new();
        for line in batch {
            rfc5424::frame(line, &self.hostname, self.max_message, &mut frames);
        }
        let patience = self.dial.patience;
        self.ensure_witness().await?;
        let mut wire = self.dial.connect().await?;
        wire.send(&frames, patience).await?;
        match wire.finish(patience).await? {
            Closed::Notified => Ok(()),
            Closed::Silent => self.confirm().await,
        }
    }

    async fn reach(&mut self) -> Result<(), Failure> {
        self.ensure_witness().await
    }
}
