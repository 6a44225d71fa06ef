//! A scripted API server behind `Endpoint`, for the unit tests of this room: each request is
//! answered by a function of its URI, and all requests are remembered.

use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::{Request, Response};
use http_body_util::{BodyExt, BodyStream, Full, StreamBody};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::BoxError;
use tower::util::service_fn;

use super::live::Pace;
use super::query::{Query, Reading};
use super::reader::Reader;
use super::{ConnectError, Endpoint, EndpointFacts, Identity, Transport};

/// Longer than anything takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

pub enum Reply {
    Json(u16, Value),
    /// The same with an ETag; 304 without a body if that is the one asked with.
    Tagged(&'static str, Value),
    /// Lines of a stream that ends.
    Lines(Vec<String>),
    /// Lines of a stream that stays open.
    Open(Vec<String>),
    /// The same, a line every few milliseconds.
    Slow(Vec<String>),
    /// No answer at all.
    Silence,
}

/// One request as the script sees it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub query: HashMap<String, String>,
    pub accept: String,
    pub if_none_match: String,
    pub body: Value,
    /// How many requests with this path and query came before.
    pub before: usize,
}

impl Asked {
    pub fn is_watch(&self) -> bool {
        self.query.contains_key("watch")
    }

    pub fn get(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

type Script = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

pub struct Mock {
    facts: EndpointFacts,
    script: Script,
    seen: Arc<Mutex<Vec<Asked>>>,
    cache: Option<PathBuf>,
}

impl Mock {
    pub fn new(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self {
            facts: EndpointFacts::default(),
            script: Arc::new(script),
            seen: Arc::default(),
            cache: None,
        }
    }

    /// With an address, and a folder where discovery is kept.
    pub fn caching(mut self, folder: &std::path::Path) -> Self {
        self.facts.server = "https://192.0.2.1:6443".to_owned();
        self.cache = Some(folder.to_owned());
        self
    }

    pub fn in_namespace(mut self, namespace: &str) -> Self {
        self.facts.namespace = Some(namespace.to_owned());
        self
    }

    /// What was asked so far.
    pub fn seen(&self) -> Vec<Asked> {
        self.seen.lock().unwrap().clone()
    }

    pub async fn run(&self, query: Query) -> Running {
        self.run_ahead(query, 64).await
    }

    /// With so many readings that may wait for who takes them.
    pub async fn run_ahead(&self, query: Query, ahead: usize) -> Running {
        let reader = Reader::connect_with(self, fast(), self.cache.as_deref()).await.unwrap();
        let (sender, readings) = mpsc::channel(ahead);
        Running {
            read: Some(Box::pin(async move { reader.run(query, sender).await })),
            readings,
        }
    }
}

/// Intervals that a test does not wait long for.
pub fn fast() -> Pace {
    Pace {
        ping: Duration::from_millis(40),
        ping_when_silent: Duration::from_millis(20),
        ping_limit: Duration::from_millis(40),
        stale: Duration::from_millis(120),
        paint: Duration::from_millis(5),
        paint_row: Duration::ZERO,
        refresh: Duration::from_millis(30),
        reread: Duration::from_millis(10),
        idle: Duration::from_secs(60),
        backoff: (Duration::from_millis(5), Duration::from_millis(20)),
    }
}

/// A read that is polled by whoever waits for its readings.
pub struct Running {
    read: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    readings: mpsc::Receiver<Reading>,
}

impl Running {
    pub async fn next(&mut self) -> Option<Reading> {
        let next = async {
            loop {
                let Some(read) = &mut self.read else {
                    return self.readings.recv().await;
                };
                tokio::select! {
                    biased;
                    reading = self.readings.recv() => return reading,
                    () = read => self.read = None,
                }
            }
        };
        tokio::time::timeout(LIMIT, next)
            .await
            .expect("a reading comes in time")
    }

    /// The first reading that `find` takes; all others are passed over.
    pub async fn find<T>(&mut self, mut find: impl FnMut(&Reading) -> Option<T>) -> T {
        while let Some(reading) = self.next().await {
            if let Some(found) = find(&reading) {
                return found;
            }
        }
        panic!("the read ended without it");
    }

    /// Everything to the end.
    pub async fn all(mut self) -> Vec<Reading> {
        let mut all = Vec::new();
        while let Some(reading) = self.next().await {
            all.push(reading);
        }
        all
    }
}

#[async_trait::async_trait]
impl Endpoint for Mock {
    fn facts(&self) -> &EndpointFacts {
        &self.facts
    }

    async fn transport(&self, _identity: Identity<'_>) -> Result<Transport, ConnectError> {
        let (script, seen) = (Arc::clone(&self.script), Arc::clone(&self.seen));
        let service = service_fn(move |request: Request<Body>| {
            let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
            async move {
                let asked = asked(request, &seen).await;
                seen.lock().unwrap().push(asked.clone());
                answer(script(&asked), &asked.if_none_match).await
            }
        });
        // kube's client alone can make a streaming Body of another one.
        let client = Client::new(service, "default");
        Ok(Transport::new(service_fn(move |request| {
            let client = client.clone();
            async move { client.send(request).await.map_err(BoxError::from) }
        })))
    }
}

async fn asked(request: Request<Body>, seen: &Mutex<Vec<Asked>>) -> Asked {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let query = parts.uri.query().unwrap_or_default().split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        Some((name.to_owned(), decoded(value)))
    });
    let query: HashMap<String, String> = query.collect();
    let path = parts.uri.path().to_owned();
    let before = seen
        .lock()
        .unwrap()
        .iter()
        .filter(|a| a.path == path && a.query == query)
        .count();
    let header = |name: &str| parts.headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
    Asked {
        accept: header("accept"),
        if_none_match: header("if-none-match"),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        path,
        query,
        before,
    }
}

fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

type AnyBody = http_body_util::combinators::UnsyncBoxBody<Bytes, std::io::Error>;

async fn answer(reply: Reply, if_none_match: &str) -> Result<Response<AnyBody>, BoxError> {
    let mut tag = None;
    let (status, lines, stays) = match reply {
        Reply::Tagged(etag, _) if etag == if_none_match => (304, Vec::new(), false),
        Reply::Tagged(etag, value) => {
            tag = Some(etag);
            (200, vec![value.to_string()], false)
        }
        Reply::Silence => std::future::pending().await,
        Reply::Json(status, value) => (status, vec![value.to_string()], false),
        Reply::Lines(lines) => (200, lines, false),
        Reply::Open(lines) => (200, lines, true),
        Reply::Slow(lines) => return Ok(slow(lines)),
    };
    // The frames of small bodies, since http-body's own type is not ours to name.
    let bodies = lines.into_iter().map(|line| Full::new(Bytes::from(line + "\n")));
    let frames = stream::iter(bodies).flat_map(|body| BodyStream::new(body.map_err(std::io::Error::other)));
    let body = if stays {
        StreamBody::new(frames.chain(stream::pending())).boxed_unsync()
    } else {
        StreamBody::new(frames).boxed_unsync()
    };
    let response = Response::builder().status(status);
    let response = tag
        .into_iter()
        .fold(response, |response, tag| response.header("etag", tag));
    Ok(response.body(body)?)
}

fn slow(lines: Vec<String>) -> Response<AnyBody> {
    let bodies = lines.into_iter().map(|line| Full::new(Bytes::from(line + "\n")));
    let frames = stream::iter(bodies).flat_map(|body| BodyStream::new(body.map_err(std::io::Error::other)));
    let paced = frames.then(|frame| async move {
        tokio::time::sleep(Duration::from_millis(25)).await;
        frame
    });
    Response::new(StreamBody::new(paced.chain(stream::pending())).boxed_unsync())
}

pub fn status(code: u16, message: &str) -> Reply {
    Reply::Json(
        code,
        json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message}),
    )
}
