//! Grants as the server lists them.

use serde_json::Value;

use super::base::Base;
use super::consent::{GRANT_TYPE, Granting};
use super::petition::refused;
use super::rules;
use crate::escalation::policy::KIT_NAMESPACE;
use crate::escalation::{GateError, names};

/// A Secret that is a grant, and the session that it is for; its name says so.
pub(super) fn read(secret: &Value) -> Option<(Granting, String)> {
    let text = |pointer: &str| secret.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let name = text("/metadata/name");
    let (deadline, hash) = names::parse_grant_name(name)?;
    let granting = Granting {
        namespace: KIT_NAMESPACE.into(),
        name: name.into(),
        uid: text("/metadata/uid").into(),
        approved_by: text("/metadata/annotations/kglass.dev~1approved-by").into(),
        deadline,
    };
    (text("/type") == GRANT_TYPE).then(|| (granting, hash.to_owned()))
}

/// Those whose names end with this session's hash.
pub(super) async fn grants_of(base: &Base, hash: &str) -> Result<Vec<Granting>, GateError> {
    let what = "look for the grant";
    let answer = base.read(&rules::collection("secrets"), what).await?;
    if !answer.is_ok() {
        return Err(refused(what, &answer, "what is left ends at its deadline"));
    }
    let Some(items) = answer.body.pointer("/items").and_then(Value::as_array) else {
        let cause = "the answer is no list".into();
        let what = what.into();
        return Err(GateError::NoAnswer { what, cause });
    };
    let grants = items.iter().filter_map(read);
    Ok(grants.filter(|(_, of)| of == hash).map(|(grant, _)| grant).collect())
}
