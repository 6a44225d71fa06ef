//! A webhook receiver that keeps its word: 200 only when the batch is synced, 503 with `Retry-After`
//! and nothing of the batch when the disk is full. Runs as a process of its own, which is this very
//! test binary, so that it can be killed.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use kglass::audit::sinks::{SecretSource, SinkKind, TlsConfig};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::land::{Land, text};
use super::places::{Papers, papers};

const PORT: u16 = 8443;
const SECRET: &str = "not to be found anywhere";
const FOLDER: &str = "KGLASS_TEST_WEBHOOK";

pub struct Webhook {
    papers: Papers,
    secret: PathBuf,
}

impl Webhook {
    pub fn new(land: &Land) -> Self {
        let secret = land.folder.join("secret");
        std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
        Self {
            papers: papers(&land.folder, &land.address),
            secret,
        }
    }

    pub fn command(land: &Land) -> Command {
        let binary = std::env::current_exe().expect("this binary");
        let mut command = land.command(text(&binary));
        command.args(["--exact", "remote::webhook::receive", "--ignored", "--nocapture"]);
        command.env(FOLDER, &land.folder);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    pub fn kind(&self, land: &Land) -> SinkKind {
        SinkKind::Webhook {
            url: format!("https://{}:{PORT}/kglass?tenant=test", land.address)
                .parse()
                .unwrap(),
            tls: TlsConfig {
                ca: Some(self.papers.ca.clone()),
                ..TlsConfig::default()
            },
            bearer: Some(SecretSource::File(self.secret.clone())),
        }
    }
}

/// The process itself.
#[test]
#[ignore = "the receiver of other tests, started by them"]
fn receive() {
    let Ok(folder) = std::env::var(FOLDER).map(PathBuf::from) else {
        return;
    };
    let config = Arc::new(server_config(&folder));
    let listener = TcpListener::bind(("0.0.0.0", PORT)).expect("the port is free");
    let store = Arc::new(Mutex::new(Store::open(&folder.join("disk/received"))));
    for stream in listener.incoming().flatten() {
        let (config, store) = (Arc::clone(&config), Arc::clone(&store));
        std::thread::spawn(move || serve(stream, config, &store));
    }
}

fn server_config(folder: &Path) -> ServerConfig {
    let chain = CertificateDer::pem_file_iter(folder.join("receiver.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("receiver.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .unwrap()
}

/// What was received. A batch is in it whole or not at all.
struct Store {
    file: File,
    good: u64,
}

impl Store {
    fn open(path: &Path) -> Self {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        let mut whole = 0;
        let mut line = Vec::new();
        let mut lines = BufReader::new(&file);
        while lines.read_until(b'\n', &mut line).unwrap() > 0 && line.ends_with(b"\n") {
            whole += line.len() as u64;
            line.clear();
        }
        file.set_len(whole).unwrap();
        Self { file, good: whole }
    }

    fn take(&mut self, body: &[u8]) -> std::io::Result<()> {
        let written = self.file.write_all(body).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.good += body.len() as u64,
            Err(_) => self.file.set_len(self.good)?,
        }
        written
    }
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, store: &Mutex<Store>) -> Option<()> {
    let tls = StreamOwned::new(ServerConnection::new(config).ok()?, stream);
    let mut input = BufReader::new(tls);
    let (mut length, mut trusted, mut key) = (0, false, false);
    let mut first = String::new();
    input.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => trusted = value == format!("Bearer {SECRET}"),
            "idempotency-key" => key = true,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).ok()?;
    let well = trusted && key && first.starts_with("POST /kglass?tenant=test HTTP/1.1");
    let answer = match store.lock().unwrap().take(&body) {
        _ if !well => "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        Ok(()) => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        Err(_) => "HTTP/1.1 503 Full\r\nRetry-After: 1\r\nContent-Length: 9\r\n\r\nno space\n",
    };
    let mut tls = input.into_inner();
    tls.write_all(answer.as_bytes()).ok()?;
    tls.flush().ok()
}
