//! One guarded transport of the gate. Sends one request as it is, once: a write that is sent again
//! may happen twice, and the second time without a record.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, DATE, USER_AGENT};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response};
use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::Value;
use tokio::sync::Mutex;
use tower::{BoxError, Service, ServiceExt};
use zeroize::Zeroize;

use super::clock::{ServerClock, boot_ms};
use super::rules::AUDIT_ID;
use crate::cluster::guard::{Guarded, Refused};
use crate::cluster::{ConnectError, Endpoint, Identity};
use crate::model::TermSafe;

/// An API server answers writes well below this; longer means that nobody knows.
const PATIENCE: Duration = Duration::from_secs(30);
/// Characters of a refusal's words that are kept.
const LONGEST_MESSAGE: usize = 2000;

pub(in crate::escalation) type Rules = Box<dyn Fn(&Parts) -> Result<(), Refused> + Send + Sync>;

pub(in crate::escalation) struct Wire {
    service: Mutex<Guarded<Rules>>,
    clock: Arc<ServerClock>,
    agent: HeaderValue,
}

pub(in crate::escalation) struct Call {
    pub(in crate::escalation) method: Method,
    pub(in crate::escalation) path: String,
    pub(in crate::escalation) content_type: &'static str,
    pub(in crate::escalation) body: Vec<u8>,
    pub(in crate::escalation) audit_id: Option<String>,
}

pub(in crate::escalation) struct Answer {
    pub(in crate::escalation) status: u16,
    /// Null where the answer was no JSON.
    pub(in crate::escalation) body: Value,
    pub(in crate::escalation) audit_id: Option<String>,
    pub(in crate::escalation) took_ms: u64,
}

/// Why no answer came.
#[derive(Clone, Debug)]
pub(in crate::escalation) struct Silence {
    pub(in crate::escalation) cause: String,
    /// False only where nothing can have left: then nothing happened. Else nobody knows.
    pub(in crate::escalation) was_sent: bool,
}

impl Silence {
    /// Something may have left.
    pub(in crate::escalation) fn unknown(cause: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            was_sent: true,
        }
    }

    fn of(error: &BoxError) -> Self {
        Self {
            cause: chain(error.as_ref()),
            was_sent: !error.is::<Refused>() && !has_no_credential(error.as_ref()) && !is_unconnected(error.as_ref()),
        }
    }
}

/// A plugin gave no credential: then nothing can have left either.
fn has_no_credential(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(<dyn std::error::Error>::is::<ConnectError>)
}

/// No connection came about (refused, no route, no TLS): then nothing can have left.
fn is_unconnected(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .filter_map(|cause| cause.downcast_ref::<hyper_util::client::legacy::Error>())
        .any(hyper_util::client::legacy::Error::is_connect)
}

impl Call {
    pub(in crate::escalation) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            content_type: "application/json",
            body: Vec::new(),
            audit_id: None,
        }
    }

    pub(in crate::escalation) fn post(path: impl Into<String>, body: &Value) -> Self {
        Self {
            method: Method::POST,
            body: body.to_string().into_bytes(),
            ..Self::get(path)
        }
    }
}

impl Answer {
    /// Why it is not to be believed; None if it is the API server's own. Each of its answers carries an
    /// `Audit-ID` (k8s.io/apiserver, `WithAuditInit`: outermost, so that refusals for want of a login or of room
    /// have it too), and no gateway's page does. Behind a 5xx a change may have been carried out all the same.
    fn doubt(&self, changes: bool) -> Option<&'static str> {
        let is_failure = self.text("/kind") == "Status" && self.text("/status") != "Success";
        if self.audit_id.is_none() {
            Some("without an Audit-ID, so it is not the API server's")
        } else if (300..400).contains(&self.status) {
            Some("a redirect, which is not followed")
        } else if self.is_ok() && (is_failure || !self.body.get("kind").is_some_and(Value::is_string)) {
            Some("with no object in it")
        } else if changes && self.status >= 500 {
            Some("which does not say whether it was carried out")
        } else {
            None
        }
    }

    pub(in crate::escalation) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The server's own words, safe for a terminal: they repeat names that anybody could choose.
    pub(in crate::escalation) fn message(&self) -> String {
        let message = self.body.get("message").and_then(Value::as_str);
        let message = message.unwrap_or("it gave no reason");
        // A webhook may say as much as it likes; a record has an end.
        let end = message.char_indices().nth(LONGEST_MESSAGE).map(|(at, _)| at);
        let message = TermSafe::new(&message[..end.unwrap_or(message.len())]);
        format!("{message}{}", end.map_or("", |_| "…"))
    }

    pub(in crate::escalation) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Wire {
    pub(in crate::escalation) async fn open(
        endpoint: &dyn Endpoint,
        identity: Identity<'_>,
        rules: Rules,
        clock: &Arc<ServerClock>,
        agent: &str,
    ) -> Result<Self, ConnectError> {
        let transport = endpoint.transport(identity).await?;
        Ok(Self {
            service: Mutex::new(Guarded::new(rules, transport)),
            clock: Arc::clone(clock),
            agent: HeaderValue::from_str(agent).unwrap_or(HeaderValue::from_static("kglass")),
        })
    }

    pub(in crate::escalation) async fn send(&self, call: Call) -> Result<Answer, Silence> {
        let sent = boot_ms();
        let changes = call.method != Method::GET;
        let answer = tokio::time::timeout(PATIENCE, self.exchange(call)).await;
        let (response, body) = answer
            .map_err(|_| Silence::unknown(format!("nothing came within {} s", PATIENCE.as_secs())))?
            .map_err(|error| Silence::of(&error))?;
        let received = boot_ms();
        let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok());
        if let Some(date) = header(DATE.as_str()) {
            self.clock.observe(date, sent, received);
        }
        let parsed = serde_json::from_slice(&body).unwrap_or(Value::Null);
        // It may have held a token.
        if let Ok(mut raw) = body.try_into_mut() {
            raw.zeroize();
        }
        let answer = Answer {
            status: response.status().as_u16(),
            body: parsed,
            audit_id: header(AUDIT_ID).map(str::to_owned),
            took_ms: received - sent,
        };
        match answer.doubt(changes) {
            Some(why) => {
                let (status, message) = (answer.status, answer.message());
                Err(Silence::unknown(format!("{status} came, {why}: {message}")))
            }
            None => Ok(answer),
        }
    }

    async fn exchange(&self, call: Call) -> Result<(Response<()>, bytes::Bytes), BoxError> {
        let response = self.begin(call).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok((Response::from_parts(parts, ()), body))
    }

    /// The answer's head, its body to be read as it comes.
    pub(in crate::escalation) async fn begin(&self, call: Call) -> Result<Response<Body>, BoxError> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(&call.path)
            .header(USER_AGENT, self.agent.clone());
        if !call.body.is_empty() {
            request = request.header(CONTENT_TYPE, call.content_type);
        }
        if let Some(id) = &call.audit_id {
            request = request.header(AUDIT_ID, id);
        }
        let body = if call.body.is_empty() {
            Body::empty()
        } else {
            Body::from(call.body)
        };
        let request = request.body(body)?;
        // The lock is for handing the request over only; answers are awaited side by side.
        let answer = {
            let mut service = self.service.lock().await;
            service.ready().await?.call(request)
        };
        answer.await
    }
}

/// An error with what caused it, on one line.
pub(in crate::escalation) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: Value) -> Answer {
        Answer {
            status,
            body,
            audit_id: Some("its".into()),
            took_ms: 1,
        }
    }

    #[test]
    fn only_the_api_servers_own_words_say_what_became_of_a_change() {
        let certain = |status, body: Value| answer(status, body).doubt(true).is_none();
        let failure = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure"});
        for code in [401, 403, 404, 409, 422, 429] {
            assert!(certain(code, failure.clone()), "{code}");
            assert!(certain(code, Value::Null), "its own, as plain text, {code}");
            let of_a_gateway = Answer {
                audit_id: None,
                ..answer(code, failure.clone())
            };
            assert!(of_a_gateway.doubt(true).is_some(), "{code}");
            assert!(
                of_a_gateway.doubt(false).is_some(),
                "nor is it believed what is there, {code}"
            );
        }
        for code in [302, 500, 502, 503, 504] {
            assert!(!certain(code, failure.clone()), "{code}");
        }
        assert_eq!(
            answer(503, failure.clone()).doubt(false),
            None,
            "a read may be tried again"
        );
        assert!(certain(200, json!({"kind": "Pod"})));
        assert!(certain(200, json!({"kind": "Status", "status": "Success"})));
        for nothing in [failure, Value::Null, json!({}), json!({"items": []})] {
            assert!(!certain(200, nothing.clone()), "{nothing}");
        }
    }

    #[test]
    fn however_much_a_refusal_says_it_fits_into_a_record() {
        let long = answer(403, json!({"kind": "Status", "message": "ä".repeat(300_000)}));
        assert_eq!(long.message().chars().count(), LONGEST_MESSAGE + 1);
        assert_eq!(answer(403, json!({"message": "no"})).message(), "no");
    }
}
