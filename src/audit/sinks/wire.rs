//! One connection to a receiver, plain or TLS, with a bound on every step. The only file that opens
//! sockets. Never retries: what became of a batch is for the sink to judge.

#![expect(
    clippy::disallowed_types,
    reason = "a sink is no cluster: no allow-list would hold here"
)]

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::net::RecvFlags;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::config::{TlsConfig, host_of};
use super::sink::Failure;
use super::tls::Tls;

pub enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// How the receiver ended a connection whose writing side we had shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// With a TLS close_notify: the program itself said so.
    Notified,
    /// With a bare end of file: the program, or the system that cleans up after it.
    Silent,
}

/// Where to connect to, and how.
pub struct Dial {
    pub address: String,
    pub tls: Option<TlsConfig>,
    pub patience: Duration,
    session: Tls,
}

impl Dial {
    pub fn new(address: &str, tls: Option<TlsConfig>, patience: Duration) -> Self {
        Self {
            address: address.into(),
            tls,
            patience,
            session: Tls::default(),
        }
    }

    pub async fn connect(&mut self) -> Result<Wire, Failure> {
        let patience = self.patience;
        let opened = timeout(patience, self.open()).await;
        opened.unwrap_or_else(|_| Err(late(&format!("{} does not answer", self.address), patience)))
    }

    async fn open(&mut self) -> Result<Wire, Failure> {
        let stream = TcpStream::connect(&self.address).await;
        let stream = stream.map_err(|e| Failure::new(format!("cannot connect to {}: {e}", self.address)))?;
        // Small batches must not wait for the answer to what went before.
        stream.set_nodelay(true).map_err(|e| broken(&e))?;
        match &self.tls {
            None => Ok(Wire::Plain(stream)),
            Some(config) => {
                let host = host_of(&self.address);
                Ok(Wire::Tls(Box::new(self.session.wrap(config, host, stream).await?)))
            }
        }
    }
}

impl Wire {
    /// Sends all of it; each piece may take `patience`.
    pub async fn send(&mut self, bytes: &[u8], patience: Duration) -> Result<(), Failure> {
        for piece in bytes.chunks(16 * 1024) {
            let sent = timeout(patience, self.write_all(piece)).await;
            sent.map_err(|_| late("the receiver takes no more", patience))?
                .map_err(|e| broken(&e))?;
        }
        let flushed = timeout(patience, self.flush()).await;
        flushed
            .map_err(|_| late("the receiver takes no more", patience))?
            .map_err(|e| broken(&e))
    }

    /// Shuts the writing side and waits until the receiver has closed its own.
    pub async fn finish(mut self, patience: Duration) -> Result<Closed, Failure> {
        let ending = async {
            self.shutdown().await.map_err(|e| broken(&e))?;
            let mut ignored = [0; 512];
            loop {
                match self.read(&mut ignored).await {
                    Ok(0) if matches!(self, Self::Tls(_)) => return Ok(Closed::Notified),
                    Ok(0) => return Ok(Closed::Silent),
                    // A receiver has nothing to say in syslog; some say something all the same.
                    Ok(_) => {}
                    Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(Closed::Silent),
                    Err(e) => return Err(broken(&e)),
                }
            }
        };
        let ended = timeout(patience, ending).await;
        ended.unwrap_or_else(|_| Err(late("the receiver did not close the connection", patience)))
    }

    /// Is the other side still there, as far as this system knows right now?
    pub async fn is_alive(&mut self) -> bool {
        if let Self::Tls(stream) = self {
            // Session tickets lie before an end of file and would hide it.
            let mut ticket = [0; 512];
            if let Ok(Ok(0) | Err(_)) = timeout(Duration::ZERO, stream.read(&mut ticket)).await {
                return false;
            }
        }
        // Asked of the system: what tokio knows may be older than the last event.
        let mut byte = [0; 1];
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        match rustix::net::recv(self.socket(), &mut byte, flags) {
            Ok((0, _)) => false,
            Ok(_) => true,
            Err(errno) => errno == rustix::io::Errno::AGAIN || errno == rustix::io::Errno::INTR,
        }
    }

    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }
}

fn late(what: &str, patience: Duration) -> Failure {
    Failure::new(format!("{what} within {:.1} s", patience.as_secs_f64()))
}

fn broken(error: &io::Error) -> Failure {
    Failure::new(format!("the connection broke: {error}"))
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
