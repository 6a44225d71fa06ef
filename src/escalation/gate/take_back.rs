//! Grant and request are deleted with the base identity. What could not be deleted, or may not have
//! been, is said in words that help: until when it lasts, and how to end it now.

use std::time::{Duration, Instant};

use http::Method;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::consent::Granting;
use super::petition::{Petition, PetitionName, Petitions, core_object, delete_options};
use crate::audit::Target;
use crate::escalation::GateError;
use crate::escalation::policy::KIT_NAMESPACE;

/// Deletions that no connection came about for are tried again for so long, so far apart.
const TRIED_FOR: Duration = Duration::from_secs(3);
const BETWEEN: Duration = Duration::from_millis(500);

/// What became of one object that was to go.
#[derive(Clone, Debug)]
pub(super) enum Deleted {
    Gone,
    /// Certainly there.
    Stays {
        what: String,
        cause: String,
    },
    /// Nobody knows.
    Unknown {
        what: String,
        cause: String,
    },
}

impl Deleted {
    /// For the record.
    pub(super) fn note(&self) -> Option<String> {
        match self {
            Self::Gone => None,
            Self::Stays { what, cause } => Some(format!("{what} stays: {cause}")),
            Self::Unknown { what, cause } => Some(format!("{what}: {cause}")),
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Gone)
    }

    /// For people; `context` is what kubectl calls the cluster.
    pub(super) fn words(&self, granting: &Granting, context: &str) -> Option<String> {
        let (begin, cause, to) = match self {
            Self::Gone => return None,
            Self::Stays { cause, .. } => ("the grant was NOT deleted", cause, "to end it now"),
            Self::Unknown { cause, .. } => ("it is not known whether the grant was deleted", cause, "to make sure"),
        };
        // The command last: of a text that has no room its two ends are shown.
        Some(format!("{begin} ({cause}), {}", ends_by_itself(granting, context, to)))
    }
}

/// `it ends by itself at 02:46:11; to end it now: kubectl …`
pub(super) fn ends_by_itself(granting: &Granting, context: &str, to: &str) -> String {
    format!(
        "it ends by itself at {}; {to}: kubectl --context {} --namespace {} delete secret {}",
        local_time(granting.deadline),
        quoted(context),
        granting.namespace,
        quoted(&granting.name),
    )
}

fn local_time(epoch_s: u64) -> String {
    let at = i64::try_from(epoch_s).ok().and_then(|s| Timestamp::from_second(s).ok());
    let at = at.map(|at| at.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string());
    at.unwrap_or_else(|| "its deadline".into())
}

/// As a shell reads it as one word.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-@:/+=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// What became of both.
pub(super) struct TakenBack {
    pub(super) grant: Deleted,
    /// Whoever may approve can consent to one that stays, long after everything else is over.
    pub(super) request: Deleted,
}

impl TakenBack {
    pub(super) fn notes(&self) -> Vec<String> {
        [self.grant.note(), self.request.note()].into_iter().flatten().collect()
    }
}

/// `kubectl … delete configmap HASH`: what an operator does about a request that stays.
pub(super) fn ends_the_request(hash: &str, context: &str) -> String {
    format!(
        "whoever may approve can still consent to it; to withdraw it: kubectl --context {} --namespace {KIT_NAMESPACE} delete configmap {hash}",
        quoted(context)
    )
}

/// Both at once: a server that is slow with one is not asked later for the other.
pub(super) async fn take_back(petitions: &Petitions, granting: Option<&Granting>, has_request: bool) -> TakenBack {
    let grant = async {
        match granting {
            Some(granting) => delete_grant(petitions, granting).await,
            None => Deleted::Gone,
        }
    };
    let request = async {
        if has_request {
            let hash = petitions.journal.session().to_owned();
            delete(petitions, "configmaps", "ConfigMap", KIT_NAMESPACE, &hash, None).await
        } else {
            Deleted::Gone
        }
    };
    let (grant, request) = tokio::join!(grant, request);
    TakenBack { grant, request }
}

pub(super) async fn delete_grant(petitions: &Petitions, granting: &Granting) -> Deleted {
    let uid = Some(granting.uid.as_str()).filter(|uid| !uid.is_empty());
    delete(petitions, "secrets", "Secret", &granting.namespace, &granting.name, uid).await
}

pub(super) async fn delete(
    petitions: &Petitions,
    plural: &str,
    kind: &str,
    namespace: &str,
    name: &str,
    uid: Option<&str>,
) -> Deleted {
    let what = format!("{plural}/{name}");
    let petition = || Petition {
        name: PetitionName::End,
        words: format!("end {what}"),
        method: Method::DELETE,
        path: format!("/api/v1/namespaces/{namespace}/{plural}/{name}"),
        body: delete_options(uid),
        target: Target {
            object: core_object(kind, plural, namespace, name),
            subresource: None,
        },
    };
    let mut answer = petitions.send(petition()).await;
    // A link that is down for a moment must not leave a grant for its whole time. What certainly was
    // not sent may be tried again; each try has an intent of its own.
    let started = Instant::now();
    let may_try = |answer: &Result<_, GateError>| {
        matches!(answer, Err(GateError::Unsendable { .. })) && !petitions.haste.is_cancelled()
    };
    while may_try(&answer) && started.elapsed() < TRIED_FOR {
        tokio::time::sleep(BETWEEN).await;
        answer = petitions.send(petition()).await;
    }
    match answer {
        // Gone already: ended by the server at its deadline, or by an approver.
        Ok(answer) if answer.is_ok() || answer.status == 404 => Deleted::Gone,
        Ok(answer) => Deleted::Stays {
            what,
            cause: format!("the server answered {}: {}", answer.status, answer.message()),
        },
        Err(error) if error.was_sent() => Deleted::Unknown {
            what,
            cause: cause(error),
        },
        Err(error) => Deleted::Stays {
            what,
            cause: cause(error),
        },
    }
}

/// Without what is said beside it anyway.
fn cause(error: GateError) -> String {
    match error {
        GateError::Record { cause, .. } => format!("nothing is sent without a record, and {cause}"),
        GateError::NoAnswer { cause, .. } => format!("no answer from the server: {cause}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granting() -> Granting {
        Granting {
            namespace: "kglass-system".into(),
            name: "restarter.uoncall.2-abc".into(),
            uid: String::new(),
            approved_by: String::new(),
            deadline: 1_800_000_000,
        }
    }

    #[test]
    fn what_stays_is_said_with_its_end_and_the_line_that_ends_it_now() {
        let stays = Deleted::Stays {
            what: "secrets/x".into(),
            cause: "the disk is full".into(),
        };
        let words = stays.words(&granting(), "my prod").expect("words");
        assert!(
            words.starts_with("the grant was NOT deleted (the disk is full), it ends by itself at "),
            "{words}"
        );
        assert!(words.contains(":00"), "a time of day: {words}");
        let line = "kubectl --context 'my prod' --namespace kglass-system delete secret restarter.uoncall.2-abc";
        assert!(words.contains(line) && words.contains("the disk is full"), "{words}");
        assert_eq!(Deleted::Gone.words(&granting(), "prod"), None);
    }

    #[test]
    fn a_shell_reads_any_context_as_one_word() {
        assert_eq!(quoted("kind-prod"), "kind-prod");
        assert_eq!(quoted("a'b; rm"), "'a'\\''b; rm'");
    }
}
