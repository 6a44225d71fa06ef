//! What stands in a description beside the object itself: a service's endpoints, the pods that use a
//! claim or run on a node, a deployment's replica sets. One line says it where that may not be read.

use serde_json::Value;

use super::line::{Span, Tone};
use super::page::Page;
use super::value::{list, millis, number, shown_at, text};
use super::{amounts, group_of};
use crate::cluster::{ReadErrorKind, Related};

/// As many addresses as kubectl shows.
const SHOWN: usize = 3;
const REVISION: &str = "/metadata/annotations/deployment.kubernetes.io~1revision";

type Layout = fn(&mut Page, &Value, &[Value]);

/// `related` is none until it was read.
pub fn add(page: &mut Page, object: &Value, related: Option<&Related>) {
    let (key, layout): (&str, Layout) = match (group_of(object), text(object, "/kind")) {
        ("", "Service") if text(object, "/spec/type") != "ExternalName" => ("Endpoints", endpoints),
        ("", "PersistentVolumeClaim") => ("Used By", users),
        ("", "Node") => ("Non-terminated Pods", amounts::of_node),
        ("apps", "Deployment") => ("ReplicaSets", replica_sets),
        _ => return,
    };
    let Some(related) = related else {
        return page.toned(key, "loading", Tone::Muted);
    };
    match &related.found {
        Ok(items) => layout(page, object, items),
        Err(error) if error.kind == ReadErrorKind::Forbidden => {
            let why = format!("not shown: you may not list {}", related.plural);
            page.toned(key, &why, Tone::Pending);
        }
        Err(error) => page.toned(key, &format!("not shown: {}", error.cause), Tone::Bad),
    }
    if let (Ok(items), true) = (&related.found, related.more) {
        let first = format!(
            "{key} are of the first {} {}; there are more",
            items.len(),
            related.plural
        );
        page.plain(&first, Tone::Pending);
    }
}

/// Ready addresses per port as kubectl has them, and who is not ready.
fn endpoints(page: &mut Page, service: &Value, slices: &[Value]) {
    for port in list(service, "/spec/ports") {
        let name = text(port, "/name");
        let ready: Vec<String> = slices.iter().flat_map(|slice| ready_at(slice, name)).collect();
        let key = if list(service, "/spec/ports").len() > 1 {
            format!("Endpoints of {name}")
        } else {
            "Endpoints".to_owned()
        };
        match ready.len() {
            0 => page.toned(&key, "<none>", Tone::Bad),
            all if all > SHOWN => page.fact(&key, &format!("{} + {} more...", ready[..SHOWN].join(","), all - SHOWN)),
            _ => page.fact(&key, &ready.join(",")),
        }
    }
    let all = slices.iter().flat_map(|slice| list(slice, "/endpoints"));
    let unready: Vec<String> = all.filter(|endpoint| !is_ready(endpoint)).map(named).collect();
    if !unready.is_empty() {
        page.toned("Not Ready", &unready.join("\n"), Tone::Bad);
    }
}

/// Unknown counts as ready, as the API has it.
fn is_ready(endpoint: &Value) -> bool {
    endpoint.pointer("/conditions/ready") != Some(&Value::Bool(false))
}

fn ready_at(slice: &Value, port: &str) -> Vec<String> {
    let ports: Vec<String> = list(slice, "/ports")
        .iter()
        .filter(|at| text(at, "/name") == port)
        .map(|at| shown_at(at, "/port"))
        .collect();
    let ready = list(slice, "/endpoints").iter().filter(|endpoint| is_ready(endpoint));
    ready
        .map(|endpoint| shown_at(endpoint, "/addresses/0"))
        .flat_map(|address| ports.iter().map(move |port| format!("{address}:{port}")))
        .collect()
}

fn named(endpoint: &Value) -> String {
    let address = shown_at(endpoint, "/addresses/0");
    match text(endpoint, "/targetRef/name") {
        "" => address,
        name => format!("{name} ({address})"),
    }
}

fn users(page: &mut Page, claim: &Value, pods: &[Value]) {
    let name = text(claim, "/metadata/name");
    let uses = |pod: &&Value| {
        let pod_name = text(pod, "/metadata/name");
        list(pod, "/spec/volumes").iter().any(|volume| {
            text(volume, "/persistentVolumeClaim/claimName") == name
                || volume.get("ephemeral").is_some() && format!("{pod_name}-{}", text(volume, "/name")) == name
        })
    };
    let users = pods.iter().filter(uses);
    page.list("Used By", users.map(|pod| text(pod, "/metadata/name").to_owned()));
}

/// The present one, and those before it, newest first.
fn replica_sets(page: &mut Page, deployment: &Value, sets: &[Value]) {
    let uid = text(deployment, "/metadata/uid");
    let is_owned = |set: &&Value| {
        let owners = list(set, "/metadata/ownerReferences").iter();
        owners.clone().any(|owner| text(owner, "/uid") == uid)
    };
    let revision = |set: &Value| text(set, REVISION).parse::<u64>().unwrap_or(0);
    let mut owned: Vec<&Value> = sets.iter().filter(is_owned).collect();
    owned.sort_by_key(|set| std::cmp::Reverse(revision(set)));
    let present = revision(deployment);
    let (new, old): (Vec<&Value>, Vec<&Value>) = owned.into_iter().partition(|set| revision(set) == present);
    page.list("OldReplicaSets", old.into_iter().map(created));
    page.list("NewReplicaSet", new.into_iter().map(created));
}

fn created(set: &Value) -> String {
    let count = |pointer: &str| number(set, pointer).unwrap_or(0);
    format!(
        "{} ({}/{} replicas created)",
        text(set, "/metadata/name"),
        count("/status/replicas"),
        count("/spec/replicas")
    )
}

/// The age of an object as a cell.
pub fn age(object: &Value) -> Span {
    match millis(text(object, "/metadata/creationTimestamp")) {
        Some(ms) => Span::age(ms, 6),
        None => Span::new("", Tone::Text),
    }
}
