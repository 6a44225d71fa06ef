//! Deadline Jobs: they run nothing, end in time, and stay as they are.

use serde_json::{Value, json};

use super::attacker::{JOBS, hash, id, job, refused, send, with};
use super::stage::rig;
use crate::harness::{self, Reply};

fn set(object: &Value) -> Reply {
    send(rig(), "lead", "POST", JOBS, object)
}

#[test]
fn a_deadline_job_runs_nothing_and_ends_by_its_name() {
    if harness::require().is_none() {
        return;
    }
    let spec = |key: &str, value: Value| with(job(&id(90), 60), &format!("/spec/{key}"), value);
    for (what, object, words) in [
        ("pods", spec("parallelism", json!(1)), "runs nothing"),
        ("no parallelism", spec("parallelism", Value::Null), "runs nothing"),
        ("suspended", spec("suspend", json!(true)), "runs nothing"),
        (
            "somebody else's controller",
            spec("managedBy", json!("x.dev/y")),
            "runs nothing",
        ),
        (
            "stays when done",
            spec("ttlSecondsAfterFinished", Value::Null),
            "runs nothing",
        ),
        (
            "no deadline",
            spec("activeDeadlineSeconds", Value::Null),
            "activeDeadlineSeconds",
        ),
        (
            "two hours",
            job(&id(7200), 7200),
            "activeDeadlineSeconds must be at most 3600",
        ),
        ("lasts longer than it says", job(&id(60), 120), "ends by then"),
        (
            "deadline passed",
            job(&format!("1700000000-{}", hash()), 60),
            "ends by then",
        ),
        (
            "name of its own",
            with(job(&id(90), 60), "/metadata/name", "g-soon".into()),
            "ends by then",
        ),
        (
            "hash too short",
            job(&format!("{}x", &id(60)[..14]), 60),
            "ends by then",
        ),
        (
            "finalizer",
            with(job(&id(90), 60), "/metadata/finalizers", json!(["a.b/c"])),
            "finalizers",
        ),
        (
            "owner",
            with(
                job(&id(90), 60),
                "/metadata/ownerReferences",
                json!([
                {"apiVersion": "v1", "kind": "ConfigMap", "name": "kube-root-ca.crt", "uid": "x"}]),
            ),
            "only a grant has an owner",
        ),
    ] {
        refused(what, &set(&object), words);
    }
}

#[test]
fn nobody_changes_a_deadline() {
    if harness::require().is_none() {
        return;
    }
    let id = id(90);
    assert_eq!(set(&job(&id, 60)).status, 201);
    let path = format!("{JOBS}/g-{id}");
    for (what, patch, words) in [
        (
            "longer",
            json!({"spec": {"activeDeadlineSeconds": 3000}}),
            "cannot be changed",
        ),
        ("suspended", json!({"spec": {"suspend": true}}), "cannot be changed"),
        (
            "kept",
            json!({"spec": {"ttlSecondsAfterFinished": 3000}}),
            "cannot be changed",
        ),
        ("pods", json!({"spec": {"parallelism": 1}}), "cannot be changed"),
        (
            "finalizer",
            json!({"metadata": {"finalizers": ["a.b/c"]}}),
            "no finalizers",
        ),
    ] {
        refused(what, &send(rig(), "admin", "PATCH", &path, &patch), words);
    }
    for user in ["lead", "oncall"] {
        let patch = json!({"spec": {"activeDeadlineSeconds": 3000}});
        refused(user, &send(rig(), user, "PATCH", &path, &patch), "cannot patch");
        refused(user, &send(rig(), user, "DELETE", &path, &json!({})), "cannot delete");
    }
}

#[test]
fn a_deadline_is_never_orphaned() {
    if harness::require().is_none() {
        return;
    }
    let id = id(90);
    assert_eq!(set(&job(&id, 60)).status, 201);
    let path = format!("{JOBS}/g-{id}");
    refused(
        "by default",
        &send(rig(), "admin", "DELETE", &path, &json!({})),
        "Background or Foreground",
    );
    refused(
        "orphan",
        &send(rig(), "admin", "DELETE", &path, &json!({"propagationPolicy": "Orphan"})),
        "Background or Foreground",
    );
    refused(
        "all of them",
        &send(rig(), "admin", "DELETE", JOBS, &json!({"propagationPolicy": "Orphan"})),
        "Background or Foreground",
    );
    let ended = send(
        rig(),
        "admin",
        "DELETE",
        &path,
        &json!({"propagationPolicy": "Background"}),
    );
    assert_eq!(ended.status, 200, "{}", ended.message());
}
