//! Label and field selectors, as far as clients of this server use them. One that it does not know
//! is refused; ignoring it would answer with too much.

use serde_json::Value;

use super::kinds::Kind;
use super::refusal::Refusal;
use super::request::Params;
use super::store::text;

#[derive(Clone, Debug, Default)]
pub(super) struct Selector(Vec<Term>);

#[derive(Clone, Debug)]
enum Term {
    Label {
        key: String,
        test: Test,
    },
    Field {
        pointer: String,
        equal: bool,
        value: String,
    },
}

#[derive(Clone, Debug)]
enum Test {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
}

/// Fields that a kind's objects can be selected by, beside name and namespace.
fn fields_of(kind: &Kind) -> &'static [&'static str] {
    match (kind.group, kind.plural) {
        ("", "pods") => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "status.phase",
            "status.podIP",
        ],
        ("", "events") => &[
            "involvedObject.apiVersion",
            "involvedObject.fieldPath",
            "involvedObject.kind",
            "involvedObject.name",
            "involvedObject.namespace",
            "involvedObject.resourceVersion",
            "involvedObject.uid",
            "reason",
            "reportingComponent",
            "type",
        ],
        ("", "secrets") => &["type"],
        ("", "namespaces") => &["status.phase"],
        ("", "nodes") => &["spec.unschedulable"],
        ("apps", "replicasets") => &["status.replicas"],
        ("batch", "jobs") => &["status.successful"],
        _ => &[],
    }
}

impl Selector {
    pub fn parse(kind: &Kind, query: &Params) -> Result<Self, Refusal> {
        let mut terms = Vec::new();
        for part in split_outside_brackets(query.get("labelSelector").unwrap_or_default()) {
            terms.push(label_term(part)?);
        }
        for part in query
            .get("fieldSelector")
            .unwrap_or_default()
            .split(',')
            .filter(|p| !p.is_empty())
        {
            terms.push(field_term(kind, part)?);
        }
        Ok(Self(terms))
    }

    /// Nothing is left out.
    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    pub fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(|term| term.matches(object))
    }
}

impl Term {
    fn matches(&self, object: &Value) -> bool {
        match self {
            Self::Field { pointer, equal, value } => (as_text(object.pointer(pointer), value) == *value) == *equal,
            Self::Label { key, test } => {
                let found = object
                    .pointer("/metadata/labels")
                    .and_then(|l| l.get(key))
                    .and_then(Value::as_str);
                match test {
                    Test::Exists => found.is_some(),
                    Test::Absent => found.is_none(),
                    Test::In(values) => found.is_some_and(|v| values.iter().any(|x| x == v)),
                    Test::NotIn(values) => found.is_none_or(|v| values.iter().all(|x| x != v)),
                }
            }
        }
    }
}

fn label_term(part: &str) -> Result<Term, Refusal> {
    let list = |raw: &str| {
        let inner = raw.trim().strip_prefix('(').and_then(|r| r.strip_suffix(')'));
        inner.map(|values| values.split(',').map(|v| v.trim().to_owned()).collect())
    };
    let unreadable = || Refusal::bad_request(&format!("unable to parse requirement: {part}"));
    let one = |value: &str| vec![value.trim().to_owned()];
    let (key, test) = if let Some((key, values)) = part.split_once(" notin ") {
        (key, Test::NotIn(list(values).ok_or_else(unreadable)?))
    } else if let Some((key, values)) = part.split_once(" in ") {
        (key, Test::In(list(values).ok_or_else(unreadable)?))
    } else if let Some((key, value)) = part.split_once("!=") {
        (key, Test::NotIn(one(value)))
    } else if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        (key, Test::In(one(value)))
    } else if let Some(key) = part.strip_prefix('!') {
        (key, Test::Absent)
    } else {
        (part, Test::Exists)
    };
    let key = key.trim().to_owned();
    Ok(Term::Label { key, test })
}

fn field_term(kind: &Kind, part: &str) -> Result<Term, Refusal> {
    let (name, equal, value) = if let Some((name, value)) = part.split_once("!=") {
        (name, false, value)
    } else if let Some((name, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        (name, true, value)
    } else {
        return Err(Refusal::bad_request(&format!("invalid field selector: {part}")));
    };
    let known = matches!(name, "metadata.name" | "metadata.namespace") || fields_of(kind).contains(&name);
    if !known {
        let why = if fields_of(kind).is_empty() {
            format!("{name:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
        } else {
            format!("field label not supported: {name}")
        };
        return Err(Refusal::bad_request(&why));
    }
    Ok(Term::Field {
        pointer: format!("/{}", name.replace('.', "/")),
        equal,
        value: value.to_owned(),
    })
}

/// A field as a selector compares it. What is not there equals an empty value, and `false`.
fn as_text(value: Option<&Value>, asked: &str) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        _ if asked == "false" || asked == "true" => "false".to_owned(),
        _ if asked == "0" => "0".to_owned(),
        _ => String::new(),
    }
}

/// A `LabelSelector` as it stands in objects; an empty one selects everything.
pub(super) fn labels_match(selector: &Value, labels: &Value) -> bool {
    let equal = selector.get("matchLabels").and_then(Value::as_object);
    let wanted = equal
        .into_iter()
        .flatten()
        .all(|(key, value)| labels.get(key) == Some(value));
    let terms = selector.get("matchExpressions").and_then(Value::as_array);
    wanted && terms.into_iter().flatten().all(|term| expression_matches(term, labels))
}

fn expression_matches(term: &Value, labels: &Value) -> bool {
    let found = text(term, "/key").and_then(|key| labels.get(key));
    let listed = || {
        let values = term.get("values").and_then(Value::as_array);
        found.is_some_and(|value| values.is_some_and(|values| values.contains(value)))
    };
    match text(term, "/operator") {
        Some("In") => listed(),
        Some("NotIn") => !listed(),
        Some("Exists") => found.is_some(),
        Some("DoesNotExist") => found.is_none(),
        _ => false,
    }
}

fn split_outside_brackets(raw: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    raw.split(|c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn matches(query: &str) -> bool {
        let pod = json!({
            "metadata": {"name": "web-0", "namespace": "shop", "labels": {"app": "web", "tier": "front"}},
            "spec": {"nodeName": "node-a"},
        });
        Selector::parse(super::super::kinds::known("pods"), &Params::parse(Some(query)))
            .expect("readable")
            .matches(&pod)
    }

    #[test]
    fn selectors_select_as_the_api_server_does() {
        assert!(matches("labelSelector=app=web,tier in (front,back),!gone,app"));
        assert!(matches("labelSelector=app!=db,owner notin (x)"));
        assert!(!matches("labelSelector=app in (db,cache)"));
        assert!(!matches("labelSelector=!app"));
        assert!(matches("fieldSelector=spec.nodeName=node-a,metadata.name!=web-1"));
        assert!(!matches("fieldSelector=spec.nodeName=node-b"));
    }

    #[test]
    fn an_unknown_field_is_refused_instead_of_ignored() {
        let query = Params::parse(Some("fieldSelector=spec.colour=red"));
        assert!(Selector::parse(super::super::kinds::known("pods"), &query).is_err());
    }
}
