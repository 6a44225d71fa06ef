//! Volumes of a pod: what each comes from.

use serde_json::Value;

use super::generic::field;
use super::page::Page;
use super::value::{list, shown_at, text};

pub fn add(page: &mut Page, spec: &Value) {
    page.section("Volumes", |page| {
        for volume in list(spec, "/volumes") {
            page.section(text(volume, "/name"), |page| source(page, volume));
        }
    });
}

fn source(page: &mut Page, volume: &Value) {
    let sources = volume
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "name");
    for (name, value) in sources {
        match name.as_str() {
            "configMap" => named(page, "ConfigMap", text(value, "/name"), value),
            "secret" => named(page, "Secret", text(value, "/secretName"), value),
            "persistentVolumeClaim" => named(page, "PersistentVolumeClaim", text(value, "/claimName"), value),
            "hostPath" => named(page, "HostPath", text(value, "/path"), value),
            "emptyDir" => {
                page.fact("Type", "EmptyDir");
                page.maybe("Medium", text(value, "/medium"));
                page.maybe("Size Limit", &shown_at(value, "/sizeLimit"));
            }
            "projected" => {
                page.fact("Type", "Projected");
                for part in list(value, "/sources") {
                    for (name, value) in part.as_object().into_iter().flatten() {
                        page.fact(name, &projected(value));
                    }
                }
            }
            _ => field(page, name, value),
        }
    }
}

fn named(page: &mut Page, kind: &str, name: &str, value: &Value) {
    page.fact("Type", kind);
    page.fact("Name", name);
    page.maybe("Optional", &shown_at(value, "/optional"));
    page.maybe("Read Only", &shown_at(value, "/readOnly"));
}

fn projected(value: &Value) -> String {
    let seconds = shown_at(value, "/expirationSeconds");
    match (text(value, "/name"), seconds.as_str()) {
        ("", "") => "yes".into(),
        ("", seconds) => format!("expires after {seconds}s"),
        (name, _) => name.into(),
    }
}
