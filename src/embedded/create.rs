//! An object created: what was sent is checked, completed as the server completes it, shown to
//! admission and stored.

use serde_json::{Value, json};

use super::admission::Operation;
use super::answer::{Answer, Outcome};
use super::kinds::{self, Kind};
use super::lifecycle;
use super::object::form_of;
use super::refusal::Refusal;
use super::store::{Key, text};
use super::writer::Writer;
use super::{rbac_guard, validate};

pub(super) fn create(writer: &mut Writer<'_>, kind: &'static Kind) -> Outcome {
    let asked = writer.asked;
    let object = with_name(writer, kind, asked.json()?)?;
    store_new(writer, kind, object)
}

/// Also for an apply to what is not there.
pub(super) fn store_new(writer: &mut Writer<'_>, kind: &'static Kind, mut body: Value) -> Outcome {
    let namespace = writer.asked.at.namespace.clone().unwrap_or_default();
    check_manifest(kind, &namespace, &body)?;
    let name = text(&body, "/metadata/name").unwrap_or_default().to_owned();
    let key = Key::new(kind, &namespace, &name);
    if kind.namespaced {
        check_namespace(writer, kind, &key)?;
    }
    if kind.keeps_status() {
        body.as_object_mut().and_then(|fields| fields.remove("status"));
    }
    let object = lifecycle::created(writer.store, kind, &namespace, body, writer.now_ms);
    rbac_guard::check(writer.store, writer.user, kind, &object)?;
    validate::created(kind, &object)?;
    writer.admit_object(Operation::Create, kind, Some(&object), None)?;
    if writer.store.get(&key).is_some() {
        return Err(Refusal::already_exists(kind, &name));
    }
    let stored = writer.put(key, object);
    Ok(Answer::json(201, form_of(writer, kind, &stored)))
}

fn with_name(writer: &Writer<'_>, kind: &Kind, mut body: Value) -> Result<Value, Refusal> {
    if text(&body, "/metadata/name").is_none_or(str::is_empty) {
        let prefix = text(&body, "/metadata/generateName").filter(|p| !p.is_empty());
        let prefix = prefix.ok_or_else(|| {
            let why = "Required value: name or generateName is required";
            Refusal::invalid(kind.group, kind.name, "", "metadata.name", why)
        })?;
        let name = format!("{prefix}{}", writer.store.next_suffix());
        body["metadata"]["name"] = json!(name);
    }
    Ok(body)
}

fn check_manifest(kind: &Kind, namespace: &str, body: &Value) -> Result<(), Refusal> {
    let (version, name) = (text(body, "/apiVersion"), text(body, "/kind"));
    if version.is_some_and(|v| v != kind.api_version()) || name.is_some_and(|k| k != kind.name) {
        let got = format!("{}, Kind={}", version.unwrap_or_default(), name.unwrap_or_default());
        let why = format!(
            "{} in version \"{}\" cannot be handled as a {}: {got} is not it",
            name.unwrap_or_default(),
            kind.version,
            kind.name
        );
        return Err(Refusal::bad_request(&why));
    }
    if text(body, "/metadata/namespace").is_some_and(|ns| !ns.is_empty() && ns != namespace) {
        let why = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Refusal::bad_request(why));
    }
    Ok(())
}

fn check_namespace(writer: &Writer<'_>, kind: &Kind, key: &Key) -> Result<(), Refusal> {
    let parent = kinds::known("namespaces");
    let Some(namespace) = writer.store.get(&Key::new(parent, "", &key.namespace)) else {
        return Err(Refusal::not_found(parent, &key.namespace));
    };
    if text(namespace, "/metadata/deletionTimestamp").is_some() {
        let why = format!(
            "unable to create new content in namespace {} because it is being terminated",
            key.namespace
        );
        return Err(Refusal::forbidden_because(kind.group, kind.plural, &key.name, &why));
    }
    Ok(())
}
