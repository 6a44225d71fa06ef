//! A collection: listed page by page, and created into.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::kinds::{self, Kind};
use super::lifecycle;
use super::request::{Attributes, Params};
use super::selector::Selector;
use super::store::{Key, Store, text};
use super::table::Form;

pub(super) fn list(store: &Store, kind: &Kind, at: &Attributes, query: &Params, form: Form, now_ms: i64) -> Outcome {
    let selector = Selector::parse(query)?;
    let after = query.get("continue").map(decode_continue).transpose()?;
    let mut found: Vec<(&Key, &Value)> = store
        .of_kind(kind)
        .filter(|(key, object)| in_scope(key, at) && selector.matches(object))
        .filter(|(key, _)| after.as_ref().is_none_or(|a| place(key) > *a))
        .collect();
    let limit = query
        .get("limit")
        .and_then(|l| l.parse().ok())
        .filter(|l| *l > 0)
        .unwrap_or(usize::MAX);
    let left = found.len().saturating_sub(limit);
    found.truncate(limit);
    let mut metadata = json!({"resourceVersion": store.revision().to_string()});
    if let (true, Some((last, _))) = (left > 0, found.last()) {
        metadata["continue"] = json!(STANDARD.encode(place(last)));
        metadata["remainingItemCount"] = json!(left);
    }
    let objects: Vec<Value> = found.into_iter().map(|(_, object)| object.clone()).collect();
    Ok(Answer::ok(form.list(kind, &objects, metadata, now_ms)))
}

/// In the namespace of the request, if it names one.
pub(super) fn in_scope(key: &Key, at: &Attributes) -> bool {
    at.namespace.as_ref().is_none_or(|ns| key.namespace == *ns)
}

fn place(key: &Key) -> String {
    format!("{}/{}", key.namespace, key.name)
}

fn decode_continue(token: &str) -> Result<String, Refusal> {
    STANDARD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Refusal::bad_request("continue key is not valid"))
}

pub(super) fn create(
    store: &mut Store,
    kind: &'static Kind,
    at: &Attributes,
    query: &Params,
    mut body: Value,
    now_ms: i64,
) -> Outcome {
    let namespace = at.namespace.as_deref().unwrap_or_default();
    check_manifest(kind, namespace, &body)?;
    if body.pointer("/metadata/name").is_none() {
        let prefix = text(&body, "/metadata/generateName")
            .ok_or_else(|| nameless(kind))?
            .to_owned();
        body["metadata"]["name"] = json!(format!("{prefix}{:05x}", store.revision()));
    }
    let name = text(&body, "/metadata/name").unwrap_or_default().to_owned();
    check_name(kind, &name)?;
    if kind.namespaced {
        let parent = kinds::by_plural("namespaces").expect("namespaces are in the table of kinds");
        if store.get(&Key::new(parent, "", namespace)).is_none() {
            return Err(Refusal::not_found(parent, namespace));
        }
    }
    let key = Key::new(kind, namespace, &name);
    if store.get(&key).is_some() {
        return Err(Refusal::already_exists(kind, &name));
    }
    let object = lifecycle::created(store, kind, namespace, body, now_ms);
    let stored = if query.is_dry_run() {
        object
    } else {
        store.put(key, object)
    };
    Ok(Answer::json(201, stored))
}

fn check_manifest(kind: &Kind, namespace: &str, body: &Value) -> Result<(), Refusal> {
    let (version, name) = (text(body, "/apiVersion"), text(body, "/kind"));
    if version.is_some_and(|v| v != kind.api_version()) || name.is_some_and(|k| k != kind.name) {
        let got = format!("{}, Kind={}", version.unwrap_or_default(), name.unwrap_or_default());
        let why = format!("{got} in the body does not match the resource {}", kind.qualified());
        return Err(Refusal::bad_request(&why));
    }
    if text(body, "/metadata/namespace").is_some_and(|ns| !ns.is_empty() && ns != namespace) {
        let why = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Refusal::bad_request(why));
    }
    Ok(())
}

fn nameless(kind: &Kind) -> Refusal {
    Refusal::invalid(
        &of_kind(kind),
        "",
        "metadata.name: Required value: name or generateName is required",
    )
}

fn of_kind(kind: &Kind) -> String {
    if kind.group.is_empty() {
        kind.name.to_owned()
    } else {
        format!("{}.{}", kind.name, kind.group)
    }
}

fn check_name(kind: &Kind, name: &str) -> Result<(), Refusal> {
    // A Job's name becomes a label of its pods.
    let longest = if kind.name == "Job" { 63 } else { 253 };
    if name.len() > longest {
        let why = format!("metadata.name: Invalid value: \"{name}\": must be no more than {longest} characters");
        return Err(Refusal::invalid(&of_kind(kind), name, &why));
    }
    let sound = |part: &str| {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        part.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && edge(part.chars().next())
            && edge(part.chars().last())
    };
    if name.split('.').all(sound) || kind.group == "rbac.authorization.k8s.io" {
        return Ok(());
    }
    let why = format!(
        "metadata.name: Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case \
         alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
    );
    Err(Refusal::invalid(&of_kind(kind), name, &why))
}
