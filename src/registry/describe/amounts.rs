//! What the pods of a node ask for and may take, summed up as the scheduler does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::line::{Span, Tone};
use super::page::Page;
use super::related::age;
use super::value::{list, text};
use crate::cluster::quantity;

/// Told of each node, asked for or not.
const ALWAYS: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

const UNITS: [&str; 6] = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

/// Its pods, each with what it asks for, and the sums beside what the node has.
pub fn of_node(page: &mut Page, node: &Value, pods: &[Value]) {
    let word = |text: &str| Span::new(text, Tone::Text);
    let row = |pod: &Value| {
        let amount = |what, of| word(&shown(of, of_pod(pod, what, of)));
        vec![
            amount("requests", "cpu"),
            amount("limits", "cpu"),
            amount("requests", "memory"),
            amount("limits", "memory"),
            age(pod),
            word(&format!(
                "{}/{}",
                text(pod, "/metadata/namespace"),
                text(pod, "/metadata/name")
            )),
        ]
    };
    // Names last: they are long, and the numbers shall stand on a small screen too.
    let heads = ["CPU REQ", "LIMIT", "MEM REQ", "LIMIT", "AGE", "POD"];
    page.section(&format!("Non-terminated Pods ({})", pods.len()), |page| {
        page.table(&heads, pods.iter().map(row).collect());
        if pods.is_empty() {
            page.plain("<none>", Tone::Muted);
        }
    });
    let row = |name: &str| {
        let has = quantity(text(node, &format!("/status/allocatable/{}", escaped(name)))).unwrap_or(0.0);
        let sum = |what| pods.iter().map(|pod| of_pod(pod, what, name)).sum::<f64>();
        let cell = |amount: f64| share(name, amount, has);
        vec![word(name), cell(sum("requests")), cell(sum("limits"))]
    };
    page.section("Allocated resources", |page| {
        let rows = names(node).iter().map(|name| row(name)).collect();
        page.table(&["RESOURCE", "REQUESTS", "LIMITS"], rows);
    });
}

/// Everything that the node has and pods can ask for, the usual first.
fn names(node: &Value) -> Vec<String> {
    let has = node.pointer("/status/allocatable").and_then(Value::as_object);
    let others: BTreeSet<&String> = has.into_iter().flat_map(|map| map.keys()).collect();
    let others = others
        .into_iter()
        .filter(|name| *name != "pods" && !ALWAYS.contains(&name.as_str()));
    ALWAYS
        .into_iter()
        .map(ToOwned::to_owned)
        .chain(others.cloned())
        .collect()
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// `1350m (33%)`; limits may be promised more than once.
fn share(name: &str, amount: f64, has: f64) -> Span {
    let percent = if has > 0.0 { (amount / has * 100.0) as i64 } else { 0 };
    Span::new(&format!("{} ({percent}%)", shown(name, amount)), Tone::Text)
}

/// `requests` or `limits` of a whole pod: containers and sidecars run together, what initializes runs
/// before them one after another, beside the sidecars that were started until then.
fn of_pod(pod: &Value, what: &str, name: &str) -> f64 {
    let of = |value: &Value| {
        let sent = text(value, &format!("/resources/{what}/{}", escaped(name)));
        quantity(sent)
    };
    if let Some(whole) = of(&pod["spec"]) {
        return whole;
    }
    let mut running: f64 = list(pod, "/spec/containers").iter().filter_map(of).sum();
    let (mut sidecars, mut most) = (0.0, 0.0_f64);
    for container in list(pod, "/spec/initContainers") {
        let amount = of(container).unwrap_or(0.0);
        if text(container, "/restartPolicy") == "Always" {
            sidecars += amount;
            running += amount;
            most = most.max(sidecars);
        } else {
            most = most.max(sidecars + amount);
        }
    }
    let amount = running.max(most);
    let overhead = quantity(text(pod, &format!("/spec/overhead/{}", escaped(name)))).unwrap_or(0.0);
    // What has no limit has none with its overhead either.
    if what == "limits" && amount == 0.0 {
        0.0
    } else {
        amount + overhead
    }
}

/// As Kubernetes writes it: `2` or `1350m` of CPU, the largest binary unit that fits of bytes.
fn shown(name: &str, amount: f64) -> String {
    if name == "cpu" {
        let milli = (amount * 1000.0).round() as i64;
        return if milli % 1000 == 0 {
            (milli / 1000).to_string()
        } else {
            format!("{milli}m")
        };
    }
    let (mut whole, mut unit) = (amount.round() as i64, 0);
    while whole != 0 && whole % 1024 == 0 && unit + 1 < UNITS.len() {
        whole /= 1024;
        unit += 1;
    }
    format!("{whole}{}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_asks_for_the_most_that_runs_at_once() {
        let cpu = |amount: &str| json!({"resources": {"requests": {"cpu": amount}}});
        let sidecar = json!({"restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}});
        let pod = json!({"spec": {
            "containers": [cpu("200m"), cpu("50m")], "initContainers": [sidecar, cpu("1")], "overhead": {"cpu": "10m"},
        }});
        assert_eq!(shown("cpu", of_pod(&pod, "requests", "cpu")), "1110m");
        assert_eq!(shown("cpu", of_pod(&pod, "limits", "cpu")), "0");
        let whole = json!({"spec": {"resources": {"requests": {"cpu": "2"}}, "containers": [cpu("200m")]}});
        assert_eq!(shown("cpu", of_pod(&whole, "requests", "cpu")), "2");
    }

    #[test]
    fn amounts_have_the_unit_that_fits() {
        for (bytes, said) in [
            (0.0, "0"),
            (1024.0, "1Ki"),
            (1536.0 * 1_048_576.0, "1536Mi"),
            (1000.0, "1000"),
        ] {
            assert_eq!(shown("memory", bytes), said);
        }
    }
}
