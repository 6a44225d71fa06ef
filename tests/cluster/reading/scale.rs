//! Ten thousand pods: how soon the first page is shown, and all of them. Long to set up, so it is
//! run by hand: `cargo test --release --test cluster -- --ignored --nocapture ten_thousand`.

use std::time::Instant;

use kglass::cluster::{Query, Reading, RowsQuery};
use serde_json::json;

use super::{Read, reader, rows_of};
use crate::harness::{self, Options, Request, Rig};

const PODS: usize = 10_000;
const NAMESPACES: usize = 20;

fn make(rig: &Rig) {
    let admin = rig.token("admin");
    for number in 0..NAMESPACES {
        rig.create_namespace(&format!("ns-{number}"));
    }
    std::thread::scope(|scope| {
        for part in 0..4 {
            let admin = &admin;
            scope.spawn(move || {
                let mut connection = rig.connect().expect("the API server listens");
                for number in (part..PODS).step_by(4) {
                    let pod = json!({
                        "apiVersion": "v1", "kind": "Pod",
                        "metadata": {"name": format!("pod-{number:05}"), "labels": {"app": "web", "tier": "front"}},
                        "spec": {"nodeName": "made-up", "automountServiceAccountToken": false,
                                 "containers": [{"name": "c", "image": "registry.example/shop/web:1.2.3"}]},
                    });
                    let path = format!("/api/v1/namespaces/ns-{}/pods", number % NAMESPACES);
                    let reply = connection.send(&Request::new("POST", &path).token(admin).json(&pod));
                    assert_eq!(reply.expect("it answers").status, 201);
                }
            });
        }
    });
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|l| l.starts_with("VmRSS")).expect("it is there");
    line.split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("a number")
}

#[tokio::test]
#[ignore = "two minutes of set-up; a measurement, not a promise"]
async fn ten_thousand_pods_are_shown() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options {
        apiserver_flags: vec!["--disable-admission-plugins=ServiceAccount".to_owned()],
        ..Options::scale()
    });
    make(&rig);
    let reader = reader(&rig, "admin").await;
    let query: RowsQuery = rows_of(&reader, "pods", None).await;
    let before = resident_kib();
    let start = Instant::now();
    let mut read = Read::start(&reader, Query::Rows(query));
    read.rows("the first page", |s| !s.rows.is_empty()).await;
    println!("first page after {:?}", start.elapsed());
    let all = read.rows("all of them", |s| s.complete).await;
    println!("{} rows after {:?}", all.rows.len(), start.elapsed());
    assert_eq!(all.rows.len(), PODS);
    println!("{} KiB more", resident_kib() - before);
    let started = Instant::now();
    let path = "/api/v1/namespaces/ns-0/pods/pod-00000";
    let patch = json!({"metadata": {"labels": {"app": "changed"}}});
    let reply = rig.http("PATCH", path, Some(&rig.token("admin")), Some(&patch));
    assert_eq!(reply.status, 200, "{}", reply.message());
    read.find("the change", |reading| {
        matches!(reading, Reading::Rows(_)).then_some(())
    })
    .await;
    println!("one change shown after {:?}", started.elapsed());
}
