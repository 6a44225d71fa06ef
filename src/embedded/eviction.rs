//! `pods/eviction`: a deletion that asks the disruption budgets first, as drain relies on.

use serde_json::{Value, json};

use super::admission::Operation;
use super::answer::{Answer, Outcome};
use super::clock::rfc3339;
use super::delete;
use super::kinds::{self, Kind};
use super::object::found;
use super::refusal::Refusal;
use super::route::success;
use super::selector::labels_match;
use super::store::{Key, text};
use super::writer::Writer;

pub(super) fn create(writer: &mut Writer<'_>, kind: &'static Kind) -> Outcome {
    let key = writer.asked.key(kind);
    let eviction = writer.asked.json()?;
    let named = text(&eviction, "/metadata/name").unwrap_or_default();
    if named != key.name {
        return Err(Refusal::bad_request(
            "name in URL does not match name in Eviction object",
        ));
    }
    let options = eviction.get("deleteOptions").cloned().unwrap_or_else(|| json!({}));
    writer.dry_run |= options.pointer("/dryRun/0").is_some();
    let what = ("policy", "v1", "Eviction");
    writer.admit(Operation::Create, what, (Some(&eviction), None), &Value::Null)?;
    let pod = found(writer.store, kind, &key)?.clone();
    // What has ended, or never started, or ends already, is no disruption.
    let idle = matches!(text(&pod, "/status/phase"), Some("Succeeded" | "Failed" | "Pending"));
    if !idle && text(&pod, "/metadata/deletionTimestamp").is_none() {
        take_from_budget(writer, &key, &pod)?;
    }
    delete::delete(writer, kind, &key, &pod, &options)?;
    Ok(Answer::json(201, success(Some(201), None)))
}

fn take_from_budget(writer: &mut Writer<'_>, key: &Key, pod: &Value) -> Result<(), Refusal> {
    let budgets = kinds::known("poddisruptionbudgets");
    let watching: Vec<(Key, Value)> = writer
        .store
        .of_kind(budgets)
        .filter(|(budget, object)| {
            budget.namespace == key.namespace
                && object
                    .pointer("/spec/selector")
                    .is_some_and(|selector| labels_match(selector, &pod["metadata"]["labels"]))
        })
        .map(|(key, object)| (key.clone(), object.clone()))
        .collect();
    let (budget_key, budget) = match watching.as_slice() {
        [] => return Ok(()),
        [one] => one.clone(),
        _ => {
            let why =
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
            return Err(Refusal::internal_plainly(why));
        }
    };
    let count = |field: &str| budget.pointer(field).and_then(Value::as_i64).unwrap_or(0);
    let allowed = count("/status/disruptionsAllowed");
    if allowed <= 0 {
        let (needs, has) = (count("/status/desiredHealthy"), count("/status/currentHealthy"));
        return Err(Refusal::disruption_budget(&budget_key.name, needs, has));
    }
    let mut after = budget;
    after["status"]["disruptionsAllowed"] = json!(allowed - 1);
    after["status"]["disruptedPods"][key.name.as_str()] = json!(rfc3339(writer.now_ms));
    writer.put(budget_key, after);
    Ok(())
}
