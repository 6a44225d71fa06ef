//! Deletion, of one object or of a selection: preconditions, what becomes of dependents, grace.

use serde_json::{Value, json};

use super::admission::Operation;
use super::answer::{Answer, Outcome};
use super::collection::in_scope;
use super::kinds::Kind;
use super::lifecycle::{self, Fate};
use super::object::{form_of, found};
use super::refusal::Refusal;
use super::route::success;
use super::selector::Selector;
use super::store::{Key, text, uid};
use super::table::Form;
use super::writer::Writer;

pub(super) fn one(writer: &mut Writer<'_>, kind: &'static Kind) -> Outcome {
    let key = writer.asked.key(kind);
    let options = writer.asked.delete_options()?;
    let object = found(writer.store, kind, &key)?.clone();
    check_preconditions(kind, &object, &options)?;
    writer.dry_run |= options.pointer("/dryRun/0").is_some();
    let (shown, gone) = delete(writer, kind, &key, &object, &options)?;
    if gone && !kind.shown_when_deleted {
        let mut details = json!({"name": key.name, "kind": kind.plural, "uid": uid(&object)});
        if !kind.group.is_empty() {
            details["group"] = json!(kind.group);
        }
        return Ok(Answer::ok(success(None, Some(details))));
    }
    Ok(Answer::ok(form_of(writer, kind, &shown)))
}

pub(super) fn collection(writer: &mut Writer<'_>, kind: &'static Kind) -> Outcome {
    let options = writer.asked.delete_options()?;
    let selector = Selector::parse(kind, &writer.asked.query)?;
    writer.dry_run |= options.pointer("/dryRun/0").is_some();
    let chosen: Vec<(Key, Value)> = writer
        .store
        .of_kind(kind)
        .filter(|(key, object)| in_scope(key, &writer.asked.at) && selector.matches(object))
        .map(|(key, object)| (key.clone(), object.clone()))
        .collect();
    let mut shown = Vec::new();
    for (key, object) in &chosen {
        shown.push(delete(writer, kind, key, object, &options)?.0);
    }
    let metadata = json!({"resourceVersion": writer.store.revision().to_string()});
    let form = Form::asked(writer.store, kind, writer.asked);
    Ok(Answer::ok(form.list(kind, &shown, metadata, writer.now_ms)))
}

/// What remains to be shown, and whether the object is gone. Also how an eviction deletes.
pub(super) fn delete(
    writer: &mut Writer<'_>,
    kind: &Kind,
    key: &Key,
    object: &Value,
    options: &Value,
) -> Result<(Value, bool), Refusal> {
    let what = (kind.group, kind.version, kind.name);
    if writer.asked.at.subresource.is_none() {
        writer.admit(Operation::Delete, what, (None, Some(object)), options)?;
    }
    if writer.dry_run {
        return Ok((object.clone(), !kind.shown_when_deleted));
    }
    let how = Fate {
        dependents: propagation(kind, options)?,
        grace_seconds: options.get("gracePeriodSeconds").and_then(Value::as_i64),
        now_ms: writer.now_ms,
    };
    lifecycle::deleted(writer.store, key, &how).ok_or_else(|| Refusal::not_found(kind, &key.name))
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
            return Err(Refusal::conflict_of(kind.group, kind.name, name, &why));
        }
    }
    Ok(())
}

/// batch/v1 Jobs are the one kind that orphans its dependents unless told otherwise.
fn propagation(kind: &Kind, options: &Value) -> Result<lifecycle::Dependents, Refusal> {
    Ok(match text(options, "/propagationPolicy") {
        Some("Orphan") => lifecycle::Dependents::Orphan,
        Some("Foreground") => lifecycle::Dependents::Foreground,
        None if kind.name == "Job" => lifecycle::Dependents::Orphan,
        None | Some("Background") => lifecycle::Dependents::Background,
        Some(other) => {
            let why = format!(
                "Unsupported value: {other:?}: supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
            );
            return Err(Refusal::invalid(
                "meta.k8s.io",
                "DeleteOptions",
                "",
                "propagationPolicy",
                &why,
            ));
        }
    })
}
