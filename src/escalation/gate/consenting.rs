//! One consent as an approver: it stands only if what was read was still asked for when it was there. An
//! answer that is lost says nothing: the server is looked at. Must never leave a grant and call it none.

use std::time::Duration;

use super::base::Base;
use super::consent::{self, Asked, Granting};
use super::grants::grants_of;
use super::petition::Petitions;
use super::rules;
use super::take_back::delete_grant;
use crate::escalation::{GateError, names};

/// How often a look is tried that decides whether a consent stands, and how far apart.
const LOOKS: u32 = 5;
const BETWEEN: Duration = Duration::from_secs(1);
/// All of them together: the requester may be at work on this consent meanwhile.
const LOOKED_FOR: Duration = Duration::from_secs(15);

/// What became of a consent.
pub(super) struct Given {
    pub(super) consent: Result<Granting, GateError>,
    /// A grant may be there all the same: the next start looks again.
    pub(super) may_stand: bool,
}

/// Who consents, and to what: the object that was read, by its uid.
pub(super) struct Consenting<'a> {
    pub(super) base: &'a Base,
    pub(super) petitions: &'a Petitions,
    pub(super) asked: Asked<'a>,
    pub(super) approver: &'a str,
    pub(super) remark: Option<&'a str>,
    pub(super) request_uid: &'a str,
}

impl Consenting<'_> {
    pub(super) async fn give(&self) -> Given {
        let given = consent::give(self.base, self.petitions, &self.asked, self.approver, self.remark).await;
        match given {
            Ok(granting) => self.keep_if_asked(granting).await,
            // Lost, or the answer to the second of two where somebody between sent it twice.
            Err(error) if error.was_sent() => match within(LOOKED_FOR, || self.landed()).await {
                Ok(Some(granting)) => self.keep_if_asked(granting).await,
                looked => Given {
                    // What got no answer can still arrive.
                    may_stand: looked.is_err() || !matches!(error, GateError::Refused { .. }),
                    consent: Err(error),
                },
            },
            Err(error) => Given {
                consent: Err(error),
                may_stand: false,
            },
        }
    }

    /// This approver's own consent to this request, if it is there.
    async fn landed(&self) -> Result<Option<Granting>, GateError> {
        let grants = grants_of(self.base, self.asked.hash).await?;
        Ok(consents(grants, self.approver, self.asked.requester).pop())
    }

    /// Who withdraws or ends deletes the request first and looks for grants then; who consents looks for
    /// the request after the grant. So one of the two always sees the other, and no grant stays behind.
    async fn keep_if_asked(&self, granting: Granting) -> Given {
        let why = match within(LOOKED_FOR, || request_uid(self.base, self.asked.hash)).await {
            Ok(Some(uid)) if uid == self.request_uid => {
                return Given {
                    consent: Ok(granting),
                    may_stand: false,
                };
            }
            Ok(_) => "it was withdrawn or ended meanwhile".to_owned(),
            Err(error) => format!("whether it is still asked for is not known ({error})"),
        };
        let left = delete_grant(self.petitions, &granting).await.note();
        let cause = match &left {
            None => format!("{why}; your consent was taken back"),
            Some(note) => format!("{why}, and your consent is still there ({note})"),
        };
        Given {
            may_stand: left.is_some(),
            consent: Err(GateError::Unacceptable {
                what: format!("the request {}", self.asked.hash),
                cause,
                cure: "talk to the requester".into(),
            }),
        }
    }
}

/// Looks again and again: a consent is not given up for one lost answer, nor kept in doubt for minutes.
async fn within<T, F: Future<Output = Result<T, GateError>>>(
    bound: Duration,
    look: impl Fn() -> F,
) -> Result<T, GateError> {
    let looking = async {
        let mut looked = look().await;
        for _ in 1..LOOKS {
            if looked.is_ok() {
                break;
            }
            tokio::time::sleep(BETWEEN).await;
            looked = look().await;
        }
        looked
    };
    let late = |_| GateError::NoAnswer {
        what: "look whether it is still asked for".into(),
        cause: format!("nothing came within {} s", bound.as_secs()),
    };
    tokio::time::timeout(bound, looking).await.map_err(late)?
}

/// The uid of a request; None if there is none.
pub(super) async fn request_uid(base: &Base, hash: &str) -> Result<Option<String>, GateError> {
    let what = "look whether it is still asked for";
    let path = format!("{}/{hash}", rules::collection("configmaps"));
    let answer = base.read(&path, what).await?;
    match answer.status {
        200 => Ok(Some(answer.text("/metadata/uid").to_owned())),
        404 => Ok(None),
        _ => Err(super::petition::refused(what, &answer, "it is looked for again")),
    }
}

/// Of the grants of a request those that this approver gave to its requester.
pub(super) fn consents(grants: Vec<Granting>, approver: &str, requester: &str) -> Vec<Granting> {
    let who = names::encode_user(requester).unwrap_or_default();
    let own = |grant: &Granting| grant.approved_by == approver && grant.is_for(&who);
    grants.into_iter().filter(own).collect()
}
