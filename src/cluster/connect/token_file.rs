//! A bearer token in a file that somebody else rotates (`tokenFile`, a pod's service account).
//! Reread every minute and on 401; the last good token is kept while the file is unreadable.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::OFlags;
use secrecy::SecretString;
use tokio::io::AsyncReadExt;

use crate::cluster::ConnectError;

/// How long a token that was read is used; the kubelet rotates long before expiry.
pub(super) const REREAD: Duration = Duration::from_secs(60);

/// A file system may hang.
const PATIENCE: Duration = Duration::from_secs(5);

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
        let late = |_| trouble(format!("it could not be read within {} s", PATIENCE.as_secs()));
        let read = tokio::time::timeout(PATIENCE, read_file(&self.path)).await;
        let text = read.map_err(late)?.map_err(|e| trouble(e.to_string()))?;
        match text.trim() {
            "" => Err(trouble("it is empty".into())),
            token => Ok(SecretString::from(token)),
        }
    }
}

/// A pipe or a device would keep the reader for ever.
async fn read_file(path: &Path) -> io::Result<zeroize::Zeroizing<String>> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let mut options = tokio::fs::OpenOptions::new();
    let mut file = options.read(true).custom_flags(flags.bits() as i32).open(path).await?;
    if !file.metadata().await?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut text = zeroize::Zeroizing::new(String::new());
    file.read_to_string(&mut text).await?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use rustix::fs::Mode;

    use super::*;

    #[tokio::test]
    async fn a_pipe_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &path,
            rustix::fs::FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        let file = TokenFile::new(path.display().to_string());
        let read = tokio::time::timeout(Duration::from_secs(4), file.read()).await;
        let error = read.expect("it does not wait").expect_err("a pipe");
        assert!(error.to_string().contains("no regular file"), "{error}");
    }

    #[tokio::test]
    async fn a_token_is_read_without_its_newline() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "abc\n").unwrap();
        let token = TokenFile::new(path.display().to_string()).read().await.unwrap();
        assert_eq!(secrecy::ExposeSecret::expose_secret(&token), "abc");
    }
}
