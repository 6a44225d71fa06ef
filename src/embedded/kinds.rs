//! The kinds this server serves, and for each the verbs it really answers. Discovery is made
//! from this table, so it never promises what the server then refuses.

/// One kind, as discovery shows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub group: &'static str,
    pub version: &'static str,
    /// As a manifest spells it: `Deployment`.
    pub name: &'static str,
    pub plural: &'static str,
    pub singular: &'static str,
    pub short: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    pub verbs: &'static [&'static str],
    pub subresources: &'static [Subresource],
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Subresource {
    pub name: &'static str,
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub verbs: &'static [&'static str],
}

impl Kind {
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `deployments.apps`, as messages name a resource.
    pub fn qualified(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    pub fn subresource(&self, name: &str) -> Option<&'static Subresource> {
        self.subresources.iter().find(|s| s.name == name)
    }
}

pub(super) fn find(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    KINDS
        .iter()
        .find(|k| k.group == group && k.version == version && k.plural == plural)
}

/// By what stands in a manifest.
pub(super) fn of_manifest(api_version: &str, kind: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.name == kind && k.api_version() == api_version)
}

pub(super) fn by_plural(plural: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.plural == plural)
}

const READ: &[&str] = &["get", "list", "watch"];
const KEPT: &[&str] = &["create", "delete", "get", "list", "watch"];
const WORKLOAD: &[&str] = &["create", "delete", "get", "list", "patch", "watch"];
const SCALE: &[Subresource] = &[Subresource {
    name: "scale",
    group: "autoscaling",
    version: "v1",
    kind: "Scale",
    verbs: &["get", "patch", "update"],
}];
const TOKEN: &[Subresource] = &[Subresource {
    name: "token",
    group: "authentication.k8s.io",
    version: "v1",
    kind: "TokenRequest",
    verbs: &["create"],
}];
const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

const fn kind(group: &'static str, version: &'static str, name: &'static str, plural: &'static str) -> Kind {
    Kind {
        group,
        version,
        name,
        plural,
        singular: "",
        short: &[],
        categories: &[],
        namespaced: true,
        verbs: READ,
        subresources: &[],
    }
}

/// Roles, bindings and admission policies are put in place by [`super::EmbeddedServer::install`]
/// only: served for writing they would need the API server's escalation checks too.
pub(super) static KINDS: &[Kind] = &[
    Kind {
        singular: "configmap",
        short: &["cm"],
        verbs: KEPT,
        ..kind("", "v1", "ConfigMap", "configmaps")
    },
    Kind {
        singular: "namespace",
        short: &["ns"],
        namespaced: false,
        ..kind("", "v1", "Namespace", "namespaces")
    },
    Kind {
        singular: "node",
        short: &["no"],
        namespaced: false,
        ..kind("", "v1", "Node", "nodes")
    },
    Kind {
        singular: "pod",
        short: &["po"],
        categories: &["all"],
        verbs: WORKLOAD,
        ..kind("", "v1", "Pod", "pods")
    },
    Kind {
        singular: "secret",
        verbs: KEPT,
        ..kind("", "v1", "Secret", "secrets")
    },
    Kind {
        singular: "serviceaccount",
        short: &["sa"],
        subresources: TOKEN,
        ..kind("", "v1", "ServiceAccount", "serviceaccounts")
    },
    Kind {
        singular: "daemonset",
        short: &["ds"],
        categories: &["all"],
        verbs: WORKLOAD,
        ..kind("apps", "v1", "DaemonSet", "daemonsets")
    },
    Kind {
        singular: "deployment",
        short: &["deploy"],
        categories: &["all"],
        verbs: WORKLOAD,
        subresources: SCALE,
        ..kind("apps", "v1", "Deployment", "deployments")
    },
    Kind {
        singular: "replicaset",
        short: &["rs"],
        categories: &["all"],
        ..kind("apps", "v1", "ReplicaSet", "replicasets")
    },
    Kind {
        singular: "statefulset",
        short: &["sts"],
        categories: &["all"],
        verbs: WORKLOAD,
        subresources: SCALE,
        ..kind("apps", "v1", "StatefulSet", "statefulsets")
    },
    Kind {
        singular: "job",
        categories: &["all"],
        verbs: KEPT,
        ..kind("batch", "v1", "Job", "jobs")
    },
    Kind {
        singular: "clusterrole",
        namespaced: false,
        ..kind(RBAC, "v1", "ClusterRole", "clusterroles")
    },
    Kind {
        singular: "clusterrolebinding",
        namespaced: false,
        ..kind(RBAC, "v1", "ClusterRoleBinding", "clusterrolebindings")
    },
    Kind {
        singular: "role",
        ..kind(RBAC, "v1", "Role", "roles")
    },
    Kind {
        singular: "rolebinding",
        ..kind(RBAC, "v1", "RoleBinding", "rolebindings")
    },
    Kind {
        singular: "validatingadmissionpolicy",
        namespaced: false,
        ..kind(
            ADMISSION,
            "v1",
            "ValidatingAdmissionPolicy",
            "validatingadmissionpolicies",
        )
    },
    Kind {
        singular: "validatingadmissionpolicybinding",
        namespaced: false,
        ..kind(
            ADMISSION,
            "v1",
            "ValidatingAdmissionPolicyBinding",
            "validatingadmissionpolicybindings",
        )
    },
];
