//! One of every kind made, with what the server fills in.

use serde_json::{Value, json};

use super::super::step::{Step, get, post};
use super::{core, group};

pub fn labelled(name: &str) -> Value {
    json!({"name": name, "labels": {"contract": "yes", "app": name}})
}

pub fn template(name: &str) -> Value {
    json!({
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [
            {"name": "main", "image": "registry.invalid/a:1", "ports": [{"containerPort": 80}]},
            {"name": "side", "image": "registry.invalid/b:1"},
        ]},
    })
}

fn workload(name: &str, more: Value) -> Value {
    let mut object = json!({
        "metadata": labelled(name),
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template(name)},
    });
    for (key, value) in more.as_object().expect("fields of a spec") {
        object["spec"][key] = value.clone();
    }
    object
}

pub fn steps() -> Vec<Step> {
    let mut all = plain();
    all.extend(workloads());
    all.extend(network());
    all.extend(storage_and_rights());
    all.extend(gets());
    all
}

fn plain() -> Vec<Step> {
    let map = |name: &str, tier: &str| json!({"metadata": {"name": name, "labels": {"contract": "yes", "tier": tier}}, "data": {"k": name}});
    let event = json!({
        "metadata": labelled("told"), "reason": "Testing", "message": "a test\n", "type": "Warning", "count": 3,
        "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": "x", "namespace": "contract"},
        "source": {"component": "test", "host": "here"},
        "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:00:00Z",
    });
    let promotion = json!({
        "apiVersion": "shop.example.com/v1", "kind": "Promotion", "metadata": labelled("summer"),
        "spec": {"discount": 20, "ends": "2026-01-01T00:00:00Z"}, "status": {"phase": "dropped at creation"},
    });
    vec![
        post("create configmap a", &core("configmaps"), &map("a", "front")).see(&["/data", "/metadata/namespace"]),
        post("create configmap b", &core("configmaps"), &map("b", "back")).silent(),
        post("create configmap c", &core("configmaps"), &map("c", "back")).silent(),
        post("create configmap d", &core("configmaps"), &map("d", "none")).silent(),
        post("create configmap e", &core("configmaps"), &map("e", "none")).silent(),
        post(
            "create secret",
            &core("secrets"),
            &json!({"metadata": labelled("s"), "data": {"k": "djE="}}),
        )
        .see(&["/type", "/data"]),
        post(
            "create immutable secret",
            &core("secrets"),
            &json!({"metadata": labelled("fixed"), "immutable": true, "data": {"k": "djE="}}),
        )
        .keep("secret", "/metadata/uid"),
        post(
            "create account",
            &core("serviceaccounts"),
            &json!({"metadata": labelled("robot")}),
        ),
        post("create event", &core("events"), &event).see(&["/count", "/type"]),
        post(
            "create lease",
            &group("coordination.k8s.io/v1", "leases"),
            &json!({"metadata": labelled("held"), "spec": {"holderIdentity": "me", "leaseDurationSeconds": 15}}),
        ),
        post(
            "create promotion",
            &group("shop.example.com/v1", "promotions"),
            &promotion,
        )
        .see(&["/spec", "/status", "/metadata/generation"]),
    ]
}

fn workloads() -> Vec<Step> {
    let deployment = workload("web", json!({"replicas": 0}));
    let job = json!({
        "metadata": labelled("g-1"),
        "spec": {"parallelism": 0, "activeDeadlineSeconds": 3600, "ttlSecondsAfterFinished": 0,
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "none", "image": "none"}]}}},
    });
    let cron = json!({
        "metadata": labelled("nightly"),
        "spec": {"schedule": "0 3 * * *", "suspend": true, "jobTemplate": {"spec": {"template": {
            "spec": {"restartPolicy": "OnFailure", "containers": [{"name": "main", "image": "none"}]}}}}},
    });
    let budget = json!({
        "metadata": labelled("keep-one"),
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"guarded": "yes"}}},
    });
    let scaler = json!({
        "metadata": labelled("web"),
        "spec": {"minReplicas": 1, "maxReplicas": 4,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "metrics": [{"type": "Resource", "resource": {"name": "cpu",
                "target": {"type": "Utilization", "averageUtilization": 80}}}]},
    });
    let asleep = workload("set", json!({"replicas": 0, "serviceName": "set"}));
    let mut nowhere = workload("agent", json!({}));
    nowhere["spec"]["template"]["spec"]["nodeSelector"] = json!({"nowhere": "yes"});
    vec![
        post("create deployment", &group("apps/v1", "deployments"), &deployment).see(&[
            "/spec/replicas",
            "/spec/strategy",
            "/spec/revisionHistoryLimit",
            "/spec/progressDeadlineSeconds",
            "/metadata/generation",
            "/spec/template/spec/restartPolicy",
            "/spec/template/spec/terminationGracePeriodSeconds",
            "/spec/template/spec/containers/0/ports/0/protocol",
        ]),
        get("the deployment is seen", &group("apps/v1", "deployments/web"))
            .until("/status/observedGeneration", 1)
            .see(&[
                "/status/observedGeneration",
                "/metadata/annotations/deployment.kubernetes.io~1revision",
            ]),
        post("create statefulset", &group("apps/v1", "statefulsets"), &asleep).see(&[
            "/spec/replicas",
            "/spec/podManagementPolicy",
            "/spec/updateStrategy",
        ]),
        post("create daemonset", &group("apps/v1", "daemonsets"), &nowhere).see(&["/spec/updateStrategy"]),
        post("create job", &group("batch/v1", "jobs"), &job).see(&[
            "/spec/backoffLimit",
            "/spec/completions",
            "/spec/parallelism",
            "/spec/suspend",
        ]),
        get("the job has begun", &group("batch/v1", "jobs/g-1"))
            .until("/status/ready", 0)
            .see(&["/status/startTime"]),
        post("create cronjob", &group("batch/v1", "cronjobs"), &cron).see(&[
            "/spec/concurrencyPolicy",
            "/spec/failedJobsHistoryLimit",
            "/spec/successfulJobsHistoryLimit",
        ]),
        post("create budget", &group("policy/v1", "poddisruptionbudgets"), &budget),
        post(
            "create autoscaler",
            &group("autoscaling/v2", "horizontalpodautoscalers"),
            &scaler,
        ),
    ]
}

fn network() -> Vec<Step> {
    let service = json!({
        "metadata": labelled("web"),
        "spec": {"clusterIP": "None", "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
    });
    let ingress = json!({
        "metadata": labelled("web"),
        "spec": {"ingressClassName": "nginx", "rules": [{"host": "shop.example.com", "http": {"paths": [
            {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]},
    });
    let slice = json!({
        "metadata": {"name": "own", "labels": {"contract": "yes"}}, "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.9.9.1"]}, {"addresses": ["10.9.9.2"]}],
        "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
    });
    let policy = json!({"metadata": labelled("deny"), "spec": {"podSelector": {"matchLabels": {"app": "web"}}}});
    let class = json!({"metadata": labelled("contract"), "spec": {"controller": "example.com/none"}});
    let networking = "networking.k8s.io/v1";
    vec![
        post("create service", &core("services"), &service).see(&[
            "/spec/type",
            "/spec/clusterIP",
            "/spec/ports",
            "/spec/sessionAffinity",
        ]),
        post("create ingress", &group(networking, "ingresses"), &ingress).see(&["/metadata/generation"]),
        post(
            "create ingressclass",
            "/apis/networking.k8s.io/v1/ingressclasses",
            &class,
        ),
        post("create networkpolicy", &group(networking, "networkpolicies"), &policy).see(&["/metadata/generation"]),
        post(
            "create endpointslice",
            &group("discovery.k8s.io/v1", "endpointslices"),
            &slice,
        ),
    ]
}

fn storage_and_rights() -> Vec<Step> {
    let claim = json!({
        "metadata": labelled("disk"),
        "spec": {"storageClassName": "contract", "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}}},
    });
    let volume = json!({
        "metadata": labelled("contract-disk"),
        "spec": {"capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
            "hostPath": {"path": "/none"}, "storageClassName": "by-hand"},
    });
    let class = json!({
        "metadata": labelled("contract"), "provisioner": "example.com/none",
        "volumeBindingMode": "WaitForFirstConsumer",
    });
    let rules = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]);
    let binding = json!({
        "metadata": labelled("readers"),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [
            {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "norights"},
            {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "readers"},
            {"kind": "ServiceAccount", "name": "robot", "namespace": "contract"},
        ],
    });
    let limits = json!({"metadata": labelled("limits"), "spec": {"limits": [{"type": "PersistentVolumeClaim",
        "max": {"storage": "10Gi"}}]}});
    let priority = json!({"metadata": labelled("contract"), "value": 7, "description": "x"});
    let rbac = "rbac.authorization.k8s.io/v1";
    vec![
        post("create storageclass", "/apis/storage.k8s.io/v1/storageclasses", &class),
        post("create claim", &core("persistentvolumeclaims"), &claim).see(&["/status/phase", "/spec/volumeMode"]),
        post("create volume", "/api/v1/persistentvolumes", &volume)
            .see(&["/spec/persistentVolumeReclaimPolicy", "/spec/volumeMode"]),
        post(
            "create role",
            &group(rbac, "roles"),
            &json!({"metadata": labelled("reader"), "rules": rules}),
        ),
        post("create rolebinding", &group(rbac, "rolebindings"), &binding).see(&["/subjects"]),
        post(
            "create clusterrole",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            &json!({"metadata": labelled("contract-reader"), "rules": rules}),
        ),
        post("create limitrange", &core("limitranges"), &limits).silent(),
        post(
            "create priorityclass",
            "/apis/scheduling.k8s.io/v1/priorityclasses",
            &priority,
        ),
    ]
}

fn gets() -> Vec<Step> {
    use super::super::step::{METADATA, TABLE};
    vec![
        get("get configmap", &core("configmaps/a")).see(&["/data", "/metadata/labels"]),
        get("get configmap by viewer", &core("configmaps/a"))
            .by("viewer")
            .see(&["/data"]),
        get("get configmap as metadata", &core("configmaps/a"))
            .accept(METADATA)
            .see(&["/metadata/name", "/data"]),
        get("get configmap as table", &core("configmaps/a")).accept(TABLE),
        get("get secret by viewer", &core("secrets/s")).by("viewer"),
        get("get deployment status", &group("apps/v1", "deployments/web/status")).see(&["/spec/replicas"]),
        get("get namespace", "/api/v1/namespaces/contract").see(&["/status/phase"]),
        get("get promotion", &group("shop.example.com/v1", "promotions/summer")).see(&["/spec/discount"]),
        get("get node", "/api/v1/nodes/ghost").see(&["/metadata/labels/contract"]),
        get("get pods allowed by a role", &core("pods")).by("norights"),
    ]
}
