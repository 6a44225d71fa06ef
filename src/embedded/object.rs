//! One object got, and what every write of one checks first.

use serde_json::Value;

use super::answer::{Answer, Outcome};
use super::kinds::Kind;
use super::refusal::Refusal;
use super::store::{Key, Store, text, uid};
use super::table::Form;
use super::writer::Writer;

pub(super) fn get(store: &Store, kind: &Kind, key: &Key, form: &Form, now_ms: i64) -> Outcome {
    let object = found(store, kind, key)?;
    Ok(Answer::ok(form.one(object, true, now_ms)))
}

pub(super) fn found<'a>(store: &'a Store, kind: &Kind, key: &Key) -> Result<&'a Value, Refusal> {
    store.get(key).ok_or_else(|| Refusal::not_found(kind, &key.name))
}

/// The answer of a write, in the form that was asked for.
pub(super) fn form_of(writer: &Writer<'_>, kind: &Kind, object: &Value) -> Value {
    Form::asked(writer.store, kind, writer.asked).one(object, true, writer.now_ms)
}

/// A uid or resourceVersion in what is sent is a precondition.
/// Group, what a wrong uid is said of, and what a stale version is said of.
pub(super) fn check_sent(
    (group, of_uid, of_version): (&str, &str, &str),
    before: &Value,
    sent: &Value,
) -> Result<(), Refusal> {
    let name = text(before, "/metadata/name").unwrap_or_default();
    if let Some(asked) = text(sent, "/metadata/uid").filter(|u| !u.is_empty())
        && asked != uid(before)
    {
        let why = format!(
            "Precondition failed: UID in precondition: {asked}, UID in object meta: {}",
            uid(before)
        );
        return Err(Refusal::conflict_of(group, of_uid, name, &why));
    }
    if let Some(asked) = text(sent, "/metadata/resourceVersion").filter(|v| !v.is_empty())
        && Some(asked) != text(before, "/metadata/resourceVersion")
    {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        return Err(Refusal::conflict_of(group, of_version, name, why));
    }
    Ok(())
}
