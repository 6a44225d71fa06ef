//! The in-process server as a `cluster::Endpoint`: every transport is a connection of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use kube::client::Body;
use secrecy::{ExposeSecret as _, SecretString};
use tower::util::BoxService;
use tower::{BoxError, service_fn};

use super::serve::{ResponseBody, serve};
use super::server::{EmbeddedServer, Shared};
use super::upgrade::{is_wanted, over_pipe};
use crate::cluster::{ConnectError, Endpoint, EndpointFacts, Identity, Transport};

/// A kubeconfig context whose server is in this process.
pub struct EmbeddedEndpoint {
    server: EmbeddedServer,
    base: SecretString,
    facts: EndpointFacts,
}

impl EmbeddedEndpoint {
    pub(super) fn new(server: EmbeddedServer, token: &str) -> Self {
        Self {
            server,
            base: token.into(),
            facts: EndpointFacts {
                context: "embedded".to_owned(),
                cluster: "embedded".to_owned(),
                server: "https://embedded.invalid".to_owned(),
                ca_sha256: None,
                insecure: false,
                namespace: None,
                embedded: true,
            },
        }
    }

    /// Changes what the context says of itself, e.g. `insecure`.
    pub fn with_facts(mut self, change: impl FnOnce(&mut EndpointFacts)) -> Self {
        change(&mut self.facts);
        self
    }
}

#[async_trait::async_trait]
impl Endpoint for EmbeddedEndpoint {
    fn facts(&self) -> &EndpointFacts {
        &self.facts
    }

    async fn transport(&self, identity: Identity<'_>) -> Result<Transport, ConnectError> {
        let token = match identity {
            Identity::Base => &self.base,
            Identity::Bearer(token) => token,
        };
        let mut header =
            HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).map_err(|e| ConnectError {
                what: "embedded server".to_owned(),
                cause: format!("the token cannot be sent in a header ({e})"),
                cure: "use a token of printable ASCII".to_owned(),
            })?;
        header.set_sensitive(true);
        let shared = self.server.0.clone();
        let connection = shared.connections.fetch_add(1, Ordering::Relaxed);
        let service = service_fn(move |mut request: Request<Body>| {
            request.headers_mut().insert(AUTHORIZATION, header.clone());
            answered(Arc::clone(&shared), connection, request)
        });
        // kube makes its response body from others only inside its client, so the client is the way
        // to one that streams; it adds no layer here.
        let client = kube::Client::new(service, "default");
        Ok(BoxService::new(service_fn(move |request: Request<Body>| {
            let client = client.clone();
            async move {
                let answer: Response<Body> = client.send(request).await.map_err(BoxError::from)?;
                Ok(answer)
            }
        })))
    }
}

/// A plain request is answered where it is awaited; one that leaves HTTP gets a connection.
async fn answered(
    shared: Arc<Shared>,
    connection: u64,
    request: Request<Body>,
) -> Result<Response<ResponseBody>, BoxError> {
    if !is_wanted(request.headers()) {
        return serve(shared, connection, request).await;
    }
    let response = over_pipe(shared, connection, request).await?;
    Ok(response.map(|body| body.map_err(BoxError::from).boxed_unsync()))
}
