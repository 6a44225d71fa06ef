//! Label and field selectors, as far as clients of this server use them. One that it does not know
//! is refused; ignoring it would answer with too much.

use serde_json::Value;

use super::answer::Refusal;
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
        pointer: &'static str,
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

const FIELDS: [(&str, &str); 6] = [
    ("metadata.name", "/metadata/name"),
    ("metadata.namespace", "/metadata/namespace"),
    ("metadata.uid", "/metadata/uid"),
    ("spec.nodeName", "/spec/nodeName"),
    ("status.phase", "/status/phase"),
    ("type", "/type"),
];

impl Selector {
    pub fn parse(query: &Params) -> Result<Self, Refusal> {
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
            terms.push(field_term(part)?);
        }
        Ok(Self(terms))
    }

    pub fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(|term| term.matches(object))
    }
}

impl Term {
    fn matches(&self, object: &Value) -> bool {
        match self {
            Self::Field { pointer, equal, value } => (text(object, pointer).unwrap_or_default() == value) == *equal,
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

fn field_term(part: &str) -> Result<Term, Refusal> {
    let (name, equal, value) = if let Some((name, value)) = part.split_once("!=") {
        (name, false, value)
    } else if let Some((name, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        (name, true, value)
    } else {
        return Err(Refusal::bad_request(&format!("invalid field selector: {part}")));
    };
    let (_, pointer) = FIELDS
        .iter()
        .find(|(field, _)| *field == name)
        .ok_or_else(|| Refusal::bad_request(&format!("field label not supported: {name}")))?;
    Ok(Term::Field {
        pointer,
        equal,
        value: value.to_owned(),
    })
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
        Selector::parse(&Params::parse(Some(query)))
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
        assert!(Selector::parse(&query).is_err());
    }
}
