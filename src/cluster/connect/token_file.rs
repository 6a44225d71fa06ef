//! A bearer token in a file that somebody else rotates (`tokenFile`, a pod's service account).
//! Reread every minute and on 401; the last good token is kept while the file is unreadable.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::cluster::ConnectError;

/// How long a token that was read is used; the kubelet rotates long before expiry.
pub(super) const REREAD: Duration = Duration::from_secs(60);

pub(super) struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    pub fn new(path: String) -> Self {
        Self { path: path.into() }
    }

    pub async fn read(&self) -> Result<SecretString, ConnectError> {
        let trouble = |cause: String| ConnectError {
            what: format!("token file {}", self.path.display()),
            cause,
            cure: "check tokenFile of the user in the kubeconfig, and the file's permissions".into(),
        };
        let text = tokio::fs::read_to_string(&self.path)
            .await
            .map_err(|e| trouble(e.to_string()))?;
        match text.trim() {
            "" => Err(trouble("it is empty".into())),
            token => Ok(SecretString::from(token)),
        }
    }
}
