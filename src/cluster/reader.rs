//! The reading client: the one place that holds a client of the base identity, behind the guard.
//! It hands out answers, never the client. Each read is one future that ends when it is dropped;
//! nothing is spawned here.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::Client;
use kube::client::Body;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{Permit, Sender};

use super::connect::trouble;
use super::discovery::DiscoveryCache;
use super::endpoint::{ConnectError, Endpoint, EndpointFacts, Identity};
use super::fault::Fault;
use super::guard::{Guarded, read_rules};
use super::live::{self, Heartbeat, Pace};
use super::query::{Query, Reading};
use super::{access, containers, describe, discovery, jobs_of, latest, logs, object, pod_for, pods_of, usage};

/// The largest answer that is held in memory, unpacked: more than any object or page has.
const LARGEST: usize = 64 * 1024 * 1024;

/// An answer that is not a stream comes within this, or the read has failed.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

const JSON: &str = "application/json";

/// Reads one cluster with its base identity. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    inner: Arc<Inner>,
}

struct Inner {
    /// Private on purpose: whoever holds a client could build any request. Even so, its transport
    /// lets only reads pass.
    client: Client,
    facts: EndpointFacts,
    pace: Pace,
    heartbeat: Heartbeat,
    discovery: Option<DiscoveryCache>,
}

/// What a conditional request was answered.
pub(super) enum Answered {
    /// What the tag names is still true.
    Unchanged,
    Changed {
        etag: Option<String>,
        document: serde_json::Value,
    },
}

impl Reader {
    /// A reader with a connection pool of its own. Plugins run here, connections are made later.
    pub async fn connect(endpoint: &dyn Endpoint) -> Result<Self, ConnectError> {
        Self::connect_with(endpoint, Pace::default(), None).await
    }

    /// The same, with a folder where discovery is kept between starts.
    pub async fn connect_caching(endpoint: &dyn Endpoint, cache: &Path) -> Result<Self, ConnectError> {
        Self::connect_with(endpoint, Pace::default(), Some(cache)).await
    }

    pub(super) async fn connect_with(
        endpoint: &dyn Endpoint,
        pace: Pace,
        cache: Option<&Path>,
    ) -> Result<Self, ConnectError> {
        let transport = endpoint.transport(Identity::Base).await?;
        let facts = endpoint.facts().clone();
        let namespace = facts.namespace.clone().unwrap_or_else(|| "default".into());
        let client = Client::new(Guarded::new(read_rules, transport), namespace);
        let discovery = cache.and_then(|folder| DiscoveryCache::of(folder, &facts));
        Ok(Self {
            inner: Arc::new(Inner {
                discovery,
                client,
                facts,
                pace,
                heartbeat: Heartbeat::new(pace),
            }),
        })
    }

    pub fn facts(&self) -> &EndpointFacts {
        &self.inner.facts
    }

    /// Runs one read and sends what it tells. Ends with [`Reading::Ended`], or when the receiver
    /// is gone; dropped at any point, it leaves nothing behind. A slow receiver slows the read
    /// down: tables skip states in between, logs are not read further.
    pub async fn run(&self, query: Query, out: Sender<Reading>) {
        let out = Out::new(out);
        // Boxed with the lifetimes of this call: the compiler cannot prove Send for all lifetimes
        // at once through futures that hold futures.
        let read: BoxFuture<'_, Result<(), Unheard>> = match &query {
            Query::Discovery => Box::pin(discovery::run(self, &out)),
            Query::BaseRights => Box::pin(access::run(self, &out)),
            Query::Rows(rows) => Box::pin(live::run(self, rows, &out)),
            Query::RowsIn(rows, namespaces) => Box::pin(live::run_in(self, rows, namespaces, &out)),
            Query::PodsOf(object) => Box::pin(pods_of::run(self, object, &out)),
            Query::JobsOf(object) => Box::pin(jobs_of::run(self, object, &out)),
            Query::Containers(pod) => Box::pin(containers::run(self, pod, &out)),
            Query::Describe(object) => Box::pin(describe::run(self, object, &out)),
            Query::Usage(query) => Box::pin(usage::run(self, query, &out)),
            Query::LatestEvents(object) => Box::pin(latest::run(self, object, &out)),
            Query::PodFor(object) => Box::pin(pod_for::run(self, object, &out)),
            Query::Object(object) => Box::pin(object::run(self, object, &out)),
            Query::Logs(query) => Box::pin(logs::run(self, query, &out)),
        };
        let done = read.await;
        if done.is_ok() {
            // The receiver may have gone at the same time.
            let _ = out.send(Reading::Ended).await;
        }
    }
}

/// Where readings go.
pub(super) struct Out(Sender<Reading>);

/// The receiver is gone: nobody wants the read any more.
pub(super) struct Unheard;

impl Out {
    pub fn new(sender: Sender<Reading>) -> Self {
        Self(sender)
    }

    pub async fn send(&self, reading: Reading) -> Result<(), Unheard> {
        self.0.send(reading).await.map_err(|_| Unheard)
    }

    /// Waits until a reading can be sent at once; nothing is lost if the wait is given up.
    pub async fn room(&self) -> Result<Permit<'_, Reading>, Unheard> {
        self.0.reserve().await.map_err(|_| Unheard)
    }

    /// Tells that a read failed for good.
    pub async fn fail(&self, fault: &Fault, asked: &str) -> Result<(), Unheard> {
        self.send(Reading::Failed(fault.read_error(asked, false))).await
    }
}

impl Reader {
    pub(super) fn pace(&self) -> Pace {
        self.inner.pace
    }

    pub(super) fn heartbeat(&self) -> &Heartbeat {
        &self.inner.heartbeat
    }

    /// Whether the server answers. A refusal is an answer; an error of its own is none, since a
    /// server that is starting refuses people it knows.
    pub(super) async fn ping(&self) -> bool {
        let Ok(request) = request("/readyz", "*/*") else {
            return false;
        };
        match self.inner.client.send(request).await {
            Ok(answer) => {
                let served = !answer.status().is_server_error();
                // Read to its end, so that the connection goes back to the pool.
                collect(answer).await.is_ok() && served
            }
            Err(error) => {
                tracing::debug!(%error, "no sign of life");
                false
            }
        }
    }
}

/// Requests, for the other files of this room.
impl Reader {
    /// GET, decoded.
    pub(super) async fn get<T: DeserializeOwned>(&self, uri: &str, accept: &'static str) -> Result<T, Fault> {
        decode(&self.fetch(request(uri, accept)?).await?)
    }

    /// GET of a document, unless it is still the one that `etag` names.
    pub(super) async fn get_if_changed(
        &self,
        uri: &str,
        accept: &'static str,
        etag: Option<&str>,
    ) -> Result<Answered, Fault> {
        let mut request = request(uri, accept)?;
        if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
            request.headers_mut().insert(IF_NONE_MATCH, etag);
        }
        let answer = self.send(request, Some(ANSWER_LIMIT)).await?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            // Read to its end, so that the connection goes back to the pool.
            collect(answer).await?;
            return Ok(Answered::Unchanged);
        }
        if !answer.status().is_success() {
            return Err(refusal(answer).await);
        }
        let etag = answer
            .headers()
            .get(ETAG)
            .and_then(|etag| etag.to_str().ok().map(ToOwned::to_owned));
        let document = decode(&collect(answer).await?)?;
        Ok(Answered::Changed { etag, document })
    }

    pub(super) fn discovery_cache(&self) -> Option<&DiscoveryCache> {
        self.inner.discovery.as_ref()
    }

    /// GET of plain JSON, decoded.
    pub(super) async fn get_json<T: DeserializeOwned>(&self, uri: &str) -> Result<T, Fault> {
        self.get(uri, JSON).await
    }

    /// POST of a review about oneself, the only thing the guard lets be posted.
    pub(super) async fn review<T: DeserializeOwned>(&self, path: &str, review: &serde_json::Value) -> Result<T, Fault> {
        let mut request = request(path, JSON)?;
        *request.method_mut() = http::Method::POST;
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        *request.body_mut() = Body::from(review.to_string().into_bytes());
        decode(&self.fetch(request).await?)
    }

    /// GET of something that goes on: a watch, a followed log. Asked for uncompressed, since
    /// servers compress streams event by event and the decoder stops after the first.
    pub(super) async fn open(&self, uri: &str, accept: &'static str, limit: Option<Duration>) -> Result<Body, Fault> {
        let mut request = request(uri, accept)?;
        request
            .headers_mut()
            .insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let answer = self.send(request, limit).await?;
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        Err(refusal(answer).await)
    }

    async fn fetch(&self, request: Request<Body>) -> Result<bytes::Bytes, Fault> {
        let answer = self.send(request, Some(ANSWER_LIMIT)).await?;
        if !answer.status().is_success() {
            return Err(refusal(answer).await);
        }
        collect(answer).await
    }

    async fn send(&self, request: Request<Body>, limit: Option<Duration>) -> Result<Response<Body>, Fault> {
        let answer = within(self.inner.client.send(request), limit)
            .await
            .map_err(|fault| fault.at(&self.inner.facts.server))?;
        if !answer.status().is_server_error() {
            self.inner.heartbeat.heard();
        }
        Ok(answer)
    }
}

fn request(uri: &str, accept: &'static str) -> Result<Request<Body>, Fault> {
    Request::get(uri)
        .header(ACCEPT, accept)
        .body(Body::empty())
        .map_err(|e| Fault::Malformed(e.to_string()))
}

async fn within<T>(answer: impl Future<Output = kube::Result<T>>, limit: Option<Duration>) -> Result<T, Fault> {
    let limited = async {
        match limit {
            Some(limit) => tokio::time::timeout(limit, answer).await,
            None => Ok(answer.await),
        }
    };
    match limited.await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Fault::Trouble(trouble(&error))),
        Err(_) => Err(timed_out()),
    }
}

async fn collect(answer: Response<Body>) -> Result<bytes::Bytes, Fault> {
    // Limited after unpacking, so that a small body that unpacks to a large one ends here too.
    let body = Limited::new(answer.into_body(), LARGEST).collect();
    match tokio::time::timeout(ANSWER_LIMIT, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Fault::Malformed(format!("larger than {} MiB", LARGEST / 1024 / 1024)))
        }
        Ok(Err(error)) => Err(Fault::Trouble(trouble(error.as_ref()))),
        Err(_) => Err(timed_out()),
    }
}

fn timed_out() -> Fault {
    Fault::Trouble(trouble(&std::io::Error::from(std::io::ErrorKind::TimedOut)))
}

async fn refusal(answer: Response<Body>) -> Fault {
    let status = answer.status();
    let after = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|v| v.to_str().ok()?.parse().ok());
    match collect(answer).await {
        Ok(body) => Fault::from_answer(status, after, &body),
        Err(fault) => fault,
    }
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    // serde's own words may quote the answer, which may be a Secret.
    serde_json::from_slice(body).map_err(|e| Fault::Malformed(format!("line {} column {}", e.line(), e.column())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::guard::Refused;
    use crate::cluster::mock::{Mock, Reply};

    /// The reader has no way to ask for these; this is the wall behind that.
    #[tokio::test]
    async fn the_readers_own_client_cannot_write() {
        let mock = Mock::new(|_| Reply::Json(200, serde_json::json!({})));
        let reader = Reader::connect(&mock).await.unwrap();
        for (method, path) in [
            ("DELETE", "/api/v1/namespaces/shop/pods/web-0"),
            ("POST", "/api/v1/namespaces/kglass-system/secrets"),
            ("GET", "/api/v1/namespaces/shop/pods/web-0/exec?command=sh"),
        ] {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let error = reader.inner.client.send(request).await.unwrap_err();
            let kube::Error::Service(cause) = error else {
                panic!("{error}");
            };
            assert!(cause.downcast_ref::<Refused>().is_some(), "{cause}");
        }
        assert!(mock.seen().is_empty(), "nothing was sent");
    }
}
