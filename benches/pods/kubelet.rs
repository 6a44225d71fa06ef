//! A kubelet that only speaks: every container's log is numbered lines, as many a second as asked,
//! for as long as somebody listens. The real API server stands before it.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::aws_lc_rs};

pub const LINES_PER_SECOND: u32 = 10_000;
/// How long the log flows before it ends by itself.
pub const FLOW: Duration = Duration::from_secs(10);
/// Lines sent at once, as a kubelet's reader of files does.
const BATCH: u32 = 100;

pub struct Kubelet {
    port: u16,
}

impl Kubelet {
    /// Listens with the API server's own certificate: it does not check kubelets'.
    pub fn start(rig: &Path) -> Self {
        let chain: Vec<_> = CertificateDer::pem_file_iter(rig.join("pki/apiserver.crt"))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let key = PrivateKeyDer::from_pem_file(rig.join("pki/apiserver.key")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = Arc::new(config);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let config = Arc::clone(&config);
                // A listener that leaves in the middle is the usual end.
                std::thread::spawn(move || stream.and_then(|stream| serve(stream, config)));
            }
        });
        Self { port }
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let tls = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(tls, stream));
    let (mut head, mut line) = (String::new(), String::new());
    while stream.read_line(&mut line)? > 2 {
        head.push_str(&std::mem::take(&mut line));
    }
    let out = stream.get_mut();
    out.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")?;
    out.flush()?;
    if head.contains("sinceTime=") {
        // Asked to go on after its end: there is nothing more.
        std::thread::sleep(FLOW);
        return out.write_all(b"0\r\n\r\n");
    }
    let start = Instant::now();
    for batch in 0..(FLOW.as_secs() as u32 * LINES_PER_SECOND / BATCH) {
        let lines: String = (0..BATCH).map(|n| log_line(batch * BATCH + n)).collect();
        write!(out, "{:x}\r\n{lines}\r\n", lines.len())?;
        out.flush()?;
        let due = start + Duration::from_secs(1) * ((batch + 1) * BATCH) / LINES_PER_SECOND;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    out.write_all(b"0\r\n\r\n")?;
    out.flush()
}

/// With a time before it, as the kubelet writes when it is asked for timestamps.
fn log_line(number: u32) -> String {
    format!(
        "2026-01-01T00:00:00.{number:09}Z line={number:07} level=info msg=\"order taken\" customer=c-{number:x} took=12ms\n"
    )
}
