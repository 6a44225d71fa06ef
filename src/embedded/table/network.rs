//! Services and what leads to them.

use serde_json::{Value, json};

use super::super::store::text;
use super::column::{Column, joined, labels, list, or_none};

pub(super) fn columns(plural: &str) -> Option<Vec<Column>> {
    let mut columns = vec![Column::name()];
    match plural {
        "services" => columns.extend([
            Column::text("Type", |o, _| json!(text(o, "/spec/type").unwrap_or("ClusterIP"))),
            Column::text("Cluster-IP", |o, _| or_none(text(o, "/spec/clusterIP"))),
            Column::text("External-IP", |o, _| json!(external(o))),
            Column::text("Port(s)", |o, _| json!(service_ports(o))),
            Column::age(),
            Column::text("Selector", |o, _| json!(labels(o.pointer("/spec/selector")))).wide(),
        ]),
        "ingresses" => columns.extend([
            Column::text("Class", |o, _| or_none(text(o, "/spec/ingressClassName"))),
            Column::text("Hosts", |o, _| json!(hosts(o))),
            Column::text("Address", |o, _| {
                json!(joined(
                    list(o, "/status/loadBalancer/ingress")
                        .filter_map(|i| { text(i, "/ip").or_else(|| text(i, "/hostname")) })
                ))
            }),
            Column::text("Ports", |o, _| {
                json!(if list(o, "/spec/tls").next().is_some() {
                    "80, 443"
                } else {
                    "80"
                })
            }),
            Column::age(),
        ]),
        "ingressclasses" => columns.extend([
            Column::text("Controller", |o, _| {
                json!(text(o, "/spec/controller").unwrap_or_default())
            }),
            Column::text("Parameters", |o, _| or_none(text(o, "/spec/parameters/name"))),
            Column::age(),
        ]),
        "endpointslices" => columns.extend([
            Column::text("AddressType", |o, _| json!(text(o, "/addressType").unwrap_or_default())),
            Column::text("Ports", |o, _| {
                let ports: Vec<String> = list(o, "/ports").map(|p| p["port"].to_string()).collect();
                json!(capped(&ports, "<unset>"))
            }),
            Column::text("Endpoints", |o, _| {
                let all: Vec<String> = list(o, "/endpoints")
                    .flat_map(|e| list(e, "/addresses"))
                    .filter_map(|a| a.as_str().map(str::to_owned))
                    .collect();
                json!(capped(&all, "<unset>"))
            }),
            Column::age(),
        ]),
        "endpoints" => columns.extend([Column::text("Endpoints", |o, _| json!(addresses(o))), Column::age()]),
        "networkpolicies" => columns.extend([
            Column::text("Pod-Selector", |o, _| {
                json!(labels(o.pointer("/spec/podSelector/matchLabels")))
            }),
            Column::age(),
        ]),
        _ => return None,
    }
    Some(columns)
}

/// Ready addresses with their ports.
fn addresses(endpoints: &Value) -> String {
    let of_subset = |subset: &Value| -> Vec<String> {
        let ports: Vec<String> = list(subset, "/ports").map(|port| port["port"].to_string()).collect();
        let ips = list(subset, "/addresses").filter_map(|address| text(address, "/ip"));
        ips.flat_map(|ip| ports.iter().map(move |port| format!("{ip}:{port}")))
            .collect()
    };
    let all: Vec<String> = list(endpoints, "/subsets").flat_map(of_subset).collect();
    capped(&all, "<none>")
}

/// Three, and how many more.
fn capped(items: &[String], none: &str) -> String {
    match items {
        [] => none.to_owned(),
        [_, _, _, _, ..] => format!("{} + {} more...", items[..3].join(","), items.len() - 3),
        _ => items.join(","),
    }
}

fn external(service: &Value) -> String {
    let given = || joined(list(service, "/spec/externalIPs").filter_map(Value::as_str));
    match text(service, "/spec/type") {
        Some("LoadBalancer") => {
            let ingress = list(service, "/status/loadBalancer/ingress");
            let shown = joined(ingress.filter_map(|i| text(i, "/ip").or_else(|| text(i, "/hostname"))));
            if shown.is_empty() {
                "<pending>".to_owned()
            } else {
                shown
            }
        }
        Some("ExternalName") => text(service, "/spec/externalName").unwrap_or_default().to_owned(),
        _ if given().is_empty() => "<none>".to_owned(),
        _ => given(),
    }
}

fn service_ports(service: &Value) -> String {
    let shown: Vec<String> = list(service, "/spec/ports")
        .map(|p| {
            let protocol = text(p, "/protocol").unwrap_or("TCP");
            match p.get("nodePort").and_then(Value::as_i64).filter(|n| *n > 0) {
                Some(node) => format!("{}:{node}/{protocol}", p["port"]),
                None => format!("{}/{protocol}", p["port"]),
            }
        })
        .collect();
    if shown.is_empty() {
        "<none>".to_owned()
    } else {
        shown.join(",")
    }
}

fn hosts(ingress: &Value) -> String {
    let all: Vec<String> = list(ingress, "/spec/rules")
        .filter_map(|r| text(r, "/host").map(str::to_owned))
        .collect();
    capped(&all, "*")
}
