//! The kinds known by name. Everything else is served by `GENERIC`: columns from the server's
//! Table, Enter describes the row.

use super::{Drill, Kind, Mode};
use crate::model::ApiResource;

const BY_NAME: (&str, bool) = ("NAME", false);

/// How often, what and of which object; the message takes the room that is left.
const EVENT_LEAD: &[&str] = &["LAST SEEN", "COUNT", "TYPE", "REASON", "OBJECT", "MESSAGE"];

const GENERIC: Kind = Kind {
    group: "",
    version: "",
    kind: "",
    plural: "",
    singular: "",
    short_names: &[],
    namespaced: true,
    subresources: &[],
    drill: Drill::Describe,
    mode: Mode::Table,
    lead: &[],
    sort: BY_NAME,
};

const SCALABLE: Kind = Kind {
    mode: Mode::Workloads,
    ..GENERIC
};

const WORKLOAD: Kind = Kind {
    group: "apps",
    version: "v1",
    subresources: &["status", "scale"],
    drill: Drill::Pods,
    ..SCALABLE
};

static KINDS: &[Kind] = &[
    Kind {
        version: "v1",
        kind: "Pod",
        plural: "pods",
        singular: "pod",
        short_names: &["po"],
        subresources: &["log", "status", "exec", "attach", "portforward", "eviction"],
        drill: Drill::Containers,
        mode: Mode::Pods,
        ..GENERIC
    },
    Kind {
        version: "v1",
        kind: "Container",
        plural: "containers",
        singular: "container",
        drill: Drill::Logs,
        mode: Mode::Containers,
        // As the pod's spec orders them.
        sort: ("", false),
        ..GENERIC
    },
    Kind {
        kind: "Deployment",
        plural: "deployments",
        singular: "deployment",
        short_names: &["deploy", "dp"],
        ..WORKLOAD
    },
    Kind {
        kind: "StatefulSet",
        plural: "statefulsets",
        singular: "statefulset",
        short_names: &["sts"],
        ..WORKLOAD
    },
    Kind {
        kind: "DaemonSet",
        plural: "daemonsets",
        singular: "daemonset",
        short_names: &["ds"],
        subresources: &["status"],
        ..WORKLOAD
    },
    Kind {
        kind: "ReplicaSet",
        plural: "replicasets",
        singular: "replicaset",
        short_names: &["rs"],
        ..WORKLOAD
    },
    Kind {
        version: "v1",
        kind: "ReplicationController",
        plural: "replicationcontrollers",
        singular: "replicationcontroller",
        short_names: &["rc"],
        subresources: &["status", "scale"],
        drill: Drill::Pods,
        ..SCALABLE
    },
    Kind {
        group: "batch",
        version: "v1",
        kind: "Job",
        plural: "jobs",
        singular: "job",
        short_names: &["jo"],
        subresources: &["status"],
        drill: Drill::Pods,
        mode: Mode::Workloads,
        sort: ("AGE", false),
        ..GENERIC
    },
    Kind {
        group: "batch",
        version: "v1",
        kind: "CronJob",
        plural: "cronjobs",
        singular: "cronjob",
        short_names: &["cj"],
        subresources: &["status"],
        drill: Drill::Jobs,
        ..GENERIC
    },
    Kind {
        group: "apiextensions.k8s.io",
        version: "v1",
        kind: "CustomResourceDefinition",
        plural: "customresourcedefinitions",
        singular: "customresourcedefinition",
        short_names: &["crd", "crds"],
        namespaced: false,
        drill: Drill::Instances,
        ..GENERIC
    },
    Kind {
        version: "v1",
        kind: "Service",
        plural: "services",
        singular: "service",
        short_names: &["svc"],
        drill: Drill::Pods,
        mode: Mode::Workloads,
        ..GENERIC
    },
    Kind {
        version: "v1",
        kind: "Node",
        plural: "nodes",
        singular: "node",
        short_names: &["no"],
        namespaced: false,
        drill: Drill::Pods,
        mode: Mode::Nodes,
        ..GENERIC
    },
    Kind {
        version: "v1",
        kind: "Namespace",
        plural: "namespaces",
        singular: "namespace",
        short_names: &["ns"],
        namespaced: false,
        drill: Drill::UseNamespace,
        mode: Mode::Namespaces,
        ..GENERIC
    },
    Kind {
        version: "v1",
        kind: "Event",
        plural: "events",
        singular: "event",
        short_names: &["ev"],
        lead: EVENT_LEAD,
        sort: ("LAST SEEN", false),
        ..GENERIC
    },
    Kind {
        group: "events.k8s.io",
        version: "v1",
        kind: "Event",
        plural: "events",
        singular: "event",
        short_names: &["ev"],
        lead: EVENT_LEAD,
        sort: ("LAST SEEN", false),
        ..GENERIC
    },
];

static GENERIC_KIND: Kind = GENERIC;
static SCALABLE_KIND: Kind = SCALABLE;

pub fn known_kinds() -> &'static [Kind] {
    KINDS
}

impl Kind {
    /// The kind of a resource, or the generic one.
    pub fn of(resource: &ApiResource) -> &'static Self {
        KINDS.iter().find(|kind| kind.is(resource)).unwrap_or_else(|| {
            if resource.subresources.iter().any(|s| s == "scale") {
                &SCALABLE_KIND
            } else {
                &GENERIC_KIND
            }
        })
    }
}

/// A kind every server serves, by plural, singular or short name; for use before discovery.
pub fn well_known(typed: &str) -> Option<ApiResource> {
    let typed = typed.to_lowercase();
    KINDS
        .iter()
        // A list of containers belongs to a pod; it cannot be asked for by name.
        .filter(|kind| kind.plural != "containers")
        .find(|kind| kind.plural == typed || kind.singular == typed || kind.short_names.contains(&typed.as_str()))
        .map(Kind::resource)
}
