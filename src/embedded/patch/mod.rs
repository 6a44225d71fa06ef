//! PATCH in its four forms. Each makes a new object from the old one; `update` does the rest, so no
//! form has a rule of its own about what may change.

mod strategic;

use serde_json::{Map, Value, json};

use super::answer::Outcome;
use super::asked::Asked;
use super::create;
use super::kinds::Kind;
use super::object::{check_sent, found};
use super::refusal::Refusal;
use super::store::{text, uid};
use super::update::{Part, change};
use super::writer::Writer;

const JSON: &str = "application/json-patch+json";
const MERGE: &str = "application/merge-patch+json";
const STRATEGIC: &str = "application/strategic-merge-patch+json";
const APPLY: &str = "application/apply-patch+yaml";

pub(super) fn patch(writer: &mut Writer<'_>, kind: &'static Kind, part: Part) -> Outcome {
    let key = writer.asked.key(kind);
    let media = form(writer.asked, kind.is_custom())?;
    if media == APPLY {
        return apply(writer, kind, part);
    }
    let before = found(writer.store, kind, &key)?.clone();
    let after = patched(writer.asked, media, &before)?;
    check_patched(kind, &before, &after)?;
    change(writer, kind, key, before, after, part)
}

/// A patch may name the uid and the version of what it is meant for.
fn check_patched(kind: &Kind, before: &Value, after: &Value) -> Result<(), Refusal> {
    if uid(before) != uid(after) {
        let name = text(before, "/metadata/name").unwrap_or_default();
        let why = format!("Invalid value: {:?}: field is immutable", uid(after));
        return Err(Refusal::invalid_twice(
            kind.group,
            kind.name,
            name,
            "metadata.uid",
            &why,
        ));
    }
    check_sent((kind.group, kind.plural, kind.plural), before, after)
}

/// `before` as the body's patch makes it; also for `/scale`.
pub(super) fn of_body(asked: &Asked, before: &Value) -> Result<Value, Refusal> {
    let media = form(asked, false)?;
    patched(asked, media, before)
}

/// The media type, if it is one that this kind takes.
fn form(asked: &Asked, custom: bool) -> Result<&'static str, Refusal> {
    let forms: &[&str] = if custom {
        &[JSON, MERGE, APPLY]
    } else {
        &[JSON, MERGE, STRATEGIC, APPLY]
    };
    let media = asked.media_type();
    if ![JSON, MERGE, STRATEGIC, APPLY].contains(&media) {
        return Err(Refusal::unknown_patch());
    }
    forms
        .iter()
        .find(|known| **known == media)
        .copied()
        .ok_or_else(|| Refusal::unsupported_media(forms))
}

fn patched(asked: &Asked, media: &str, before: &Value) -> Result<Value, Refusal> {
    let unreadable = |e: &dyn std::fmt::Display| Refusal::bad_request(&format!("error decoding patch: {e}"));
    let mut after = before.clone();
    if media == JSON {
        let steps: json_patch::Patch = serde_json::from_slice(&asked.body).map_err(|e| unreadable(&e))?;
        json_patch::patch(&mut after, &steps).map_err(|_| Refusal::inapplicable())?;
        return Ok(after);
    }
    let change: Value = serde_json::from_slice(&asked.body).map_err(|e| unreadable(&e))?;
    if !change.is_object() {
        return Err(unreadable(&"a patch is an object"));
    }
    if media == STRATEGIC {
        strategic::merge(&mut after, &change);
    } else {
        merge(&mut after, &change);
    }
    Ok(after)
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

/// Server-side apply as a strategic merge that creates what is missing. Who owns which field is not
/// kept, so nothing is ever in conflict and nothing is removed by leaving it out.
fn apply(writer: &mut Writer<'_>, kind: &'static Kind, part: Part) -> Outcome {
    if writer.asked.query.get("fieldManager").is_none() {
        let why = "Required value: is required for apply patch";
        return Err(Refusal::invalid("meta.k8s.io", "PatchOptions", "", "fieldManager", why));
    }
    let body = std::str::from_utf8(&writer.asked.body).unwrap_or_default();
    let mut sent: Value =
        serde_saphyr::from_str(body).map_err(|e| Refusal::bad_request(&format!("error decoding YAML: {e}")))?;
    let key = writer.asked.key(kind);
    let Some(before) = writer.store.get(&key).cloned() else {
        sent["metadata"]["name"] = json!(key.name);
        return create::store_new(writer, kind, sent);
    };
    let mut after = before.clone();
    strategic::merge(&mut after, &sent);
    check_patched(kind, &before, &after)?;
    change(writer, kind, key, before, after, part)
}
