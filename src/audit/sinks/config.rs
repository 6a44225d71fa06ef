//! What a sink is, as the policy names it. Plain data: holds where a secret lies, never the secret.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// One remote place that records go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkConfig {
    /// A label: it names a file beside each journal and a word of the banner.
    pub name: String,
    pub kind: SinkKind,
    /// Must it have a record before what `remote_required` says may happen?
    pub required: bool,
    /// How long one step (connecting, the confirmation of a batch) may take.
    pub patience: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkKind {
    /// RFC 5424 over TCP, octet counted (RFC 6587).
    SyslogTcp { address: String, max_message: usize },
    /// RFC 5424 over TLS (RFC 5425).
    SyslogTls {
        address: String,
        max_message: usize,
        tls: TlsConfig,
    },
    /// `POST` of NDJSON batches, acknowledged by 2xx.
    Webhook {
        url: http::Uri,
        tls: TlsConfig,
        bearer: Option<SecretSource>,
    },
}

/// Whom to believe, and how to prove oneself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsConfig {
    /// The name that the server's certificate must carry; by default that of the address.
    pub server_name: Option<String>,
    /// PEM; the system's roots without it.
    pub ca: Option<PathBuf>,
    /// Certificate chain and private key, PEM.
    pub client: Option<(PathBuf, PathBuf)>,
}

/// Where a secret lies. Read anew for each request, so that it can be rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    File(PathBuf),
    Env(String),
}

impl SinkKind {
    /// As the policy spells it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::SyslogTcp { .. } => "syslog_tcp",
            Self::SyslogTls { .. } => "syslog_tls",
            Self::Webhook { .. } => "webhook",
        }
    }
}

impl SinkConfig {
    /// Where it is, for people and for the cursor: records that another place has, this one lacks.
    pub fn place(&self) -> String {
        match &self.kind {
            SinkKind::SyslogTcp { address, .. } | SinkKind::SyslogTls { address, .. } => address.clone(),
            SinkKind::Webhook { url, .. } => url.to_string(),
        }
    }

    /// The host alone, short enough for a line of the pane.
    pub fn host(&self) -> String {
        match &self.kind {
            SinkKind::SyslogTcp { address, .. } | SinkKind::SyslogTls { address, .. } => host_of(address).to_owned(),
            SinkKind::Webhook { url, .. } => url.host().unwrap_or_default().to_owned(),
        }
    }
}

/// `siem.example` of `siem.example:6514`, `::1` of `[::1]:6514`.
pub(super) fn host_of(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}

impl fmt::Display for SinkConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.name, self.kind.as_str(), self.place())
    }
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn the_host_of_an_address_is_what_a_certificate_names() {
        assert_eq!(host_of("siem.example:6514"), "siem.example");
        assert_eq!(host_of("[::1]:6514"), "::1");
        assert_eq!(host_of("127.0.0.1:514"), "127.0.0.1");
    }
}
