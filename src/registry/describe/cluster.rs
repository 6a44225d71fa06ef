//! Namespaces, definitions of kinds, and events as objects of their own.

use serde_json::Value;

use super::conditions;
use super::line::{Span, Tone};
use super::page::Page;
use super::value::{list, shown, shown_at, text, time, tone_of};

pub fn namespace(page: &mut Page, object: &Value) {
    let phase = text(object, "/status/phase");
    page.toned("Status", phase, tone_of(phase));
    let held: Vec<String> = list(object, "/spec/finalizers").iter().map(shown).collect();
    page.maybe("Held by", &held.join(", "));
    conditions::add(page, object);
}

pub fn definition(page: &mut Page, object: &Value) {
    page.fact("Group", text(object, "/spec/group"));
    page.fact("Scope", text(object, "/spec/scope"));
    page.section("Names", |page| {
        let words = |pointer: &str| list(object, pointer).iter().map(shown).collect::<Vec<_>>().join(", ");
        page.fact("Kind", text(object, "/spec/names/kind"));
        page.fact("Plural", text(object, "/spec/names/plural"));
        page.maybe("Singular", text(object, "/spec/names/singular"));
        page.maybe("Short Names", &words("/spec/names/shortNames"));
        page.maybe("Categories", &words("/spec/names/categories"));
    });
    let rows = list(object, "/spec/versions").iter().map(version).collect();
    page.section("Versions", |page| {
        page.table(&["NAME", "SERVED", "STORED", "DEPRECATED", "COLUMNS"], rows);
    });
    page.maybe("Conversion", text(object, "/spec/conversion/strategy"));
    let stored: Vec<String> = list(object, "/status/storedVersions").iter().map(shown).collect();
    page.maybe("Stored Versions", &stored.join(", "));
    conditions::add(page, object);
}

fn version(version: &Value) -> Vec<Span> {
    let word = |text: &str| Span::new(text, Tone::Text);
    let flag = |pointer: &str| {
        word(if version.pointer(pointer) == Some(&Value::Bool(true)) {
            "yes"
        } else {
            "no"
        })
    };
    let columns = list(version, "/additionalPrinterColumns").iter();
    let columns: Vec<String> = columns.map(|column| shown_at(column, "/name")).collect();
    vec![
        word(text(version, "/name")),
        flag("/served"),
        flag("/storage"),
        flag("/deprecated"),
        word(&columns.join(", ")),
    ]
}

/// Of either group: the older names its fields otherwise.
pub fn event(page: &mut Page, object: &Value) {
    let either = |one: &str, other: &str| match shown_at(object, one) {
        value if value.is_empty() => shown_at(object, other),
        value => value,
    };
    let kind = text(object, "/type");
    page.toned("Type", kind, if kind == "Warning" { Tone::Bad } else { Tone::Text });
    page.fact("Reason", text(object, "/reason"));
    page.fact("Message", &either("/message", "/note"));
    let about = if object.get("regarding").is_some() {
        &object["regarding"]
    } else {
        &object["involvedObject"]
    };
    page.fact("Object", &format!("{}/{}", text(about, "/kind"), text(about, "/name")));
    page.maybe("Part", text(about, "/fieldPath"));
    page.maybe("From", &either("/reportingComponent", "/source/component"));
    page.maybe("On", &either("/source/host", "/deprecatedSource/host"));
    page.maybe("Action", text(object, "/action"));
    page.maybe("Count", &either("/count", "/series/count"));
    for (key, one, other) in [
        ("First Seen", "/firstTimestamp", "/eventTime"),
        ("Last Seen", "/lastTimestamp", "/series/lastObservedTime"),
    ] {
        let at = either(one, other);
        if !at.is_empty() {
            page.spans(key, time(&at));
        }
    }
}
