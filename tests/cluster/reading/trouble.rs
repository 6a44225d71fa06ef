//! What goes wrong on the way to a server is said with cause and cure, and never with a secret.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use kglass::cluster::{Query, ReadError, ReadErrorKind, Reader};

use super::{Read, names, open, reader, rows_of};
use crate::harness::{self, Rig};

async fn discovery_fails(kubeconfig: &str) -> ReadError {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config");
    fs::write(&file, kubeconfig).expect("written");
    let endpoint = open(&file).expect("it can be read");
    let reader = Reader::connect(&*endpoint).await.expect("no plugin runs");
    let error = Read::start(&reader, Query::Discovery).failure().await;
    assert!(!format!("{error} {error:?}").contains("viewer-token"), "{error:?}");
    assert!(!error.cause.is_empty() && !error.cure.is_empty());
    error
}

#[tokio::test]
async fn known_people_without_rights_and_unknown_people_are_told_so() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let viewer = reader(rig, "viewer").await;
    let pods = rows_of(&viewer, "pods", Some("default")).await;
    let error = Read::start(&reader(rig, "norights").await, Query::Rows(pods.clone()))
        .failure()
        .await;
    assert_eq!((error.kind, error.retrying), (ReadErrorKind::Forbidden, false));
    assert!(
        error.cause.contains("list pods in default") && error.cause.contains("norights"),
        "{error}"
    );
    let error = Read::start(&reader(rig, "outsider").await, Query::Rows(pods))
        .failure()
        .await;
    assert_eq!((error.kind, error.retrying), (ReadErrorKind::Unauthorized, false));
}

#[tokio::test]
async fn a_server_that_is_not_there_and_a_wrong_ca_are_told_apart() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let good = fs::read_to_string(rig.kubeconfig("viewer")).expect("it is there");
    let error = discovery_fails(&good.replace(&rig.server_url(), "https://127.0.0.1:1")).await;
    assert_eq!(error.kind, ReadErrorKind::Unreachable);
    assert!(error.cause.contains("nothing listens"), "{error}");

    // Without the CA in the file the machine's own are asked, which never heard of the rig's.
    let without: Vec<_> = good.lines().filter(|l| !l.contains("authority-data")).collect();
    let error = discovery_fails(&without.join("\n")).await;
    assert_eq!(error.kind, ReadErrorKind::Unreachable);
    assert!(error.cause.contains("certificate"), "{error}");

    let error = discovery_fails(&good.replace(&rig.server_url(), &rig.server_url().replace("https", "http"))).await;
    assert!(error.cause.contains("400") || error.cause.contains("HTTPS"), "{error}");
}

#[tokio::test]
async fn a_plugins_new_token_is_used_without_opening_the_watch_anew() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let namespace = rig.namespace("plugin");
    let folder = tempfile::tempdir().expect("a folder");
    let (script, runs, user) = (
        folder.path().join("plugin"),
        folder.path().join("runs"),
        folder.path().join("user"),
    );
    fs::write(&user, "viewer").expect("written");
    // It is renewed half a minute before it ends: here two seconds after it was issued.
    let text = format!(
        "#!/bin/sh\necho run >> {}\nend=$(date -u -d '+32 seconds' +%Y-%m-%dT%H:%M:%SZ)\n\
         echo \"{{\\\"apiVersion\\\":\\\"client.authentication.k8s.io/v1\\\",\\\"kind\\\":\\\"ExecCredential\\\",\
         \\\"status\\\":{{\\\"token\\\":\\\"$(cat {})-token\\\",\\\"expirationTimestamp\\\":\\\"$end\\\"}}}}\"\n",
        runs.display(),
        user.display()
    );
    fs::write(&script, text).expect("written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("ours");
    let good = fs::read_to_string(rig.kubeconfig("viewer")).expect("it is there");
    let exec = format!(
        "exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', interactiveMode: Never}}",
        script.display()
    );
    let file = folder.path().join("config");
    fs::write(&file, good.replace("token: viewer-token", &exec)).expect("written");

    let endpoint = open(&file).expect("it can be read");
    let reader = Reader::connect(&*endpoint).await.expect("the plugin runs");
    let query = rows_of(&reader, "configmaps", Some(&namespace)).await;
    let mark = rig.audit_mark();
    let mut read = Read::start(&reader, Query::Rows(query.clone()));
    read.rows("the table", |s| s.complete).await;
    fs::write(&user, "oncall").expect("written");
    let is_renewed = || fs::read_to_string(&runs).is_ok_and(|runs| runs.lines().count() > 1);
    let deadline = std::time::Instant::now() + super::LIMIT;
    while !is_renewed() {
        assert!(std::time::Instant::now() < deadline, "the plugin is run again");
        let _ = tokio::time::timeout(std::time::Duration::from_millis(100), read.next()).await;
        Read::start(&reader, Query::Rows(query.clone()))
            .rows("another read", |s| s.complete)
            .await;
    }
    Read::start(&reader, Query::Rows(query))
        .rows("a read with it", |s| s.complete)
        .await;
    rig.kubectl_ok("admin", &["-n", &namespace, "create", "configmap", "after"]);
    read.rows("the old watch goes on", |s| names(s).contains(&"after"))
        .await;

    let events = rig.audit_since(mark);
    let path = namespace.path("configmaps");
    let ours: Vec<_> = events
        .iter()
        .filter(|e| {
            e["requestURI"].as_str().is_some_and(|uri| uri.starts_with(&path)) && e["user"]["username"] != "admin"
        })
        .collect();
    let watches = |user: &str| {
        let of = |e: &&&serde_json::Value| e["verb"] == "watch" && e["user"]["username"] == user;
        ours.iter()
            .filter(of)
            .map(|e| e["auditID"].to_string())
            .collect::<std::collections::HashSet<_>>()
            .len()
    };
    assert!(watches("viewer") >= 1);
    assert!(
        ours.iter()
            .any(|e| e["verb"] == "list" && e["user"]["username"] == "oncall"),
        "the new token is used"
    );
}
