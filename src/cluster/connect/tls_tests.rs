//! Certificates that are wrong, against a TLS server of the machine's own.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::Kubeconfigs;
use crate::cluster::{Identity, Query, ReadErrorKind, Reader, Reading};

const CA: &str = include_str!("fixtures/ca.pem");
const KEY: &str = include_str!("fixtures/key.pem");

/// A server that shows `certificate` and hangs up.
fn serve(certificate: &str) -> String {
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let mut session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            // Whatever comes of it is told by the other side.
            let _ = rustls::Stream::new(&mut session, &mut socket).read(&mut [0; 64]);
        }
    });
    server
}

fn config(server: &str, ca: &str, user: &str) -> Kubeconfigs {
    let ca = STANDARD.encode(ca);
    let text = format!(
        "current-context: a\nclusters:\n- name: c\n  cluster: {{server: '{server}', certificate-authority-data: {ca}}}\n\
         users:\n- name: u\n  user: {user}\ncontexts:\n- name: a\n  context: {{cluster: c, user: u}}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::write(&file, text).unwrap();
    Kubeconfigs::load(Some(&file)).unwrap()
}

async fn failure(certificate: &str, ca: &str) -> String {
    let endpoint = config(&serve(certificate), ca, "{token: abc}").open(None).unwrap();
    assert_eq!(endpoint.facts().ca_sha256.as_ref().map(String::len), Some(64));
    let reader = Reader::connect(&*endpoint).await.unwrap();
    let (sender, mut readings) = tokio::sync::mpsc::channel(4);
    reader.run(Query::Discovery, sender).await;
    match readings.recv().await {
        Some(Reading::Failed(error)) => {
            assert_eq!(error.kind, ReadErrorKind::Unreachable);
            error.to_string()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn wrong_server_certificates_are_told_apart() {
    let expired = failure(include_str!("fixtures/server-expired.pem"), CA).await;
    assert!(expired.contains("server's certificate has expired"), "{expired}");
    let unknown = failure(
        include_str!("fixtures/server.pem"),
        include_str!("fixtures/other-ca.pem"),
    )
    .await;
    assert!(unknown.contains("not signed by the CA of the context"), "{unknown}");
    let other = failure(include_str!("fixtures/server-other-name.pem"), CA).await;
    assert!(
        other.contains("for another name") && other.contains("tls-server-name"),
        "{other}"
    );
    // With a good one the handshake succeeds and the hang-up is what remains.
    let good = failure(include_str!("fixtures/server.pem"), CA).await;
    assert!(!good.contains("certificate"), "{good}");
}

#[tokio::test]
async fn an_expired_client_certificate_is_told_before_the_server_says_401() {
    let user = format!(
        "{{client-certificate-data: {}, client-key-data: {}}}",
        STANDARD.encode(include_str!("fixtures/client-expired.pem")),
        STANDARD.encode(KEY)
    );
    let endpoint = config("https://127.0.0.1:1", CA, &user).open(None).unwrap();
    let Err(error) = endpoint.transport(Identity::Base).await else {
        panic!("it was taken");
    };
    assert!(error.cause.contains("expired at 2020-01-02T03:04:05Z"), "{error}");
    assert!(
        endpoint.transport(Identity::Bearer(&"token".into())).await.is_ok(),
        "it needs no certificate"
    );
}
