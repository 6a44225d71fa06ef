//! Roles and bindings: who may do what.

use serde_json::Value;

use super::line::{Span, Tone};
use super::page::Page;
use super::value::{list, shown, text};

pub fn role(page: &mut Page, object: &Value) {
    let labels = list(object, "/aggregationRule/clusterRoleSelectors").iter();
    let labels: Vec<String> = labels.map(|selector| super::value::selector(selector, "")).collect();
    if !labels.is_empty() {
        page.list("Aggregates", labels);
    }
    let rows: Vec<Vec<Span>> = list(object, "/rules").iter().flat_map(rule).collect();
    page.section("PolicyRule", |page| {
        if rows.is_empty() {
            page.plain("<none>", Tone::Muted);
        }
        page.table(&["RESOURCES", "NON-RESOURCE URLS", "RESOURCE NAMES", "VERBS"], rows);
    });
}

/// A line for each resource, as kubectl has them.
fn rule(rule: &Value) -> Vec<Vec<Span>> {
    let words = |pointer: &str| list(rule, pointer).iter().map(shown).collect::<Vec<_>>();
    let bracketed = |pointer: &str| format!("[{}]", words(pointer).join(" "));
    let mut resources = Vec::new();
    for resource in words("/resources") {
        for group in words("/apiGroups") {
            let of = if group.is_empty() {
                String::new()
            } else {
                format!(".{group}")
            };
            resources.push(format!("{resource}{of}"));
        }
    }
    if resources.is_empty() {
        resources.push(String::new());
    }
    let row = |resource: String| {
        let rest = ["/nonResourceURLs", "/resourceNames", "/verbs"].map(&bracketed);
        let cells = std::iter::once(resource).chain(rest);
        cells.map(|cell| Span::new(&cell, Tone::Text)).collect()
    };
    resources.into_iter().map(row).collect()
}

pub fn binding(page: &mut Page, object: &Value) {
    page.section("Role", |page| {
        page.fact("Kind", text(object, "/roleRef/kind"));
        page.fact("Name", text(object, "/roleRef/name"));
    });
    let row = |subject: &Value| {
        let cells = ["/kind", "/name", "/namespace"].map(|pointer| Span::new(text(subject, pointer), Tone::Text));
        cells.to_vec()
    };
    let rows: Vec<Vec<Span>> = list(object, "/subjects").iter().map(row).collect();
    page.section("Subjects", |page| {
        if rows.is_empty() {
            page.plain("<none>", Tone::Muted);
        }
        page.table(&["KIND", "NAME", "NAMESPACE"], rows);
    });
}
