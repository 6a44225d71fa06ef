//! A blocking HTTPS connection, kept open for as long as the value lives. Kept
//! small and apart from kube's client, so that the server is asked by other code
//! than the one under test.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, IpAddr, ServerName, pem::PemObject},
};
use serde_json::Value;

use super::request::Request;

/// A server that is frozen must not freeze the test.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Connection {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
    host: String,
}

/// What came back; `json` is null where the body is no JSON.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub json: Value,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The server's own words, or the body where it is no `Status`.
    pub fn message(&self) -> String {
        let message = self.json["message"].as_str().map(str::to_owned);
        let text = message.unwrap_or_else(|| String::from_utf8_lossy(&self.body).into_owned());
        format!("{} {text}", self.status)
    }
}

pub fn trust(ca_pem: &str) -> io::Result<Arc<ClientConfig>> {
    let ca = CertificateDer::from_pem_slice(ca_pem.as_bytes()).map_err(io::Error::other)?;
    let mut roots = RootCertStore::empty();
    roots.add(ca).map_err(io::Error::other)?;
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

impl Connection {
    pub fn open(trust: Arc<ClientConfig>, port: u16) -> io::Result<Self> {
        let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        let name = ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let tls = ClientConnection::new(trust, name).map_err(io::Error::other)?;
        let stream = BufReader::new(StreamOwned::new(tls, tcp));
        Ok(Connection {
            stream,
            host: format!("127.0.0.1:{port}"),
        })
    }

    /// Sends a request and reads the whole reply; the connection stays open.
    pub fn send(&mut self, request: &Request) -> io::Result<Reply> {
        let mut reply = self.begin(request)?;
        reply.body = self.read_body(&reply)?;
        reply.json = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        Ok(reply)
    }

    /// Sends a request and reads only the reply's head: for watches and followed
    /// logs, whose body then comes by `chunk`.
    pub fn begin(&mut self, request: &Request) -> io::Result<Reply> {
        self.stream.get_mut().write_all(&request.to_bytes(&self.host))?;
        self.stream.get_mut().flush()?;
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("not HTTP: {first}")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            headers.push((name.to_owned(), value.to_owned()));
        }
        Ok(Reply {
            status,
            headers,
            body: Vec::new(),
            json: Value::Null,
        })
    }

    /// The next chunk of a streamed body; none at its end.
    pub fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let size = self.line()?;
        let size = usize::from_str_radix(&size, 16).map_err(io::Error::other)?;
        let mut chunk = vec![0; size];
        self.stream.read_exact(&mut chunk)?;
        self.line()?;
        Ok((size > 0).then_some(chunk))
    }

    fn read_body(&mut self, reply: &Reply) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if reply.header("Transfer-Encoding") == Some("chunked") {
            while let Some(chunk) = self.chunk()? {
                body.extend(chunk);
            }
        } else if let Some(length) = reply.header("Content-Length") {
            body.resize(length.parse().map_err(io::Error::other)?, 0);
            self.stream.read_exact(&mut body)?;
        }
        Ok(body)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
