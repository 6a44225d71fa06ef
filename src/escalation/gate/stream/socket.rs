//! One websocket on a connection of its own, and with it a pool of its own: when the stream is
//! dropped nothing is left that could be used again. Only opens what the gate's rules let pass.

#![expect(
    clippy::disallowed_types,
    reason = "only kube's client makes the handshake; it stands on the guarded transport and is dropped after it"
)]

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Sink, SinkExt, StreamExt};
use http::header::USER_AGENT;
use http::{HeaderValue, Request};
use kube::Client;
use secrecy::SecretString;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};

use crate::cluster::guard::Guarded;
use crate::cluster::{Endpoint, Identity};
use crate::escalation::gate::rules::{self, AUDIT_ID};
use crate::escalation::gate::wire::chain;

/// Both halves of a websocket, whatever it runs over.
trait Duplex: futures_util::Stream<Item = Result<Message, SocketError>> + Sink<Message, Error = SocketError> {}
impl<T> Duplex for T where
    T: futures_util::Stream<Item = Result<Message, SocketError>> + Sink<Message, Error = SocketError>
{
}

pub(super) struct Socket {
    near: futures_util::stream::SplitSink<Box<dyn Duplex + Send + Unpin>, Message>,
    far: futures_util::stream::SplitStream<Box<dyn Duplex + Send + Unpin>>,
}

/// What the server sent on one channel.
pub(super) struct Frame {
    pub(super) channel: u8,
    pub(super) data: Bytes,
}

pub(super) struct Sender(futures_util::stream::SplitSink<Box<dyn Duplex + Send + Unpin>, Message>);
pub(super) struct Receiver(futures_util::stream::SplitStream<Box<dyn Duplex + Send + Unpin>>);

/// Why there is no stream.
pub(super) enum Refusal {
    /// The server answered no.
    Answered { status: u16, message: String },
    /// No answer, or one that is none.
    Failed(String),
}

/// Asks for a websocket, once: a request that is sent again would have no record of its own.
pub(super) async fn connect(
    endpoint: &Arc<dyn Endpoint>,
    token: &SecretString,
    path: &str,
    audit_id: &str,
    agent: &str,
) -> Result<Socket, Refusal> {
    let failed = |cause: String| Refusal::Failed(cause);
    let transport = endpoint.transport(Identity::Bearer(token)).await;
    let transport = transport.map_err(|error| failed(error.to_string()))?;
    let client = Client::new(Guarded::for_upgrades(rules::streaming, transport), "default");
    let agent = HeaderValue::from_str(agent).unwrap_or(HeaderValue::from_static("kglass"));
    let request = Request::get(path)
        .header(AUDIT_ID, audit_id)
        .header(USER_AGENT, agent)
        .body(Vec::new())
        .map_err(|error| failed(error.to_string()))?;
    match client.connect(request).await {
        Ok(connection) => {
            let both: Box<dyn Duplex + Send + Unpin> = Box::new(connection.into_stream());
            let (near, far) = both.split();
            Ok(Socket { near, far })
        }
        Err(kube::Error::Api(status)) => Err(Refusal::Answered {
            status: status.code,
            message: status.message.clone(),
        }),
        Err(error) => Err(failed(chain(&error))),
    }
}

impl Socket {
    pub(super) fn split(self) -> (Sender, Receiver) {
        (Sender(self.near), Receiver(self.far))
    }
}

impl Sender {
    /// Waits while the far end takes nothing.
    pub(super) async fn send(&mut self, channel: u8, data: &[u8]) -> Result<(), String> {
        let mut frame = Vec::with_capacity(data.len() + 1);
        frame.push(channel);
        frame.extend_from_slice(data);
        self.put(Message::binary(frame)).await
    }

    /// Keeps proxies from taking an idle stream for a dead one.
    pub(super) async fn ping(&mut self) -> Result<(), String> {
        self.put(Message::Ping(Bytes::new())).await
    }

    async fn put(&mut self, message: Message) -> Result<(), String> {
        self.0.send(message).await.map_err(|error| chain(&error))
    }
}

impl Receiver {
    /// The next frame; None when the server has closed the stream. Loses nothing if it is dropped
    /// while it waits.
    pub(super) async fn next(&mut self) -> Option<Result<Frame, String>> {
        loop {
            match self.0.next().await? {
                Ok(Message::Binary(mut data)) if !data.is_empty() => {
                    let channel = data.split_to(1)[0];
                    return Some(Ok(Frame { channel, data }));
                }
                // Pings are answered below; text and empty frames mean nothing in these protocols.
                Ok(Message::Close(_)) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(chain(&error))),
            }
        }
    }
}
