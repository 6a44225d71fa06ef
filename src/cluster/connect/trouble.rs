//! Why nothing came back from a server, in words: the chain of a transport error is searched for
//! what a person can do something about. Never quotes a header or a credential.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use crate::cluster::ConnectError;
use crate::model::TermSafe;

/// Cause and cure of a failed request.
pub(in crate::cluster) struct Trouble {
    pub cause: String,
    pub cure: String,
    /// Nobody was reached, so trying again later is sensible. False where an entry is wrong.
    pub may_pass: bool,
}

impl Trouble {
    fn new(cause: impl Into<String>, cure: &str, may_pass: bool) -> Self {
        Self {
            // Certificates and proxies speak here too.
            cause: TermSafe::new(&cause.into()).to_string(),
            cure: cure.into(),
            may_pass,
        }
    }
}

/// Searches `error` and what lies under it.
pub(in crate::cluster) fn trouble(error: &(dyn Error + 'static)) -> Trouble {
    let mut texts = Vec::new();
    let mut next = Some(error);
    while let Some(link) = next {
        if let Some(known) = known(link) {
            return known;
        }
        texts.push(link.to_string());
        next = link.source();
    }
    if texts.iter().any(|t| t.contains("dns error")) {
        return Trouble::new(
            "the server's name cannot be resolved",
            "check the name in the kubeconfig, DNS and VPN",
            true,
        );
    }
    let cause = texts.pop().unwrap_or_default();
    Trouble::new(cause, "check the network, VPN and proxy", true)
}

fn known(link: &(dyn Error + 'static)) -> Option<Trouble> {
    if let Some(error) = link.downcast_ref::<ConnectError>() {
        return Some(Trouble::new(
            format!("{}: {}", error.what, error.cause),
            &error.cure,
            false,
        ));
    }
    if let Some(error) = link.downcast_ref::<rustls::Error>() {
        return Some(tls(error));
    }
    let error = link.downcast_ref::<io::Error>()?;
    // `source()` of an io::Error passes over the error it wraps.
    if let Some(inner) = error.get_ref()
        && let Some(found) = known(inner)
    {
        return Some(found);
    }
    network(error.kind())
}

fn network(kind: io::ErrorKind) -> Option<Trouble> {
    let (cause, cure) = match kind {
        io::ErrorKind::ConnectionRefused => (
            "nothing listens at the server's address",
            "check server and port in the kubeconfig; is the cluster up?",
        ),
        io::ErrorKind::TimedOut => ("the server does not answer", "check the network, VPN and firewall"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            ("there is no route to the server", "check the network and VPN")
        }
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => (
            "the connection was cut",
            "the server may be restarting; it is tried again",
        ),
        _ => return None,
    };
    Some(Trouble::new(cause, cure, true))
}

fn tls(error: &rustls::Error) -> Trouble {
    let (cause, cure) = match error {
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => (
            "the server's certificate has expired".to_owned(),
            "the cluster's administrator must renew it; check this machine's clock too",
        ),
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => (
            "the server's certificate is not valid yet".to_owned(),
            "check this machine's clock",
        ),
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => (
            "the server's certificate is not signed by the CA of the context".to_owned(),
            "check server and certificate-authority; the cluster may have been rebuilt, or something sits in between",
        ),
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => (
            "the server's certificate is for another name".to_owned(),
            "check server and tls-server-name in the kubeconfig",
        ),
        rustls::Error::AlertReceived(alert) => (
            format!("the server refused the TLS connection ({alert:?})"),
            "check the client certificate of the kubeconfig user",
        ),
        rustls::Error::InvalidMessage(_) => (
            "the server does not speak TLS".to_owned(),
            "check the server's port and scheme in the kubeconfig",
        ),
        other => (format!("TLS failed: {other}"), "check the certificates of the context"),
    };
    Trouble::new(cause, cure, false)
}
