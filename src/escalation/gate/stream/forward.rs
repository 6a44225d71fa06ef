//! A port-forward: one listener on loopback, and for each connection a request of its own, with its
//! own intent and outcome. The listener takes nothing before its record is durable, and is closed
//! before anything else when the end comes.

#![expect(
    clippy::disallowed_types,
    reason = "a port-forward is a local listener; what comes over it leaves through the gate's own socket"
)]

use std::net::Ipv4Addr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpListener, TcpStream};

use super::forwarded::{self, Counter};
use super::job::Job;
use super::open::Over;
use crate::audit::{Event, StreamClosed};
use crate::escalation::GateError;
use crate::escalation::gate::clock::boot_ms;
use crate::escalation::stream::{StreamClose, StreamCounts, StreamEnd, StreamFact};

/// At once; more wait in the listener's queue.
const MOST_OPEN: usize = 64;
/// Counts are told this often, if they changed.
const TELL: Duration = Duration::from_millis(500);

pub(super) async fn run(job: &Job<'_>, remote: u16, local: u16) -> Result<StreamEnd, GateError> {
    // Refused here already, so that no listener stands for an escalation that has ended.
    if let Err(error) = job.live.check(&job.pod).and_then(|()| job.gate.within_bound(job.live)) {
        return Err(job.refuse(error).await);
    }
    let listener = match listen(local).await {
        Ok(listener) => listener,
        Err(error) => return Err(job.refuse(error).await),
    };
    let local = listener.local_addr().map_or(local, |address| address.port());
    let opened = job.opened("portforward", None, Some(format!("127.0.0.1:{local}")));
    job.record(opened).await?;
    job.tell(StreamFact::Opened { local: Some(local) });
    let (began, counter) = (boot_ms(), Counter::default());
    let over = serve(job, listener, remote, &counter).await;
    let counts = counter.counts();
    let took_ms = boot_ms().saturating_sub(began);
    let closed = StreamClosed {
        action: job.action,
        words: job.words.clone(),
        connections: counts.connections,
        bytes_in: counts.bytes_in,
        bytes_out: counts.bytes_out,
        took_ms,
        cut: over == Over::Cut,
    };
    job.record(Event::StreamClosed(closed)).await?;
    Ok(StreamEnd {
        close: match over {
            Over::Cut => StreamClose::Cut,
            Over::Closed => StreamClose::Closed,
        },
        counts,
        took_ms,
        may_go_on: false,
    })
}

async fn listen(port: u16) -> Result<TcpListener, GateError> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    bound.map_err(|error| GateError::Listen {
        place: format!("127.0.0.1:{port}"),
        cause: match error.kind() {
            std::io::ErrorKind::AddrInUse => "another program has this port".into(),
            std::io::ErrorKind::PermissionDenied => "ports below 1024 are root's".into(),
            _ => error.to_string(),
        },
    })
}

/// Takes connections until it is over; returns when the listener and every connection are gone.
async fn serve(job: &Job<'_>, listener: TcpListener, remote: u16, counter: &Counter) -> Over {
    let mut open = FuturesUnordered::new();
    let mut told = StreamCounts::default();
    let mut tick = tokio::time::interval(TELL);
    let over = loop {
        tokio::select! {
            biased;
            over = job.entered.over() => break over,
            Some(()) = open.next() => {}
            taken = listener.accept(), if open.len() < MOST_OPEN => match taken {
                Ok((near, _)) => open.push(one(job, near, remote, counter)),
                // Out of descriptors, or gone before it was taken: the next may do.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            _ = tick.tick() => {
                let counts = counter.counts();
                if std::mem::replace(&mut told, counts) != counts {
                    job.tell(StreamFact::Counted(counts));
                }
            }
        }
    };
    drop(listener);
    // Each has seen the same end, drops its sockets and writes its outcome.
    while open.next().await.is_some() {}
    over
}

async fn one(job: &Job<'_>, near: TcpStream, remote: u16, counter: &Counter) {
    counter.connections.fetch_add(1, Ordering::Relaxed);
    counter.open.fetch_add(1, Ordering::Relaxed);
    if let Err(trouble) = forwarded::run(job, near, remote, counter).await {
        job.tell(StreamFact::Trouble(trouble));
    }
    counter.open.fetch_sub(1, Ordering::Relaxed);
}
