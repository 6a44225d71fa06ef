//! What a killed process left behind: its grant is ended, its journal is closed as recovered. And
//! what a signal left unconfirmed: whether the grant is gone. Touches no session of another
//! cluster, and none whose process lives.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::base::Base;
use super::consent::{GRANT_TYPE, Granting};
use super::consenting::{consents, request_uid};
use super::end::seal;
use super::petition::refused;
use super::rules::{self, PetitionRules, Place};
use super::take_back::{delete, delete_grant, ends_by_itself, ends_the_request};
use super::{Gate, Recovery};
use crate::audit::sinks::{count_owed, cursors_in};
use crate::audit::{self, Journal, SESSIONS_FOLDER, Shown};
use crate::escalation::policy::{KIT_NAMESPACE, ServiceAccountRef};
use crate::escalation::{GateError, names};

const CONFIRMATION: &str = "confirmation.json";
/// Longer than an API server and what is before it hold a request.
const ARRIVES_WITHIN_MS: i64 = 180_000;
/// Grants that are named one by one.
const MOST_NAMED: usize = 5;

/// One session found on disk.
struct Found {
    folder: PathBuf,
    session: String,
    shown: Shown,
}

impl Gate {
    /// Closes sessions of this cluster that a killed process left open, and confirms ends that had
    /// to leave without confirmation.
    pub async fn recover(&self) -> Vec<Recovery> {
        let mut told = Vec::new();
        let unfinished: Vec<Found> = self.found().filter(Found::is_unfinished).collect();
        if unfinished.is_empty() {
            return told;
        }
        let base = match self.base().await {
            Ok(base) => base,
            Err(error) => {
                return unfinished
                    .iter()
                    .map(|f| f.tell(format!("not looked after: {error}"), true))
                    .collect();
            }
        };
        for found in unfinished {
            let done = if found.shown.report.closed {
                self.confirm_gone(&base, &found).await
            } else {
                self.close_dead(&base, &found).await
            };
            match done {
                Ok(Some(recovery)) => told.push(recovery),
                Ok(None) => {}
                Err(error) => told.push(found.tell(format!("not looked after: {error}"), true)),
            }
        }
        told
    }

    /// Sessions of this context's server.
    fn found(&self) -> impl Iterator<Item = Found> {
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

    async fn close_dead(&self, base: &Base, found: &Found) -> Result<Option<Recovery>, GateError> {
        let origin = self.origin(base).await;
        let reopened = audit::recover(&found.folder, &origin).map_err(|error| GateError::Record {
            what: format!("the recovery of {}", found.session),
            cause: error.to_string(),
        })?;
        let journal = match reopened {
            audit::Recovery::Alive | audit::Recovery::Closed => return Ok(None),
            audit::Recovery::LeftAlone { verdict } => {
                let text = format!("died, and its journal is not as a crash leaves it: {verdict}; it is left as it is");
                return Ok(Some(found.tell(text, true)));
            }
            audit::Recovery::Reopened { journal, .. } => journal,
        };
        let ended = self.end_dead(base, found, &journal).await;
        let (cut, gone) = match ended {
            Ok(cut) => (cut.clone(), cut.is_empty()),
            Err(error) => (vec![error.to_string()], false),
        };
        let record = audit::Ended {
            reason: "recovered".into(),
            revocation: if found.was_asked() || !gone {
                "unconfirmed"
            } else {
                "not needed"
            }
            .into(),
            cut: cut.clone(),
            ..audit::Ended::default()
        };
        let _ = seal(&journal, record).await;
        if let Some(outbox) = &self.settings.outbox {
            outbox.look_again();
        }
        if gone && found.was_asked() && !found.may_arrive() {
            found.write_confirmation(true);
        }
        let text = if gone {
            let what = if found.was_asked() {
                "grant and request are gone"
            } else {
                "a consent in it stands only where its request does"
            };
            format!(
                "it was left open (its process died, or could not write); {what}, the journal is closed as recovered"
            )
        } else {
            format!(
                "it was left open (its process died, or could not write); the journal is closed as recovered, but: {}",
                cut.join("; ")
            )
        };
        Ok(Some(found.tell(text, !gone)))
    }

    /// Deletes what the dead session may have left on the server; says what could not be.
    async fn end_dead(&self, base: &Base, found: &Found, journal: &Journal) -> Result<Vec<String>, GateError> {
        if !found.was_asked() {
            return self.end_dead_approval(base, found, journal).await;
        }
        let account = self.account_of(found);
        let place = account
            .clone()
            .map_or_else(|| Place::Kit { identities: Vec::new() }, Place::Account);
        let rules = PetitionRules {
            place,
            hash: found.session.clone(),
            dry_run: false,
        };
        let petitions = base.petitions(rules, journal.clone()).await?;
        if let Some(account) = account {
            let name = format!("kglass-{}", found.session);
            let note = delete(&petitions, "secrets", "Secret", &account.namespace, &name, None).await;
            return Ok(note.note().into_iter().collect());
        }
        // The request first: nobody consents to what is gone.
        let session = &found.session;
        let request = delete(&petitions, "configmaps", "ConfigMap", KIT_NAMESPACE, session, None).await;
        let mut notes: Vec<String> = request.note().into_iter().collect();
        for grant in found.own(grants_of(base, session).await?) {
            notes.extend(delete_grant(&petitions, &grant).await.note());
        }
        Ok(notes)
    }

    /// A consent stands as long as what it was given to does; else it is taken back.
    async fn end_dead_approval(&self, base: &Base, found: &Found, journal: &Journal) -> Result<Vec<String>, GateError> {
        let rules = PetitionRules {
            place: Place::Kit { identities: Vec::new() },
            hash: found.request().to_owned(),
            dry_run: false,
        };
        let petitions = base.petitions(rules, journal.clone()).await?;
        let mut notes = Vec::new();
        for grant in found.stray_consents(base).await? {
            notes.extend(delete_grant(&petitions, &grant).await.note());
        }
        Ok(notes)
    }

    /// Ended in a hurry: is the grant gone?
    async fn confirm_gone(&self, base: &Base, found: &Found) -> Result<Option<Recovery>, GateError> {
        // A consent stands as long as its request: nothing is over yet.
        if !found.was_asked() && request_uid(base, found.request()).await?.is_some() {
            return Ok(None);
        }
        let left = self.left_of(base, found).await?;
        let Some(left) = left else {
            if found.may_arrive() {
                let text = "what it sent got no answer and may still arrive: it is looked for again at the next start";
                return Ok(Some(found.tell(text.into(), true)));
            }
            found.write_confirmation(true);
            let what = if found.was_asked() {
                "ended in a hurry; its grant is gone"
            } else {
                "its consent was in doubt; none stands without its request"
            };
            let text = format!("{what}{}", found.owed_in_words());
            return Ok(Some(found.tell(text, false)));
        };
        // Its journal is sealed, and without a record nothing is sent.
        Ok(Some(found.tell(format!("its end was not confirmed, and {left}"), true)))
    }

    /// What of a session is still on the server, in words with the cure.
    async fn left_of(&self, base: &Base, found: &Found) -> Result<Option<String>, GateError> {
        if let Some(account) = self.account_of(found) {
            let path = rules::client_only_secret(&account.namespace, &found.session);
            let is_gone = base.read(&path, "look for the grant").await?.status == 404;
            let secret = format!("the Secret kglass-{} in {}", found.session, account.namespace);
            return Ok(
                (!is_gone).then(|| format!("{secret} is still there: it stands for the grant, delete it with kubectl"))
            );
        }
        let context = &self.settings.endpoint.facts().context;
        if !found.was_asked() {
            let stray = found.stray_consents(base).await?;
            let each = stray
                .iter()
                .map(|grant| ends_by_itself(grant, context, "to end it now"));
            let each: Vec<String> = each.collect();
            return Ok((!each.is_empty()).then(|| format!("its consent is still there: {}", each.join("; another: "))));
        }
        let request = request_uid(base, &found.session).await?;
        let request = request.map(|_| {
            format!(
                "its request is still there: {}",
                ends_the_request(&found.session, context)
            )
        });
        let grants = found.own(grants_of(base, &found.session).await?);
        let each = grants.iter().take(MOST_NAMED);
        let each: Vec<String> = each
            .map(|grant| ends_by_itself(grant, context, "to end it now"))
            .collect();
        let grants = (!each.is_empty()).then(|| format!("its grant is still there: {}", each.join("; another: ")));
        let left: Vec<String> = request.into_iter().chain(grants).collect();
        Ok((!left.is_empty()).then(|| left.join("; ")))
    }

    /// Where a session without the kit had its Secret.
    fn account_of(&self, found: &Found) -> Option<ServiceAccountRef> {
        let first = found.shown.entries.first()?;
        let role = self.settings.policy.roles.get(first.text("role"))?;
        role.service_account
            .clone()
            .filter(|_| first.text("enforced") == "client only")
    }
}

impl Found {
    fn is_unfinished(&self) -> bool {
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
    fn was_asked(&self) -> bool {
        self.shown.entries.first().is_some_and(|e| e.kind == "requested")
    }

    /// Something that it sent may still be on its way, and make what nobody looks for any more.
    fn may_arrive(&self) -> bool {
        let last = self.shown.last_unanswered_ms();
        last.is_some_and(|last| jiff::Timestamp::now().as_millisecond() < last + ARRIVES_WITHIN_MS)
    }

    /// What an approval was about.
    fn request(&self) -> &str {
        self.shown.entries.first().map_or("", |entry| entry.text("request"))
    }

    /// Consents of this approval whose request is gone.
    async fn stray_consents(&self, base: &Base) -> Result<Vec<Granting>, GateError> {
        let Some(first) = self.shown.entries.first() else {
            return Ok(Vec::new());
        };
        if !names::is_session_hash(self.request()) || request_uid(base, self.request()).await?.is_some() {
            return Ok(Vec::new());
        }
        let grants = grants_of(base, self.request()).await?;
        Ok(consents(grants, &first.who(), first.text("requester")))
    }

    /// Of these those that its requester can use: others may carry its hash too.
    fn own(&self, grants: Vec<Granting>) -> Vec<Granting> {
        let first = self.shown.entries.first();
        let who = first
            .and_then(|entry| names::encode_user(&entry.who()).ok())
            .unwrap_or_default();
        grants.into_iter().filter(|grant| grant.is_for(&who)).collect()
    }

    fn tell(&self, text: String, is_error: bool) -> Recovery {
        Recovery {
            session: self.session.clone(),
            text: format!("session {}: {text}", self.session),
            is_error,
        }
    }

    /// Records that a sink had not acknowledged when this process looked, by the cursors beside the
    /// journal: who ends in a hurry does not wait for them, and they are sent from now on.
    fn owed(&self) -> Vec<(String, u64)> {
        let cursors = cursors_in(&self.folder).into_iter();
        cursors
            .filter_map(|cursor| {
                let owed = count_owed(&self.folder, &cursor).ok().filter(|owed| *owed > 0)?;
                Some((cursor.sink, owed))
            })
            .collect()
    }

    fn owed_in_words(&self) -> String {
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
    fn write_confirmation(&self, gone: bool) {
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

/// Grants on the server whose names end with this session's hash.
pub(super) async fn grants_of(base: &Base, hash: &str) -> Result<Vec<Granting>, GateError> {
    let what = "look for the grant";
    let answer = base.read(&rules::collection("secrets"), what).await?;
    if !answer.is_ok() {
        return Err(refused(what, &answer, "what is left ends at its deadline"));
    }
    let Some(items) = answer.body.pointer("/items").and_then(Value::as_array) else {
        let cause = "the answer is no list".into();
        return Err(GateError::NoAnswer {
            what: what.into(),
            cause,
        });
    };
    let grant = |item: &Value| {
        let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let name = text("/metadata/name");
        let (deadline, of) = names::parse_grant_name(name)?;
        (of == hash && text("/type") == GRANT_TYPE).then(|| Granting {
            namespace: KIT_NAMESPACE.into(),
            name: name.into(),
            uid: text("/metadata/uid").into(),
            approved_by: text("/metadata/annotations/kglass.dev~1approved-by").into(),
            deadline,
        })
    };
    Ok(items.iter().filter_map(grant).collect())
}
