//! Discovery in both forms, made from the table of kinds: aggregated (one document for each of
//! `/api` and `/apis`, with an `ETag`) where it is asked for, otherwise group by group.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use super::answer::{Answer, Outcome};
use super::asked::Asked;
use super::kinds::{GROUPS, KINDS, Kind, Subresource, group_version};
use super::refusal::Refusal;
use super::served::is_served;
use super::server::{Metrics, State};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// The document at the path of the request, if it is one of discovery.
pub(super) fn get(state: &State, asked: &Asked) -> Outcome {
    let accept = asked.header("accept");
    let wants = state.aggregated_discovery && accept.contains("as=APIGroupDiscoveryList") && accept.contains("v=v2");
    let parts: Vec<&str> = asked.at.path.split('/').filter(|s| !s.is_empty()).collect();
    let named = || GROUPS.iter().filter(|(group, _)| has_resources(state, group));
    match parts.as_slice() {
        ["api"] if wants => Ok(unless_known(asked, aggregate(state, &[("", "v1")]))),
        ["apis"] if wants => Ok(unless_known(
            asked,
            aggregate(state, &named().copied().collect::<Vec<_>>()),
        )),
        ["api"] => Ok(Answer::ok(json!({
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "embedded.invalid:443"}],
        }))),
        ["apis"] => Ok(Answer::ok(json!({
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": named().map(group).collect::<Vec<_>>(),
        }))),
        ["apis", name] => {
            let found = named().find(|(group, _)| group == name).map(api_group);
            found.map(Answer::ok).ok_or_else(Refusal::nothing_here)
        }
        ["api", version] => resources(state, "", version),
        ["apis", name, version] => resources(state, name, version),
        _ => Err(Refusal::nothing_here()),
    }
}

/// 304 if the client holds this very document.
fn unless_known(asked: &Asked, document: Value) -> Answer {
    let digest = Sha512::digest(document.to_string());
    let tag = format!("\"{}\"", data_encoding::HEXUPPER.encode(&digest));
    let mut answer = if asked.header("if-none-match") == tag {
        Answer::not_modified()
    } else {
        let mut answer = Answer::ok(document);
        answer.content_type = AGGREGATED;
        answer
    };
    answer.cache_control = "public";
    answer.header("ETag", tag).header("Vary", "Accept".to_owned())
}

fn has_resources(state: &State, group: &str) -> bool {
    is_down(state, group) || kinds_of(state, group).next().is_some() || reviews_of(group).next().is_some()
}

/// Behind an extension API server that does not answer.
fn is_down(state: &State, group: &str) -> bool {
    group == "metrics.k8s.io" && state.metrics == Metrics::Down
}

fn aggregate(state: &State, groups: &[(&str, &str)]) -> Value {
    let items: Vec<Value> = groups
        .iter()
        .map(|(name, version)| {
            let down = is_down(state, name);
            let resources: Vec<Value> = kinds_of(state, name)
                .map(aggregated_resource)
                .chain(reviews_of(name).map(aggregated_review))
                .collect();
            let mut shown = json!({"version": version, "freshness": if down { "Stale" } else { "Current" }});
            if !down {
                shown["resources"] = json!(resources);
            }
            let mut metadata = json!({"creationTimestamp": null});
            if !name.is_empty() {
                metadata["name"] = json!(name);
            }
            json!({"metadata": metadata, "versions": [shown]})
        })
        .collect();
    json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    })
}

fn aggregated_review((plural, kind): (&'static str, &'static str)) -> Value {
    json!({
        "resource": plural,
        "responseKind": {"group": "", "version": "", "kind": kind},
        "scope": "Cluster", "singularResource": kind.to_lowercase(), "verbs": ["create"],
    })
}

fn aggregated_resource(kind: &'static Kind) -> Value {
    let mut resource = json!({
        "resource": kind.plural,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.name},
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": singular(kind),
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

fn singular(kind: &Kind) -> String {
    if kind.is_measured() {
        String::new()
    } else {
        kind.singular()
    }
}

fn group((name, version): &(&str, &str)) -> Value {
    let version = json!({"groupVersion": format!("{name}/{version}"), "version": version});
    json!({"name": name, "versions": [version], "preferredVersion": version})
}

fn api_group(of: &(&str, &str)) -> Value {
    let mut value = group(of);
    value["kind"] = json!("APIGroup");
    value["apiVersion"] = json!("v1");
    value
}

fn resources(state: &State, group: &str, version: &str) -> Outcome {
    if is_down(state, group) {
        return Err(Refusal::unavailable());
    }
    let mut list: Vec<Value> = Vec::new();
    for kind in kinds_of(state, group).filter(|k| k.version == version) {
        let mut resource = json!({
            "name": kind.plural, "singularName": singular(kind), "namespaced": kind.namespaced,
            "kind": kind.name, "verbs": kind.verbs,
        });
        if !kind.short.is_empty() {
            resource["shortNames"] = json!(kind.short);
        }
        if !kind.categories.is_empty() {
            resource["categories"] = json!(kind.categories);
        }
        list.push(resource);
        list.extend(kind.subresources.iter().map(|sub| subresource(kind, sub)));
    }
    for (plural, kind) in reviews_of(group).filter(|_| version == "v1") {
        let singular = kind.to_lowercase();
        list.push(
            json!({"name": plural, "singularName": singular, "namespaced": false, "kind": kind, "verbs": ["create"]}),
        );
    }
    if list.is_empty() {
        return Err(Refusal::no_such_path());
    }
    let mut all = json!({
        "kind": "APIResourceList", "groupVersion": group_version(group, version), "resources": list,
    });
    if !group.is_empty() {
        all["apiVersion"] = json!("v1");
    }
    Ok(Answer::ok(all))
}

/// Group and version are told where they are not those of the resource.
fn subresource(kind: &Kind, sub: &Subresource) -> Value {
    let mut shown = json!({
        "name": format!("{}/{}", kind.plural, sub.name), "singularName": "", "namespaced": kind.namespaced,
        "kind": sub.kind, "verbs": sub.verbs,
    });
    if (sub.group, sub.version) != (kind.group, kind.version) {
        shown["group"] = json!(sub.group);
        shown["version"] = json!(sub.version);
    }
    shown
}

fn kinds_of(state: &State, group: &str) -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(move |k| k.group == group && is_served(state, k))
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
