//! What every sink can do, whatever it speaks. The contract: `Ok` only if the receiver has confirmed
//! the whole batch; anything else means that all of it is sent again.

use std::time::Duration;

use async_trait::async_trait;

use super::config::{SinkConfig, SinkKind};
use super::line::Line;
use super::syslog::Syslog;
use super::webhook::Webhook;

/// Why a batch is not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct Failure {
    pub cause: String,
    /// The receiver asked for this much patience.
    pub retry_after: Option<Duration>,
}

impl Failure {
    pub fn new(cause: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            retry_after: None,
        }
    }
}

#[async_trait]
pub trait Sink: Send + Sync {
    /// Delivers the records of one session in order. `Ok` means that the receiver has them all.
    async fn deliver(&mut self, batch: &[Line]) -> Result<(), Failure>;

    /// Is the receiver there, and is it the right one? Delivers nothing.
    async fn reach(&mut self) -> Result<(), Failure>;
}

/// The sink that `config` describes. Connects to nothing yet.
pub fn open(config: &SinkConfig) -> Box<dyn Sink> {
    match &config.kind {
        SinkKind::SyslogTcp { address, max_message } => {
            Box::new(Syslog::new(address, *max_message, None, config.patience))
        }
        SinkKind::SyslogTls {
            address,
            max_message,
            tls,
        } => Box::new(Syslog::new(address, *max_message, Some(tls.clone()), config.patience)),
        SinkKind::Webhook { url, tls, bearer } => {
            Box::new(Webhook::new(url.clone(), tls.clone(), bearer.clone(), config.patience))
        }
    }
}
