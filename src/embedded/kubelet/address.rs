//! Addresses: a pod gets the next of its node's part of the pod network, or shares its node's own.

use serde_json::Value;

use super::super::kinds;
use super::super::store::{Key, Store, text, uid};

/// The first is the node's bridge.
const FIRST: u32 = 2;
const LAST: u32 = 254;

fn node<'s>(store: &'s Store, pod: &Value) -> Option<&'s Value> {
    let name = text(pod, "/spec/nodeName")?;
    store.get(&Key::new(kinds::known("nodes"), "", name))
}

/// A node that says no address of its own has the first of its network.
pub(super) fn of_host(store: &Store, pod: &Value) -> String {
    let addresses = node(store, pod).and_then(|node| node.pointer("/status/addresses")?.as_array());
    let internal = addresses.and_then(|all| all.iter().find(|a| text(a, "/type") == Some("InternalIP")));
    let told = internal.and_then(|address| text(address, "/address"));
    told.unwrap_or("10.0.0.1").to_owned()
}

pub(super) fn of_pod(store: &Store, pod: &Value, host: &str) -> String {
    if pod.pointer("/spec/hostNetwork") == Some(&Value::Bool(true)) {
        return host.to_owned();
    }
    let range = node(store, pod).and_then(|node| text(node, "/spec/podCIDR"));
    match range.and_then(|range| range.strip_suffix(".0/24")) {
        Some(network) => next(store, network),
        None => counted(uid(pod)),
    }
}

/// One after another; an address is given out again only once all of them were.
fn next(store: &Store, network: &str) -> String {
    let place = |pod: &Value| {
        let rest = text(pod, "/status/podIP")?.strip_prefix(network)?.strip_prefix('.')?;
        rest.parse::<u32>().ok()
    };
    let taken: Vec<u32> = store
        .of_kind(kinds::known("pods"))
        .filter_map(|(_, pod)| place(pod))
        .collect();
    let newest = taken.iter().max().map_or(FIRST, |last| last + 1);
    let free = (newest..=LAST).chain(FIRST..=LAST).find(|n| !taken.contains(n));
    format!("{network}.{}", free.unwrap_or(LAST))
}

/// Of a node without a part of the network: from the counted uid.
fn counted(uid: &str) -> String {
    let number = u64::from_str_radix(uid.rsplit('-').next().unwrap_or_default(), 16).unwrap_or_default();
    format!("10.1.{}.{}", (number >> 8) & 255, number & 255)
}
