//! One context of the merged kubeconfigs as an endpoint: cluster, user and namespace are looked
//! up, and what is missing is named. The exec plugin and the token file are taken out of kube's
//! configuration: we run and reread them ourselves.

use std::fmt::Write as _;

use http::Uri;
use kube::Config;
use kube::config::{AuthInfo, Kubeconfig, KubeconfigError};
use sha2::{Digest, Sha256};

use super::credential::Source;
use super::endpoint::KubeconfigEndpoint;
use super::exec::ExecPlugin;
use super::server_path;
use super::token_file::TokenFile;
use crate::cluster::{ConnectError, EndpointFacts};

/// Name of the context that a pod's service account stands for.
pub(super) const IN_CLUSTER: &str = "in-cluster";

const CONNECT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

pub(super) fn open(merged: &Kubeconfig, place: &str, name: &str) -> Result<KubeconfigEndpoint, ConnectError> {
    let cluster = check(merged, place, name)?;
    let mut chosen = merged.clone();
    chosen.current_context = Some(name.to_owned());
    complete_server(&mut chosen, &cluster);
    let namespace = merged
        .contexts
        .iter()
        .find(|c| c.name == name)
        .and_then(|c| c.context.as_ref()?.namespace.clone());
    let config = Config::try_from(chosen).map_err(|e| unusable(place, name, &e))?;
    server_path::check(config.cluster_url.path()).map_err(|cause| ConnectError {
        what: format!("context {name} in {place}"),
        cause: cause.into(),
        cure:
            "give its cluster the `server` URL of the API server itself; its path may lead through a gateway, but not \
               into the API"
                .into(),
    })?;
    let facts = EndpointFacts {
        context: name.to_owned(),
        cluster,
        server: shown(&config.cluster_url),
        ca_sha256: config.root_cert.as_deref().map(fingerprint),
        insecure: config.accept_invalid_certs,
        namespace,
        embedded: false,
    };
    endpoint(config, facts)
}

pub(super) fn in_cluster() -> Result<KubeconfigEndpoint, ConnectError> {
    let config = Config::incluster().map_err(|e| ConnectError {
        what: "the service account of this pod".into(),
        cause: e.to_string(),
        cure: "mount the service account's token, or name a kubeconfig".into(),
    })?;
    let facts = EndpointFacts {
        context: IN_CLUSTER.into(),
        cluster: IN_CLUSTER.into(),
        server: shown(&config.cluster_url),
        ca_sha256: config.root_cert.as_deref().map(fingerprint),
        insecure: false,
        namespace: Some(config.default_namespace.clone()),
        embedded: false,
    };
    endpoint(config, facts)
}

fn endpoint(mut config: Config, facts: EndpointFacts) -> Result<KubeconfigEndpoint, ConnectError> {
    // Retries are ours to decide and to show.
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    let source = take_source(&mut config.auth_info, &facts)?;
    Ok(KubeconfigEndpoint::new(config, facts, source))
}

/// kubectl's order: a token stands before a token file, both before the plugin.
fn take_source(user: &mut AuthInfo, facts: &EndpointFacts) -> Result<Source, ConnectError> {
    let exec = user.exec.take();
    let file = user.token_file.take();
    if user.token.is_some() {
        return Ok(Source::Fixed);
    }
    match (file, exec) {
        (Some(path), _) => Ok(Source::TokenFile(TokenFile::new(path))),
        (None, Some(exec)) => Ok(Source::Exec(Box::new(ExecPlugin::new(exec, &facts.context)?))),
        (None, None) => Ok(Source::Fixed),
    }
}

/// Everything the context names must exist. Returns the name of its cluster.
fn check(merged: &Kubeconfig, place: &str, name: &str) -> Result<String, ConnectError> {
    let names: Vec<_> = merged.contexts.iter().map(|c| c.name.clone()).collect();
    let Some(context) = merged
        .contexts
        .iter()
        .find(|c| c.name == name)
        .and_then(|c| c.context.as_ref())
    else {
        return Err(ConnectError {
            what: place.to_owned(),
            cause: format!("there is no context named {name}"),
            cure: format!("choose one of: {}", offered(&names)),
        });
    };
    let missing = |kind: &str, entry: &str| ConnectError {
        what: format!("context {name} in {place}"),
        cause: format!("its {kind} {entry} is not defined"),
        cure: format!("define {entry} under {kind}s, or correct the context"),
    };
    if !merged
        .clusters
        .iter()
        .any(|c| c.name == context.cluster && c.cluster.is_some())
    {
        return Err(missing("cluster", &context.cluster));
    }
    match context.user.as_deref().filter(|user| !user.is_empty()) {
        Some(user) if !merged.auth_infos.iter().any(|u| u.name == user) => Err(missing("user", user)),
        _ => Ok(context.cluster.clone()),
    }
}

/// The first few names, for a cure that fits a line.
pub(super) fn offered(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.is_empty() {
        text.push_str("(none defined)");
    } else if names.len() > SHOWN {
        // Writing to a String cannot fail.
        let _ = write!(text, " and {} more", names.len() - SHOWN);
    }
    text
}

/// kubectl takes `host:port` too: https where a CA or a client certificate is given.
fn complete_server(merged: &mut Kubeconfig, cluster: &str) {
    for named in merged.clusters.iter_mut().filter(|c| c.name == cluster) {
        if let Some(cluster) = &mut named.cluster
            && let Some(server) = &mut cluster.server
            && !server.contains("://")
        {
            *server = format!("https://{server}");
        }
    }
}

/// The server without a password that somebody may have put into its URL.
fn shown(server: &Uri) -> String {
    let text = server.to_string();
    let text = text.trim_end_matches('/');
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        _ => text.to_owned(),
    }
}

fn fingerprint(certificates: &[Vec<u8>]) -> String {
    let mut hash = Sha256::new();
    for der in certificates {
        hash.update(der);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

fn unusable(place: &str, name: &str, error: &KubeconfigError) -> ConnectError {
    let cure = match error {
        KubeconfigError::MissingClusterUrl | KubeconfigError::ParseClusterUrl(_) => "give its cluster a `server` URL",
        KubeconfigError::LoadCertificateAuthority(_) | KubeconfigError::ParseCertificates(_) => {
            "correct certificate-authority or certificate-authority-data of its cluster"
        }
        KubeconfigError::ParseProxyUrl(_) => "correct proxy-url of its cluster, or HTTPS_PROXY",
        _ => "correct the entry",
    };
    ConnectError {
        what: format!("context {name} in {place}"),
        cause: error.to_string(),
        cure: cure.into(),
    }
}
