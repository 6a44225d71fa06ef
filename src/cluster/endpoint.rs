//! A way to one API server. `cluster::connect` makes one from a kubeconfig context, `embedded`
//! is one in-process; Reader and gate take either. It hands out bare transports only: what may
//! pass over one is decided by the layer that Reader or gate puts around it.

use kube::client::Body;
use secrecy::SecretString;
use tower::BoxError;
use tower::util::BoxService;

/// A fresh connection pool of its own, without any check on what is sent.
pub type Transport = BoxService<http::Request<Body>, http::Response<Body>, BoxError>;

/// Who sends.
pub enum Identity<'a> {
    /// The identity of the kubeconfig context. Credentials of exec plugins are refreshed inside.
    Base,
    /// An ephemeral bearer token, and nothing of the base identity (no client certificate either).
    Bearer(&'a SecretString),
}

/// What records and screens say about the server. No secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointFacts {
    /// Name of the kubeconfig context.
    pub context: String,
    /// Name of the cluster in the kubeconfig.
    pub cluster: String,
    pub server: String,
    /// Lower-case hex SHA-256 over the CA's DER, if the context names one.
    pub ca_sha256: Option<String>,
    /// `insecure-skip-tls-verify`: the glass does not open on such a context.
    pub insecure: bool,
    pub namespace: Option<String>,
    /// An in-process server (demo, drill, tests).
    pub embedded: bool,
}

#[derive(Clone, Debug, thiserror::Error)]
#[error("{what}: {cause}; {cure}")]
pub struct ConnectError {
    /// Where: file and entry, or the server.
    pub what: String,
    pub cause: String,
    /// What the user can do.
    pub cure: String,
}

#[async_trait::async_trait]
pub trait Endpoint: Send + Sync + 'static {
    fn facts(&self) -> &EndpointFacts;

    /// Opens a new pool. Called again for each probe that must not share a connection.
    async fn transport(&self, identity: Identity<'_>) -> Result<Transport, ConnectError>;
}
