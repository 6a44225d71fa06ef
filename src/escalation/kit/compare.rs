//! Whether an object on the server is what would be printed. Fields that the server adds by itself
//! are known by name here; whatever else was added is a difference, for an exemption that somebody
//! added to a policy opens it as surely as a field that was taken away.

use serde_json::Value;

/// What differs, each with its place in the object.
pub(super) fn differences(printed: &Value, installed: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let kind = printed["kind"].as_str().unwrap_or_default();
    let Some(fields) = printed.as_object() else {
        return found;
    };
    for (key, value) in fields {
        match key.as_str() {
            "metadata" => labels(value, &installed["metadata"], &mut found),
            "apiVersion" | "kind" => {}
            _ => compare(key, value, &installed[key], &mut found),
        }
    }
    for (key, value) in installed.as_object().into_iter().flatten() {
        if !fields.contains_key(key) && !is_servers(kind, key) && !is_nothing(value) {
            found.push(format!("{key} was added"));
        }
    }
    found
}

/// Top-level fields of a kind that the server or a platform fills.
fn is_servers(kind: &str, key: &str) -> bool {
    match kind {
        "Namespace" => matches!(key, "spec" | "status"),
        // OpenShift adds pull secrets to each account.
        "ServiceAccount" => matches!(key, "secrets" | "imagePullSecrets"),
        _ => key == "status",
    }
}

fn labels(printed: &Value, installed: &Value, found: &mut Vec<String>) {
    for (key, value) in printed["labels"].as_object().into_iter().flatten() {
        if installed["labels"].get(key) != Some(value) {
            found.push(format!("the label {key} is missing"));
        }
    }
}

fn compare(place: &str, printed: &Value, installed: &Value, found: &mut Vec<String>) {
    match (printed, installed) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, value) in ours {
                compare(
                    &format!("{place}.{key}"),
                    value,
                    theirs.get(key).unwrap_or(&Value::Null),
                    found,
                );
            }
            for (key, value) in theirs.iter().filter(|(key, _)| !ours.contains_key(*key)) {
                if !is_default(key, value) {
                    found.push(format!("{place}.{key} was added"));
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (index, (a, b)) in ours.iter().zip(theirs).enumerate() {
                compare(&format!("{place}[{index}]"), a, b, found);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            found.push(format!(
                "{place} has {} entries instead of {}",
                theirs.len(),
                ours.len()
            ));
        }
        (a, b) if a == b || (is_nothing(a) && is_nothing(b)) => {}
        (_, Value::Null) => found.push(format!("{place} is missing")),
        _ => found.push(format!("{place} differs")),
    }
}

fn is_default(key: &str, value: &Value) -> bool {
    is_nothing(value) || (key == "matchPolicy" && value == "Equivalent") || (key == "scope" && value == "*")
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy() -> Value {
        json!({
            "apiVersion": "v1", "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": "p", "labels": {"kglass.dev/kit": "1"}},
            "spec": {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [{"resources": ["pods"]}]}},
        })
    }

    #[test]
    fn what_the_server_adds_is_no_difference() {
        let mut installed = policy();
        installed["metadata"]["uid"] = json!("x");
        installed["status"] = json!({"observedGeneration": 1});
        installed["spec"]["matchConstraints"]["matchPolicy"] = json!("Equivalent");
        installed["spec"]["matchConstraints"]["objectSelector"] = json!({});
        installed["spec"]["matchConstraints"]["resourceRules"][0]["scope"] = json!("*");
        assert_eq!(differences(&policy(), &installed), Vec::<String>::new());
    }

    #[test]
    fn what_a_hand_changes_is_named() {
        let change = |pointer: &str, key: &str, value: Value| {
            let mut installed = policy();
            installed.pointer_mut(pointer).unwrap()[key] = value;
            differences(&policy(), &installed)
        };
        assert_eq!(
            change("/spec", "failurePolicy", json!("Ignore")),
            ["spec.failurePolicy differs"]
        );
        assert_eq!(
            change("/spec", "failurePolicy", json!(null)),
            ["spec.failurePolicy is missing"]
        );
        assert_eq!(
            change("/spec", "matchConditions", json!([{"expression": "false"}])),
            ["spec.matchConditions was added"]
        );
        let exempt = change(
            "/spec/matchConstraints",
            "objectSelector",
            json!({"matchLabels": {"x": "y"}}),
        );
        assert_eq!(exempt, ["spec.matchConstraints.objectSelector was added"]);
        let fewer = change("/spec/matchConstraints", "resourceRules", json!([]));
        assert_eq!(
            fewer,
            ["spec.matchConstraints.resourceRules has 0 entries instead of 1"]
        );
        assert_eq!(
            change("/metadata", "labels", json!({})),
            ["the label kglass.dev/kit is missing"]
        );
    }
}
