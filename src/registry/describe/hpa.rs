//! Autoscalers: what is measured, and what follows.

use serde_json::Value;

use super::conditions;
use super::page::Page;
use super::value::{list, shown_at, text, time};

pub fn add(page: &mut Page, object: &Value) {
    let target = object.pointer("/spec/scaleTargetRef").cloned().unwrap_or_default();
    page.fact(
        "Reference",
        &format!("{}/{}", text(&target, "/kind"), text(&target, "/name")),
    );
    let current = list(object, "/status/currentMetrics");
    page.section("Metrics (current / target)", |page| {
        for (index, metric) in list(object, "/spec/metrics").iter().enumerate() {
            let (name, source) = named(metric);
            let now = current
                .get(index)
                .map(|metric| named(metric).1)
                .map_or_else(String::new, |s| value_of(&s, "/current"));
            let now = if now.is_empty() { "<unknown>".to_owned() } else { now };
            page.fact(&name, &format!("{now} / {}", value_of(&source, "/target")));
        }
    });
    page.fact("Min replicas", &shown_at(object, "/spec/minReplicas"));
    page.fact("Max replicas", &shown_at(object, "/spec/maxReplicas"));
    page.fact(
        &format!("{} pods", text(&target, "/kind")),
        &format!(
            "{} current / {} desired",
            shown_at(object, "/status/currentReplicas"),
            shown_at(object, "/status/desiredReplicas")
        ),
    );
    let scaled = text(object, "/status/lastScaleTime");
    if !scaled.is_empty() {
        page.spans("Last scaled", time(scaled));
    }
    conditions::add(page, object);
}

/// `resource cpu`, and the part that holds its values.
fn named(metric: &Value) -> (String, Value) {
    let kind = text(metric, "/type");
    let field = match kind {
        "ContainerResource" => "containerResource",
        "Resource" => "resource",
        "Pods" => "pods",
        "Object" => "object",
        _ => "external",
    };
    let source = metric.get(field).cloned().unwrap_or_default();
    let name = match text(&source, "/name") {
        "" => text(&source, "/metric/name"),
        name => name,
    };
    (format!("{} {name}", kind.to_lowercase()), source)
}

/// `12% (3m)`, or whichever of the values there is.
fn value_of(source: &Value, at: &str) -> String {
    let get = |field: &str| shown_at(source, &format!("{at}/{field}"));
    let value = [get("averageValue"), get("value")]
        .into_iter()
        .find(|v| !v.is_empty())
        .unwrap_or_default();
    match (get("averageUtilization"), value) {
        (percent, value) if percent.is_empty() => value,
        (percent, value) if value.is_empty() => format!("{percent}%"),
        (percent, value) => format!("{percent}% ({value})"),
    }
}
