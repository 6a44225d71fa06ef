//! A collection, listed page by page. Every page of one list shows the collection as it was at the
//! first; a page asked for too late is refused as a real server refuses it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome};
use super::kinds::Kind;
use super::refusal::Refusal;
use super::request::{Attributes, Params};
use super::selector::Selector;
use super::store::{Key, Store};
use super::table::Form;

pub(super) fn list(store: &Store, kind: &Kind, at: &Attributes, query: &Params, form: &Form, now_ms: i64) -> Outcome {
    let selector = Selector::parse(kind, query)?;
    let page = Page::asked(store, query)?;
    let mut found: Vec<(Key, Value)> = snapshot(store, kind, &page)?
        .into_iter()
        .filter(|(key, object)| in_scope(key, at) && selector.matches(object))
        .filter(|(key, _)| page.after.as_ref().is_none_or(|a| place(key) > *a))
        .collect();
    let limit = query
        .get("limit")
        .and_then(|l| l.parse().ok())
        .filter(|l| *l > 0)
        .unwrap_or(usize::MAX);
    let left = found.len().saturating_sub(limit);
    found.truncate(limit);
    let mut metadata = json!({"resourceVersion": page.shown.to_string()});
    if let (true, Some((last, _))) = (left > 0, found.last()) {
        metadata["continue"] = json!(token(page.shown, &place(last)));
        if selector.is_everything() {
            metadata["remainingItemCount"] = json!(left);
        }
    }
    let objects: Vec<Value> = found.into_iter().map(|(_, object)| object).collect();
    Ok(Answer::ok(form.list(kind, &objects, metadata, now_ms)))
}

/// Which state of the collection, and from where.
struct Page {
    /// None for the present.
    revision: Option<u64>,
    shown: u64,
    after: Option<String>,
}

impl Page {
    fn asked(store: &Store, query: &Params) -> Result<Self, Refusal> {
        let revision = query.get("resourceVersion");
        let exact = check_match(query)?;
        if let Some(token) = query.get("continue") {
            if revision.is_some_and(|r| r != "0") {
                let why = "specifying resource version is not allowed when using continue";
                return Err(Refusal::bad_request(why));
            }
            let (revision, after) = decode(token).ok_or_else(|| Refusal::bad_request("continue key is not valid"))?;
            return Ok(Self {
                revision,
                shown: revision.unwrap_or(store.revision()),
                after: Some(after),
            });
        }
        let asked = revision.map(read_revision).transpose()?.unwrap_or(0);
        if asked > store.revision() {
            return Err(Refusal::too_large_revision(asked, store.revision()));
        }
        let exact =
            asked > 0 && (exact || (query.get("limit").is_some() && query.get("resourceVersionMatch").is_none()));
        Ok(Self {
            revision: exact.then_some(asked),
            shown: if exact { asked } else { store.revision() },
            after: None,
        })
    }
}

fn read_revision(text: &str) -> Result<u64, Refusal> {
    text.parse().map_err(|_| {
        let why = format!(
            "invalid resource version: resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \
             \"{text}\": invalid syntax"
        );
        Refusal::bad_request(&why)
    })
}

/// True for `Exact`.
fn check_match(query: &Params) -> Result<bool, Refusal> {
    let refuse = |why: &str| {
        let field = "resourceVersionMatch";
        Err(Refusal::invalid("meta.k8s.io", "ListOptions", "", field, why))
    };
    let revision = query.get("resourceVersion");
    let Some(asked) = query.get("resourceVersionMatch") else {
        return Ok(false);
    };
    match asked {
        _ if revision.is_none() => {
            refuse("Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")
        }
        "Exact" if revision == Some("0") => {
            refuse("Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")
        }
        "Exact" => Ok(true),
        "NotOlderThan" => Ok(false),
        other => refuse(&format!(
            "Unsupported value: \"{other}\": supported values: \"Exact\", \"NotOlderThan\", \"\""
        )),
    }
}

fn snapshot(store: &Store, kind: &Kind, page: &Page) -> Result<Vec<(Key, Value)>, Refusal> {
    let Some(revision) = page.revision else {
        return Ok(store.of_kind(kind).map(|(k, o)| (k.clone(), o.clone())).collect());
    };
    store.as_it_was(kind, revision).map_err(|oldest| match &page.after {
        Some(after) => Refusal::page_expired(token(0, after)),
        None => Refusal::expired(revision, oldest),
    })
}

/// In the namespace of the request, if it names one.
pub(super) fn in_scope(key: &Key, at: &Attributes) -> bool {
    at.namespace
        .as_ref()
        .is_none_or(|ns| key.namespace == *ns || key.namespace.is_empty())
}

fn place(key: &Key) -> String {
    format!("{}/{}", key.namespace, key.name)
}

/// Revision 0 goes on in the present: what comes after an expired page.
fn token(revision: u64, after: &str) -> String {
    let inside = json!({"v": "meta.k8s.io/v1", "rv": revision, "start": after});
    URL_SAFE_NO_PAD.encode(inside.to_string())
}

fn decode(token: &str) -> Option<(Option<u64>, String)> {
    let inside: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let revision = inside["rv"].as_u64()?;
    Some(((revision > 0).then_some(revision), inside["start"].as_str()?.to_owned()))
}
