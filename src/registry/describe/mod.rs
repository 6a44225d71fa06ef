//! One object in words: the facts that an operator looks for, laid out as kubectl's describe does for
//! the kinds everybody knows, and the whole object for all others; its events at the end. Pure: from
//! the object as read (values of Secrets are redacted by then) to lines. Never asks for anything.

mod access;
mod amounts;
mod cluster;
mod conditions;
mod config;
mod container;
mod events;
mod generic;
mod hpa;
mod ingress;
mod job;
mod line;
mod meta;
mod node;
mod page;
mod pod;
mod related;
mod service;
mod storage;
#[cfg(test)]
mod tests;
mod value;
mod volume;
mod workload;

use serde_json::Value;

pub use line::{Line, Span, Tone};
use page::Page;

use crate::cluster::{ReadError, Related};
use crate::model::Snapshot;

/// The page of `object`. `related` and `events` are none until they were read.
pub fn describe(object: &Value, related: Option<&Related>, events: Option<&Result<Snapshot, ReadError>>) -> Vec<Line> {
    let mut page = Page::default();
    meta::head(&mut page, object);
    layout(object)(&mut page, object);
    related::add(&mut page, object, related);
    events::add(&mut page, events);
    page.lines()
}

/// Empty for the core group.
fn group_of(object: &Value) -> &str {
    let version = value::text(object, "/apiVersion");
    version.split_once('/').map_or("", |(group, _)| group)
}

/// What stands between the head and the events.
fn layout(object: &Value) -> fn(&mut Page, &Value) {
    match (group_of(object), value::text(object, "/kind")) {
        ("", "Pod") => pod::add,
        ("", "Service") => service::add,
        ("", "Node") => node::add,
        ("", "PersistentVolumeClaim") => storage::claim,
        ("", "PersistentVolume") => storage::volume,
        ("", "ConfigMap") => config::config_map,
        ("", "Secret") => config::secret,
        ("", "ReplicationController") | ("apps", "ReplicaSet") => workload::replica_set,
        ("apps", "Deployment") => workload::deployment,
        ("apps", "StatefulSet") => workload::stateful_set,
        ("apps", "DaemonSet") => workload::daemon_set,
        ("batch", "Job") => job::job,
        ("batch", "CronJob") => job::cron_job,
        ("networking.k8s.io", "Ingress") => ingress::add,
        ("autoscaling", "HorizontalPodAutoscaler") => hpa::add,
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => access::role,
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => access::binding,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => cluster::definition,
        ("", "Namespace") => cluster::namespace,
        ("" | "events.k8s.io", "Event") => cluster::event,
        _ => generic::add,
    }
}
