//! Whoever tries: plain requests with any body, as any person, and what the server says to them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::harness::{Reply, Request, Rig};

pub const KIT: &str = "/api/v1/namespaces/kglass-system";
pub const JOBS: &str = "/apis/batch/v1/namespaces/kglass-system/jobs";
pub const AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";
pub const REASON: &str = "checkout is down, rolling back web";
/// A role of somebody else's consent, and one of one's own.
pub const OPERATOR: &str = "namespace-operator--default";
pub const RESTARTER: &str = "restarter";

/// 16 characters of base32, never the same.
pub fn hash() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let start = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_nanos() as u64;
    let mut rest = start.wrapping_add(NUMBER.fetch_add(1, Ordering::Relaxed) << 40);
    (0..16)
        .map(|_| {
            let letter = b"abcdefghijklmnopqrstuvwxyz234567"[(rest % 32) as usize];
            rest = rest / 32 + (rest % 32) * 0x9E37_79B9;
            char::from(letter)
        })
        .collect()
}

pub fn epoch() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs()
}

/// `<deadline>-<hash>`, so many seconds from now.
pub fn id(seconds: u64) -> String {
    format!("{}-{}", epoch() + seconds, hash())
}

pub fn send(rig: &Rig, user: &str, method: &str, path: &str, body: &Value) -> Reply {
    rig.http(method, path, Some(&rig.token(user)), Some(body))
}

pub fn send_as(rig: &Rig, token: &str, method: &str, path: &str, body: &Value) -> Reply {
    rig.http(method, path, Some(token), Some(body))
}

pub fn request(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {"kglass.dev/request": "true"}},
        "data": {
            "requester": "oncall", "reason": REASON, "ticket": "INC-7", "trigger": "manual:customer impact",
            "role": OPERATOR, "ttlSeconds": "60", "sessionKey": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        },
    })
}

pub fn job(id: &str, seconds: u64) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": format!("g-{id}")},
        "spec": {
            "parallelism": 0, "activeDeadlineSeconds": seconds, "ttlSecondsAfterFinished": 0, "backoffLimit": 0,
            "template": {"spec": {"restartPolicy": "Never", "automountServiceAccountToken": false,
                "containers": [{"name": "none", "image": "kglass.invalid/none"}]}},
        },
    })
}

/// A grant of `role` to on-call, by `approver`.
pub fn grant(id: &str, job_uid: &str, approver: &str, role: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kglass.dev/grant",
        "metadata": {
            "name": format!("{role}.uoncall.{id}"),
            "annotations": {
                "kglass.dev/requester": "oncall", "kglass.dev/reason": REASON, "kglass.dev/ticket": "INC-7",
                "kglass.dev/trigger": "manual:customer impact", "kglass.dev/role": role,
                "kglass.dev/approved-by": approver,
            },
            "ownerReferences": [{"apiVersion": "batch/v1", "kind": "Job", "name": format!("g-{id}"), "uid": job_uid}],
        },
    })
}

pub fn token_request(secret: &str, uid: &str) -> Value {
    json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": {
            "audiences": [AUDIENCE], "expirationSeconds": 600,
            "boundObjectRef": {"apiVersion": "v1", "kind": "Secret", "name": secret, "uid": uid},
        },
    })
}

pub fn token_path(account: &str) -> String {
    format!("{KIT}/serviceaccounts/{account}/token")
}

/// Job and grant in order, by `approver`; the grant's name and uid.
#[track_caller]
pub fn granted(rig: &Rig, approver: &str, role: &str, seconds: u64) -> (String, String) {
    let id = id(seconds);
    let made = send(rig, approver, "POST", JOBS, &job(&id, seconds));
    assert_eq!(made.status, 201, "{}", made.message());
    let uid = made.json["metadata"]["uid"]
        .as_str()
        .expect("every object has one")
        .to_owned();
    let made = send(
        rig,
        approver,
        "POST",
        &format!("{KIT}/secrets"),
        &grant(&id, &uid, approver, role),
    );
    assert_eq!(made.status, 201, "{}", made.message());
    let text = |field: &str| {
        made.json["metadata"][field]
            .as_str()
            .expect("every object has one")
            .to_owned()
    };
    (text("name"), text("uid"))
}

/// A token of `role`, consented by `approver`.
#[track_caller]
pub fn token(rig: &Rig, approver: &str, role: &str, seconds: u64) -> (String, String) {
    let (name, uid) = granted(rig, approver, role, seconds);
    let minted = send(rig, "oncall", "POST", &token_path(role), &token_request(&name, &uid));
    assert_eq!(minted.status, 201, "{}", minted.message());
    (
        minted.json["status"]["token"].as_str().expect("a token").to_owned(),
        name,
    )
}

/// Refused in these words, by whoever says them.
#[track_caller]
pub fn refused(what: &str, reply: &Reply, words: &str) {
    assert!((400..500).contains(&reply.status), "{what}: {}", reply.message());
    assert!(
        reply.message().contains(words),
        "{what}: {} (expected: {words})",
        reply.message()
    );
}

/// A change at a JSON pointer; null removes.
pub fn with(mut object: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let key = key.replace("~1", "/");
    let place = object.pointer_mut(parent).expect("the object has that place");
    match place {
        Value::Object(map) if value.is_null() => drop(map.remove(&key)),
        Value::Object(map) => drop(map.insert(key, value)),
        other => panic!("{other} has no keys"),
    }
    object
}

/// 200, 201 or 401 for this token now.
pub fn status_of(rig: &Rig, token: &str) -> u16 {
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let request = Request::new("POST", path).token(token).json(&review);
    rig.send(&request).expect("the API server answers").status
}

/// Waits until the token is refused, and says how long that took.
#[track_caller]
pub fn await_401(rig: &Rig, what: &str, token: &str, limit: Duration) -> Duration {
    let start = Instant::now();
    rig.wait(what, limit, || status_of(rig, token) == 401);
    start.elapsed()
}
