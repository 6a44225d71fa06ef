//! Sessions of this cluster as they lie on this machine: what they were, whether they are over, and what is
//! noted beside a journal that is sealed. Changes nothing on a server.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::base::Base;
use super::consent::Granting;
use super::consenting::{consents, request_uid};
use super::grants::grants_of;
use super::{Gate, Recovery};
use crate::audit::sinks::{count_owed, cursors_in};
use crate::audit::{self, SESSIONS_FOLDER, Shown};
use crate::escalation::policy::ServiceAccountRef;
use crate::escalation::{GateError, names};

const CONFIRMATION: &str = "confirmation.json";
/// Longer than an API server and what is before it hold a request.
const ARRIVES_WITHIN_MS: i64 = 180_000;

/// One session found on disk.
pub(super) struct Found {
    pub(super) folder: PathBuf,
    pub(super) session: String,
    pub(super) shown: Shown,
}

impl Gate {
    /// Sessions of this context's server.
    pub(super) fn found(&self) -> impl Iterator<Item = Found> {
        let folder = self.settings.state_dir.join(SESSIONS_FOLDER);
        let facts = self.settings.endpoint.facts().clone();
        fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(move |entry| {
                let session = entry.file_name().to_string_lossy().into_owned();
                if !names::is_session_hash(&session) {
                    return None;
                }
                // A journal that cannot be read at all is listed by `kglass sessions`, and left alone.
                let shown = audit::show(&entry.path()).ok()?;
                let cluster = &shown.entries.first()?.record["cluster"];
                let same_ca = cluster["caSha256"].as_str() == facts.ca_sha256.as_deref();
                (cluster["server"] == *facts.server && same_ca).then(|| Found {
                    folder: entry.path(),
                    session,
                    shown,
                })
            })
    }

    /// Where a session without the kit had its Secret.
    pub(super) fn account_of(&self, found: &Found) -> Option<ServiceAccountRef> {
        let first = found.shown.entries.first()?;
        let role = self.settings.policy.roles.get(first.text("role"))?;
        role.service_account
            .clone()
            .filter(|_| first.text("enforced") == "client only")
    }
}

impl Found {
    pub(super) fn is_unfinished(&self) -> bool {
        let report = &self.shown.report;
        // Whether its process lives is seen when the journal is locked.
        if !report.closed {
            return true;
        }
        let ended = self.shown.entries.iter().find(|entry| entry.kind == "ended");
        // One that is closed without an end could not write it: what it did is not known.
        let is_open = ended.is_none_or(|ended| ended.text("revocation") == "unconfirmed");
        is_open && !self.folder.join(CONFIRMATION).exists()
    }

    /// An escalation, not an approval: only then can something be left on the server.
    pub(super) fn was_asked(&self) -> bool {
        self.shown.entries.first().is_some_and(|e| e.kind == "requested")
    }

    /// Something that it sent may still be on its way, and make what nobody looks for any more.
    pub(super) fn may_arrive(&self) -> bool {
        let last = self.shown.last_unanswered_ms();
        last.is_some_and(|last| jiff::Timestamp::now().as_millisecond() < last + ARRIVES_WITHIN_MS)
    }

    /// The session that an approval was about.
    pub(super) fn request(&self) -> Option<&str> {
        let first = self.shown.entries.first()?;
        Some(first.text("request")).filter(|hash| names::is_session_hash(hash))
    }

    /// Consents of this approval whose request is gone; none while it stands, for then they do too.
    pub(super) async fn stray_consents(&self, base: &Base) -> Result<Option<Vec<Granting>>, GateError> {
        let (Some(first), Some(request)) = (self.shown.entries.first(), self.request()) else {
            return Ok(Some(Vec::new()));
        };
        if request_uid(base, request).await?.is_some() {
            return Ok(None);
        }
        let grants = grants_of(base, request).await?;
        Ok(Some(consents(grants, &first.who(), first.text("requester"))))
    }

    /// Of these those that its requester can use: others may carry its hash too.
    pub(super) fn own(&self, grants: Vec<Granting>) -> Vec<Granting> {
        let first = self.shown.entries.first();
        let who = first
            .and_then(|entry| names::encode_user(&entry.who()).ok())
            .unwrap_or_default();
        grants.into_iter().filter(|grant| grant.is_for(&who)).collect()
    }

    pub(super) fn tell(&self, text: String, is_error: bool) -> Recovery {
        Recovery {
            session: self.session.clone(),
            text: format!("session {}: {text}", self.session),
            is_error,
        }
    }

    /// Records that a sink had not acknowledged when this process looked, by the cursors beside the
    /// journal: who ends in a hurry does not wait for them, and they are sent from now on.
    pub(super) fn owed(&self) -> Vec<(String, u64)> {
        let cursors = cursors_in(&self.folder).into_iter();
        cursors
            .filter_map(|cursor| {
                let owed = count_owed(&self.folder, &cursor).ok().filter(|owed| *owed > 0)?;
                Some((cursor.sink, owed))
            })
            .collect()
    }

    pub(super) fn owed_in_words(&self) -> String {
        let lacks = self
            .owed()
            .into_iter()
            .map(|(sink, owed)| format!("{owed} records to {sink}"));
        let lacks: Vec<String> = lacks.collect();
        if lacks.is_empty() {
            return String::new();
        }
        format!("; not sent before: {}, sent from now on", lacks.join(", "))
    }

    /// Beside the journal, which is sealed. A failure is told in the log only: the next start looks
    /// again.
    pub(super) fn write_confirmation(&self, gone: bool) {
        let text = json!({
            "session": self.session,
            "grantGone": gone,
            "unsent": self.owed().into_iter().map(|(sink, records)| json!({"sink": sink, "records": records})).collect::<Vec<_>>(),
            "checkedAt": jiff::Timestamp::now().to_string(),
        });
        if let Err(error) = write_new(&self.folder.join(CONFIRMATION), &text) {
            tracing::warn!(%error, session = self.session, "the confirmation is not written");
        }
    }
}

fn write_new(path: &Path, value: &Value) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(format!("{value}\n").as_bytes())?;
    file.sync_all()
}
