//! One object: got, patched, deleted. Preconditions are checked as the API server checks them;
//! they are what keeps an operator from hitting something else than they saw.

use serde_json::{Map, Value};

use super::answer::{Answer, Outcome, Refusal};
use super::kinds::Kind;
use super::lifecycle;
use super::request::Params;
use super::store::{Key, Store, text, uid};
use super::table::Form;

pub(super) fn get(store: &Store, kind: &Kind, key: &Key, form: Form, now_ms: i64) -> Outcome {
    let object = found(store, kind, key)?;
    Ok(Answer::ok(form.one(kind, object, true, now_ms)))
}

pub(super) fn found<'a>(store: &'a Store, kind: &Kind, key: &Key) -> Result<&'a Value, Refusal> {
    store.get(key).ok_or_else(|| Refusal::not_found(kind, &key.name))
}

/// The media types of patches that this server applies. A strategic merge equals a plain one as
/// long as no list is in it, which is checked.
const MERGE: &str = "application/merge-patch+json";
const STRATEGIC: &str = "application/strategic-merge-patch+json";

pub(super) fn read_patch(content_type: &str, body: &[u8]) -> Result<Value, Refusal> {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    if media != MERGE && media != STRATEGIC {
        return Err(Refusal::unsupported_media(&format!("{MERGE}, {STRATEGIC}")));
    }
    let patch: Value =
        serde_json::from_slice(body).map_err(|e| Refusal::bad_request(&format!("error decoding patch: {e}")))?;
    if media == STRATEGIC && holds_list(&patch) {
        return Err(Refusal::unsupported_media(MERGE));
    }
    Ok(patch)
}

fn holds_list(value: &Value) -> bool {
    match value {
        Value::Array(_) => true,
        Value::Object(fields) => fields.values().any(holds_list),
        _ => false,
    }
}

pub(super) fn patch(store: &mut Store, kind: &Kind, key: &Key, query: &Params, change: &Value) -> Outcome {
    let before = found(store, kind, key)?.clone();
    check_patch(kind, &before, change)?;
    let mut after = before.clone();
    merge(&mut after, change);
    for fixed in ["uid", "creationTimestamp", "name", "namespace"] {
        if let Some(value) = before["metadata"].get(fixed) {
            after["metadata"][fixed] = value.clone();
        }
    }
    after["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"].clone();
    let after = lifecycle::updated(&before, after);
    if after == before {
        return Ok(Answer::ok(before));
    }
    let stored = if query.is_dry_run() {
        after
    } else {
        store.put(key.clone(), after)
    };
    Ok(Answer::ok(stored))
}

/// A uid or resourceVersion in a patch is a precondition.
pub(super) fn check_patch(kind: &Kind, before: &Value, change: &Value) -> Result<(), Refusal> {
    let name = text(before, "/metadata/name").unwrap_or_default();
    if let Some(asked) = text(change, "/metadata/uid")
        && asked != uid(before)
    {
        let why = format!(
            "Precondition failed: UID in precondition: {asked}, UID in object meta: {}",
            uid(before)
        );
        return Err(Refusal::conflict(&kind.qualified(), name, &why));
    }
    if let Some(asked) = text(change, "/metadata/resourceVersion")
        && Some(asked) != text(before, "/metadata/resourceVersion")
    {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        return Err(Refusal::conflict(&kind.qualified(), name, why));
    }
    Ok(())
}

/// RFC 7396.
pub(super) fn merge(target: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        *target = change.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let fields = target.as_object_mut().expect("made an object above");
    for (key, value) in change {
        if value.is_null() {
            fields.remove(key);
        } else {
            merge(fields.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

pub(super) fn delete(
    store: &mut Store,
    kind: &Kind,
    key: &Key,
    query: &Params,
    options: &Value,
    now_ms: i64,
) -> Outcome {
    let object = found(store, kind, key)?.clone();
    check_preconditions(kind, &object, options)?;
    let dry = query.is_dry_run() || options.pointer("/dryRun/0").is_some();
    if dry {
        return Ok(Answer::ok(object));
    }
    if orphans(kind, query, options) {
        lifecycle::orphan(store, uid(&object));
    }
    let grace = options.get("gracePeriodSeconds").and_then(Value::as_i64);
    let grace = grace.or_else(|| query.get("gracePeriodSeconds")?.parse().ok());
    let (shown, gone) =
        lifecycle::deleted(store, key, grace, now_ms).ok_or_else(|| Refusal::not_found(kind, &key.name))?;
    if gone && kind.name != "Pod" {
        return Ok(Answer::ok(success(kind, &shown)));
    }
    Ok(Answer::ok(shown))
}

fn check_preconditions(kind: &Kind, object: &Value, options: &Value) -> Result<(), Refusal> {
    let name = text(object, "/metadata/name").unwrap_or_default();
    let pairs = [
        ("/preconditions/uid", "UID", "uid", "deleted and then recreated"),
        (
            "/preconditions/resourceVersion",
            "ResourceVersion",
            "resourceVersion",
            "modified",
        ),
    ];
    for (pointer, label, field, perhaps) in pairs {
        let record = object["metadata"][field].as_str().unwrap_or_default();
        if let Some(asked) = text(options, pointer)
            && asked != record
        {
            let why = format!(
                "the {label} in the precondition ({asked}) does not match the {label} in record ({record}). \
                 The object might have been {perhaps}"
            );
            return Err(Refusal::conflict(&kind.qualified(), name, &why));
        }
    }
    Ok(())
}

/// batch/v1 Jobs are the one kind served here that orphans its dependents unless told otherwise.
fn orphans(kind: &Kind, query: &Params, options: &Value) -> bool {
    let asked = text(options, "/propagationPolicy").or_else(|| query.get("propagationPolicy"));
    asked.map_or(kind.name == "Job", |policy| policy == "Orphan")
}

fn success(kind: &Kind, gone: &Value) -> Value {
    serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {"name": gone["metadata"]["name"], "group": kind.group, "kind": kind.plural, "uid": uid(gone)},
    })
}
