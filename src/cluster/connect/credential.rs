//! The base identity's changing credential: issued by a plugin or read from a file, shared by all
//! transports of an endpoint, renewed before it expires and after a 401. One renewal at a time,
//! and never two within ten seconds, so that a refusing server starts no storm of plugins.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use http::HeaderValue;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::exec::{ClientCertificate, ExecPlugin};
use super::token_file::{REREAD, TokenFile};
use crate::cluster::ConnectError;

/// Renewed this long before the end, so that a request does not die on its way.
const AHEAD: Duration = Duration::from_secs(30);

/// Least time between two runs.
const PAUSE: Duration = Duration::from_secs(10);

/// Where a credential comes from.
pub(super) enum Source {
    /// It is in kube's configuration: a token, a certificate, basic, OIDC, or nothing.
    Fixed,
    TokenFile(TokenFile),
    Exec(Box<ExecPlugin>),
}

/// A credential as it was issued.
pub(super) struct Issued {
    pub generation: u64,
    /// Sensitive: never printed by http's Debug.
    pub authorization: Option<HeaderValue>,
    pub certificate: Option<ClientCertificate>,
    expires: Option<Timestamp>,
    at: Instant,
}

pub(super) struct Credentials {
    source: Source,
    current: ArcSwapOption<Issued>,
    /// Held while a credential is being issued; holds the failure of the last run.
    issuing: Mutex<Option<(Instant, ConnectError)>>,
}

impl Credentials {
    pub fn new(source: Source) -> Self {
        Self {
            source,
            current: ArcSwapOption::empty(),
            issuing: Mutex::new(None),
        }
    }

    pub fn is_fixed(&self) -> bool {
        matches!(self.source, Source::Fixed)
    }

    /// The credential to send now; issues one if there is none or it is about to expire.
    pub async fn current(&self) -> Result<Arc<Issued>, ConnectError> {
        if let Some(issued) = self.current.load_full().filter(|i| i.is_fresh()) {
            return Ok(issued);
        }
        self.issue(Issued::is_fresh).await
    }

    /// After a 401 with the credential of `generation`: a newer one. None if there cannot be one.
    pub async fn after_refusal(&self, generation: u64) -> Option<Arc<Issued>> {
        let newer = |held: &Issued| held.generation != generation || held.at.elapsed() < PAUSE;
        match self.issue(newer).await {
            Ok(issued) if issued.generation != generation => Some(issued),
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(%error, "no new credential after a 401");
                None
            }
        }
    }

    /// Issues a credential unless the one held is good enough by the time the lock is ours.
    async fn issue(&self, is_good: impl Fn(&Issued) -> bool) -> Result<Arc<Issued>, ConnectError> {
        let mut failed = self.issuing.lock().await;
        let held = self.current.load_full();
        if let Some(held) = held.as_ref().filter(|held| is_good(held)) {
            return Ok(Arc::clone(held));
        }
        if let Some((at, error)) = failed.as_ref().filter(|(at, _)| at.elapsed() < PAUSE) {
            tracing::debug!(since = ?at.elapsed(), "the last run failed, not repeated yet");
            return Err(error.clone());
        }
        let generation = held.as_ref().map_or(0, |held| held.generation) + 1;
        match self.run(generation).await {
            Ok(issued) => {
                *failed = None;
                let issued = Arc::new(issued);
                self.current.store(Some(Arc::clone(&issued)));
                Ok(issued)
            }
            Err(error) => {
                // A credential that the server still takes is better than none.
                if let Some(held) = held.filter(|held| !held.has_ended()) {
                    return Ok(held);
                }
                *failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    async fn run(&self, generation: u64) -> Result<Issued, ConnectError> {
        let (token, certificate, expires) = match &self.source {
            Source::Fixed => (None, None, None),
            Source::TokenFile(file) => {
                let again = Timestamp::now() + (REREAD + AHEAD);
                (Some(file.read().await?), None, Some(again))
            }
            Source::Exec(plugin) => {
                let answer = plugin.run().await?;
                (answer.token, answer.certificate, answer.expires)
            }
        };
        Ok(Issued {
            generation,
            authorization: token.as_ref().map(bearer).transpose()?,
            certificate,
            expires,
            at: Instant::now(),
        })
    }
}

impl Issued {
    fn is_fresh(&self) -> bool {
        self.expires.is_none_or(|end| Timestamp::now() + AHEAD < end)
    }

    fn has_ended(&self) -> bool {
        self.expires.is_some_and(|end| end <= Timestamp::now())
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, ConnectError> {
    let text = zeroize::Zeroizing::new(format!("Bearer {}", token.expose_secret()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| ConnectError {
        what: "the bearer token".into(),
        cause: "it has characters that no header may hold".into(),
        cure: "look at the plugin or file that it comes from".into(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}
