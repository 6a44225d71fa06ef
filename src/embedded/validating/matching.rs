//! Which requests a policy is about: `matchConstraints`, as the API server reads them.

use serde_json::Value;

use super::super::admission::AdmissionRequest;
use super::policy::Uncompiled;

pub(super) struct Constraints {
    /// `kubernetes.io/metadata.name` and other labels that the namespace must have.
    namespace_labels: Vec<(String, String)>,
    rules: Vec<Rule>,
}

struct Rule {
    groups: Vec<String>,
    versions: Vec<String>,
    operations: Vec<String>,
    resources: Vec<String>,
    /// `Cluster` or `Namespaced`; None: any.
    scope: Option<String>,
}

/// The label that the API server itself puts on each namespace.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

impl Constraints {
    pub fn read(value: &Value) -> Result<Self, Uncompiled> {
        let fields = value.as_object().into_iter().flatten();
        for (field, inner) in fields {
            let known = match field.as_str() {
                "resourceRules" => true,
                "namespaceSelector" => inner.as_object().is_some_and(|s| s.keys().all(|k| k == "matchLabels")),
                _ => false,
            };
            if !known {
                return Err(Uncompiled(format!(
                    "matchConstraints.{field} is not evaluated by this server"
                )));
            }
        }
        let labels = value
            .pointer("/namespaceSelector/matchLabels")
            .and_then(Value::as_object);
        let rules = value["resourceRules"].as_array().into_iter().flatten();
        Ok(Self {
            namespace_labels: labels
                .into_iter()
                .flatten()
                .map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned()))
                .collect(),
            rules: rules.map(Rule::read).collect::<Result<_, _>>()?,
        })
    }

    pub fn cover(&self, request: &AdmissionRequest<'_>) -> bool {
        self.rules.iter().any(|rule| rule.covers(request)) && self.covers_namespace(request)
    }

    /// An object that is in no namespace passes every selector; a Namespace is selected by its own labels.
    fn covers_namespace(&self, request: &AdmissionRequest<'_>) -> bool {
        let at = request.attributes;
        let is_namespace = at.group.is_empty() && at.resource.as_deref() == Some("namespaces");
        let name = if is_namespace { &at.name } else { &at.namespace };
        let Some(name) = name.as_deref().filter(|n| !n.is_empty()) else {
            return true;
        };
        let object = request.cluster.object("namespaces", "", name);
        let labels = object.and_then(|o| o.pointer("/metadata/labels"));
        self.namespace_labels.iter().all(|(key, value)| {
            (key == NAME_LABEL && value == name) || labels.and_then(|l| l.get(key)).is_some_and(|l| l == value.as_str())
        })
    }
}

impl Rule {
    fn read(value: &Value) -> Result<Self, Uncompiled> {
        let list = |field: &str| -> Vec<String> {
            let items = value[field].as_array().into_iter().flatten();
            items.filter_map(|i| i.as_str().map(str::to_owned)).collect()
        };
        if !value["resourceNames"].is_null() {
            return Err(Uncompiled(
                "resourceNames of a rule is not evaluated by this server".to_owned(),
            ));
        }
        Ok(Self {
            groups: list("apiGroups"),
            versions: list("apiVersions"),
            operations: list("operations"),
            resources: list("resources"),
            scope: value["scope"].as_str().filter(|s| *s != "*").map(str::to_owned),
        })
    }

    fn covers(&self, request: &AdmissionRequest<'_>) -> bool {
        let at = request.attributes;
        let any = |list: &[String], value: &str| list.iter().any(|item| item == "*" || item == value);
        let scope = if at.namespace.as_deref().is_some_and(|n| !n.is_empty()) && !is_namespace(request) {
            "Namespaced"
        } else {
            "Cluster"
        };
        any(&self.groups, &at.group)
            && any(&self.versions, &at.version)
            && any(&self.operations, request.operation.as_str())
            && self.scope.as_deref().is_none_or(|s| s == scope)
            && self.resources.iter().any(|pattern| names(pattern, request))
    }
}

fn is_namespace(request: &AdmissionRequest<'_>) -> bool {
    request.attributes.group.is_empty() && request.attributes.resource.as_deref() == Some("namespaces")
}

/// `pods`, `pods/log`, `*`, `*/scale`, `pods/*`, `*/*`; a pattern without `/` is about no subresource.
fn names(pattern: &str, request: &AdmissionRequest<'_>) -> bool {
    let resource = request.attributes.resource.as_deref().unwrap_or_default();
    let sub = request.attributes.subresource.as_deref().unwrap_or_default();
    let (wanted, wanted_sub) = pattern.split_once('/').unwrap_or((pattern, ""));
    (wanted == "*" || wanted == resource) && (wanted_sub == "*" || wanted_sub == sub)
}
