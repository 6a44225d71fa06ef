//! Answers in the API server's own forms: JSON, text, a stream of chunks, or another protocol.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use serde_json::Value;

use super::refusal::Refusal;
use super::upgrade::Session;

pub(super) enum Payload {
    Json(Value),
    Text(String),
    /// Chunks of a watch or a log; dropped with the connection.
    Stream(BoxStream<'static, Bytes>),
    /// Another protocol takes over.
    Upgrade(Session),
}

pub(super) struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub payload: Payload,
    pub cache_control: &'static str,
    /// Headers beyond those that every answer has.
    pub headers: Vec<(&'static str, String)>,
    /// Annotations of the audit event.
    pub annotations: BTreeMap<String, String>,
}

pub(super) type Outcome = Result<Answer, Refusal>;

impl Answer {
    pub fn ok(value: Value) -> Self {
        Self::json(200, value)
    }

    pub fn json(status: u16, value: Value) -> Self {
        Self::new(status, "application/json", Payload::Json(value))
    }

    pub fn text(text: &str) -> Self {
        Self::new(200, "text/plain; charset=utf-8", Payload::Text(text.to_owned()))
    }

    /// What a kubelet says, in whatever characters that is.
    pub fn log(text: &str) -> Self {
        Self::new(200, "text/plain", Payload::Text(text.to_owned()))
    }

    pub fn not_modified() -> Self {
        Self::new(304, "", Payload::Text(String::new()))
    }

    pub fn stream(content_type: &'static str, chunks: BoxStream<'static, Bytes>) -> Self {
        Self::new(200, content_type, Payload::Stream(chunks))
    }

    fn new(status: u16, content_type: &'static str, payload: Payload) -> Self {
        Self {
            status,
            content_type,
            payload,
            cache_control: "no-cache, private",
            headers: Vec::new(),
            annotations: BTreeMap::new(),
        }
    }

    pub fn upgrade(session: Session) -> Self {
        Self::new(101, "", Payload::Upgrade(session))
    }

    pub fn annotated(mut self, key: &str, value: String) -> Self {
        self.annotations.insert(key.to_owned(), value);
        self
    }

    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let mut answer = if refusal.is_plain {
            Self::new(
                refusal.code,
                "text/plain; charset=utf-8",
                Payload::Text(refusal.message.clone() + "\n"),
            )
        } else {
            Self::json(refusal.code, refusal.to_value())
        };
        if let Some(seconds) = refusal.retry_after {
            answer.headers.push(("Retry-After", seconds.to_string()));
        }
        answer
    }
}
