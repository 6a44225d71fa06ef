//! The endpoint of a kubeconfig context. Each transport has a pool of its own; a changing
//! credential is swapped in per request, so that open watches are never rebuilt. Decides nothing
//! about what may be sent: that is the guard's.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use kube::client::{Body, ClientBuilder};
use kube::config::AuthInfo;
use kube::{Client, Config};
use tower::BoxError;
use tower::util::service_fn;

use super::certificate::not_after;
use super::credential::{Credentials, Issued, Source};
use crate::cluster::{ConnectError, Endpoint, EndpointFacts, Identity, Transport};

pub(super) struct KubeconfigEndpoint {
    config: Config,
    facts: EndpointFacts,
    credentials: Arc<Credentials>,
}

impl KubeconfigEndpoint {
    pub fn new(config: Config, facts: EndpointFacts, source: Source) -> Self {
        Self {
            config,
            facts,
            credentials: Arc::new(Credentials::new(source)),
        }
    }

    /// Same server, CA, proxy and server name; only the token. No client certificate, no basic
    /// auth, no impersonation, no headers of the base identity.
    fn bearer_config(&self, token: &secrecy::SecretString) -> Config {
        let mut config = self.config.clone();
        config.auth_info = AuthInfo {
            token: Some(token.clone()),
            ..AuthInfo::default()
        };
        config.headers = Vec::new();
        config
    }

    /// A client certificate that has ended is named, instead of the 401 that it would bring.
    fn check_certificate(&self) -> Result<(), ConnectError> {
        let user = &self.config.auth_info;
        let pem = match (&user.client_certificate_data, &user.client_certificate) {
            (Some(data), _) => STANDARD.decode(data).ok(),
            (None, Some(path)) => std::fs::read(path).ok(),
            (None, None) => None,
        };
        // What cannot be read here fails with its own words when the client is built.
        match pem.and_then(|pem| not_after(&pem)) {
            Some(end) if end < Timestamp::now() => Err(ConnectError {
                what: format!("client certificate of context {}", self.facts.context),
                cause: format!("it expired at {end}"),
                cure: "renew it where the kubeconfig came from; check this machine's clock too".into(),
            }),
            _ => Ok(()),
        }
    }

    fn pool(&self, config: Config) -> Result<Client, ConnectError> {
        build(config, &self.facts)
    }
}

#[async_trait::async_trait]
impl Endpoint for KubeconfigEndpoint {
    fn facts(&self) -> &EndpointFacts {
        &self.facts
    }

    async fn transport(&self, identity: Identity<'_>) -> Result<Transport, ConnectError> {
        match identity {
            Identity::Bearer(token) => Ok(plain(self.pool(self.bearer_config(token))?)),
            Identity::Base if self.credentials.is_fixed() => {
                self.check_certificate()?;
                Ok(plain(self.pool(self.config.clone())?))
            }
            Identity::Base => {
                let pool = self.pool(self.config.clone())?;
                // The plugin runs now, so that its failure is told by whoever connects.
                self.credentials.current().await?;
                let swapped = Arc::new(Swapped {
                    config: self.config.clone(),
                    facts: self.facts.clone(),
                    credentials: Arc::clone(&self.credentials),
                    pool,
                    certified: ArcSwapOption::empty(),
                });
                Ok(Transport::new(service_fn(move |request| {
                    Arc::clone(&swapped).send(request)
                })))
            }
        }
    }
}

fn plain(client: Client) -> Transport {
    Transport::new(service_fn(move |request: Request<Body>| {
        let client = client.clone();
        async move { client.send(request).await.map_err(BoxError::from) }
    }))
}

fn build(config: Config, facts: &EndpointFacts) -> Result<Client, ConnectError> {
    ClientBuilder::try_from(config)
        .map(ClientBuilder::build)
        .map_err(|error| ConnectError {
            what: format!("context {}", facts.context),
            cause: match error {
                // Its text has the URL, and a proxy's URL may have a password.
                kube::Error::ProxyProtocolUnsupported { .. } | kube::Error::ProxyProtocolDisabled { .. } => {
                    "its proxy-url is neither http, https nor socks5".to_owned()
                }
                error => error.to_string(),
            },
            cure: "correct certificates, key, proxy-url or tls-server-name of the context".into(),
        })
}

/// A pool whose credential changes under it.
struct Swapped {
    config: Config,
    facts: EndpointFacts,
    credentials: Arc<Credentials>,
    pool: Client,
    /// For client certificates: the pool that presents the newest one. A new certificate means a
    /// new pool for new connections; streams on the old one go on.
    certified: ArcSwapOption<(u64, Client)>,
}

impl Swapped {
    async fn send(self: Arc<Self>, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let issued = self.credentials.current().await?;
        let again = copy(&request);
        let is_read = request.method().is_safe();
        let answer = self.send_as(&issued, request).await?;
        // A change is sent again only where the API server itself refused it: behind a gateway's 401 it may
        // have been carried out.
        let may_repeat = is_read || answer.headers().contains_key("audit-id");
        if answer.status() != StatusCode::UNAUTHORIZED || !may_repeat {
            return Ok(answer);
        }
        match (again, self.credentials.after_refusal(issued.generation).await) {
            (Some(request), Some(newer)) => self.send_as(&newer, request).await,
            _ => Ok(answer),
        }
    }

    async fn send_as(&self, issued: &Issued, mut request: Request<Body>) -> Result<Response<Body>, BoxError> {
        if let Some(authorization) = &issued.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        }
        Ok(self.pool_for(issued)?.send(request).await?)
    }

    fn pool_for(&self, issued: &Issued) -> Result<Client, ConnectError> {
        use secrecy::ExposeSecret;
        let Some(pair) = &issued.certificate else {
            return Ok(self.pool.clone());
        };
        if let Some(held) = self.certified.load_full().filter(|held| held.0 == issued.generation) {
            return Ok(held.1.clone());
        }
        let mut config = self.config.clone();
        config.auth_info.client_certificate_data = Some(STANDARD.encode(&pair.certificate));
        config.auth_info.client_key_data = Some(STANDARD.encode(pair.key.expose_secret()).into());
        let client = build(config, &self.facts)?;
        self.certified
            .store(Some(Arc::new((issued.generation, client.clone()))));
        Ok(client)
    }
}

/// The request once more, if its body is in memory.
fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut copy = Request::new(request.body().try_clone()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}
