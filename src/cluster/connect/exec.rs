//! Runs a credential plugin (`exec` of a kubeconfig user) once: no stdin, output captured, time
//! limited. kube's own way runs it three times, blocks a thread and lends it our terminal. What
//! the plugin prints on stdout is a secret and stands in no error.

use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use kube::config::{ExecConfig, ExecInteractiveMode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use tokio::process::Command;
use zeroize::Zeroizing;

use crate::cluster::ConnectError;

/// Long enough for a slow identity provider, short enough to be told about.
const TIME_LIMIT: Duration = Duration::from_secs(60);

const VERSIONS: [&str; 2] = [
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
];

pub(super) struct ExecPlugin {
    config: ExecConfig,
    command: String,
    /// Name of the kubeconfig context, for messages.
    context: String,
    time_limit: Duration,
}

/// What a plugin answered.
pub(super) struct PluginAnswer {
    pub token: Option<SecretString>,
    pub certificate: Option<ClientCertificate>,
    pub expires: Option<Timestamp>,
}

/// PEM of a client certificate and its key.
pub(super) struct ClientCertificate {
    pub certificate: String,
    pub key: SecretString,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    api_version: String,
    kind: String,
    #[serde(default)]
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    #[serde(default, deserialize_with = "secret")]
    token: Option<SecretString>,
    #[serde(default)]
    client_certificate_data: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    client_key_data: Option<SecretString>,
    #[serde(default)]
    expiration_timestamp: Option<Timestamp>,
}

/// secrecy reads no secrets by itself unless a feature allows it everywhere.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

impl ExecPlugin {
    /// Refuses what cannot be run: no command, an unknown version, a plugin that needs a terminal.
    pub fn new(config: ExecConfig, context: &str) -> Result<Self, ConnectError> {
        let trouble = |cause: &str, cure: &str| ConnectError {
            what: format!("exec plugin of context {context}"),
            cause: cause.into(),
            cure: cure.into(),
        };
        let Some(command) = config.command.clone().filter(|c| !c.is_empty()) else {
            return Err(trouble("it names no command", "set users[].user.exec.command"));
        };
        if !config.api_version.as_deref().is_some_and(|v| VERSIONS.contains(&v)) {
            return Err(trouble(
                "its apiVersion is none of client.authentication.k8s.io/v1 and v1beta1",
                "update the plugin and let it write the kubeconfig entry anew",
            ));
        }
        if config.interactive_mode == Some(ExecInteractiveMode::Always) {
            return Err(trouble(
                "it wants a terminal of its own (interactiveMode: Always)",
                "log in once in a shell and set interactiveMode: IfAvailable, if the plugin caches its login",
            ));
        }
        Ok(Self {
            config,
            command,
            context: context.to_owned(),
            time_limit: TIME_LIMIT,
        })
    }

    #[cfg(test)]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// One run of the plugin.
    pub async fn run(&self) -> Result<PluginAnswer, ConnectError> {
        let child = self.command().output();
        let output = match tokio::time::timeout(self.time_limit, child).await {
            Err(_) => {
                return Err(self.trouble(
                    format!("it did not answer within {} s", self.time_limit.as_secs_f32()),
                    format!("run `{}` in a shell to see what it waits for", self.command),
                ));
            }
            Ok(Err(error)) => return Err(self.not_started(&error)),
            Ok(Ok(output)) => output,
        };
        let stdout = Zeroizing::new(output.stdout);
        if !output.status.success() {
            let said = last_words(&String::from_utf8_lossy(&output.stderr));
            return Err(self.trouble(
                format!("it failed with {}{said}", output.status),
                format!("run `{}` in a shell; often a login has expired", self.command),
            ));
        }
        self.parse(&stdout)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.command);
        command
            .args(self.config.args.iter().flatten())
            .env("KUBERNETES_EXEC_INFO", self.exec_info())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for entry in self.config.env.iter().flatten() {
            if let (Some(name), Some(value)) = (entry.get("name"), entry.get("value")) {
                command.env(name, value);
            }
        }
        command
    }

    /// The ExecCredential that a plugin gets; with the cluster's facts if it asked for them.
    fn exec_info(&self) -> String {
        let mut spec = serde_json::json!({ "interactive": false });
        if self.config.provide_cluster_info
            && let Some(cluster) = &self.config.cluster
        {
            spec["cluster"] = serde_json::to_value(cluster).unwrap_or_default();
        }
        serde_json::json!({
            "kind": "ExecCredential",
            "apiVersion": self.config.api_version,
            "spec": spec,
        })
        .to_string()
    }

    fn parse(&self, stdout: &[u8]) -> Result<PluginAnswer, ConnectError> {
        let update = || "update the plugin; run it in a shell to see what it prints".to_owned();
        // serde's message may quote the answer, so it is not passed on.
        let answer: ExecCredential = serde_json::from_slice(stdout)
            .map_err(|e| self.trouble(format!("its answer is no ExecCredential (line {})", e.line()), update()))?;
        if answer.kind != "ExecCredential" || Some(answer.api_version.as_str()) != self.config.api_version.as_deref() {
            return Err(self.trouble("it answered another kind or version than it was asked for", update()));
        }
        let status = answer
            .status
            .ok_or_else(|| self.trouble("its answer has no status", update()))?;
        let certificate = match (status.client_certificate_data, status.client_key_data) {
            (Some(certificate), Some(key)) => Some(ClientCertificate { certificate, key }),
            (None, None) => None,
            _ => return Err(self.trouble("it answered a certificate without its key, or the reverse", update())),
        };
        let token = status.token.filter(|token| !token.expose_secret().is_empty());
        if token.is_none() && certificate.is_none() {
            return Err(self.trouble("it answered neither a token nor a certificate", update()));
        }
        Ok(PluginAnswer {
            token,
            certificate,
            expires: status.expiration_timestamp,
        })
    }

    fn not_started(&self, error: &std::io::Error) -> ConnectError {
        let cure = match (&self.config.install_hint, error.kind()) {
            (Some(hint), std::io::ErrorKind::NotFound) if !hint.is_empty() => hint.clone(),
            _ => format!("install `{}` or correct exec.command in the kubeconfig", self.command),
        };
        self.trouble(format!("it could not be started: {error}"), cure)
    }

    fn trouble(&self, cause: impl Into<String>, cure: impl Into<String>) -> ConnectError {
        ConnectError {
            what: format!("exec plugin {} of context {}", self.command, self.context),
            cause: cause.into(),
            cure: cure.into(),
        }
    }
}

/// The end of what the plugin said on stderr, on one line; long unbroken words, which may be
/// tokens, are cut.
fn last_words(stderr: &str) -> String {
    const SHOWN: usize = 300;
    const WORD: usize = 60;
    let words: Vec<String> = stderr
        .split_whitespace()
        .map(|word| match word.char_indices().nth(WORD) {
            Some(_) => "…".to_owned(),
            None => word.to_owned(),
        })
        .collect();
    let text = words.join(" ");
    if text.is_empty() {
        return String::new();
    }
    let skip = text.chars().count().saturating_sub(SHOWN);
    let tail: String = text.chars().skip(skip).collect();
    format!(": {}", crate::model::TermSafe::new(&tail))
}
