//! Claims and volumes.

use serde_json::Value;

use super::conditions;
use super::generic::field;
use super::page::Page;
use super::value::{list, shown, shown_at, text, tone_of};

/// Fields of a volume that are told by name.
const TOLD: [&str; 7] = [
    "claimRef",
    "storageClassName",
    "capacity",
    "accessModes",
    "persistentVolumeReclaimPolicy",
    "volumeMode",
    "finalizers",
];

fn modes(value: &Value, pointer: &str) -> String {
    list(value, pointer).iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn status(page: &mut Page, object: &Value) {
    let phase = text(object, "/status/phase");
    page.toned("Status", phase, tone_of(phase));
}

pub fn claim(page: &mut Page, object: &Value) {
    status(page, object);
    page.fact("Volume", text(object, "/spec/volumeName"));
    page.maybe("Capacity", &shown_at(object, "/status/capacity/storage"));
    page.fact("StorageClass", text(&object["spec"], "/storageClassName"));
    claim_spec(page, &object["spec"]);
    conditions::add(page, object);
}

/// What a claim made from this template will ask for.
pub fn claim_template(page: &mut Page, spec: &Value) {
    let class = match spec.get("storageClassName").and_then(Value::as_str) {
        None => "<default>",
        Some("") => "<none>",
        Some(class) => class,
    };
    page.fact("StorageClass", class);
    claim_spec(page, spec);
}

fn claim_spec(page: &mut Page, spec: &Value) {
    page.fact("Requested", &shown_at(spec, "/resources/requests/storage"));
    page.fact("Access Modes", &modes(spec, "/accessModes"));
    page.maybe("VolumeMode", text(spec, "/volumeMode"));
    if let Some(source) = spec.get("dataSource") {
        field(page, "Data Source", source);
    }
}

pub fn volume(page: &mut Page, object: &Value) {
    status(page, object);
    page.maybe("Reason", text(object, "/status/reason"));
    page.maybe("Message", text(object, "/status/message"));
    let claim = object.pointer("/spec/claimRef");
    let claim = claim.map(|claim| format!("{}/{}", text(claim, "/namespace"), text(claim, "/name")));
    page.fact("Claim", claim.as_deref().unwrap_or("<none>"));
    page.fact("StorageClass", text(object, "/spec/storageClassName"));
    page.fact("Capacity", &shown_at(object, "/spec/capacity/storage"));
    page.fact("Access Modes", &modes(object, "/spec/accessModes"));
    page.fact("Reclaim Policy", text(object, "/spec/persistentVolumeReclaimPolicy"));
    page.maybe("VolumeMode", text(object, "/spec/volumeMode"));
    page.section("Source", |page| {
        let fields = object.get("spec").and_then(Value::as_object).into_iter().flatten();
        for (name, value) in fields.filter(|(name, _)| !TOLD.contains(&name.as_str())) {
            field(page, name, value);
        }
    });
}
