//! HTTPS webhook: a batch is one `POST` of NDJSON, acknowledged by 2xx and nothing else. A redirect
//! is no acknowledgement and is not followed: it would take the secret elsewhere.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::fmt::rfc2822::DateTimeParser;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use super::config::{SecretSource, TlsConfig};
use super::line::Line;
use super::sink::{Failure, Sink};
use super::wire::{Dial, Wire};
use crate::audit::clock;

/// Of an answer, for the words of a failure.
const MOST_ANSWER: usize = 16 * 1024;

pub struct Webhook {
    url: Uri,
    dial: Dial,
    bearer: Option<SecretSource>,
}

impl Webhook {
    pub fn new(url: Uri, tls: TlsConfig, bearer: Option<SecretSource>, patience: Duration) -> Self {
        let is_tls = url.scheme_str() == Some("https");
        let port = url.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let address = format!("{}:{port}", url.host().unwrap_or_default());
        Self {
            dial: Dial::new(&address, is_tls.then_some(tls), patience),
            url,
            bearer,
        }
    }

    async fn request(&self, batch: &[Line]) -> Result<Request<Full<Bytes>>, Failure> {
        let mut body = String::new();
        for line in batch {
            body.push_str(&line.text);
            body.push('\n');
        }
        let path = self.url.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let host = self.url.authority().map_or("", http::uri::Authority::as_str);
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, host)
            .header(header::USER_AGENT, concat!("kglass/", env!("CARGO_PKG_VERSION")))
            .header(header::CONTENT_TYPE, "application/x-ndjson")
            .header("Idempotency-Key", key(batch));
        if let Some(source) = &self.bearer {
            request = request.header(header::AUTHORIZATION, bearer(source).await?);
        }
        let built = request.body(Full::new(Bytes::from(body)));
        built.map_err(|e| Failure::new(format!("{}: {e}", self.url)))
    }

    async fn post(&mut self, request: Request<Full<Bytes>>) -> Result<(), Failure> {
        let wire = self.dial.connect().await?;
        let patience = self.dial.patience;
        let answered = timeout(patience, exchange(wire, request)).await;
        let cause = format!("{} does not answer within {:.1} s", self.url, patience.as_secs_f64());
        let (status, retry_after, words) = answered.map_err(|_| Failure::new(cause))??;
        if status.is_success() {
            return Ok(());
        }
        Err(Failure {
            cause: format!(
                "{} answered {status}{}{words}",
                self.url,
                if words.is_empty() { "" } else { ": " }
            ),
            retry_after,
        })
    }
}

#[async_trait]
impl Sink for Webhook {
    async fn deliver(&mut self, batch: &[Line]) -> Result<(), Failure> {
        let request = self.request(batch).await?;
        self.post(request).await
    }

    async fn reach(&mut self) -> Result<(), Failure> {
        if let Some(source) = &self.bearer {
            bearer(source).await?;
        }
        self.dial.connect().await.map(drop)
    }
}

/// The last record's hash commits to all before it, so this names exactly one batch.
fn key(batch: &[Line]) -> String {
    let first = batch.first().map_or(0, |line| line.seq);
    batch.last().map_or_else(String::new, |last| {
        format!("{}-{first}-{}-{}", last.session, last.seq, last.hash)
    })
}

async fn bearer(source: &SecretSource) -> Result<HeaderValue, Failure> {
    let secret = match source {
        SecretSource::File(path) => {
            let read = tokio::fs::read_to_string(path).await;
            let read = read.map_err(|e| Failure::new(format!("{}: {e}; it must hold the secret", path.display())))?;
            SecretString::from(read)
        }
        SecretSource::Env(name) => {
            let read = std::env::var(name).map_err(|_| Failure::new(format!("the variable {name} is not set")))?;
            SecretString::from(read)
        }
    };
    let line = SecretString::from(format!("Bearer {}", secret.expose_secret().trim()));
    let mut value = HeaderValue::from_str(line.expose_secret())
        .map_err(|_| Failure::new("the secret has characters that no header can carry"))?;
    value.set_sensitive(true);
    Ok(value)
}

type Answered = (StatusCode, Option<Duration>, String);

/// One request on one connection. Both are driven here: nothing is left running.
async fn exchange(wire: Wire, request: Request<Full<Bytes>>) -> Result<Answered, Failure> {
    let failed = |e: hyper::Error| Failure::new(format!("the connection broke: {e}"));
    let (mut sender, connection) = http1::handshake(TokioIo::new(wire)).await.map_err(failed)?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(failed)?;
        Ok(read(response).await)
    };
    tokio::pin!(answer, connection);
    tokio::select! {
        biased;
        answered = &mut answer => answered,
        // The connection is over; what it had brought is still to be read.
        _ = &mut connection => answer.await,
    }
}

async fn read(response: Response<Incoming>) -> Answered {
    let (head, body) = response.into_parts();
    let retry_after = head.headers.get(header::RETRY_AFTER).and_then(pause);
    let words = match Limited::new(body, MOST_ANSWER).collect().await {
        Ok(body) if !head.status.is_success() => first_line(&body.to_bytes()),
        // The status alone acknowledges.
        _ => String::new(),
    };
    (head.status, retry_after, words)
}

fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

/// Seconds, or a date.
fn pause(value: &HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = DateTimeParser::new().parse_timestamp(text).ok()?;
    let left = then.as_millisecond() - clock::wall_ms();
    Some(Duration::from_millis(u64::try_from(left).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_read_in_seconds_and_as_a_date() {
        let value = |text: &str| HeaderValue::from_str(text).unwrap();
        assert_eq!(pause(&value("7")), Some(Duration::from_secs(7)));
        assert_eq!(pause(&value("soon")), None);
        assert_eq!(
            pause(&value("Tue, 24 Nov 2020 10:00:00 GMT")),
            Some(Duration::ZERO),
            "a date that is past"
        );
    }

    #[tokio::test]
    async fn the_secret_is_in_the_header_and_in_no_debug_output() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "s3cret\n").unwrap();
        let value = bearer(&SecretSource::File(file.path().into())).await.unwrap();
        assert_eq!(value.to_str().unwrap(), "Bearer s3cret");
        assert!(!format!("{value:?}").contains("s3cret"));
        let missing = bearer(&SecretSource::File("/nowhere/secret".into())).await.unwrap_err();
        assert!(missing.cause.contains("/nowhere/secret"), "{missing}");
    }
}
