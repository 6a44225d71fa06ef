//! TLS as a client: the receiver's certificate is always checked, against one CA or the system's
//! roots, and against a name. There is no way to switch that off.

#![expect(clippy::disallowed_types, reason = "wraps what `wire` opens")]

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::config::TlsConfig;
use super::sink::Failure;

/// Reads the files and makes the connector. Blocking for as long as the files take.
fn connector(config: &TlsConfig) -> Result<TlsConnector, Failure> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Failure::new(format!("TLS cannot be set up: {e}")))?
        .with_root_certificates(roots(config.ca.as_deref())?);
    let client = match &config.client {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let chain = certificates(chain)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|e| unreadable(key, &e))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|e| Failure::new(format!("the client certificate is not usable: {e}; check both files")))?
        }
    };
    Ok(TlsConnector::from(Arc::new(client)))
}

fn roots(ca: Option<&Path>) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    if let Some(ca) = ca {
        for certificate in certificates(ca)? {
            let added = roots.add(certificate);
            added.map_err(|e| Failure::new(format!("{}: a certificate is not usable: {e}", ca.display())))?;
        }
        return Ok(roots);
    }
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let cause = "this system has no trusted roots; name the receiver's CA with `ca` in the policy";
        return Err(Failure::new(cause));
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let read = CertificateDer::pem_file_iter(path).map_err(|e| unreadable(path, &e))?;
    let all: Vec<_> = read.collect::<Result<_, _>>().map_err(|e| unreadable(path, &e))?;
    if all.is_empty() {
        return Err(Failure::new(format!("{}: no PEM certificate is in it", path.display())));
    }
    Ok(all)
}

fn unreadable(path: &Path, error: &rustls::pki_types::pem::Error) -> Failure {
    Failure::new(format!("{}: {error}; it must be a readable PEM file", path.display()))
}

/// The client half, with the configuration that it keeps: sessions are resumed between batches.
#[derive(Default)]
pub struct Tls {
    connector: Option<TlsConnector>,
}

impl Tls {
    /// Shakes hands over `stream`; `host` is the name unless the configuration has another.
    pub async fn wrap(
        &mut self,
        config: &TlsConfig,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Failure> {
        let name = config.server_name.as_deref().unwrap_or(host);
        let server = ServerName::try_from(name.to_owned())
            .map_err(|_| Failure::new(format!("`{name}` is no name that a certificate can carry")))?;
        if self.connector.is_none() {
            self.connector = Some(connector(config)?);
        }
        let Some(connector) = &self.connector else {
            return Err(Failure::new("TLS is not set up"));
        };
        let shaken = connector.connect(server, stream).await;
        if shaken.is_err() {
            // The files may be changed before the next try: a renewed CA must not need a restart.
            self.connector = None;
        }
        shaken.map_err(|e| Failure::new(format!("TLS with {name}: {e}")))
    }
}
