//! One request from its arrival to its answer, in the API server's order: audit id, authentication,
//! authorization, then the resource. Admission is not part of it (see the room's page).

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, Request, Response, header};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use kube::client::Body;
use serde_json::{Value, json};
use tower::BoxError;

use super::answer::{Answer, Outcome, Payload, Refusal};
use super::audit_log::AuditEvent;
use super::authn::UserInfo;
use super::clock::http_date;
use super::fault::{self, Arrival, Fault};
use super::kinds::{self, Kind};
use super::request::{Attributes, Params};
use super::server::{Shared, State};
use super::store::Key;
use super::table::Form;
use super::token_request::random_uuid;
use super::{collection, discovery, object, rbac, reviews, scale, token_request, watch};

pub(super) type ResponseBody = UnsyncBoxBody<Bytes, BoxError>;

/// Everything of a request that handlers look at.
struct Asked {
    at: Attributes,
    query: Params,
    headers: HeaderMap,
    body: Bytes,
}

pub(super) async fn serve(
    shared: Arc<Shared>,
    connection: u64,
    request: Request<Body>,
) -> Result<Response<ResponseBody>, BoxError> {
    let (parts, body) = request.into_parts();
    let query = Params::parse(parts.uri.query());
    let asked = Asked {
        at: Attributes::of(&parts.method, parts.uri.path(), &query),
        query,
        headers: parts.headers,
        body: body.collect_bytes().await?,
    };
    let (given, id) = match header_of(&asked.headers, "audit-id") {
        "" => (false, random_uuid()),
        id => (true, id.to_owned()),
    };
    let user = authenticate(&shared, connection, &asked);
    let mut event = AuditEvent::new((id.clone(), given), user.as_ref().ok(), &asked.at);
    event.request_uri = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    event.user_agent = header_of(&asked.headers, "user-agent").to_owned();
    event.connection = connection;
    event.received_ms = shared.clock.now_ms();
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
        Some(Fault::DropAnswer) => {
            complete(&shared, slot, &answer(&shared, &asked, user));
            return Err(broken());
        }
        None => answer(&shared, &asked, user),
    };
    complete(&shared, slot, &answer);
    Ok(respond(answer, &id, shared.clock.now_ms()))
}

fn broken() -> BoxError {
    std::io::Error::new(
        std::io::ErrorKind::ConnectionReset,
        "connection reset by peer (injected fault)",
    )
    .into()
}

fn header_of<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
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

fn answer(shared: &Arc<Shared>, asked: &Asked, user: Result<UserInfo, Refusal>) -> Answer {
    user.and_then(|user| handle(shared, asked, &user))
        .unwrap_or_else(Into::into)
}

fn handle(shared: &Arc<Shared>, asked: &Asked, user: &UserInfo) -> Outcome {
    let now = shared.clock.now_ms();
    let mut state = shared.settled();
    if !rbac::allows(&state.store, user, &asked.at) {
        return Err(Refusal::forbidden(user, &asked.at));
    }
    let at = &asked.at;
    if at.resource.is_none() {
        return path(&state, asked);
    }
    if at.group == "authentication.k8s.io" || at.group == "authorization.k8s.io" {
        let answer = reviews::create(&state.store, user, at, &json_body(asked)?, now);
        return answer.unwrap_or_else(|| Err(Refusal::no_such_path()));
    }
    let plural = at.resource.as_deref().unwrap_or_default();
    let kind = kinds::find(&at.group, &at.version, plural).ok_or_else(Refusal::no_such_path)?;
    match &at.subresource {
        Some(sub) => subresource(&mut state, kind, sub, asked, now),
        None => resource(shared, &mut state, kind, asked, now),
    }
}

fn path(state: &State, asked: &Asked) -> Outcome {
    if asked.at.verb != "get" {
        return Err(Refusal::method_not_allowed());
    }
    let accept = header_of(&asked.headers, "accept");
    match asked.at.path.trim_end_matches('/') {
        "/version" => Ok(Answer::ok(json!({
            "major": "1", "minor": "36", "gitVersion": "v1.36.2", "gitCommit": "embedded", "gitTreeState": "clean",
            "buildDate": "2026-01-01T00:00:00Z", "goVersion": "none", "compiler": "rustc", "platform": "embedded",
        }))),
        "/healthz" | "/livez" | "/readyz" => Ok(Answer::text("ok")),
        path => discovery::get(path, accept, state.aggregated_discovery).ok_or_else(Refusal::no_such_path),
    }
}

fn resource(shared: &Arc<Shared>, state: &mut State, kind: &'static Kind, asked: &Asked, now: i64) -> Outcome {
    let (at, query, store) = (&asked.at, &asked.query, &mut state.store);
    if !kind.verbs.contains(&at.verb.as_str()) {
        return Err(Refusal::method_not_allowed());
    }
    let form = Form::asked(header_of(&asked.headers, "accept"), query);
    let key = || key_of(kind, at);
    match at.verb.as_str() {
        "list" => collection::list(store, kind, at, query, form, now),
        "watch" => watch::open(shared, store, kind, at, query, form),
        "create" => collection::create(store, kind, at, query, json_body(asked)?, now),
        "get" => object::get(store, kind, &key(), form, now),
        "patch" => object::patch(store, kind, &key(), query, &patch_body(asked)?),
        "delete" => object::delete(store, kind, &key(), query, &json_body(asked)?, now),
        _ => Err(Refusal::method_not_allowed()),
    }
}

fn subresource(state: &mut State, kind: &'static Kind, sub: &str, asked: &Asked, now: i64) -> Outcome {
    let (at, query) = (&asked.at, &asked.query);
    let served = kind.subresource(sub).ok_or_else(Refusal::no_such_path)?;
    if !served.verbs.contains(&at.verb.as_str()) {
        return Err(Refusal::method_not_allowed());
    }
    let key = key_of(kind, at);
    match (sub, at.verb.as_str()) {
        ("scale", "get") => scale::get(&state.store, kind, &key),
        ("scale", "patch") => scale::set(&mut state.store, kind, &key, query, &patch_body(asked)?),
        ("scale", _) => scale::set(&mut state.store, kind, &key, query, &json_body(asked)?),
        _ => token_request::create(state, &key.namespace, &key.name, &json_body(asked)?, now),
    }
}

fn key_of(kind: &'static Kind, at: &Attributes) -> Key {
    let namespace = at.namespace.as_deref().unwrap_or_default();
    Key::new(kind, namespace, at.name.as_deref().unwrap_or_default())
}

fn json_body(asked: &Asked) -> Result<Value, Refusal> {
    if asked.body.is_empty() {
        return Ok(json!({}));
    }
    let media = header_of(&asked.headers, "content-type");
    if !media.is_empty() && !media.starts_with("application/json") {
        return Err(Refusal::unsupported_media("application/json"));
    }
    serde_json::from_slice(&asked.body).map_err(|e| Refusal::bad_request(&format!("error decoding body: {e}")))
}

fn patch_body(asked: &Asked) -> Result<Value, Refusal> {
    object::read_patch(header_of(&asked.headers, "content-type"), &asked.body)
}

fn respond(answer: Answer, audit_id: &str, now_ms: i64) -> Response<ResponseBody> {
    let whole = |bytes: Bytes| Full::new(bytes).map_err(|never| match never {}).boxed_unsync();
    let body = match answer.payload {
        Payload::Json(value) => whole(Bytes::from(value.to_string())),
        Payload::Text(text) => whole(Bytes::from(text)),
        Payload::Stream(chunks) => StreamBody::new(chunks.map(|chunk| Ok(Frame::data(chunk)))).boxed_unsync(),
    };
    Response::builder()
        .status(answer.status)
        .header(header::CONTENT_TYPE, answer.content_type)
        .header("Audit-ID", audit_id)
        .header(header::DATE, http_date(now_ms))
        .body(body)
        .expect("status, media type and date are well-formed, and the audit id came in a header or is a UUID")
}
