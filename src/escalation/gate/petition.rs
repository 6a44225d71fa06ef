//! One petition: intent on disk, then the request with the id of that intent, then the outcome.
//! The base identity changes nothing in any other way.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::base::silent;
use super::remote::Ahead;
use super::rules;
use super::wire::{Answer, Call, Silence, Wire};
use crate::audit::{AppendError, Intent, Journal, Outcome, Receipt, Sent, Target};
use crate::escalation::{GateError, GrantRef, MintDoor};
use crate::model::{Gvk, ObjectRef};

/// The base identity's petitions of one session, with the journal they stand in.
pub(super) struct Petitions {
    pub(super) wire: Wire,
    pub(super) journal: Journal,
    /// The remote log that each intent must reach first, if the policy says so.
    pub(super) ahead: Option<Ahead>,
    /// Cancelled when answers are not waited for any longer; they are then recorded as unknown.
    pub(super) haste: CancellationToken,
    /// A record is being written: what is waited for is the disk, not the server.
    pub(super) at_disk: AtomicUsize,
}

/// What a petition asks for, as the journal names it. `docs/normal-mode.md` has a row for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PetitionName {
    Request,
    Grant,
    Mint,
    End,
}

impl PetitionName {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Grant => "grant",
            Self::Mint => "mint",
            Self::End => "end",
        }
    }
}

/// One act by which the base identity asks.
pub(super) struct Petition {
    pub(super) name: PetitionName,
    pub(super) words: String,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) target: Target,
}

impl Petitions {
    /// An answer of any status, recorded; an error if nothing was sent, or nobody knows.
    pub(super) async fn send(&self, petition: Petition) -> Result<Answer, GateError> {
        let what = petition.words.clone();
        // An intent that is begun without a moment for its outcome would stay open.
        if self.haste.is_cancelled() {
            let cause = "no time was left".into();
            return Err(GateError::Unsendable { what, cause });
        }
        let body = petition.body.to_string().into_bytes();
        let receipt = self
            .writing(intend(&self.journal, intent(&petition, &body), &what))
            .await?;
        if let Err(error) = self.reach_sinks(&petition, receipt.seq()).await {
            conclude(&self.journal, receipt.spend(), not_sent(&error), &what).await?;
            return Err(error);
        }
        let call = Call {
            method: petition.method,
            path: petition.path,
            content_type: "application/json",
            body,
            audit_id: Some(receipt.audit_id()),
        };
        let sent = receipt.spend();
        let result = tokio::select! {
            biased;
            result = self.wire.send(call) => result,
            () = self.haste.cancelled() => Err(Silence::unknown("nothing came in the time that was left")),
        };
        self.writing(conclude(&self.journal, sent, outcome(&result), &what))
            .await?;
        result.map_err(|silence| silent(silence, &what))
    }

    async fn writing<T>(&self, record: impl Future<Output = T>) -> T {
        self.at_disk.fetch_add(1, Ordering::SeqCst);
        let done = record.await;
        self.at_disk.fetch_sub(1, Ordering::SeqCst);
        done
    }

    /// An end waits for nobody: what was granted must go, whatever became of the sink.
    async fn reach_sinks(&self, petition: &Petition, seq: u64) -> Result<(), GateError> {
        match &self.ahead {
            Some(ahead) if petition.name != PetitionName::End => ahead.wait(self.journal.session(), seq).await,
            _ => Ok(()),
        }
    }

    /// The same, where only success will do.
    pub(super) async fn must(&self, petition: Petition, cure: &str) -> Result<Answer, GateError> {
        let what = petition.words.clone();
        let answer = self.send(petition).await?;
        if answer.is_ok() {
            Ok(answer)
        } else {
            Err(refused(&what, &answer, cure))
        }
    }
}

#[async_trait]
impl MintDoor for Petitions {
    async fn mint(&self, grant: &GrantRef, body: Value) -> Result<Value, GateError> {
        let petition = Petition {
            name: PetitionName::Mint,
            words: format!("mint a token of {}/{}", grant.namespace, grant.account),
            method: Method::POST,
            path: rules::token(&grant.namespace, &grant.account),
            body,
            target: Target {
                object: core_object("ServiceAccount", "serviceaccounts", &grant.namespace, &grant.account),
                subresource: Some("token".into()),
            },
        };
        let answer = self.must(petition, "the grant may have been ended; ask again").await?;
        Ok(answer.body)
    }
}

fn intent(petition: &Petition, body: &[u8]) -> Intent {
    Intent {
        action: 0,
        words: petition.words.clone(),
        petition: Some(petition.name.as_str().into()),
        identity: "base".into(),
        verb: if petition.method == Method::DELETE {
            "delete"
        } else {
            "create"
        }
        .into(),
        method: petition.method.to_string(),
        path: petition.path.clone(),
        target: Some(petition.target.clone()),
        dry_run: false,
        body_sha256: Some(digest(body)),
        confirmed: None,
    }
}

pub(super) fn digest(body: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(body))
}

/// Durable, or nothing is sent.
pub(super) async fn intend(journal: &Journal, intent: Intent, what: &str) -> Result<Receipt, GateError> {
    journal.intend(intent).await.map_err(|error| GateError::Record {
        what: what.to_owned(),
        cause: error.to_string(),
    })
}

pub(super) async fn conclude(journal: &Journal, sent: Sent, outcome: Outcome, what: &str) -> Result<(), GateError> {
    let recorded = journal.conclude(sent, outcome).await;
    recorded.map(drop).map_err(|error| unrecorded(what, &error))
}

/// What was not sent, and of which not even that could be recorded.
pub(super) fn unwritten(what: &str, error: &impl ToString) -> GateError {
    GateError::Record {
        what: what.to_owned(),
        cause: error.to_string(),
    }
}

pub(super) fn unrecorded(what: &str, error: &AppendError) -> GateError {
    GateError::Unrecorded {
        what: what.to_owned(),
        cause: error.to_string(),
    }
}

/// What is recorded of an answer: its status and the server's words, never its body.
pub(super) fn outcome(result: &Result<Answer, Silence>) -> Outcome {
    match result {
        Ok(answer) => Outcome {
            status: answer.status,
            message: if answer.is_ok() {
                "done".into()
            } else {
                answer.message()
            },
            took_ms: answer.took_ms,
            server_audit_id: answer.audit_id.clone(),
            resource_version: Some(answer.text("/metadata/resourceVersion").to_owned()).filter(|v| !v.is_empty()),
            stream: None,
        },
        Err(silence) => Outcome {
            status: 0,
            message: format!(
                "{}: {}",
                if silence.was_sent { "no answer" } else { "not sent" },
                silence.cause
            ),
            ..Outcome::default()
        },
    }
}

/// An intent without a request: its outcome says so, lest it count as unknown.
pub(super) fn not_sent(why: &GateError) -> Outcome {
    Outcome {
        status: 0,
        message: format!("not sent: {why}"),
        ..Outcome::default()
    }
}

pub(super) fn refused(what: &str, answer: &Answer, cure: &str) -> GateError {
    GateError::Refused {
        what: what.to_owned(),
        status: answer.status,
        message: answer.message(),
        cure: cure.to_owned(),
    }
}

pub(super) fn core_object(kind: &str, plural: &str, namespace: &str, name: &str) -> ObjectRef {
    ObjectRef {
        gvk: Gvk::new("", "v1", kind),
        resource: plural.into(),
        namespace: Some(namespace.into()),
        name: name.into(),
        ..ObjectRef::default()
    }
}

/// What a grant or request is deleted with: itself and no other, and nothing lingers.
pub(super) fn delete_options(uid: Option<&str>) -> Value {
    let mut options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"});
    if let Some(uid) = uid {
        options["preconditions"] = json!({"uid": uid});
    }
    options
}

#[cfg(test)]
mod tests {
    use super::PetitionName;

    #[test]
    fn the_petitions_are_documented() {
        let page = include_str!("../../../docs/normal-mode.md");
        // A new petition has to be written here, since `match` asks for its row.
        let row = |name: PetitionName| match name {
            PetitionName::Request => "POST of a ConfigMap",
            PetitionName::Grant => "POST of a Job and of an empty Secret",
            PetitionName::Mint => "POST of `serviceaccounts/token`",
            PetitionName::End => "DELETE of the Secret and of the ConfigMap",
        };
        for name in [
            PetitionName::Request,
            PetitionName::Grant,
            PetitionName::Mint,
            PetitionName::End,
        ] {
            let row = format!("| `{}` | {}", name.as_str(), row(name));
            assert!(page.contains(&row), "{row}");
        }
    }
}
