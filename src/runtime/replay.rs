//! Opens a session for replay, off the UI task. Reads the session's folder and nothing else: a
//! replay has no way to a cluster.

use std::path::Path;
use std::sync::Arc;

use super::happened::{Happened, Mail};
use crate::app::Fact;

pub fn open(sessions: &Path, session: String, mail: &Mail) {
    let (sessions, mail) = (sessions.to_owned(), mail.clone());
    tokio::spawn(async move {
        let opened = tokio::task::spawn_blocking(move || {
            let folder = crate::review::find(&sessions, &session).map_err(|e| e.to_string())?;
            crate::recording::Recording::open(&folder).map_err(|e| e.to_string())
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
