//! Strategic merge: as a plain merge, but lists whose items have a key are merged item by item.
//! Which lists, is known by field name for the types that clients of this server patch.

use serde_json::{Map, Value};

/// Field → key of its items. Where the same name is keyed differently in two types (`ports`), the
/// first key that the item has is taken.
const KEYED: &[(&str, &[&str])] = &[
    ("addresses", &["type"]),
    ("conditions", &["type"]),
    ("containers", &["name"]),
    ("env", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("hostAliases", &["ip"]),
    ("imagePullSecrets", &["name"]),
    ("initContainers", &["name"]),
    ("ownerReferences", &["uid"]),
    ("podIPs", &["ip"]),
    ("ports", &["containerPort", "port"]),
    ("secrets", &["name"]),
    ("topologySpreadConstraints", &["topologyKey"]),
    ("volumeDevices", &["devicePath"]),
    ("volumeMounts", &["mountPath"]),
    ("volumes", &["name"]),
];

/// Lists of plain values that are merged as sets.
const SETS: &[&str] = &["finalizers"];

pub(super) fn merge(target: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        *target = change.clone();
        return;
    };
    if change.get("$patch").and_then(Value::as_str) == Some("replace") || !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let fields = target.as_object_mut().expect("made an object above");
    retain(fields, change.get("$retainKeys"));
    for (key, value) in change {
        if let Some(name) = key.strip_prefix("$deleteFromPrimitiveList/") {
            remove_values(fields.get_mut(name), value);
        } else if key.starts_with('$') {
            // `$patch` and `$retainKeys` are done; an element order only matters for display.
        } else if value.is_null() {
            fields.remove(key);
        } else {
            merge_field(key, fields.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

fn retain(fields: &mut Map<String, Value>, keys: Option<&Value>) {
    if let Some(keys) = keys.and_then(Value::as_array) {
        fields.retain(|field, _| keys.iter().any(|k| k.as_str() == Some(field)));
    }
}

fn remove_values(list: Option<&mut Value>, gone: &Value) {
    let gone = gone.as_array().map(Vec::as_slice).unwrap_or_default();
    if let Some(list) = list.and_then(Value::as_array_mut) {
        list.retain(|value| !gone.contains(value));
    }
}

fn merge_field(name: &str, target: &mut Value, change: &Value) {
    let Value::Array(items) = change else {
        return merge(target, change);
    };
    if !target.is_array() {
        *target = Value::Array(Vec::new());
    }
    let list = target.as_array_mut().expect("made a list above");
    if SETS.contains(&name) {
        let new: Vec<Value> = items.iter().filter(|item| !list.contains(item)).cloned().collect();
        list.extend(new);
        return;
    }
    match KEYED.iter().find(|(field, _)| *field == name) {
        Some((_, keys)) => items.iter().for_each(|item| merge_item(list, keys, item)),
        None => list.clone_from(items),
    }
}

fn merge_item(list: &mut Vec<Value>, keys: &[&str], item: &Value) {
    let key = keys.iter().find(|key| item.get(**key).is_some());
    let directive = item.get("$patch").and_then(Value::as_str);
    let Some(key) = key else {
        if directive == Some("replace") {
            list.clear();
        } else {
            list.push(item.clone());
        }
        return;
    };
    let at = list.iter().position(|old| old.get(*key) == item.get(*key));
    match (at, directive) {
        (Some(at), Some("delete")) => drop(list.remove(at)),
        (None, Some("delete")) => {}
        (Some(at), _) => merge(&mut list[at], item),
        (None, _) => {
            list.push(Value::Null);
            let new = list.last_mut().expect("pushed above");
            merge(new, item);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_is_merged_by_its_key_and_others_stay() {
        let mut pod = json!({"spec": {"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "1", "env": [
            {"name": "X", "value": "1"}]}]}});
        let change = json!({"spec": {"containers": [{"name": "b", "image": "2", "env": [
            {"name": "Y", "value": "2"}, {"name": "X", "$patch": "delete"}]}, {"name": "c", "image": "1"}]}});
        merge(&mut pod, &change);
        let expected = json!({"spec": {"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "2", "env": [
            {"name": "Y", "value": "2"}]}, {"name": "c", "image": "1"}]}});
        assert_eq!(pod, expected);
    }

    #[test]
    fn lists_without_a_key_are_replaced_and_nulls_remove() {
        let mut pod = json!({"spec": {"tolerations": [1, 2], "nodeName": "a"}, "metadata": {"finalizers": ["x"]}});
        let change = json!({"spec": {"tolerations": [3], "nodeName": null}, "metadata": {"finalizers": ["y", "x"]}});
        merge(&mut pod, &change);
        assert_eq!(
            pod,
            json!({"spec": {"tolerations": [3]}, "metadata": {"finalizers": ["x", "y"]}})
        );
        merge(
            &mut pod,
            &json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["x"]}}),
        );
        assert_eq!(pod["metadata"]["finalizers"], json!(["y"]));
    }
}
