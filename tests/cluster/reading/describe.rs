//! What describe says against what kubectl's says of the same object, fact by fact; and that it
//! follows the object.

use std::collections::BTreeMap;
use std::sync::Arc;

use kglass::cluster::{Query, Reader, Reading, Related};
use kglass::model::{ObjectRef, Snapshot};
use kglass::registry::describe::{Line, describe};
use serde_json::Value;

use super::{Read, object, reader};
use crate::harness::{self, BUSYBOX, Rig, Shop};

/// `Key: value` of each line, first come first kept, blanks squeezed.
fn facts(text: &str) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    for line in text.lines() {
        if let Some((key, value)) = line.split_once(':') {
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            facts.entry(key.trim().to_owned()).or_insert(value);
        }
    }
    facts
}

struct Described {
    value: Arc<Value>,
    related: Option<Arc<Related>>,
    events: Snapshot,
}

/// Kinds of which more is read than the object.
const WITH_MORE: [&str; 4] = ["services", "persistentvolumeclaims", "nodes", "deployments"];

async fn described(reader: &Reader, object: ObjectRef) -> Described {
    let wants_more = WITH_MORE.contains(&object.resource.as_str());
    let mut read = Read::start(reader, Query::Describe(object));
    let (mut value, mut related, mut events) = (None, None, None);
    loop {
        match read.next().await.expect("it goes on") {
            Reading::Object(object) => value = Some(object),
            Reading::Events(told) => events = Some(told.expect("a viewer may list events")),
            Reading::Related(more) => related = Some(more),
            Reading::Failed(error) => panic!("{error}"),
            _ => {}
        }
        if wants_more && related.is_none() {
            continue;
        }
        if let (Some(value), Some(events)) = (&value, &events) {
            return Described {
                value: Arc::clone(value),
                related,
                events: events.clone(),
            };
        }
    }
}

fn page(described: &Described) -> String {
    let lines = describe(
        &described.value,
        described.related.as_deref(),
        Some(&Ok(described.events.clone())),
    );
    lines.iter().map(Line::text).collect::<Vec<_>>().join("\n")
}

/// One of each main kind; the image never runs anything that matters.
const OBJECTS: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue}
---
apiVersion: v1
kind: Secret
metadata: {name: db}
stringData: {password: hunter2}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: import}
spec: {suspend: true, backoffLimit: 4, template: {spec: {restartPolicy: Never, containers: [{name: main, image: IMAGE}]}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec: {schedule: "0 3 * * *", suspend: true, jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: IMAGE}]}}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ledger}
spec: {replicas: 0, serviceName: ledger, selector: {matchLabels: {app: ledger}}, template: {metadata: {labels: {app: ledger}}, spec: {containers: [{name: main, image: IMAGE}]}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {nodeSelector: {never: "true"}, containers: [{name: main, image: IMAGE}]}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {ingressClassName: none, rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 1, maxReplicas: 5}
"#;

/// Group, kind, plural, name, and the facts compared.
type Wanted = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const WANTED: &[Wanted] = &[
    (
        "apps",
        "Deployment",
        "deployments",
        "web",
        &[
            "Name",
            "Namespace",
            "Labels",
            "Selector",
            "Replicas",
            "StrategyType",
            "MinReadySeconds",
            "RollingUpdateStrategy",
            "Image",
            "OldReplicaSets",
            "NewReplicaSet",
        ],
    ),
    (
        "apps",
        "StatefulSet",
        "statefulsets",
        "ledger",
        &["Name", "Namespace", "Selector", "Update Strategy", "Image"],
    ),
    (
        "apps",
        "DaemonSet",
        "daemonsets",
        "agent",
        &[
            "Name",
            "Selector",
            "Desired Number of Nodes Scheduled",
            "Current Number of Nodes Scheduled",
            "Number of Nodes Misscheduled",
            "Image",
        ],
    ),
    (
        "batch",
        "Job",
        "jobs",
        "import",
        &[
            "Name",
            "Namespace",
            "Selector",
            "Parallelism",
            "Completions",
            "Completion Mode",
            "Suspend",
            "Backoff Limit",
            "Pods Statuses",
        ],
    ),
    (
        "batch",
        "CronJob",
        "cronjobs",
        "nightly",
        &[
            "Name",
            "Schedule",
            "Concurrency Policy",
            "Suspend",
            "Successful Job History Limit",
            "Failed Job History Limit",
            "Image",
        ],
    ),
    (
        "",
        "Service",
        "services",
        "web",
        &[
            "Name",
            "Namespace",
            "Selector",
            "Type",
            "IP Family Policy",
            "IP Families",
            "IP",
            "IPs",
            "Port",
            "TargetPort",
            "Endpoints",
            "Session Affinity",
            "Internal Traffic Policy",
        ],
    ),
    (
        "",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        "data",
        &["Name", "Namespace", "StorageClass", "Status", "VolumeMode", "Used By"],
    ),
    ("", "ConfigMap", "configmaps", "settings", &["Name", "Namespace"]),
    (
        "",
        "Secret",
        "secrets",
        "db",
        &["Name", "Namespace", "Type", "password"],
    ),
    (
        "networking.k8s.io",
        "Ingress",
        "ingresses",
        "web",
        &["Name", "Namespace", "Ingress Class", "Address"],
    ),
    (
        "autoscaling",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        "web",
        &["Name", "Namespace", "Reference", "Min replicas", "Max replicas"],
    ),
];

const POD: &[&str] = &[
    "Name",
    "Namespace",
    "Service Account",
    "Labels",
    "Status",
    "IP",
    "Controlled By",
    "Container ID",
    "Image",
    "Image ID",
    "State",
    "Ready",
    "Restart Count",
    "QoS Class",
    "Node-Selectors",
    "Tolerations",
];
const NODE: &[&str] = &["Name", "Roles", "Taints", "Unschedulable", "InternalIP", "Hostname"];

/// What kubectl says and we do not say as it does.
fn differences(rig: &Rig, namespace: &str, plural: &str, name: &str, ours: &str, keys: &[&str]) -> Vec<String> {
    let said = rig.kubectl_ok("admin", &["-n", namespace, "describe", plural, name]);
    let (theirs, ours) = (facts(&said), facts(ours));
    let differs = |key: &&&str| theirs.contains_key(**key) && theirs.get(**key) != ours.get(**key);
    let all = keys.iter().filter(differs);
    let told = all.map(|key| {
        format!(
            "{plural}/{name} {key}: kubectl {:?}, we {:?}",
            theirs.get(*key),
            ours.get(*key)
        )
    });
    let missing = keys.iter().filter(|key| !theirs.contains_key(**key));
    told.chain(missing.map(|key| format!("{plural}/{name}: kubectl has no `{key}`")))
        .collect()
}

#[tokio::test]
async fn the_main_facts_are_those_of_kubectl() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("describe");
    let apply = OBJECTS.replace("IMAGE", BUSYBOX).replace(
        "metadata: {name",
        &format!("metadata: {{namespace: {}, name", &*namespace),
    );
    rig.apply("admin", &apply);
    Shop::open(rig, &namespace);
    let reader = reader(rig, "admin").await;
    let mut differ = Vec::new();
    let mut compared = 0;
    for (group, kind, plural, name, keys) in WANTED {
        let mut of = object(group, kind, plural, &namespace, name);
        if *group == "autoscaling" {
            of.gvk.version = "v2".into();
        }
        let ours = page(&described(&reader, of).await);
        assert!(!ours.contains("hunter2") && !ours.contains("aHVudGVyMg"), "{ours}");
        compared += keys.len();
        differ.extend(differences(rig, &namespace, plural, name, &ours, keys));
    }
    let pods = rig.kubectl_ok(
        "admin",
        &["-n", &namespace, "get", "pods", "-l", "app=web", "-o", "name"],
    );
    let pod = pods
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("pod/"))
        .expect("a pod");
    let ours = page(&described(&reader, object("", "Pod", "pods", &namespace, pod)).await);
    assert!(
        ours.contains("Scheduled") && ours.contains("Started"),
        "its events: {ours}"
    );
    compared += POD.len() + NODE.len();
    differ.extend(differences(rig, &namespace, "pods", pod, &ours, POD));
    let node = rig
        .kubectl_ok("admin", &["get", "nodes", "-o", "name"])
        .trim()
        .trim_start_matches("node/")
        .to_owned();
    let mut of = object("", "Node", "nodes", "", &node);
    of.namespace = None;
    let ours = page(&described(&reader, of).await);
    differ.extend(differences(rig, &namespace, "nodes", &node, &ours, NODE));
    println!(
        "{compared} facts of {} kinds compared with kubectl describe, {} differ",
        WANTED.len() + 2,
        differ.len()
    );
    assert!(differ.is_empty(), "{differ:#?}");
}

#[tokio::test]
async fn a_change_is_seen_and_a_deletion_told() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("described");
    rig.kubectl_ok(
        "admin",
        &[
            "-n",
            &namespace,
            "create",
            "configmap",
            "settings",
            "--from-literal=colour=blue",
        ],
    );
    let reader = reader(rig, "viewer").await;
    let mut read = Read::start(
        &reader,
        Query::Describe(object("", "ConfigMap", "configmaps", &namespace, "settings")),
    );
    let colour = |wanted: &'static str| {
        move |reading: &Reading| match reading {
            Reading::Object(value) if value["data"]["colour"] == wanted => Some(()),
            _ => None,
        }
    };
    read.find("blue", colour("blue")).await;
    rig.kubectl_ok(
        "admin",
        &[
            "-n",
            &namespace,
            "patch",
            "configmap",
            "settings",
            "-p",
            r#"{"data":{"colour":"red"}}"#,
        ],
    );
    read.find("red", colour("red")).await;
    rig.kubectl_ok("admin", &["-n", &namespace, "delete", "configmap", "settings"]);
    let error = read.failure().await;
    assert_eq!(error.kind, kglass::cluster::ReadErrorKind::NotFound, "{error}");
}
