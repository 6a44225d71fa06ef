//! The table itself, in the order in which a real server's discovery has groups and resources.

use super::{Kind, Subresource};

/// Groups with a name, best first.
pub(in crate::embedded) const GROUPS: &[(&str, &str)] = &[
    ("apps", "v1"),
    ("authentication.k8s.io", "v1"),
    ("authorization.k8s.io", "v1"),
    ("autoscaling", "v2"),
    ("batch", "v1"),
    ("networking.k8s.io", "v1"),
    ("policy", "v1"),
    (RBAC, "v1"),
    ("storage.k8s.io", "v1"),
    (ADMISSION, "v1"),
    ("apiextensions.k8s.io", "v1"),
    ("scheduling.k8s.io", "v1"),
    ("coordination.k8s.io", "v1"),
    ("discovery.k8s.io", "v1"),
    ("shop.example.com", "v1"),
    ("metrics.k8s.io", "v1beta1"),
];

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

const ALL: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];
/// In the order that a server lists them for custom resources.
const CUSTOM: &[&str] = &[
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "create",
    "update",
    "watch",
];
const NO_COLLECTION: &[&str] = &["create", "delete", "get", "list", "patch", "update", "watch"];
const CHANGE: &[&str] = &["get", "patch", "update"];
const CREATE: &[&str] = &["create"];
const CONNECT: &[&str] = &["create", "get"];
const GET: &[&str] = &["get"];
const MEASURED: &[&str] = &["get", "list"];

const fn sub(name: &'static str, of: &'static str, verbs: &'static [&'static str]) -> Subresource {
    Subresource {
        name,
        group: "",
        version: "v1",
        kind: of,
        verbs,
    }
}

const fn status(group: &'static str, version: &'static str, kind: &'static str) -> Subresource {
    Subresource {
        name: "status",
        group,
        version,
        kind,
        verbs: CHANGE,
    }
}

const SCALE: Subresource = Subresource {
    name: "scale",
    group: "autoscaling",
    version: "v1",
    kind: "Scale",
    verbs: CHANGE,
};
const TOKEN: &[Subresource] = &[Subresource {
    name: "token",
    group: "authentication.k8s.io",
    version: "v1",
    kind: "TokenRequest",
    verbs: CREATE,
}];
const POD: &[Subresource] = &[
    sub("ephemeralcontainers", "Pod", CHANGE),
    Subresource {
        group: "policy",
        ..sub("eviction", "Eviction", CREATE)
    },
    sub("exec", "PodExecOptions", CONNECT),
    sub("log", "Pod", GET),
    sub("portforward", "PodPortForwardOptions", CONNECT),
    status("", "v1", "Pod"),
];

const fn kind(group: &'static str, version: &'static str, name: &'static str, plural: &'static str) -> Kind {
    Kind {
        group,
        version,
        name,
        plural,
        short: &[],
        categories: &[],
        namespaced: true,
        verbs: ALL,
        subresources: &[],
        shown_when_deleted: false,
    }
}

const fn core(name: &'static str, plural: &'static str) -> Kind {
    kind("", "v1", name, plural)
}

impl Kind {
    const fn short(mut self, short: &'static [&'static str]) -> Self {
        self.short = short;
        self
    }

    const fn everywhere(mut self) -> Self {
        self.namespaced = false;
        self
    }

    const fn in_all(mut self) -> Self {
        self.categories = &["all"];
        self
    }

    const fn extending(mut self) -> Self {
        self.categories = &["api-extensions"];
        self
    }

    const fn with(mut self, subresources: &'static [Subresource]) -> Self {
        self.subresources = subresources;
        self
    }

    const fn verbs(mut self, verbs: &'static [&'static str]) -> Self {
        self.verbs = verbs;
        self
    }

    const fn shown_when_deleted(mut self) -> Self {
        self.shown_when_deleted = true;
        self
    }
}

pub(in crate::embedded) static KINDS: &[Kind] = &[
    core("ConfigMap", "configmaps").short(&["cm"]),
    core("Endpoints", "endpoints").short(&["ep"]),
    core("Event", "events").short(&["ev"]),
    core("LimitRange", "limitranges").short(&["limits"]),
    core("Namespace", "namespaces")
        .short(&["ns"])
        .everywhere()
        .verbs(NO_COLLECTION)
        .with(&[status("", "v1", "Namespace")]),
    core("Node", "nodes")
        .short(&["no"])
        .everywhere()
        .with(&[status("", "v1", "Node")]),
    core("PersistentVolumeClaim", "persistentvolumeclaims")
        .short(&["pvc"])
        .shown_when_deleted()
        .with(&[status("", "v1", "PersistentVolumeClaim")]),
    core("PersistentVolume", "persistentvolumes")
        .short(&["pv"])
        .everywhere()
        .shown_when_deleted()
        .with(&[status("", "v1", "PersistentVolume")]),
    core("Pod", "pods")
        .short(&["po"])
        .in_all()
        .shown_when_deleted()
        .with(POD),
    core("ResourceQuota", "resourcequotas")
        .short(&["quota"])
        .shown_when_deleted()
        .with(&[status("", "v1", "ResourceQuota")]),
    core("Secret", "secrets"),
    core("ServiceAccount", "serviceaccounts")
        .short(&["sa"])
        .shown_when_deleted()
        .with(TOKEN),
    core("Service", "services")
        .short(&["svc"])
        .in_all()
        .shown_when_deleted()
        .with(&[status("", "v1", "Service")]),
    kind("apps", "v1", "ControllerRevision", "controllerrevisions"),
    kind("apps", "v1", "DaemonSet", "daemonsets")
        .short(&["ds"])
        .in_all()
        .with(&[status("apps", "v1", "DaemonSet")]),
    kind("apps", "v1", "Deployment", "deployments")
        .short(&["deploy"])
        .in_all()
        .with(&[SCALE, status("apps", "v1", "Deployment")]),
    kind("apps", "v1", "ReplicaSet", "replicasets")
        .short(&["rs"])
        .in_all()
        .with(&[SCALE, status("apps", "v1", "ReplicaSet")]),
    kind("apps", "v1", "StatefulSet", "statefulsets")
        .short(&["sts"])
        .in_all()
        .with(&[SCALE, status("apps", "v1", "StatefulSet")]),
    kind(
        "autoscaling",
        "v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
    )
    .short(&["hpa"])
    .in_all()
    .with(&[status("autoscaling", "v2", "HorizontalPodAutoscaler")]),
    kind("batch", "v1", "CronJob", "cronjobs")
        .short(&["cj"])
        .in_all()
        .with(&[status("batch", "v1", "CronJob")]),
    kind("batch", "v1", "Job", "jobs")
        .in_all()
        .with(&[status("batch", "v1", "Job")]),
    kind("networking.k8s.io", "v1", "IngressClass", "ingressclasses").everywhere(),
    kind("networking.k8s.io", "v1", "Ingress", "ingresses")
        .short(&["ing"])
        .with(&[status("networking.k8s.io", "v1", "Ingress")]),
    kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies").short(&["netpol"]),
    kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")
        .short(&["pdb"])
        .with(&[status("policy", "v1", "PodDisruptionBudget")]),
    kind(RBAC, "v1", "ClusterRoleBinding", "clusterrolebindings").everywhere(),
    kind(RBAC, "v1", "ClusterRole", "clusterroles").everywhere(),
    kind(RBAC, "v1", "RoleBinding", "rolebindings"),
    kind(RBAC, "v1", "Role", "roles"),
    kind("storage.k8s.io", "v1", "StorageClass", "storageclasses")
        .short(&["sc"])
        .everywhere()
        .shown_when_deleted(),
    kind(
        ADMISSION,
        "v1",
        "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies",
    )
    .everywhere()
    .extending()
    .with(&[status(ADMISSION, "v1", "ValidatingAdmissionPolicy")]),
    kind(
        ADMISSION,
        "v1",
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
    )
    .everywhere()
    .extending(),
    kind(
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
    )
    .short(&["crd", "crds"])
    .everywhere()
    .extending()
    .with(&[status("apiextensions.k8s.io", "v1", "CustomResourceDefinition")]),
    kind("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses")
        .short(&["pc"])
        .everywhere(),
    kind("coordination.k8s.io", "v1", "Lease", "leases"),
    kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
    kind("shop.example.com", "v1", "Promotion", "promotions")
        .short(&["promo"])
        .verbs(CUSTOM)
        .with(&[status("shop.example.com", "v1", "Promotion")]),
    kind("metrics.k8s.io", "v1beta1", "NodeMetrics", "nodes")
        .everywhere()
        .verbs(MEASURED),
    kind("metrics.k8s.io", "v1beta1", "PodMetrics", "pods").verbs(MEASURED),
];
