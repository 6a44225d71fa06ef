//! What the shop's cluster has beside its applications: namespaces, storage, ways in, scaling,
//! quotas, a custom kind, and the smaller troubles: a volume that waits, one that is nearly full, a
//! report that fails.

use serde_json::{Value, json};

use super::super::clock::rfc3339;
use super::apps::{APPS, App, Form};
use super::build::metadata;
use super::nodes::MACHINES;
use super::template::REGISTRY;

const DAY_MS: i64 = 86_400_000;

const NAMESPACES: &[(&str, i64)] = &[
    ("shop", 210),
    ("payments", 210),
    ("search", 180),
    ("monitoring", 200),
    ("edge", 211),
    ("reports", 90),
];

pub(super) fn namespaces(now_ms: i64) -> Vec<Value> {
    let object = |(name, days): &(&str, i64)| {
        json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "creationTimestamp": rfc3339(now_ms - days * DAY_MS),
                "labels": {"kubernetes.io/metadata.name": name, "team": name}},
            "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
        })
    };
    NAMESPACES.iter().map(object).collect()
}

/// `apiVersion`, kind, namespace (empty: none) and name.
fn named(api: &str, kind: &str, namespace: &str, name: &str, days: i64, now_ms: i64) -> Value {
    let mut metadata = json!({"name": name, "creationTimestamp": rfc3339(now_ms - days * DAY_MS)});
    if !namespace.is_empty() {
        metadata["namespace"] = json!(namespace);
    }
    json!({"apiVersion": api, "kind": kind, "metadata": metadata})
}

fn with(mut object: Value, fields: Value) -> Value {
    if let (Some(into), Value::Object(fields)) = (object.as_object_mut(), fields) {
        into.extend(fields);
    }
    object
}

pub(super) fn objects(now_ms: i64) -> Vec<Value> {
    let mut all = storage(now_ms);
    all.extend(ways_in(now_ms));
    all.extend(limits(now_ms));
    all.extend(promotions(now_ms));
    all.extend(secrets(now_ms));
    all.extend(leases(now_ms));
    all.push(autoscaler(now_ms));
    all
}

fn storage(now_ms: i64) -> Vec<Value> {
    let class = |name: &str, default: &str| {
        let mut class = with(
            named("storage.k8s.io/v1", "StorageClass", "", name, 212, now_ms),
            json!({
                "provisioner": "block.csi.example.com", "reclaimPolicy": "Delete",
                "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": true,
            }),
        );
        class["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] = json!(default);
        class
    };
    let mut all = vec![class("standard", "true"), class("slow", "false")];
    for app in APPS {
        let Form::StatefulSet(gib) = app.form else { continue };
        all.extend((0..app.replicas).flat_map(|n| volume(app, n, gib, now_ms)));
    }
    all.push(waiting_claim(now_ms));
    all
}

/// Claim and volume of one pod.
fn volume(app: &App, n: u32, gib: u32, now_ms: i64) -> [Value; 2] {
    let size = format!("{gib}Gi");
    let claim_name = format!("data-{}-{n}", app.name);
    let volume_name = format!("pv-{}-{}-{n}", app.namespace, app.name);
    let mut claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": metadata(app, &claim_name, super::build::born_ms(app, now_ms)),
        "spec": {
            "accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "volumeName": volume_name,
            "volumeMode": "Filesystem", "resources": {"requests": {"storage": size}},
        },
        "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}},
    });
    claim["metadata"]["finalizers"] = json!(["kubernetes.io/pvc-protection"]);
    let volume = with(
        named("v1", "PersistentVolume", "", &volume_name, app.age_days, now_ms),
        json!({
            "spec": {
                "capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": "standard",
                "persistentVolumeReclaimPolicy": "Delete", "volumeMode": "Filesystem",
                "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": app.namespace, "name": claim_name},
                "csi": {"driver": "block.csi.example.com", "volumeHandle": volume_name},
            },
            "status": {"phase": "Bound"},
        }),
    );
    [claim, volume]
}

/// Asks for a class that there is not.
fn waiting_claim(now_ms: i64) -> Value {
    with(
        named("v1", "PersistentVolumeClaim", "reports", "archive", 1, now_ms),
        json!({
            "spec": {
                "accessModes": ["ReadWriteMany"], "storageClassName": "shared-fast", "volumeMode": "Filesystem",
                "resources": {"requests": {"storage": "200Gi"}},
            },
            "status": {"phase": "Pending"},
        }),
    )
}

fn ways_in(now_ms: i64) -> Vec<Value> {
    let class = with(
        named("networking.k8s.io/v1", "IngressClass", "", "nginx", 211, now_ms),
        json!({"spec": {"controller": "k8s.io/ingress-nginx"}}),
    );
    let ingress = |namespace: &str, host: &str, paths: &[(&str, &str)]| {
        let path = |(path, service): &(&str, &str)| json!({"path": path, "pathType": "Prefix", "backend": {"service": {"name": service, "port": {"number": 8080}}}});
        with(
            named(
                "networking.k8s.io/v1",
                "Ingress",
                namespace,
                host.split('.').next().unwrap_or_default(),
                205,
                now_ms,
            ),
            json!({
                "spec": {
                    "ingressClassName": "nginx", "tls": [{"hosts": [host], "secretName": "tls"}],
                    "rules": [{"host": host, "http": {"paths": paths.iter().map(path).collect::<Vec<_>>()}}],
                },
                "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.10"}]}},
            }),
        )
    };
    let deny = |namespace: &str| {
        with(
            named(
                "networking.k8s.io/v1",
                "NetworkPolicy",
                namespace,
                "from-edge-and-own",
                160,
                now_ms,
            ),
            json!({"spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [
                {"from": [{"podSelector": {}}, {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "edge"}}}]},
            ]}}),
        )
    };
    vec![
        class,
        ingress(
            "shop",
            "shop.example.com",
            &[("/", "web"), ("/cart", "cart"), ("/checkout", "checkout")],
        ),
        ingress("search", "search.example.com", &[("/", "api")]),
        deny("shop"),
        deny("payments"),
        deny("search"),
    ]
}

fn limits(now_ms: i64) -> Vec<Value> {
    let quota = |namespace: &str, pods: u32, used: u32| {
        let amounts = |pods: u32| json!({"pods": pods.to_string(), "requests.cpu": format!("{}", pods / 2)});
        with(
            named("v1", "ResourceQuota", namespace, "team", 150, now_ms),
            json!({"spec": {"hard": amounts(pods)}, "status": {"hard": amounts(pods), "used": amounts(used)}}),
        )
    };
    let range = with(
        named("v1", "LimitRange", "shop", "defaults", 150, now_ms),
        json!({"spec": {"limits": [{"type": "Container", "defaultRequest": {"cpu": "50m", "memory": "64Mi"}}]}}),
    );
    let priority = |name: &str, value: i64| {
        with(
            named("scheduling.k8s.io/v1", "PriorityClass", "", name, 212, now_ms),
            json!({"value": value, "globalDefault": false, "preemptionPolicy": "PreemptLowerPriority"}),
        )
    };
    vec![
        quota("shop", 60, 22),
        quota("payments", 20, 4),
        range,
        priority("system-cluster-critical", 2_000_000_000),
        priority("business-critical", 1_000_000),
    ]
}

fn promotions(now_ms: i64) -> Vec<Value> {
    let column = |name: &str, path: &str| json!({"name": name, "type": "string", "jsonPath": path});
    let accepted = |kind: &str, reason: &str, message: &str| json!({"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": rfc3339(now_ms - 120 * DAY_MS)});
    let definition = with(
        named(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            "",
            "promotions.shop.example.com",
            120,
            now_ms,
        ),
        json!({
            "spec": {
                "group": "shop.example.com", "scope": "Namespaced",
                "names": {"plural": "promotions", "singular": "promotion", "kind": "Promotion", "shortNames": ["promo"]},
                "versions": [{
                    "name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
                    "additionalPrinterColumns": [column("Discount", ".spec.discount"), column("Phase", ".status.phase")],
                }],
            },
            "status": {"conditions": [accepted("NamesAccepted", "NoConflicts", "no conflicts found"),
                accepted("Established", "InitialNamesAccepted", "the initial names have been accepted")], "storedVersions": ["v1"]},
        }),
    );
    let promotion = |name: &str, discount: &str, phase: &str, days: i64| {
        with(
            named("shop.example.com/v1", "Promotion", "shop", name, days, now_ms),
            json!({"spec": {"discount": discount, "categories": ["lamps", "rugs"]}, "status": {"phase": phase}}),
        )
    };
    vec![
        definition,
        promotion("black-friday", "25%", "Scheduled", 6),
        promotion("autumn-lamps", "10%", "Running", 31),
        promotion("summer-sale", "40%", "Over", 148),
    ]
}

/// Their values are made up on the spot and open nothing.
fn secrets(now_ms: i64) -> Vec<Value> {
    let secret = |namespace: &str, name: &str, kind: &str, keys: &[&str]| {
        let data: serde_json::Map<String, Value> = keys
            .iter()
            .map(|key| ((*key).to_owned(), json!("ZGVtbywgbm90aGluZyB0byBzZWU=")))
            .collect();
        with(
            named("v1", "Secret", namespace, name, 190, now_ms),
            json!({"type": kind, "data": data}),
        )
    };
    let tls = |namespace| secret(namespace, "tls", "kubernetes.io/tls", &["tls.crt", "tls.key"]);
    vec![
        tls("shop"),
        tls("search"),
        secret("shop", "ledger-credentials", "Opaque", &["username", "password"]),
        secret("shop", "mail-relay", "Opaque", &["api-key"]),
        secret("payments", "acquirer", "Opaque", &["merchant", "signing-key"]),
        secret("monitoring", "grafana-admin", "Opaque", &["password"]),
        secret("edge", "acme-account", "Opaque", &["account.key"]),
    ]
}

/// By which nodes and the control plane say that they are alive.
fn leases(now_ms: i64) -> Vec<Value> {
    let lease = |namespace: &str, name: &str, holder: &str, seconds: u32| {
        let renewed = rfc3339(now_ms).replace('Z', ".000000Z");
        with(
            named("coordination.k8s.io/v1", "Lease", namespace, name, 212, now_ms),
            json!({"spec": {"holderIdentity": holder, "leaseDurationSeconds": seconds, "renewTime": renewed}}),
        )
    };
    let of_node = |name: &str| {
        let mut lease = lease("kube-node-lease", name, name, 40);
        lease["metadata"]["ownerReferences"] = json!([{"apiVersion": "v1", "kind": "Node", "name": name}]);
        lease
    };
    let mut all: Vec<Value> = MACHINES.iter().map(|machine| of_node(machine.name)).collect();
    for name in ["kube-controller-manager", "kube-scheduler"] {
        all.push(lease("kube-system", name, &format!("control-plane_{name}"), 15));
    }
    all
}

/// Somebody started it by hand, and nobody would start it again.
pub(super) fn by_hand(at_ms: i64) -> Value {
    let name = "reindex-by-hand";
    let mut pod = named("v1", "Pod", "search", name, 0, at_ms);
    pod["metadata"]["labels"] = json!({"app": name});
    with(
        pod,
        json!({"spec": {
            "nodeName": "node-b", "restartPolicy": "Never",
            "containers": [{
                "name": name, "image": format!("{REGISTRY}/search/indexer:2.7.0"), "args": ["reindex", "--all"],
                "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}},
            }],
        }}),
    )
}

fn work(name: &str) -> Value {
    json!({
        "metadata": {"labels": {"app": name}},
        "spec": {
            "restartPolicy": "Never", "terminationGracePeriodSeconds": 5,
            "containers": [{
                "name": name, "image": format!("{REGISTRY}/reports/{name}:1.4.0"),
                "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
            }],
        },
    })
}

fn cron(namespace: &str, name: &str, when: &str, last_ms: i64, now_ms: i64) -> Value {
    with(
        named("batch/v1", "CronJob", namespace, name, 90, now_ms),
        json!({
            "spec": {
                "schedule": when, "suspend": false, "concurrencyPolicy": "Forbid",
                "successfulJobsHistoryLimit": 2, "failedJobsHistoryLimit": 1,
                "jobTemplate": {"metadata": {"labels": {"app": name}}, "spec": {
                    "backoffLimit": 2, "template": work(name),
                }},
            },
            "status": {"lastScheduleTime": rfc3339(last_ms)},
        }),
    )
}

/// Runs every five minutes, all is well with it.
pub(super) fn stock_sync(now_ms: i64, since_ms: i64) -> Value {
    cron("shop", "stock-sync", "*/5 * * * *", since_ms, now_ms)
}

/// The nightly report, and its run that is about to fail.
pub(super) fn report(now_ms: i64, at_ms: i64) -> Vec<Value> {
    let name = "nightly-report";
    let cron = cron("reports", name, "15 3 * * *", at_ms, now_ms);
    let mut job = named(
        "batch/v1",
        "Job",
        "reports",
        &format!("{name}-{}", at_ms / 60_000),
        0,
        at_ms,
    );
    job["metadata"]["labels"] = json!({"app": name});
    job["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "batch/v1", "kind": "CronJob", "name": name, "controller": true, "blockOwnerDeletion": true,
    }]);
    let job = with(
        job,
        json!({"spec": {"backoffLimit": 2, "completions": 1, "parallelism": 1, "template": work(name)}}),
    );
    vec![cron, job]
}

/// At its limit for two hours, and still too busy.
fn autoscaler(now_ms: i64) -> Value {
    let busy = |percent: u32| json!([{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": percent, "averageValue": "186m"}}}]);
    let condition = |kind: &str, reason: &str, message: &str| json!({"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": rfc3339(now_ms - 7_200_000)});
    with(
        named(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            "shop",
            "catalog",
            140,
            now_ms,
        ),
        json!({
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "catalog"},
                "minReplicas": 2, "maxReplicas": 6,
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}],
            },
            "status": {
                "currentReplicas": 6, "desiredReplicas": 6, "currentMetrics": busy(93), "lastScaleTime": rfc3339(now_ms - 7_200_000),
                "conditions": [
                    condition("AbleToScale", "ReadyForNewScale", "recommended size matches current size"),
                    condition("ScalingActive", "ValidMetricFound", "the HPA was able to successfully calculate a replica count"),
                    condition("ScalingLimited", "TooManyReplicas", "the desired replica count is more than the maximum replica count"),
                ],
            },
        }),
    )
}
