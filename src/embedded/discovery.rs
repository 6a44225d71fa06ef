//! Discovery in both forms, made from the table of kinds: aggregated (one document for each of
//! `/api` and `/apis`) where it is asked for, otherwise group by group.

use serde_json::{Value, json};

use super::answer::Answer;
use super::kinds::{KINDS, Kind, Subresource};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// The document at a path, if the path is one of discovery.
pub(super) fn get(path: &str, accept: &str, aggregated: bool) -> Option<Answer> {
    let wants = aggregated && accept.contains("as=APIGroupDiscoveryList");
    let parts: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    match parts.as_slice() {
        ["api"] if wants => Some(aggregate(&[""])),
        ["apis"] if wants => Some(aggregate(&named_groups())),
        ["api"] => Some(Answer::ok(json!({"kind": "APIVersions", "versions": ["v1"]}))),
        ["apis"] => Some(Answer::ok(json!({
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": named_groups().into_iter().map(group).collect::<Vec<_>>(),
        }))),
        ["apis", name] if named_groups().contains(name) => Some(Answer::ok(api_group(name))),
        ["api", version] => resources("", version),
        ["apis", name, version] => resources(name, version),
        _ => None,
    }
}

/// Groups with a name, those of the self-reviews among them.
fn named_groups() -> Vec<&'static str> {
    let mut groups = vec!["authentication.k8s.io", "authorization.k8s.io"];
    for kind in KINDS {
        if !kind.group.is_empty() && !groups.contains(&kind.group) {
            groups.push(kind.group);
        }
    }
    groups
}

fn aggregate(groups: &[&str]) -> Answer {
    let items: Vec<Value> = groups
        .iter()
        .map(|name| {
            json!({
                "metadata": {"name": name, "creationTimestamp": null},
                "versions": [{
                    "version": "v1",
                    "freshness": "Current",
                    "resources": kinds_of(name).map(aggregated_resource).chain(reviews_of(name).map(|(plural, kind)| json!({
                        "resource": plural,
                        "responseKind": {"group": "", "version": "", "kind": kind},
                        "scope": "Cluster", "singularResource": "", "verbs": ["create"],
                    }))).collect::<Vec<_>>(),
                }],
            })
        })
        .collect();
    let mut answer = Answer::ok(json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }));
    answer.content_type = AGGREGATED;
    answer
}

fn aggregated_resource(kind: &Kind) -> Value {
    let mut resource = json!({
        "resource": kind.plural,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.name},
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": kind.singular,
        "verbs": kind.verbs,
    });
    if !kind.short.is_empty() {
        resource["shortNames"] = json!(kind.short);
    }
    if !kind.categories.is_empty() {
        resource["categories"] = json!(kind.categories);
    }
    if !kind.subresources.is_empty() {
        let sub = |s: &Subresource| {
            json!({
                "subresource": s.name,
                "responseKind": {"group": s.group, "version": s.version, "kind": s.kind},
                "verbs": s.verbs,
            })
        };
        resource["subresources"] = kind.subresources.iter().map(sub).collect();
    }
    resource
}

fn group(name: &str) -> Value {
    let version = json!({"groupVersion": format!("{name}/v1"), "version": "v1"});
    json!({"name": name, "versions": [version], "preferredVersion": version})
}

fn api_group(name: &str) -> Value {
    let mut value = group(name);
    value["kind"] = json!("APIGroup");
    value["apiVersion"] = json!("v1");
    value
}

fn resources(group: &str, version: &str) -> Option<Answer> {
    let mut list: Vec<Value> = Vec::new();
    for kind in kinds_of(group).filter(|k| k.version == version) {
        list.push(json!({
            "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced,
            "kind": kind.name, "verbs": kind.verbs, "shortNames": kind.short, "categories": kind.categories,
        }));
        for sub in kind.subresources {
            list.push(json!({
                "name": format!("{}/{}", kind.plural, sub.name), "singularName": "", "namespaced": kind.namespaced,
                "group": sub.group, "version": sub.version, "kind": sub.kind, "verbs": sub.verbs,
            }));
        }
    }
    for (plural, kind) in reviews_of(group).filter(|_| version == "v1") {
        list.push(json!({"name": plural, "singularName": "", "namespaced": false, "kind": kind, "verbs": ["create"]}));
    }
    if list.is_empty() {
        return None;
    }
    let group_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    Some(Answer::ok(json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group_version,
        "resources": list,
    })))
}

fn kinds_of(group: &str) -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(move |k| k.group == group)
}

fn reviews_of(group: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    const REVIEWS: [(&str, &str, &str); 3] = [
        ("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"),
        (
            "authorization.k8s.io",
            "selfsubjectaccessreviews",
            "SelfSubjectAccessReview",
        ),
        (
            "authorization.k8s.io",
            "selfsubjectrulesreviews",
            "SelfSubjectRulesReview",
        ),
    ];
    REVIEWS
        .into_iter()
        .filter(move |(g, ..)| *g == group)
        .map(|(_, plural, kind)| (plural, kind))
}
