//! Servers that fall silent or restart: rows stay, the title says so, watches go on.

use std::time::Instant;

use kglass::cluster::{Freshness, LogQuery, LogSource, Query, Reading};
use serde_json::json;

use super::{Read, names, object, reader, rows_of};
use crate::harness::{self, AuditMark, Component, Options, Rig};

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_and_a_restarted_server_are_told_and_survived() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::default());
    let namespace = rig.namespace("silence");
    let reader = reader(&rig, "viewer").await;
    let query = rows_of(&reader, "configmaps", Some(&namespace)).await;
    let services = rows_of(&reader, "services", Some(&namespace)).await;
    let mut read = Read::start(&reader, Query::Rows(query));
    read.rows("the table", |s| s.complete).await;
    read.freshness("live", |f| *f == Freshness::Live).await;

    let mark = rig.audit_mark();
    rig.freeze(Component::ApiServer);
    let frozen = Instant::now();
    read.freshness("stale", |f| matches!(f, Freshness::Stale { .. })).await;
    let told = frozen.elapsed();
    let mut opened = Read::start(&reader, Query::Rows(services));
    let is_silent = |f: &Freshness| matches!(f, Freshness::Stale { .. });
    opened.freshness("silence, not loading", is_silent).await;
    rig.thaw(Component::ApiServer);
    let thawed = Instant::now();
    // Both are asked for news: each beats for the other.
    let is_live = |f: &Freshness| *f == Freshness::Live;
    let late = async {
        opened.rows("what was asked for meanwhile", |s| s.complete).await;
        opened.freshness("live", is_live).await;
        drop(opened);
    };
    tokio::join!(read.freshness("live again", is_live), late);
    println!(
        "frozen: stale after {told:?}, live {:?} after the thaw",
        thawed.elapsed()
    );

    assert_eq!(lists(&rig, mark), 0, "resumed, not listed again");

    rig.kill(Component::ApiServer);
    let killed = Instant::now();
    read.freshness("stale", |f| matches!(f, Freshness::Stale { .. })).await;
    let told = killed.elapsed();
    rig.restart(Component::ApiServer);
    let back = Instant::now();
    read.freshness("live again", |f| *f == Freshness::Live).await;
    println!(
        "killed: stale after {told:?}, live {:?} after it was ready",
        back.elapsed()
    );

    rig.kubectl_ok("admin", &["-n", &namespace, "create", "configmap", "after"]);
    let last = read.rows("what came after", |s| names(s).contains(&"after")).await;
    assert!(names(&last).contains(&"kube-root-ca.crt"), "what was there stays");
    // Its watch cache begins at the restart: a version from before is too old if anything was
    // written since. Then one listing replaces the rows, without a flash.
    assert!(lists(&rig, mark) <= 1);
}

fn lists(rig: &Rig, mark: AuditMark) -> usize {
    let events = rig.audit_since(mark);
    let is_list = |event: &&serde_json::Value| {
        event["user"]["username"] == "viewer"
            && event["verb"] == "list"
            && event["objectRef"]["resource"] == "configmaps"
            && event["stage"] == "ResponseComplete"
    };
    events.iter().filter(is_list).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_followed_log_goes_on_over_a_restart_of_the_api_server_without_a_gap() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let namespace = rig.namespace("cut");
    let script = "i=0; while true; do echo line-$i; i=$((i+1)); sleep 0.02; done";
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "talker"},
                     "spec": harness::pod_spec("main", script)});
    let reply = rig.http("POST", &namespace.path("pods"), Some(&rig.token("admin")), Some(&pod));
    assert_eq!(reply.status, 201, "{}", reply.message());
    let reader = reader(&rig, "viewer").await;
    let mut read = Read::start(
        &reader,
        Query::Logs(LogQuery {
            source: LogSource::Pod {
                pod: object("", "Pod", "pods", &namespace, "talker"),
                container: Some("main".into()),
            },
            follow: true,
            previous: false,
            tail: None,
            since_seconds: None,
        }),
    );
    let mut lines: Vec<String> = Vec::new();
    for restart in [true, true, false] {
        let wanted = lines.len() + 150;
        read.find("more lines", |reading| {
            if let Reading::Logs(batch) = reading {
                lines.extend(batch.iter().filter(|l| !l.note).map(|l| l.text.as_str().to_owned()));
            }
            (lines.len() >= wanted).then_some(())
        })
        .await;
        if restart {
            rig.restart(Component::ApiServer);
        }
    }
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(*line, format!("line-{number}"), "each line once, in order");
    }
}
