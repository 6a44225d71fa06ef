//! From a grant to a checked credential. The provider issues it; the server is asked who it is and
//! what it may do, and the glass does not open if either answer is not as it must be.

use std::sync::Arc;

use secrecy::SecretString;

use super::base::{Base, who};
use super::clock::boot_ms;
use super::consent::Granting;
use super::petition::Petitions;
use super::rights::{self, Rights};
use super::rules;
use super::wire::Wire;
use crate::audit::Person;
use crate::cluster::{Endpoint, Identity};
use crate::escalation::policy::Role;
use crate::escalation::{CredentialProvider, GateError, GrantRef};
use crate::model::Moment;

/// A credential that has been looked at from all sides, with the only client that uses it.
pub(super) struct Acquired {
    pub(super) token: SecretString,
    pub(super) wire: Wire,
    pub(super) identity: Person,
    pub(super) credential_id: String,
    pub(super) expires_at: u64,
    pub(super) end: Moment,
    pub(super) rights: Rights,
}

pub(super) struct Order<'a> {
    pub(super) endpoint: &'a Arc<dyn Endpoint>,
    pub(super) provider: &'a dyn CredentialProvider,
    pub(super) role: &'a Role,
    pub(super) namespace: Option<&'a str>,
    pub(super) account: (&'a str, &'a str),
    pub(super) audience: &'a str,
}

pub(super) async fn acquire(
    base: &Base,
    petitions: &Petitions,
    order: &Order<'_>,
    grant: &Granting,
) -> Result<Acquired, GateError> {
    let grant_ref = GrantRef {
        namespace: order.account.0.into(),
        account: order.account.1.into(),
        secret: grant.name.clone(),
        uid: grant.uid.clone(),
        audience: order.audience.into(),
        left_seconds: base.clock.left_s(grant.deadline),
    };
    let credential = order.provider.issue(petitions, &grant_ref).await?;
    let agent = super::base::agent(Some(petitions.journal.session()));
    let identity = Identity::Bearer(&credential.token);
    let wire = Wire::open(
        order.endpoint.as_ref(),
        identity,
        Box::new(rules::elevated),
        &base.clock,
        &agent,
    )
    .await?;
    let (person, ids) = who(&wire, "ask the server who the new credential is")
        .await
        .map_err(|error| not_taken(error, order.audience))?;
    if person.username != credential.user {
        return Err(unacceptable(format!("the server takes it for {}", person.username)));
    }
    if !ids.contains(&credential.id) {
        return Err(unacceptable(
            "the server names another credential id than the token".into(),
        ));
    }
    let rights = rights::ask(&wire, order.namespace).await?;
    if let Some(power) = rights.power.as_ref().filter(|_| !order.role.unbounded) {
        return Err(unacceptable(format!("it could {power}, which undoes every limit")));
    }
    let deadline = grant.deadline.min(credential.expires_at);
    let end = base.clock.before(deadline).filter(|end| end.boot_ms > boot_ms());
    Ok(Acquired {
        end: end.ok_or(GateError::Expired)?,
        token: credential.token,
        wire,
        identity: person,
        credential_id: credential.id,
        expires_at: credential.expires_at,
        rights,
    })
}

/// A fresh token that the server refuses is nearly always one for another audience.
fn not_taken(error: GateError, audience: &str) -> GateError {
    match error {
        GateError::Refused { status: 401, .. } => GateError::Unacceptable {
            what: "use the new credential".into(),
            cause: format!("the API server refuses a token for the audience {audience}"),
            cure: "set `audience`, or the context's entry in [audiences], to the API server's own; print and install the kit again".into(),
        },
        other => other,
    }
}

fn unacceptable(cause: String) -> GateError {
    GateError::Unacceptable {
        what: "check the new credential".into(),
        cause,
        cure: "it was given back; look at the role's bindings with kglass kit check".into(),
    }
}
