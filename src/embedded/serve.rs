//! One request from its arrival to its answer, in the API server's order: audit id, authentication,
//! authorization, then the resource (`route`).

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{Request, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use tower::BoxError;

use super::answer::{Answer, Payload};
use super::asked::Asked;
use super::audit_log::AuditEvent;
use super::authn::UserInfo;
use super::clock::http_date;
use super::fault::{self, Arrival, Fault};
use super::refusal::Refusal;
use super::request::{Attributes, Params};
use super::route::answer;
use super::server::{Shared, State};
use super::store::text;
use super::upgrade::{Pending, begin, pending};

pub(super) type ResponseBody = UnsyncBoxBody<Bytes, BoxError>;

pub(super) async fn serve<B>(
    shared: Arc<Shared>,
    connection: u64,
    mut request: Request<B>,
) -> Result<Response<ResponseBody>, BoxError>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let pending = pending(&mut request);
    let (parts, body) = request.into_parts();
    let query = Params::parse(parts.uri.query());
    let asked = Asked {
        at: Attributes::of(&parts.method, parts.uri.path(), &query),
        query,
        headers: parts.headers,
        body: body.collect().await.map_err(Into::into)?.to_bytes(),
    };
    let (given, id) = match asked.header("audit-id") {
        "" => (false, shared.random.uuid()),
        id => (true, id.to_owned()),
    };
    let user = authenticate(&shared, connection, &asked);
    let mut event = AuditEvent::new((id.clone(), given), user.as_ref().ok(), &asked.at);
    event.request_uri = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    event.user_agent = asked.header("user-agent").to_owned();
    event.connection = connection;
    event.received_ms = shared.clock.now_ms();
    if event.name.is_none() && event.verb == "create" {
        // The path of a create names no object; the log of a real server takes it from the body.
        event.name = asked
            .json()
            .ok()
            .and_then(|body| text(&body, "/metadata/name").map(str::to_owned));
    }
    let slot = record(&shared, event);
    let fault = meet_hooks(&shared, &asked, user.as_ref().ok(), given.then(|| id.clone())).await;
    let answer = match fault {
        Some(Fault::DropRequest) => return Err(broken()),
        Some(Fault::Status(code)) => Refusal::injected(code).into(),
        Some(Fault::Delay(time)) => {
            let answer = answer(&shared, &asked, user);
            tokio::time::sleep(time).await;
            answer
        }
        Some(Fault::Page(status, body)) => return Ok(page(status, body)),
        Some(Fault::PageAfter(status, body)) => {
            complete(&shared, slot, &answer(&shared, &asked, user));
            return Ok(page(status, body));
        }
        Some(Fault::DropAnswer) => {
            complete(&shared, slot, &answer(&shared, &asked, user));
            return Err(broken());
        }
        None => answer(&shared, &asked, user),
    };
    complete(&shared, slot, &answer);
    Ok(respond(answer, pending, &id, shared.clock.now_ms()))
}

/// What is not the server's own carries no Audit-ID.
fn page(status: u16, body: &'static str) -> Response<ResponseBody> {
    let body = Full::new(Bytes::from(body)).map_err(|never| match never {});
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = status.try_into().unwrap_or(StatusCode::BAD_GATEWAY);
    response
}

fn broken() -> BoxError {
    std::io::Error::new(
        std::io::ErrorKind::ConnectionReset,
        "connection reset by peer (injected fault)",
    )
    .into()
}

fn authenticate(shared: &Shared, connection: u64, asked: &Asked) -> Result<UserInfo, Refusal> {
    let now = shared.clock.now_ms();
    let mut state = shared.settled();
    let State {
        authn, store, replicas, ..
    } = &mut *state;
    let replica = usize::try_from(connection).unwrap_or_default() % *replicas;
    let header = asked.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    authn.authenticate(replica, header, store, now)
}

fn record(shared: &Shared, event: AuditEvent) -> usize {
    let mut state = shared.lock();
    state.audit.push(event);
    state.audit.len() - 1
}

fn complete(shared: &Shared, slot: usize, answer: &Answer) {
    let mut state = shared.lock();
    state.audit[slot].status = answer.status;
    state.audit[slot].annotations.clone_from(&answer.annotations);
}

/// Shows the request to the hooks, holds it where a test says so, and picks its fault.
async fn meet_hooks(
    shared: &Shared,
    asked: &Asked,
    user: Option<&UserInfo>,
    audit_id: Option<String>,
) -> Option<Fault> {
    let arrival = Arrival {
        attributes: asked.at.clone(),
        username: user.map(|u| u.username.clone()).unwrap_or_default(),
        audit_id,
        body: asked.body.to_vec(),
    };
    let (hooks, holds) = {
        let mut state = shared.lock();
        state.holds.retain(|h| h.strong_count() > 0);
        (state.hooks.clone(), state.holds.clone())
    };
    for hook in hooks {
        hook(&arrival);
    }
    for held in holds.iter().filter_map(std::sync::Weak::upgrade) {
        if held.on.matches(&arrival) {
            held.wait().await;
        }
    }
    fault::take(&mut shared.lock().plan, &arrival)
}

fn respond(answer: Answer, pending: Pending, audit_id: &str, now_ms: i64) -> Response<ResponseBody> {
    let whole = |bytes: Bytes| Full::new(bytes).map_err(|never| match never {}).boxed_unsync();
    let body = match answer.payload {
        Payload::Json(value) => whole(Bytes::from(value.to_string())),
        Payload::Text(text) => whole(Bytes::from(text)),
        Payload::Upgrade(session) => {
            begin(pending, session);
            whole(Bytes::new())
        }
        Payload::Stream(chunks) => StreamBody::new(chunks.map(|chunk| Ok(Frame::data(chunk)))).boxed_unsync(),
    };
    let mut response = Response::builder()
        .status(answer.status)
        .header("Audit-ID", audit_id)
        .header(header::CACHE_CONTROL, answer.cache_control)
        .header(header::DATE, http_date(now_ms));
    if !answer.content_type.is_empty() {
        response = response.header(header::CONTENT_TYPE, answer.content_type);
    }
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response
        .body(body)
        .expect("status, media type and date are well-formed, and the audit id came in a header or is a UUID")
}
