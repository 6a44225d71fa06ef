//! The check that stands in front of a transport: a request that its rules do not allow is never
//! sent. The read rules are beside this file; the gate brings its own for petitions. Never decides
//! by what is forbidden: whatever no rule allows is refused.

mod path;
mod read_rules;

use std::future::{Future, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use kube::client::Body;
use tower::{BoxError, Service};

use super::Transport;
pub use path::{Addressed, ResourcePath, parse_path, segments};
pub use read_rules::read_rules;

/// A request that was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("refused before it was sent: {method} {path}: {why}")]
pub struct Refused {
    pub method: String,
    pub path: String,
    pub why: String,
}

impl Refused {
    /// Names method and path of the request, never its query or headers.
    pub fn new(parts: &Parts, why: impl Into<String>) -> Self {
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            why: why.into(),
        }
    }
}

/// Headers that may be set above the guard. Credentials and impersonation are added below it, and
/// a header that changes what a proxy or server makes of the method (upgrade, method override) is
/// refused because it is not in this list.
const HEADERS: [&str; 7] = [
    "accept",
    "accept-encoding",
    "audit-id",
    "content-length",
    "content-type",
    "if-none-match",
    "user-agent",
];

/// Headers of a request that becomes a stream: those of a websocket, and no others.
const UPGRADE_HEADERS: [&str; 7] = [
    "audit-id",
    "connection",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "upgrade",
    "user-agent",
];

/// A transport behind `rules`.
pub struct Guarded<R> {
    rules: R,
    headers: &'static [&'static str],
    inner: Transport,
}

impl<R> Guarded<R>
where
    R: Fn(&Parts) -> Result<(), Refused>,
{
    pub fn new(rules: R, inner: Transport) -> Self {
        Self {
            rules,
            headers: &HEADERS,
            inner,
        }
    }

    /// For the gate's streams. Nothing but a request for a websocket has these headers.
    pub fn for_upgrades(rules: R, inner: Transport) -> Self {
        Self {
            rules,
            headers: &UPGRADE_HEADERS,
            inner,
        }
    }

    fn check(&self, request: Request<Body>) -> Result<Request<Body>, Refused> {
        let (parts, body) = request.into_parts();
        if parts.uri.scheme().is_some() || parts.uri.authority().is_some() {
            return Err(Refused::new(&parts, "it names a server of its own"));
        }
        if let Some(name) = parts.headers.keys().find(|name| !self.headers.contains(&name.as_str())) {
            return Err(Refused::new(&parts, format!("header {name} is not allowed")));
        }
        if (parts.method == Method::GET || parts.method == Method::HEAD) && !is_empty(&body) {
            return Err(Refused::new(&parts, "a read has no body"));
        }
        (self.rules)(&parts)?;
        Ok(Request::from_parts(parts, body))
    }
}

/// Whether `body` is known to be empty; a stream of unknown length is not.
fn is_empty<B: BodyExt>(body: &B) -> bool {
    body.size_hint().exact() == Some(0)
}

impl<R> Service<Request<Body>> for Guarded<R>
where
    R: Fn(&Parts) -> Result<(), Refused>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.check(request) {
            Ok(request) => self.inner.call(request),
            Err(refused) => {
                tracing::warn!(%refused, "request refused by the transport guard");
                Box::pin(ready(Err(refused.into())))
            }
        }
    }
}

#[cfg(test)]
mod tests;
