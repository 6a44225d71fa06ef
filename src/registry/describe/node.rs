//! Nodes.

use serde_json::Value;

use super::conditions;
use super::line::{Span, Tone};
use super::page::Page;
use super::value::{list, pairs, shown_at, text};

const ROLE: &str = "node-role.kubernetes.io/";

pub fn add(page: &mut Page, object: &Value) {
    let roles: Vec<String> = pairs(object, "/metadata/labels", "=")
        .iter()
        .filter_map(|label| label.strip_prefix(ROLE)?.split('=').next().map(ToOwned::to_owned))
        .collect();
    page.fact(
        "Roles",
        if roles.is_empty() {
            "<none>".to_owned()
        } else {
            roles.join(",")
        }
        .as_str(),
    );
    page.list("Taints", list(object, "/spec/taints").iter().map(taint));
    let cordoned = object["spec"]["unschedulable"] == true;
    page.toned(
        "Unschedulable",
        if cordoned { "true" } else { "false" },
        if cordoned { Tone::Pending } else { Tone::Text },
    );
    conditions::add(page, object);
    page.section("Addresses", |page| {
        for address in list(object, "/status/addresses") {
            page.fact(text(address, "/type"), text(address, "/address"));
        }
    });
    resources(page, object);
    page.section("System Info", |page| {
        for (name, value) in object
            .pointer("/status/nodeInfo")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
                page.fact(name, text);
            }
        }
    });
    page.maybe("PodCIDR", text(object, "/spec/podCIDR"));
    page.maybe("ProviderID", text(object, "/spec/providerID"));
}

fn taint(taint: &Value) -> String {
    let value = text(taint, "/value");
    let value = if value.is_empty() {
        String::new()
    } else {
        format!("={value}")
    };
    format!("{}{value}:{}", text(taint, "/key"), text(taint, "/effect"))
}

/// Capacity and what of it pods may have, side by side.
fn resources(page: &mut Page, object: &Value) {
    let capacity = object.pointer("/status/capacity").and_then(Value::as_object);
    let word = |text: &str| Span::new(text, Tone::Text);
    let rows = capacity.into_iter().flatten().map(|(name, value)| {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        vec![
            word(name),
            word(value.as_str().unwrap_or_default()),
            word(&shown_at(object, &format!("/status/allocatable/{escaped}"))),
        ]
    });
    let rows = rows.collect();
    page.section("Resources", |page| {
        page.table(&["RESOURCE", "CAPACITY", "ALLOCATABLE"], rows);
    });
}
