//! What every object has: its name, labels, owner, and how old it is.

use serde_json::Value;

use super::page::Page;
use super::value::{list, pairs, shown_at, text, time};

/// kubectl's copy of the whole object: never worth reading twice.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

pub fn head(page: &mut Page, object: &Value) {
    page.fact("Name", text(object, "/metadata/name"));
    page.maybe("Namespace", text(object, "/metadata/namespace"));
    page.fact(
        "Kind",
        &format!("{} {}", text(object, "/kind"), text(object, "/apiVersion")),
    );
    page.spans("Created", time(text(object, "/metadata/creationTimestamp")));
    let deleted = text(object, "/metadata/deletionTimestamp");
    if !deleted.is_empty() {
        page.spans("Deleting since", time(deleted));
        page.maybe(
            "Grace period",
            &shown_at(object, "/metadata/deletionGracePeriodSeconds"),
        );
    }
    page.list("Labels", pairs(object, "/metadata/labels", "="));
    page.list("Annotations", annotations(object, "/metadata/annotations"));
    let owners = list(object, "/metadata/ownerReferences");
    for owner in owners {
        let controls = owner["controller"] == true;
        let key = if controls { "Controlled By" } else { "Owned By" };
        page.fact(key, &format!("{}/{}", text(owner, "/kind"), text(owner, "/name")));
    }
    let finalizers = list(object, "/metadata/finalizers");
    if !finalizers.is_empty() {
        page.list(
            "Finalizers",
            finalizers.iter().filter_map(|f| f.as_str()).map(ToOwned::to_owned),
        );
    }
}

pub fn annotations(object: &Value, pointer: &str) -> Vec<String> {
    let mut pairs = pairs(object, pointer, ": ");
    pairs.retain(|pair| !pair.starts_with(LAST_APPLIED));
    // A value of several lines would break the column.
    pairs.iter().map(|pair| pair.replace('\n', "\\n")).collect()
}
