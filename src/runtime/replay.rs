//! Opens a session for replay, off the UI task. Reads the sessions' folder and nothing else: a
//! replay has no way to a cluster.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::happened::{Happened, Mail};
use crate::app::Fact;
use crate::recording::Recording;
use crate::review::{self, SessionKind};

/// The session of this name; without one, the newest that has ended.
pub fn open(sessions: PathBuf, session: Option<String>, mail: &Mail) {
    let mail = mail.clone();
    tokio::spawn(async move {
        let opened = tokio::task::spawn_blocking(move || {
            let folder = match session {
                Some(named) => review::find(&sessions, &named).map_err(|e| e.to_string())?,
                None => newest(&sessions)?,
            };
            Recording::open(&folder).map_err(|e| e.to_string())
        });
        let fact = match opened.await {
            Ok(Ok(recording)) => Fact::ReplayOpened(Arc::new(recording)),
            Ok(Err(error)) => Fact::ReplayFailed { error },
            Err(panic) => Fact::ReplayFailed {
                error: panic.to_string(),
            },
        };
        mail.send(Happened::Fact(fact)).await;
    });
}

/// One that is still running has more to come; a decision about another's request shows no screen.
fn newest(sessions: &Path) -> Result<PathBuf, String> {
    let index = review::sessions(sessions).map_err(|e| e.to_string())?;
    let ended = |session: &review::SessionSummary| session.kind == SessionKind::Escalation && !session.running;
    let newest = index.into_iter().find(ended).map(|session| session.folder);
    newest.ok_or_else(|| format!("no session has ended yet in {}", sessions.display()))
}

/// A folder that cannot be read has no sessions to offer: who names one is told why.
pub fn list(sessions: PathBuf, mail: &Mail) {
    let mail = mail.clone();
    tokio::spawn(async move {
        let index = tokio::task::spawn_blocking(move || review::sessions(&sessions).unwrap_or_default());
        let Ok(index) = index.await else { return };
        mail.send(Happened::Fact(Fact::Sessions(index.into()))).await;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_ended_session_the_place_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = newest(folder.path()).expect_err("none");
        assert!(error.contains("no session has ended yet in"), "{error}");
    }
}
