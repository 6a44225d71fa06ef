//! What a killed process left behind: its grant is ended, its journal is closed as recovered. And
//! what a signal left unconfirmed: whether the grant is gone. Touches no session of another
//! cluster, and none whose process lives.

use super::base::Base;
use super::consent::Granting;
use super::consenting::request_uid;
use super::end::seal;
use super::found::Found;
use super::grants::grants_of;
use super::rules::{self, PetitionRules, Place};
use super::take_back::{delete, delete_grant, ends_by_itself, ends_the_request};
use super::{Gate, Recovery};
use crate::audit::{self, Journal};
use crate::escalation::GateError;
use crate::escalation::policy::KIT_NAMESPACE;

/// Grants that are named one by one.
const MOST_NAMED: usize = 5;

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
            hash: found.request().unwrap_or_default().to_owned(),
            dry_run: false,
        };
        let petitions = base.petitions(rules, journal.clone()).await?;
        let mut notes = Vec::new();
        for grant in found.stray_consents(base).await?.unwrap_or_default() {
            notes.extend(delete_grant(&petitions, &grant).await.note());
        }
        Ok(notes)
    }

    /// Ended in a hurry: is the grant gone?
    async fn confirm_gone(&self, base: &Base, found: &Found) -> Result<Option<Recovery>, GateError> {
        let context = &self.settings.endpoint.facts().context;
        let left = if found.was_asked() {
            self.left_of(base, found).await?
        } else {
            match found.stray_consents(base).await? {
                // Nothing is over yet.
                None => return Ok(None),
                Some(stray) => there("its consent", &stray, context),
            }
        };
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
        let request = request_uid(base, &found.session).await?;
        let request = request.map(|_| {
            format!(
                "its request is still there: {}",
                ends_the_request(&found.session, context)
            )
        });
        let grants = found.own(grants_of(base, &found.session).await?);
        let grants = there("its grant", &grants, context);
        let left: Vec<String> = request.into_iter().chain(grants).collect();
        Ok((!left.is_empty()).then(|| left.join("; ")))
    }
}

/// `its grant is still there: it ends by itself at …; another: …`
fn there(what: &str, grants: &[Granting], context: &str) -> Option<String> {
    let each = grants.iter().take(MOST_NAMED);
    let each: Vec<String> = each
        .map(|grant| ends_by_itself(grant, context, "to end it now"))
        .collect();
    (!each.is_empty()).then(|| format!("{what} is still there: {}", each.join("; another: ")))
}
