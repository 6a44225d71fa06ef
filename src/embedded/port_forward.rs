//! `pods/portforward`: a small page behind each port. What is not HTTP is echoed.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::answer::Outcome;
use super::asked::Asked;
use super::exec::present;
use super::kinds::Kind;
use super::object::found;
use super::pulse::Pulse;
use super::refusal::Refusal;
use super::server::{Shared, State};
use super::store::{Key, text};
use super::upgrade::{self, Socket};
use super::world::World;

pub(super) fn ports(asked: &Asked) -> Vec<u16> {
    let all = asked.query.all("ports").iter().flat_map(|list| list.split(','));
    all.filter_map(|port| port.parse().ok()).collect()
}

pub(super) fn options(asked: &Asked) -> Value {
    json!({"ports": ports(asked)})
}

pub(super) fn open(shared: &Arc<Shared>, state: &State, kind: &'static Kind, asked: &Asked) -> Outcome {
    let key = asked.key(kind);
    let pod = found(&state.store, kind, &key)?.clone();
    let ports = ports(asked);
    if ports.is_empty() {
        return Err(Refusal::bad_request("query parameter \"ports\" is required"));
    }
    if text(&pod, "/status/phase") != Some("Running") {
        let why = format!(
            "unable to forward port because pod is not running. Current status={}",
            text(&pod, "/status/phase").unwrap_or_default()
        );
        return Err(Refusal::bad_request(&why));
    }
    let line = Line {
        shared: Arc::clone(shared),
        world: Arc::clone(&state.world),
        uid: pod["metadata"]["uid"].clone(),
        key,
        pod,
        pulse: Pulse::new(shared, &state.store),
    };
    let protocols = &["v4.channel.k8s.io"];
    upgrade::answer(
        asked,
        protocols,
        Box::new(move |socket| Box::pin(line.run(socket, ports))),
    )
}

struct Line {
    shared: Arc<Shared>,
    world: Arc<dyn World>,
    key: Key,
    uid: Value,
    pod: Value,
    pulse: Pulse,
}

impl Line {
    async fn run(mut self, mut socket: Socket, ports: Vec<u16>) {
        // Both channels of each port begin with its number.
        for (index, port) in ports.iter().enumerate() {
            for channel in [index * 2, index * 2 + 1] {
                let mut frame = vec![channel as u8];
                frame.extend(port.to_le_bytes());
                if socket.send(Message::Binary(frame.into())).await.is_err() {
                    return;
                }
            }
        }
        let mut said: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
        loop {
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Binary(frame))) => {
                        for answer in self.take(&ports, &mut said, &frame) {
                            if socket.send(Message::Binary(answer.into())).await.is_err() {
                                return;
                            }
                        }
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => {}
                },
                goes_on = self.pulse.beat() => {
                    if !goes_on {
                        return;
                    }
                    let state = self.shared.settled();
                    if present(&state.store, &self.key, &self.uid).is_none() {
                        return;
                    }
                }
            }
        }
    }

    fn take(&self, ports: &[u16], said: &mut BTreeMap<u8, Vec<u8>>, frame: &Bytes) -> Vec<Vec<u8>> {
        let Some((&channel, bytes)) = frame.split_first() else {
            return Vec::new();
        };
        let Some(port) = ports.get(usize::from(channel / 2)).filter(|_| channel % 2 == 0) else {
            return Vec::new();
        };
        let answer = |channel: u8, bytes: &[u8]| {
            let mut frame = vec![channel];
            frame.extend_from_slice(bytes);
            vec![frame]
        };
        let Some(page) = self.world.page(&self.pod, *port) else {
            let why = format!(
                "error forwarding port {port} to pod {}, uid : failed to connect to localhost:{port} inside the \
                 container: connection refused",
                self.key.name
            );
            return answer(channel + 1, why.as_bytes());
        };
        let heard = said.entry(channel).or_default();
        heard.extend_from_slice(bytes);
        if !looks_like_http(heard) {
            let echoed = std::mem::take(heard);
            return answer(channel, &echoed);
        }
        if !heard.windows(4).any(|w| w == b"\r\n\r\n") {
            return Vec::new();
        }
        heard.clear();
        let response = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\r\n{page}",
            page.len()
        );
        answer(channel, response.as_bytes())
    }
}

fn looks_like_http(heard: &[u8]) -> bool {
    ["GET ", "HEAD ", "POST ", "PUT "].iter().any(|method| {
        let method = method.as_bytes();
        let length = method.len().min(heard.len());
        heard[..length] == method[..length]
    })
}
