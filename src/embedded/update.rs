//! An object changed: by PUT here, and the second half of every patch. Each part of an object has
//! its own door; what belongs to another part stays as it was.

use serde_json::Value;

use super::admission::Operation;
use super::answer::{Answer, Outcome};
use super::defaults;
use super::kinds::Kind;
use super::lifecycle;
use super::object::{check_sent, form_of, found};
use super::refusal::Refusal;
use super::store::{Key, text};
use super::writer::Writer;
use super::{rbac_guard, validate};

/// What a request may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Status,
    Ephemeral,
}

pub(super) fn replace(writer: &mut Writer<'_>, kind: &'static Kind, part: Part) -> Outcome {
    let key = writer.asked.key(kind);
    let sent = writer.asked.json()?;
    let named = text(&sent, "/metadata/name").unwrap_or_default();
    if named != key.name {
        let why = format!(
            "the name of the object ({named}) does not match the name on the URL ({})",
            key.name
        );
        return Err(Refusal::bad_request(&why));
    }
    let before = found(writer.store, kind, &key)?.clone();
    check_sent((kind.group, kind.plural, kind.plural), &before, &sent)?;
    if kind.is_custom() && text(&sent, "/metadata/resourceVersion").is_none_or(str::is_empty) {
        let why = "Invalid value: 0: must be specified for an update";
        return Err(Refusal::invalid(
            kind.group,
            kind.plural,
            &key.name,
            "metadata.resourceVersion",
            why,
        ));
    }
    change(writer, kind, key, before, sent, part)
}

/// Stores `after` in place of `before`, as far as `part` reaches.
pub(super) fn change(
    writer: &mut Writer<'_>,
    kind: &'static Kind,
    key: Key,
    before: Value,
    after: Value,
    part: Part,
) -> Outcome {
    let mut after = after;
    if kind.name == "Secret" {
        defaults::fold_string_data(&mut after);
    }
    let after = lifecycle::updated(kind, &before, limited(kind, &before, after, part));
    rbac_guard::check(writer.store, writer.user, kind, &after)?;
    if part == Part::Whole {
        validate::updated(kind, &before, &after)?;
    }
    writer.admit_object(Operation::Update, kind, Some(&after), Some(&before))?;
    if after == before {
        return Ok(Answer::ok(form_of(writer, kind, &before)));
    }
    if !writer.dry_run && lifecycle::released(&after) {
        writer.store.remove(&key);
        return Ok(Answer::ok(form_of(writer, kind, &after)));
    }
    let stored = writer.put(key, after);
    Ok(Answer::ok(form_of(writer, kind, &stored)))
}

fn limited(kind: &Kind, before: &Value, mut after: Value, part: Part) -> Value {
    let keep = |after: &mut Value, field: &str| match before.get(field) {
        Some(value) => after[field] = value.clone(),
        None => drop(after.as_object_mut().and_then(|fields| fields.remove(field))),
    };
    match part {
        Part::Whole if kind.keeps_status() => keep(&mut after, "status"),
        Part::Whole => {}
        Part::Status => {
            for field in ["spec", "data"] {
                keep(&mut after, field);
            }
        }
        Part::Ephemeral => {
            let added = after.pointer("/spec/ephemeralContainers").cloned();
            after = before.clone();
            if let Some(added) = added {
                after["spec"]["ephemeralContainers"] = added;
            }
        }
    }
    for field in ["apiVersion", "kind"] {
        keep(&mut after, field);
    }
    for fixed in [
        "uid",
        "creationTimestamp",
        "name",
        "namespace",
        "resourceVersion",
        "generation",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ] {
        match before["metadata"].get(fixed) {
            Some(value) => after["metadata"][fixed] = value.clone(),
            None => drop(after["metadata"].as_object_mut().and_then(|m| m.remove(fixed))),
        }
    }
    after
}
