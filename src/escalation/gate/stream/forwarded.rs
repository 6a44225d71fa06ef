//! One connection of a port-forward: a local socket, a websocket, and what passes between them. Its
//! intent is durable before the request is sent; its outcome says how much went each way.

#![expect(
    clippy::disallowed_types,
    reason = "the local end of a port-forward, taken from its own listener"
)]

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

use super::frames::{PORT_DATA, PORT_ERROR};
use super::job::{Connected, Job};
use super::open::Over;
use super::shell::SWITCHED;
use super::socket::{Receiver, Sender};
use crate::audit::Streamed;
use crate::escalation::GateError;
use crate::escalation::stream::StreamCounts;
use crate::model::TermSafe;

const CHUNK: usize = 32 * 1024;
const CUT: &str = "cut by the end of the escalation";
const PING: Duration = Duration::from_secs(25);
/// The protocol has no half-closed streams: when the local end has said everything, the answer may
/// take this long to begin or go on.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Of all connections of one forward.
#[derive(Default)]
pub(super) struct Counter {
    pub(super) connections: AtomicU32,
    pub(super) open: AtomicU32,
    pub(super) to_pod: AtomicU64,
    pub(super) from_pod: AtomicU64,
}

impl Counter {
    pub(super) fn counts(&self) -> StreamCounts {
        StreamCounts {
            connections: self.connections.load(Ordering::Relaxed),
            open: self.open.load(Ordering::Relaxed),
            bytes_in: self.to_pod.load(Ordering::Relaxed),
            bytes_out: self.from_pod.load(Ordering::Relaxed),
        }
    }
}

/// Of this connection, counted for all of them as well.
struct Both<'c> {
    all: &'c Counter,
    to_pod: AtomicU64,
    from_pod: AtomicU64,
}

/// Why the connection ended.
enum Ended {
    Done,
    Over(Over),
    Broken(String),
}

/// The error is for the operator; it is recorded already.
pub(super) async fn run(job: &Job<'_>, near: TcpStream, remote: u16, counter: &Counter) -> Result<(), String> {
    let query = format!("ports={remote}");
    let (near, connected) = connect(job, near, &query).await;
    let Connected { socket, request } = connected.map_err(|error| error.to_string())?;
    let Some(mut near) = near else {
        drop(socket);
        let cut = Streamed {
            cut: true,
            ..Streamed::default()
        };
        let recorded = job.conclude(request, SWITCHED, CUT.into(), Some(cut)).await;
        return recorded.map_err(|error| error.to_string());
    };
    // Small answers must not wait for more.
    drop(near.set_nodelay(true));
    let both = Both {
        all: counter,
        to_pod: AtomicU64::new(0),
        from_pod: AtomicU64::new(0),
    };
    let ended = {
        let (sender, receiver) = socket.split();
        let (reading, writing) = near.split();
        tokio::select! {
            biased;
            over = job.entered.over() => Ended::Over(over),
            ended = between(sender, receiver, reading, writing, &both) => ended,
        }
    };
    // Both ends are gone before their end is recorded.
    drop(near);
    let message = match &ended {
        Ended::Done => "closed".to_owned(),
        Ended::Over(Over::Cut) => CUT.into(),
        Ended::Over(Over::Closed) => "closed by the operator".into(),
        Ended::Broken(cause) => cause.clone(),
    };
    let streamed = Streamed {
        exit_code: None,
        bytes_in: both.to_pod.into_inner(),
        bytes_out: both.from_pod.into_inner(),
        cut: matches!(ended, Ended::Over(Over::Cut)),
    };
    let recorded = job.conclude(request, SWITCHED, message, Some(streamed)).await;
    recorded.map_err(|error| error.to_string())?;
    match ended {
        Ended::Broken(cause) => Err(cause),
        Ended::Done | Ended::Over(_) => Ok(()),
    }
}

/// Opens the far end. A disk or sink that hangs holds up the record, but not the closing of the near
/// end: that is gone as soon as it is over.
async fn connect(job: &Job<'_>, near: TcpStream, query: &str) -> (Option<TcpStream>, Result<Connected, GateError>) {
    let connecting = job.connect("portforward", query, &job.words);
    tokio::pin!(connecting);
    tokio::select! {
        biased;
        connected = &mut connecting => return (Some(near), connected),
        _ = job.entered.over() => drop(near),
    }
    (None, connecting.await)
}

async fn between(
    sender: Sender,
    receiver: Receiver,
    reading: ReadHalf<'_>,
    writing: WriteHalf<'_>,
    both: &Both<'_>,
) -> Ended {
    let from_pod = from_pod(receiver, writing, both);
    tokio::pin!(from_pod);
    let (sender, said) = tokio::select! {
        ended = &mut from_pod => return ended,
        (sender, said) = to_pod(sender, reading, both) => (sender, said),
    };
    if let Err(cause) = said {
        return Ended::Broken(cause);
    }
    // The local end has said everything; what still comes is passed on while something comes.
    loop {
        let before = both.from_pod.load(Ordering::Relaxed);
        let ended = tokio::time::timeout(LAST_WORDS, &mut from_pod).await;
        if let Ok(ended) = ended {
            return ended;
        }
        if both.from_pod.load(Ordering::Relaxed) == before {
            drop(sender);
            return Ended::Done;
        }
    }
}

/// Until the local end has nothing more to say. The websocket stays open for the answer.
async fn to_pod(mut sender: Sender, mut reading: ReadHalf<'_>, both: &Both<'_>) -> (Sender, Result<(), String>) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let sent = tokio::select! {
            read = reading.read(&mut buffer) => match read {
                // A local end that resets is one that is gone.
                Ok(0) | Err(_) => return (sender, Ok(())),
                Ok(length) => {
                    both.to_pod.fetch_add(length as u64, Ordering::Relaxed);
                    both.all.to_pod.fetch_add(length as u64, Ordering::Relaxed);
                    sender.send(PORT_DATA, &buffer[..length]).await
                }
            },
            () = tokio::time::sleep(PING) => sender.ping().await,
        };
        if sent.is_err() {
            return (sender, sent);
        }
    }
}

async fn from_pod(mut receiver: Receiver, mut writing: WriteHalf<'_>, both: &Both<'_>) -> Ended {
    // The first frame of each channel repeats the port.
    let mut greeted = [false; 2];
    loop {
        let frame = match receiver.next().await {
            Some(Ok(frame)) => frame,
            Some(Err(cause)) => return Ended::Broken(cause),
            None => return Ended::Done,
        };
        let Some(greeted) = greeted.get_mut(usize::from(frame.channel)) else {
            return Ended::Broken(format!(
                "the server used channel {}, which nobody opened",
                frame.channel
            ));
        };
        if !std::mem::replace(greeted, true) || frame.data.is_empty() {
            continue;
        }
        if frame.channel == PORT_ERROR {
            return Ended::Broken(TermSafe::new(&String::from_utf8_lossy(&frame.data)).to_string());
        }
        let length = frame.data.len() as u64;
        both.from_pod.fetch_add(length, Ordering::Relaxed);
        both.all.from_pod.fetch_add(length, Ordering::Relaxed);
        if writing.write_all(&frame.data).await.is_err() {
            return Ended::Done;
        }
    }
}
