//! Requests that leave HTTP for a websocket. Such a request gets a connection of its own, a pipe in
//! memory with a real HTTP/1.1 server at one end and a real client at the other, so that whoever
//! asks goes the same way as over a socket.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::{HeaderMap, Request, Response, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tower::BoxError;

use super::answer::Answer;
use super::asked::Asked;
use super::refusal::Refusal;
use super::serve::serve;
use super::server::Shared;

/// Bytes that one side may be ahead of the other.
const PIPE: usize = 64 * 1024;

pub(super) type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// What goes on over the websocket, from its opening to its end.
pub(super) type Session = Box<dyn FnOnce(Socket) -> BoxFuture<'static, ()> + Send>;

pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Sends the request over a pipe of its own. Both ends end with the connection.
pub(super) async fn over_pipe(
    shared: Arc<Shared>,
    connection: u64,
    request: Request<Body>,
) -> Result<Response<Incoming>, BoxError> {
    let (near, far) = tokio::io::duplex(PIPE);
    let service = service_fn(move |request: Request<Incoming>| serve(Arc::clone(&shared), connection, request));
    let server = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(far), service)
        .with_upgrades();
    tokio::spawn(async move {
        // A fault that a test injects breaks the line here; the client sees it.
        drop(server.await);
    });
    let (mut sender, line) = hyper::client::conn::http1::handshake(TokioIo::new(near)).await?;
    tokio::spawn(async move {
        drop(line.with_upgrades().await);
    });
    let (mut parts, body) = request.into_parts();
    // A client sends the path; the host stands in a header.
    let path = parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
    parts.uri = path.parse()?;
    parts
        .headers
        .insert(header::HOST, http::HeaderValue::from_static("embedded.invalid"));
    Ok(sender.send_request(Request::from_parts(parts, body)).await?)
}

/// The answer that opens a websocket with the first protocol that both sides speak.
pub(super) fn answer(asked: &Asked, spoken: &[&'static str], session: Session) -> Result<Answer, Refusal> {
    if !is_wanted(&asked.headers) {
        return Err(Refusal::bad_request("Upgrade request required"));
    }
    let offered = asked.header("sec-websocket-protocol");
    let protocol = spoken
        .iter()
        .find(|known| offered.split(',').any(|offer| offer.trim() == **known))
        .ok_or_else(|| Refusal::bad_request("none of the offered websocket protocols is spoken here"))?;
    let key = derive_accept_key(asked.header("sec-websocket-key").as_bytes());
    Ok(Answer::upgrade(session)
        .header("Upgrade", "websocket".to_owned())
        .header("Connection", "Upgrade".to_owned())
        .header("Sec-WebSocket-Accept", key)
        .header("Sec-WebSocket-Protocol", (*protocol).to_owned()))
}

/// The other end of a request that may leave HTTP.
pub(super) type Pending = Option<hyper::upgrade::OnUpgrade>;

pub(super) fn pending<B>(request: &mut Request<B>) -> Pending {
    is_wanted(request.headers()).then(|| hyper::upgrade::on(request))
}

/// Waits for the client's side of the upgrade and runs the session.
pub(super) fn begin(pending: Pending, session: Session) {
    let Some(upgrade) = pending else {
        return;
    };
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
            session(socket).await;
        }
    });
}
