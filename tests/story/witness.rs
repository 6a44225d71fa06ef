//! What the API server itself wrote down: who sent what, and which record each request has.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use serde_json::Value;

/// Identity, verb and resource of one request, as the server names them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sent {
    pub user: String,
    pub verb: String,
    pub resource: String,
    pub namespace: String,
    pub audit_id: String,
    pub status: u64,
}

impl Sent {
    pub fn is_read(&self) -> bool {
        matches!(self.verb.as_str(), "get" | "list" | "watch")
    }

    pub fn is_self_review(&self) -> bool {
        self.verb == "create"
            && [
                "selfsubjectreviews",
                "selfsubjectaccessreviews",
                "selfsubjectrulesreviews",
            ]
            .contains(&self.resource.as_str())
    }
}

/// One entry for each request: its last stage.
pub fn requests(events: &[Value]) -> Vec<Sent> {
    let mut last = BTreeMap::new();
    for event in events {
        let key = (
            text(&event["auditID"]),
            text(&event["requestURI"]),
            text(&event["user"]["username"]),
        );
        last.insert(key, sent(event));
    }
    last.into_values().collect()
}

fn sent(event: &Value) -> Sent {
    let object = &event["objectRef"];
    let mut resource = text(&object["resource"]);
    if let Some(sub) = object["subresource"].as_str() {
        let _ = write!(resource, "/{sub}");
    }
    if resource.is_empty() {
        let uri = text(&event["requestURI"]);
        uri.split('?').next().unwrap_or_default().clone_into(&mut resource);
    }
    Sent {
        user: text(&event["user"]["username"]),
        verb: text(&event["verb"]),
        resource,
        namespace: text(&object["namespace"]),
        audit_id: text(&event["auditID"]),
        status: event["responseStatus"]["code"].as_u64().unwrap_or(0),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Counts per identity, verb and resource, for people.
pub fn table(requests: &[Sent]) -> String {
    let mut counts: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for r in requests {
        *counts.entry((&r.user, &r.verb, &r.resource)).or_default() += 1;
    }
    let mut out = String::new();
    for ((user, verb, resource), count) in counts {
        let _ = writeln!(out, "{count:6}  {user:50} {verb:8} {resource}");
    }
    out
}

/// The `Audit-ID`s of all intents in a journal, derived here once more from the hash of each
/// record: lower-case base32 of its first 20 bytes.
pub fn intents(session: &Path) -> BTreeSet<String> {
    records(session)
        .filter(|record| record["kind"] == "intent")
        .map(|record| {
            let hash = record["hash"].as_str().expect("a record has a hash");
            let hash = HEXLOWER.decode(hash.as_bytes()).expect("a hash is hex");
            BASE32_NOPAD.encode(&hash[..20]).to_lowercase()
        })
        .collect()
}

fn records(session: &Path) -> impl Iterator<Item = Value> {
    let journal = std::fs::read_to_string(session.join("journal.jsonl")).expect("a journal");
    let lines: Vec<String> = journal.lines().map(str::to_owned).collect();
    lines
        .into_iter()
        .map(|line| serde_json::from_str(&line).expect("a record is JSON"))
}

/// One of the five acts of break glass, in the kit's namespace, by verb and resource: request,
/// grant (its deadline Job and the Secret), mint, end.
pub fn is_petition(sent: &Sent) -> bool {
    let act = (sent.verb.as_str(), sent.resource.as_str());
    let acts = [
        ("create", "configmaps"),
        ("create", "jobs"),
        ("create", "secrets"),
        ("create", "serviceaccounts/token"),
        ("delete", "secrets"),
        ("delete", "configmaps"),
    ];
    sent.namespace == "kglass-system" && acts.contains(&act)
}

/// Whose petitions a journal has to hold.
pub struct Person {
    name: String,
    intents: BTreeSet<String>,
}

impl Person {
    /// With the journal of their session.
    pub fn new(name: &str, session: &Path) -> Self {
        Self {
            name: name.to_owned(),
            intents: intents(session),
        }
    }
}

/// Of what was sent: the base identity only reads, reviews itself and petitions; each petition and
/// each write has its intent in a journal; nobody else wrote but whoever set the cluster up.
pub fn bear(requests: &[Sent], base: &Person, elevated: &str, approvers: &[Person]) {
    eprintln!("counts per identity, verb and resource:\n{}", table(requests));
    for sent in requests.iter().filter(|r| !r.is_read() && !r.is_self_review()) {
        let name = sent.user.as_str();
        if name == elevated {
            let has_intent = base.intents.contains(&sent.audit_id);
            assert!(has_intent, "a write without an intent: {sent:?}");
        } else if let Some(person) = approvers.iter().chain([base]).find(|person| person.name == name) {
            assert!(is_petition(sent), "a base identity sent {sent:?}");
            let has_intent = person.intents.contains(&sent.audit_id);
            assert!(has_intent, "a petition without an intent: {sent:?}");
        } else {
            let is_set_up = name == "admin" || name.starts_with("system:");
            let is_another_role = name.starts_with("system:serviceaccount:kglass-system:");
            assert!(is_set_up && !is_another_role, "somebody else wrote: {sent:?}");
        }
    }
}

/// Restart, scale, delete: that many writes reached the server, and the journal says how each was
/// confirmed.
pub fn three_writes(requests: &[Sent], session: &Path, elevated: &str) {
    let of_role = requests.iter().filter(|r| r.user == elevated);
    let writes = of_role.filter(|r| !r.is_read() && !r.is_self_review()).count();
    assert_eq!(writes, 3, "restart, scale, delete");
    let confirmed: Vec<Value> = records(session)
        .filter(|record| record["kind"] == "intent" && record["data"]["identity"] == "elevated")
        .map(|record| record["data"]["confirmed"].clone())
        .collect();
    assert_eq!(confirmed, ["y", "y", "box"]);
}
