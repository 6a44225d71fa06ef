//! Why a read failed, before it becomes words: an answer of the server, trouble on the way, or an
//! answer that cannot be read. Texts of the server go through TermSafe and are cut.

use http::StatusCode;
use serde::Deserialize;

use super::connect::Trouble;
use super::query::{ReadError, ReadErrorKind};
use crate::model::TermSafe;

pub(super) enum Fault {
    /// The server answered with an error.
    Status {
        code: u16,
        message: String,
        /// Seconds, from the header or the details.
        retry_after: Option<u64>,
    },
    /// No answer.
    Trouble(Trouble),
    /// An answer that is not what was asked for.
    Malformed(String),
}

/// `meta/v1` Status, as far as it is read.
#[derive(Default, Deserialize)]
pub(super) struct Status {
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub code: u16,
    #[serde(default)]
    pub details: Option<StatusDetails>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatusDetails {
    #[serde(default)]
    pub retry_after_seconds: Option<u64>,
}

impl Fault {
    /// Names the server, where it was not reached at all.
    pub fn at(self, server: &str) -> Self {
        match self {
            Self::Trouble(trouble) => Self::Trouble(Trouble {
                cause: format!("{server}: {}", trouble.cause),
                ..trouble
            }),
            told => told,
        }
    }

    /// From a response that is no success; a body that is no Status is told in part.
    pub fn from_answer(status: StatusCode, retry_after: Option<u64>, body: &[u8]) -> Self {
        let parsed: Status = serde_json::from_slice(body).unwrap_or_else(|_| Status {
            message: String::from_utf8_lossy(body).trim().to_owned(),
            ..Status::default()
        });
        Self::Status {
            code: status.as_u16(),
            message: short(&parsed.message),
            retry_after: retry_after.or_else(|| parsed.details?.retry_after_seconds),
        }
    }

    /// From the Status in an ERROR event of a watch.
    pub fn from_event(status: &Status) -> Self {
        Self::Status {
            code: status.code,
            message: short(&status.message),
            retry_after: status.details.as_ref().and_then(|d| d.retry_after_seconds),
        }
    }

    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Status { code, .. } => Some(*code),
            _ => None,
        }
    }

    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    pub fn kind(&self) -> ReadErrorKind {
        match self {
            Self::Trouble(_) => ReadErrorKind::Unreachable,
            Self::Status { code: 401, .. } => ReadErrorKind::Unauthorized,
            Self::Status { code: 403, .. } => ReadErrorKind::Forbidden,
            Self::Status { code: 404, .. } => ReadErrorKind::NotFound,
            Self::Status { code: 410, .. } => ReadErrorKind::Gone,
            Self::Status { .. } | Self::Malformed(_) => ReadErrorKind::Other,
        }
    }

    /// Whether the same read may work later without anybody doing anything.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Trouble(trouble) => trouble.may_pass,
            Self::Status { code, .. } => matches!(code, 408 | 410 | 429 | 500..=599),
            Self::Malformed(_) => false,
        }
    }

    /// In words; `asked` is what was read, e.g. `list pods in shop`.
    pub fn read_error(&self, asked: &str, retrying: bool) -> ReadError {
        let (cause, cure) = match self {
            Self::Trouble(trouble) => (format!("{asked}: {}", trouble.cause), trouble.cure.clone()),
            Self::Malformed(why) => (
                format!("{asked}: the answer cannot be read ({why})"),
                "look whether a proxy or an extension API server answers in the API server's place".into(),
            ),
            Self::Status {
                code,
                message,
                retry_after,
            } => in_words(asked, *code, message, *retry_after),
        };
        ReadError {
            kind: self.kind(),
            cause,
            cure,
            retrying,
        }
    }
}

fn in_words(asked: &str, code: u16, message: &str, retry_after: Option<u64>) -> (String, String) {
    let said = if message.is_empty() { "no reason given" } else { message };
    match code {
        401 => (
            format!("{asked}: the server does not accept this identity (401)"),
            "log in again: the token or the client certificate of the kubeconfig user has expired or is wrong".into(),
        ),
        // Kubernetes' own authorizer says the word itself.
        403 if said.contains("forbidden") => (format!("{asked}: {said}"), how_to_be_allowed(message)),
        403 => (format!("{asked}: forbidden: {said}"), how_to_be_allowed(message)),
        // That of a log; the kubelet has kept none.
        400 if said.contains("previous terminated container") => (
            format!("{asked}: there is no run before this one"),
            "look at the log of the present run".into(),
        ),
        404 => (
            format!("{asked}: not found: {said}"),
            "it may have been deleted, or the server no longer serves this kind".into(),
        ),
        410 => (
            format!("{asked}: the server forgot this version"),
            "it is listed again".into(),
        ),
        429 => (
            format!("{asked}: the server is busy"),
            format!("it is tried again in {} s", retry_after.unwrap_or(1)),
        ),
        503 => (
            format!("{asked}: the server answered 503: {said}"),
            "the extension API server behind this kind may be down: :apiservices shows which".into(),
        ),
        _ => (
            format!("{asked}: the server answered {code}: {said}"),
            "look at the API server's log".into(),
        ),
    }
}

/// From the words of Kubernetes' own authorizer: which right is missing and where. Another one's
/// words are shown as they are, with a cure that fits them all.
fn how_to_be_allowed(message: &str) -> String {
    let right = || {
        let (verb, rest) = message.split_once(" cannot ")?.1.split_once(" resource \"")?;
        let (resource, rest) = rest.split_once('"')?;
        let namespace = match rest.split_once("in the namespace \"") {
            Some((_, rest)) => Some(rest.split_once('"')?.0),
            None => None,
        };
        Some((format!("`{verb} {resource}`"), namespace))
    };
    match right() {
        Some((right, Some(namespace))) => {
            format!("ask for the right to {right} in {namespace}, or choose another namespace with :ns NAME")
        }
        Some((right, None)) => {
            format!("ask for the right to {right} in the whole cluster, or choose a namespace with :ns NAME")
        }
        None => "choose a namespace that you may read, or ask for get, list and watch on it".into(),
    }
}

/// Enough for a line on a screen.
fn short(message: &str) -> String {
    const SHOWN: usize = 300;
    let safe = TermSafe::new(message);
    match safe.as_str().char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &safe.as_str()[..end]),
        None => safe.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_not_called_forbidden_twice_and_a_first_run_has_no_log_before_it() {
        let cause = |code, message: &str| in_words("list secrets in shop", code, message, None).0;
        let said = "secrets is forbidden: User \"eve\" cannot list resource \"secrets\"";
        assert_eq!(cause(403, said), format!("list secrets in shop: {said}"));
        assert_eq!(cause(403, "no"), "list secrets in shop: forbidden: no");
        let said = "previous terminated container \"web\" in pod \"web-0\" not found";
        assert!(cause(400, said).ends_with("there is no run before this one"));
    }

    #[test]
    fn a_refusal_names_the_right_that_is_missing_and_where() {
        let cure = |message: &str| in_words("x", 403, message, None).1;
        assert_eq!(
            cure(
                "pods \"web-0\" is forbidden: User \"eve\" cannot get resource \"pods/log\" in API group \"\" in the namespace \"shop\""
            ),
            "ask for the right to `get pods/log` in shop, or choose another namespace with :ns NAME"
        );
        assert_eq!(
            cure(
                "pods is forbidden: User \"eve\" cannot list resource \"pods\" in API group \"\" at the cluster scope: no rule"
            ),
            "ask for the right to `list pods` in the whole cluster, or choose a namespace with :ns NAME"
        );
        assert!(cure("denied by somebody else").starts_with("choose a namespace"));
        assert!(cure("cannot resource \"").starts_with("choose a namespace"));
    }
}
