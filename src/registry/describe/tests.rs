//! Pages of known objects, and what a hostile one cannot do to a page.

use serde_json::{Value, json};

use super::*;

fn page(object: &Value) -> String {
    page_with(object, None)
}

fn page_with(object: &Value, related: Option<&Related>) -> String {
    let lines: Vec<String> = describe(object, related, Some(&Err(refused())))
        .iter()
        .map(Line::text)
        .collect();
    lines.join("\n")
}

fn refused() -> ReadError {
    ReadError {
        kind: crate::cluster::ReadErrorKind::Forbidden,
        cause: "list events: forbidden".into(),
        cure: "ask for it".into(),
        retrying: false,
    }
}

fn read(plural: &'static str, items: Value) -> Related {
    let Value::Array(items) = items else {
        panic!("a list is made of objects");
    };
    Related {
        plural,
        found: Ok(items),
        more: false,
    }
}

#[track_caller]
fn says(object: &Value, wanted: &[&str]) {
    says_with(object, None, wanted);
}

#[track_caller]
fn says_with(object: &Value, related: Option<&Related>, wanted: &[&str]) {
    let page = page_with(object, related);
    for line in wanted {
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            page.lines().any(|shown| squeezed(shown) == squeezed(line)),
            "no line `{line}` in\n{page}"
        );
    }
}

#[test]
fn a_pod_says_how_its_containers_are_and_why() {
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web-0", "namespace": "shop", "labels": {"app": "web"}, "creationTimestamp": "2026-01-01T00:00:00Z",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "a\nb"},
            "ownerReferences": [{"kind": "StatefulSet", "name": "web", "controller": true}]},
        "spec": {"nodeName": "node-a", "serviceAccountName": "shop", "containers": [{
            "name": "main", "image": "web:1", "ports": [{"containerPort": 8080, "name": "http"}],
            "env": [{"name": "A", "value": "b"}, {"name": "S", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}],
            "resources": {"limits": {"cpu": "1", "memory": "64Mi"}},
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"}},
            "volumeMounts": [{"mountPath": "/data", "name": "data", "readOnly": true}],
        }], "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-web-0"}}],
            "tolerations": [{"key": "gone", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}]},
        "status": {"phase": "Running", "qosClass": "Burstable", "podIPs": [{"ip": "10.0.0.7"}], "hostIP": "192.0.2.7",
            "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "main is not"}],
            "containerStatuses": [{"name": "main", "ready": false, "restartCount": 17,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
                "lastState": {"terminated": {"exitCode": 137, "signal": 9, "reason": "OOMKilled"}}}]},
    });
    says(
        &pod,
        &[
            "Name: web-0",
            "Namespace: shop",
            "Labels: app=web",
            "Annotations: note: a\\nb",
            "Controlled By: StatefulSet/web",
            "Node: node-a (192.0.2.7)",
            "Status: Running",
            "main:",
            "Ports: 8080/TCP (http)",
            "State: Waiting",
            "Reason: CrashLoopBackOff",
            "Message: back-off 5m0s",
            "Last State: Terminated",
            "Exit Code: 137 (signal 9)",
            "Restart Count: 17",
            "Limits: cpu=1, memory=64Mi",
            "Liveness: http-get http://:http/healthz delay=0s timeout=1s period=10s #success=1 #failure=3",
            "Environment: A: b",
            "S: <key `password` of secret `db`>",
            "Mounts: /data from data (ro)",
            "TYPE STATUS SINCE REASON MESSAGE",
            "Ready False ContainersNotReady main is not",
            "Type: PersistentVolumeClaim",
            "Tolerations: gone:NoExecute op=Exists for 300s",
            "Events: list events: forbidden; ask for it",
        ],
    );
}

#[test]
fn workloads_say_what_is_desired_and_what_there_is() {
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["a", "b"]}]},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 1}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": "web:1"}]}}},
        "status": {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 2, "readyReplicas": 2, "unavailableReplicas": 1},
    });
    says(
        &deployment,
        &[
            "Selector: app=web,tier in (a,b)",
            "Replicas: 3 desired | 3 updated | 3 total | 2 available | 1 unavailable",
            "StrategyType: RollingUpdate",
            "RollingUpdateStrategy: 25% max unavailable, 1 max surge",
            "Pod Template:",
            "Image: web:1",
        ],
    );
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "import"},
        "spec": {"completions": 1, "parallelism": 1, "backoffLimit": 6, "template": {"spec": {"containers": []}}},
        "status": {"failed": 2, "startTime": "2026-01-01T00:00:00Z", "completionTime": "2026-01-01T00:01:05Z"},
    });
    says(
        &job,
        &[
            "Pods Statuses: 0 Active (0 Ready) / 0 Succeeded / 2 Failed",
            "Duration: 65s",
            "Backoff Limit: 6",
        ],
    );
    let hpa = json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 1, "maxReplicas": 5,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}]},
        "status": {"currentReplicas": 1, "desiredReplicas": 2},
    });
    says(
        &hpa,
        &[
            "resource cpu: <unknown> / 80%",
            "Deployment pods: 1 current / 2 desired",
        ],
    );
}

#[test]
fn a_secret_shows_names_and_sizes_and_never_a_value() {
    let secret = |value: Value| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "type": "Opaque", "data": {"password": value}});
    says(
        &secret(json!("(redacted, 7 bytes)")),
        &["Type: Opaque", "password: 7 bytes"],
    );
    for leak in [
        json!("aHVudGVyMg=="),
        json!("(redacted, hunter2)"),
        json!({"a": "hunter2"}),
    ] {
        let page = page(&secret(leak));
        assert!(!page.contains("hunter2") && !page.contains("aHVudGVyMg"), "{page}");
        assert!(page.contains("not shown"), "{page}");
    }
}

#[test]
fn a_kind_nobody_knows_shows_everything_under_its_own_names() {
    let widget = json!({
        "apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"},
        "spec": {"size": 3, "tags": ["a", "b"], "parts": [{"name": "left", "on": true}, {"x": null}], "none": {}, "text": "one\ntwo"},
        "status": {"phase": "Failed", "conditions": [{"type": "Ready", "status": "True"}]},
    });
    says(
        &widget,
        &[
            "spec:",
            "size: 3",
            "tags: a",
            "b",
            "parts:",
            "left:",
            "on: true",
            "- 1:",
            "x: <none>",
            "none: {}",
            "text:",
            "one",
            "two",
            "status:",
            "phase: Failed",
            "Ready True",
        ],
    );
    let phase = describe(&widget, None, None).into_iter().flat_map(|line| line.spans);
    assert!(
        phase
            .clone()
            .any(|span| span.text == "Failed" && span.tone == Tone::Bad)
    );
}

#[test]
fn hostile_text_stays_in_its_line_and_is_made_visible() {
    let evil = "\u{1b}[2J\r\nForged: yes\u{202e}\u{9b}31m";
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": evil, "labels": {evil: evil}, "annotations": {evil: evil}},
        "spec": {"containers": [{"name": evil, "image": evil, "command": [evil], "env": [{"name": evil, "value": evil}]}]},
        "status": {"phase": evil, "conditions": [{"type": evil, "message": evil}],
            "containerStatuses": [{"name": evil, "state": {"waiting": {"reason": evil, "message": evil}}}]},
    });
    for object in [
        pod.clone(),
        json!({"kind": "X", "metadata": {"name": "x"}, evil: {evil: [evil, {evil: evil}]}}),
    ] {
        for line in describe(&object, None, None) {
            for span in &line.spans {
                assert_eq!(crate::model::term_safe::clean(&span.text), span.text, "{line:?}");
                assert!(!span.text.contains('\n'));
            }
        }
    }
}

#[test]
fn an_object_of_an_odd_shape_is_no_fault() {
    for odd in [
        json!(null),
        json!([]),
        json!("x"),
        json!({"apiVersion": 7, "kind": "Pod", "spec": [], "status": "x"}),
    ] {
        describe(&odd, None, None);
    }
    for kind in [
        "Pod",
        "Node",
        "Service",
        "PersistentVolumeClaim",
        "PersistentVolume",
        "ConfigMap",
        "Secret",
    ] {
        let odd = json!({"apiVersion": "v1", "kind": kind, "metadata": 1, "spec": {"ports": {}, "containers": 3}, "status": [], "data": []});
        describe(&odd, None, None);
    }
}

#[test]
fn a_service_says_who_is_behind_it_and_who_is_not_ready() {
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
        "spec": {"type": "ClusterIP", "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}]}});
    let endpoint = |ip: &str, ready: Value, pod: &str| json!({"addresses": [ip], "conditions": {"ready": ready}, "targetRef": {"name": pod}});
    let slice = json!({"ports": [{"name": "http", "port": 8080}, {"name": "admin", "port": 9}], "endpoints": [
        endpoint("10.0.0.1", json!(true), "a"), endpoint("10.0.0.2", json!(null), "b"), endpoint("10.0.0.3", json!(true), "c"),
        endpoint("10.0.0.4", json!(false), "d"), endpoint("10.0.0.5", json!(true), "e"),
    ]});
    let slices = read("endpointslices", json!([slice]));
    says_with(
        &service,
        Some(&slices),
        &[
            "Endpoints: 10.0.0.1:8080,10.0.0.2:8080,10.0.0.3:8080 + 1 more...",
            "Not Ready: d (10.0.0.4)",
        ],
    );
    says_with(
        &service,
        Some(&read("endpointslices", json!([]))),
        &["Endpoints: <none>"],
    );
    says(&service, &["Endpoints: loading"]);
}

#[test]
fn what_may_not_be_listed_is_one_line_and_the_rest_is_there() {
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop"},
        "status": {"phase": "Bound"}});
    let refused = Related {
        plural: "pods",
        found: Err(refused()),
        more: false,
    };
    says_with(
        &claim,
        Some(&refused),
        &["Status: Bound", "Used By: not shown: you may not list pods"],
    );
    let pods = json!([
        {"metadata": {"name": "ledger-0"}, "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "data"}}]}},
        {"metadata": {"name": "web-0"}, "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "other"}}]}},
    ]);
    says_with(&claim, Some(&read("pods", pods)), &["Used By: ledger-0"]);
}

#[test]
fn a_node_says_what_is_asked_of_it() {
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-a"},
        "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110", "example.com/gpu": "2"}}});
    let pod = |name: &str, cpu: &str, memory: &str| {
        json!({"metadata": {"name": name, "namespace": "shop"}, "spec": {"containers": [
            {"resources": {"requests": {"cpu": cpu, "memory": memory, "example.com/gpu": "1"}, "limits": {"memory": memory}}},
        ]}})
    };
    let pods = read("pods", json!([pod("a", "250m", "1Gi"), pod("b", "1", "512Mi")]));
    says_with(
        &node,
        Some(&pods),
        &[
            "Non-terminated Pods (2):",
            "250m 0 1Gi 1Gi shop/a",
            "1 0 512Mi 512Mi shop/b",
            "cpu 1250m (31%) 0 (0%)",
            "memory 1536Mi (18%) 1536Mi (18%)",
            "example.com/gpu 2 (100%) 0 (0%)",
        ],
    );
}

#[test]
fn a_deployment_names_its_replica_sets_and_no_others() {
    let revision = |n: &str| json!({"deployment.kubernetes.io/revision": n});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "uid": "d1", "annotations": revision("10")}});
    let set = |name: &str, owner: &str, n: &str, count: u32| {
        json!({"metadata": {"name": name, "annotations": revision(n), "ownerReferences": [{"uid": owner}]},
            "spec": {"replicas": count}, "status": {"replicas": count}})
    };
    let sets = json!([
        set("web-1", "d1", "9", 0),
        set("web-2", "d1", "10", 3),
        set("other", "d2", "10", 1)
    ]);
    let related = read("replicasets", sets);
    says_with(
        &deployment,
        Some(&related),
        &[
            "OldReplicaSets: web-1 (0/0 replicas created)",
            "NewReplicaSet: web-2 (3/3 replicas created)",
        ],
    );
    assert!(!page_with(&deployment, Some(&related)).contains("other"));
}

#[test]
fn roles_bindings_namespaces_definitions_and_events_are_laid_out() {
    let rbac = "rbac.authorization.k8s.io/v1";
    let role = json!({"apiVersion": rbac, "kind": "ClusterRole", "metadata": {"name": "view"}, "rules": [
        {"apiGroups": ["", "apps"], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["get", "list"]},
        {"nonResourceURLs": ["/healthz"], "verbs": ["get"]},
    ]});
    says(
        &role,
        &[
            "pods [] [a] [get list]",
            "pods.apps [] [a] [get list]",
            "[/healthz] [] [get]",
        ],
    );
    let binding = json!({"apiVersion": rbac, "kind": "RoleBinding", "metadata": {"name": "b"},
        "roleRef": {"kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "ci", "namespace": "shop"}, {"kind": "Group", "name": "oncall"}]});
    says(
        &binding,
        &["Role:", "Kind: ClusterRole", "ServiceAccount ci shop", "Group oncall"],
    );
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"},
        "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Terminating"}});
    says(&namespace, &["Status: Terminating", "Held by: kubernetes"]);
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "spec": {"group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]},
            "versions": [{"name": "v1", "served": true, "storage": true, "additionalPrinterColumns": [{"name": "Size"}],
                "schema": {"openAPIV3Schema": {"type": "object"}}}]},
        "status": {"conditions": [{"type": "Established", "status": "True"}]}});
    says(
        &definition,
        &["Short Names: wd", "v1 yes yes no Size", "Established True"],
    );
    assert!(!page(&definition).contains("openAPIV3Schema"));
    let event = json!({"apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": "BackOff", "message": "waits",
        "involvedObject": {"kind": "Pod", "name": "web-0"}, "source": {"component": "kubelet", "host": "node-a"}, "count": 3});
    says(
        &event,
        &[
            "Reason: BackOff",
            "Object: Pod/web-0",
            "From: kubelet",
            "On: node-a",
            "Count: 3",
        ],
    );
}

#[test]
fn a_job_says_how_long_it_took_or_takes() {
    let job = |status: Value| json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "import"}, "status": status});
    let started = "2026-01-01T00:00:00Z";
    says(
        &job(json!({"startTime": started, "completionTime": "2026-01-01T00:03:05Z"})),
        &["Duration: 3m5s"],
    );
    let failed = json!({"type": "Failed", "status": "True", "lastTransitionTime": "2026-01-01T02:00:00Z"});
    says(
        &job(json!({"startTime": started, "conditions": [failed]})),
        &["Duration: 120m, then it failed"],
    );
    says(&job(json!({"startTime": started})), &["Duration: so far"]);
}

#[test]
fn events_of_one_moment_stand_in_the_order_in_which_they_were_written() {
    use crate::model::{ApiResource, Cell, Column, ColumnKind, Row, RowData, SortKey, TermSafe};
    let column = |name, kind| Column {
        name: TermSafe::new(name),
        kind,
        wide: false,
    };
    let event = |version: &str, message: &str, at_ms| {
        let cell = |text, sort| Cell {
            text: TermSafe::new(text),
            sort,
            since_ms: None,
        };
        Row(std::sync::Arc::new(RowData {
            uid: None,
            namespace: None,
            name: message.into(),
            resource_version: Some(version.into()),
            created_ms: None,
            deleting: false,
            owner: None,
            cells: [cell("", SortKey::Time(at_ms)), cell(message, SortKey::Text)].into(),
        }))
    };
    let events = Snapshot {
        resource: ApiResource::default().into(),
        columns: [
            column("LAST SEEN", ColumnKind::Age),
            column("MESSAGE", ColumnKind::Text),
        ]
        .into(),
        rows: [
            event("1000", "from 1 to 2", 60_000),
            event("999", "from 0 to 1", 60_000),
            event("1", "later", 61_000),
        ]
        .into(),
        complete: true,
    };
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
    let lines = describe(&object, None, Some(&Ok(events)));
    let last: Vec<String> = lines
        .iter()
        .rev()
        .take(3)
        .map(|line| line.text().trim().to_owned())
        .collect();
    assert_eq!(last, ["later", "from 1 to 2", "from 0 to 1"]);
}
