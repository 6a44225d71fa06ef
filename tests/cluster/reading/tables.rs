//! Every kind as a table: pages, watches, pods of workloads, containers, whole objects.

use std::time::Duration;

use kglass::cluster::{Freshness, Query, Reading};
use kglass::model::{ColumnKind, SortKey, Verb};
use serde_json::json;

use super::{Read, catalog, names, object, reader, rows_of};
use crate::harness::{self, Request, Rig, Shop};

const WIDGETS: &str = r"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.reading.example}
spec:
  group: reading.example
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wi]}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Made, type: date, jsonPath: .spec.made}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    - {name: Note, type: string, jsonPath: .spec.note, priority: 1}
";

/// As the viewer may not read custom resources, the admin does.
#[tokio::test]
async fn custom_resources_are_listed_in_pages_and_watched() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("widgets");
    rig.apply("admin", WIDGETS);
    let path = namespace.path_in("reading.example/v1", "widgets");
    let admin = rig.token("admin");
    let mut connection = rig.connect().expect("the API server listens");
    rig.wait("widgets are served", Duration::from_secs(30), || {
        rig.http("GET", &path, Some(&admin), None).status == 200
    });
    let mut write = |method: &str, path: &str, body: serde_json::Value| {
        let request = Request::new(method, path).token(&admin);
        let request = if method == "PATCH" {
            request.merge_patch(&body)
        } else {
            request.json(&body)
        };
        let reply = connection.send(&request).expect("it answers");
        assert!(reply.status < 300, "{method} {path}: {}", reply.message());
    };
    let widget = |name: &str| {
        json!({"apiVersion": "reading.example/v1", "kind": "Widget", "metadata": {"name": name},
               "spec": {"size": 3, "made": "2020-01-01T00:00:00Z", "note": "\u{1b}[31mred\u{202e}"}})
    };
    for number in 0..600 {
        write("POST", &path, widget(&format!("w{number:03}")));
    }

    let reader = reader(rig, "admin").await;
    let query = rows_of(&reader, "wi", Some(&namespace)).await;
    let mut read = Read::start(&reader, Query::Rows(query));
    let first = read.rows("the first page", |s| !s.rows.is_empty()).await;
    assert_eq!((first.rows.len(), first.complete), (500, false));
    let all = read.rows("all pages", |s| s.complete).await;
    assert_eq!(all.rows.len(), 600);
    let columns: Vec<_> = all.columns.iter().map(|c| (c.name.as_str(), c.kind, c.wide)).collect();
    assert_eq!(
        columns,
        [
            ("NAME", ColumnKind::Text, false),
            ("SIZE", ColumnKind::Number, false),
            ("MADE", ColumnKind::Age, false),
            ("AGE", ColumnKind::Age, false),
            ("NOTE", ColumnKind::Text, true),
        ]
    );
    let cells = &all.rows[0].cells;
    assert_eq!(cells[1].sort, SortKey::Number(3.0));
    assert_eq!(cells[3].since_ms, all.rows[0].created_ms);
    assert!(cells[2].since_ms.is_some_and(|ms| ms < 1_600_000_000_000), "years ago");
    assert!(!cells[4].text.as_str().contains(['\u{1b}', '\u{202e}']));
    read.freshness("live", |f| *f == Freshness::Live).await;

    write("POST", &path, widget("new"));
    read.rows("the new one", |s| names(s).contains(&"new")).await;
    write("PATCH", &format!("{path}/new"), json!({"spec": {"size": 7}}));
    read.rows("its new size", |s| {
        s.rows.iter().any(|r| r.cells[1].text.as_str() == "7")
    })
    .await;
    write("DELETE", &format!("{path}/new"), json!({}));
    let last = read.rows("without it", |s| !names(s).contains(&"new")).await;
    assert_eq!(last.rows.len(), 600);
}

#[tokio::test]
async fn every_kind_that_can_be_listed_becomes_a_table() {
    if harness::require().is_none() {
        return;
    }
    let reader = reader(Rig::shared(), "admin").await;
    let catalog = catalog(&reader).await;
    assert!(catalog.server_version.starts_with("v1."), "{}", catalog.server_version);
    assert!(catalog.resources.len() > 50);
    for resource in catalog.resources.iter().filter(|r| r.can(Verb::List)) {
        let query = super::RowsQuery {
            resource: resource.clone(),
            namespace: None,
            labels: None,
            fields: None,
        };
        let mut read = Read::start(&reader, Query::Rows(query));
        let table = read.rows(&resource.qualified(), |s| s.complete).await;
        assert!(!table.columns.is_empty(), "{}", resource.qualified());
        // Component statuses are made up at each request and have no uid.
        let has_uids = resource.plural != "componentstatuses";
        for row in table.rows.iter() {
            assert_eq!(row.cells.len(), table.columns.len(), "{}", resource.qualified());
            assert_eq!(row.uid.is_some(), has_uids, "{}", resource.qualified());
        }
    }
}

#[tokio::test]
async fn pods_of_a_workload_and_their_containers_are_followed() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("drill");
    Shop::open(rig, &namespace);
    let reader = reader(rig, "viewer").await;
    let web = object("apps", "Deployment", "deployments", &namespace, "web");
    let mut pods = Read::start(&reader, Query::PodsOf(web));
    let table = pods.rows("both pods", |s| s.complete && s.rows.len() == 2).await;
    assert!(
        table.rows.iter().all(|row| row.name.starts_with("web-")),
        "{:?}",
        names(&table)
    );
    rig.kubectl_ok("admin", &["-n", &namespace, "scale", "deploy/web", "--replicas=3"]);
    pods.rows("the third", |s| s.rows.len() == 3).await;

    let node = kglass::model::ObjectRef {
        namespace: None,
        ..object("", "Node", "nodes", "", "127.0.0.1")
    };
    let mut on_node = Read::start(&reader, Query::PodsOf(node));
    on_node
        .rows("pods of the node", |s| s.complete && s.rows.len() >= 4)
        .await;

    let pod = table.object(&table.rows[0]);
    let mut containers = Read::start(&reader, Query::Containers(pod.clone()));
    let shown = containers.rows("its container", |s| s.rows.len() == 1).await;
    assert_eq!(shown.rows[0].cells[3].text.as_str(), "Running");
    rig.kubectl_ok("admin", &["-n", &namespace, "delete", "pod", &pod.name]);
    containers.rows("it is gone", |s| s.rows.is_empty()).await;
}

#[tokio::test]
async fn jobs_of_a_cron_job_are_followed() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("cron");
    let in_namespace = |words: &[&str]| {
        let words = [&["-n", &*namespace][..], words].concat();
        rig.kubectl_ok("admin", &words);
    };
    in_namespace(&["create", "cronjob", "nightly", "--image=none", "--schedule=0 3 1 1 *"]);
    in_namespace(&["create", "job", "other", "--image=none"]);
    let reader = reader(rig, "viewer").await;
    let nightly = object("batch", "CronJob", "cronjobs", &namespace, "nightly");
    let mut jobs = Read::start(&reader, Query::JobsOf(nightly));
    jobs.rows("none yet", |s| s.complete && s.rows.is_empty()).await;
    in_namespace(&["create", "job", "now", "--from=cronjob/nightly"]);
    let table = jobs.rows("the one it made", |s| !s.rows.is_empty()).await;
    assert_eq!(names(&table), ["now"], "and none of somebody else");
}

#[tokio::test]
async fn whole_objects_are_read_and_secrets_without_their_values() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("objects");
    rig.apply(
        "admin",
        &format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: {}}}\nstringData: {{password: hunter2}}\n",
            &*namespace
        ),
    );
    let reader = reader(rig, "admin").await;
    let secret = object("", "Secret", "secrets", &namespace, "db");
    let value = Read::start(&reader, Query::Object(secret))
        .find("the secret", |reading| match reading {
            Reading::Object(value) => Some(value.to_string()),
            _ => None,
        })
        .await;
    // The annotation that apply leaves has the value too.
    assert!(!value.contains("hunter2") && !value.contains("aHVudGVyMg"), "{value}");
    assert!(value.contains("(redacted, 7 bytes)"), "{value}");
    let absent = object("", "ConfigMap", "configmaps", &namespace, "nowhere");
    let error = Read::start(&reader, Query::Object(absent)).failure().await;
    assert!(
        error.cause.contains("not found") && error.cause.contains("nowhere"),
        "{error}"
    );
}
