//! What a role that makes pods could reach with them: the node, another account, the way of
//! somebody else's traffic. Refused where it is new, kept where it was before.

use serde_json::{Value, json};

use super::attacker::{OPERATOR, refused, send, send_as, token};
use super::stage::rig;
use crate::harness::{self, Reply, Request};

/// In each message of the policy; an expression that fails says something else.
const WORKLOAD: &str = "a break-glass identity";
const CORE: &str = "/api/v1/namespaces/default";
const APPS: &str = "/apis/apps/v1/namespaces/default";
const BATCH: &str = "/apis/batch/v1/namespaces/default";

/// A plain pod spec, merged with `extra`; `main` is merged into its container.
fn spec(extra: Value, main: Value) -> Value {
    let mut container = json!({"name": "main", "image": "rig.local/busybox:1"});
    extend(&mut container, main);
    let mut spec = json!({"containers": [container]});
    extend(&mut spec, extra);
    spec
}

fn extend(into: &mut Value, extra: Value) {
    let Value::Object(extra) = extra else { return };
    into.as_object_mut().expect("an object").extend(extra);
}

type Power = (&'static str, &'static str, Value, Value);

fn volume(source: Value) -> Value {
    let mut volume = json!({"name": "v"});
    extend(&mut volume, source);
    json!({"volumes": [volume]})
}

fn powers() -> Vec<Power> {
    let mut all = powers_over_the_node();
    all.extend(other_powers());
    all
}

/// Each power with the words that refuse it, as what is added to the spec and to its container.
fn powers_over_the_node() -> Vec<Power> {
    let none = || json!({});
    let security = |field: &str, value: Value| json!({"securityContext": {field: value}});
    vec![
        ("hostPID", "adds no namespace", json!({"hostPID": true}), none()),
        ("hostIPC", "adds no namespace", json!({"hostIPC": true}), none()),
        ("hostNetwork", "adds no namespace", json!({"hostNetwork": true}), none()),
        (
            "hostPath",
            "adds no hostPath",
            volume(json!({"hostPath": {"path": "/"}})),
            none(),
        ),
        (
            "hostPort",
            "adds no hostPort",
            none(),
            json!({"ports": [{"containerPort": 80, "hostPort": 8080}]}),
        ),
        (
            "privileged",
            "makes no container privileged",
            none(),
            security("privileged", json!(true)),
        ),
        (
            "a capability",
            "adds no capability",
            none(),
            security("capabilities", json!({"add": ["SYS_ADMIN"]})),
        ),
        (
            "procMount",
            "unmasks no /proc",
            json!({"hostUsers": false}),
            security("procMount", json!("Unmasked")),
        ),
        (
            "seccomp",
            "seccomp or AppArmor",
            none(),
            security("seccompProfile", json!({"type": "Unconfined"})),
        ),
        (
            "seccomp of the pod",
            "seccomp or AppArmor",
            security("seccompProfile", json!({"type": "Unconfined"})),
            none(),
        ),
        (
            "AppArmor",
            "seccomp or AppArmor",
            none(),
            security("appArmorProfile", json!({"type": "Unconfined"})),
        ),
        (
            "SELinux",
            "SELinux",
            none(),
            security("seLinuxOptions", json!({"type": "spc_t"})),
        ),
        (
            "sysctl",
            "sets no sysctl",
            security("sysctls", json!([{"name": "kernel.shm_rmid_forced", "value": "1"}])),
            none(),
        ),
    ]
}

/// Powers that are not the kernel's: another place, account, credential, priority, network.
fn other_powers() -> Vec<Power> {
    let none = || json!({});
    let token = |extra: Value| {
        let mut source = json!({"path": "token", "expirationSeconds": 3600});
        extend(&mut source, extra);
        volume(json!({"projected": {"sources": [{"serviceAccountToken": source}]}}))
    };
    vec![
        ("node", "chooses no node", json!({"nodeName": "127.0.0.1"}), none()),
        (
            "service account",
            "as another service account",
            json!({"serviceAccountName": "other"}),
            none(),
        ),
        (
            "service account's old name",
            "as another service account",
            json!({"serviceAccount": "other"}),
            none(),
        ),
        ("token volume", "token or certificate", token(json!({})), none()),
        (
            "token for somebody else",
            "token or certificate",
            token(json!({"audience": "vault"})),
            none(),
        ),
        (
            "the system's priority",
            "system's priority",
            json!({"priorityClassName": "system-node-critical"}),
            none(),
        ),
        (
            "a probe of the node's network",
            "no probe and no hook",
            none(),
            json!({"livenessProbe": {"httpGet": {"host": "169.254.169.254", "port": 80}}}),
        ),
        (
            "an init container",
            "makes no container privileged",
            json!({"initContainers": [{"name": "i", "image": "rig.local/busybox:1", "securityContext": {"privileged": true}}]}),
            none(),
        ),
    ]
}

fn template(spec: &Value) -> Value {
    json!({"metadata": {"labels": {"app": "w"}}, "spec": spec})
}

/// Every way to have a pod made: collection and body around one pod spec.
fn carriers(name: &str, spec: &Value) -> Vec<(String, Value)> {
    let object = |api: &str, kind: &str, body: Value| {
        let mut object = json!({"apiVersion": api, "kind": kind, "metadata": {"name": name}});
        extend(&mut object, body);
        object
    };
    let selector = json!({"matchLabels": {"app": "w"}});
    let once = {
        let mut once = spec.clone();
        once["restartPolicy"] = json!("Never");
        once
    };
    let apps = |kind: &str, more: Value| {
        let mut inner = json!({"selector": selector, "template": template(spec)});
        extend(&mut inner, more);
        object("apps/v1", kind, json!({"spec": inner}))
    };
    let job = json!({"template": template(&once)});
    let schedule = json!({"schedule": "0 0 1 1 *", "suspend": true, "jobTemplate": {"spec": job}});
    vec![
        (format!("{CORE}/pods"), object("v1", "Pod", json!({"spec": spec}))),
        (
            format!("{APPS}/deployments"),
            apps("Deployment", json!({"replicas": 0})),
        ),
        (
            format!("{APPS}/statefulsets"),
            apps("StatefulSet", json!({"replicas": 0, "serviceName": "x"})),
        ),
        (format!("{APPS}/daemonsets"), apps("DaemonSet", json!({}))),
        (
            format!("{APPS}/replicasets"),
            apps("ReplicaSet", json!({"replicas": 0})),
        ),
        (
            format!("{CORE}/replicationcontrollers"),
            object(
                "v1",
                "ReplicationController",
                json!({"spec": {"replicas": 0, "template": template(spec)}}),
            ),
        ),
        (
            format!("{CORE}/podtemplates"),
            object("v1", "PodTemplate", json!({"template": template(spec)})),
        ),
        (
            format!("{BATCH}/jobs"),
            object(
                "batch/v1",
                "Job",
                json!({"spec": {"suspend": true, "template": template(&once)}}),
            ),
        ),
        (
            format!("{BATCH}/cronjobs"),
            object("batch/v1", "CronJob", json!({"spec": schedule})),
        ),
    ]
}

/// A body that RBAC lets through: PodTemplates are none of the operator's.
fn is_the_operators(collection: &str) -> bool {
    !collection.ends_with("podtemplates")
}

fn away(collection: &str, name: &str) {
    send(
        rig(),
        "admin",
        "DELETE",
        &format!("{collection}/{name}"),
        &json!({"gracePeriodSeconds": 0}),
    );
}

fn service_account(name: &str) {
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}});
    let made = send(rig(), "admin", "POST", &format!("{CORE}/serviceaccounts"), &account);
    assert!(matches!(made.status, 201 | 409), "{}", made.message());
}

#[test]
fn nothing_that_makes_pods_reaches_beyond_them() {
    if harness::require().is_none() {
        return;
    }
    service_account("other");
    // The operator has no PodTemplates; a role bound to everything shows that they are held as well.
    let (operator, _) = token(rig(), "lead", OPERATOR, 600);
    let (spare, _) = token(rig(), "oncall", "spare", 600);
    let mut tried = 0;
    for (what, words, extra, main) in powers() {
        for (collection, body) in carriers("reaching", &spec(extra, main)) {
            let who = if is_the_operators(&collection) {
                &operator
            } else {
                &spare
            };
            let reply = send_as(rig(), who, "POST", &collection, &body);
            refused(&format!("{what} by {collection}"), &reply, words);
            tried += 1;
        }
    }
    println!("{tried} workloads that reach too far are refused");
}

#[test]
fn ordinary_workloads_can_be_made_and_changed() {
    if harness::require().is_none() {
        return;
    }
    let (operator, _) = token(rig(), "lead", OPERATOR, 120);
    let extra = json!({
        "serviceAccountName": "default",
        "securityContext": {"runAsUser": 1000, "fsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"},
            "seLinuxOptions": {"level": "s0:c1,c2"}},
        "volumes": [{"name": "c", "configMap": {"name": "c", "optional": true}}, {"name": "e", "emptyDir": {}}],
    });
    let main = json!({
        "ports": [{"containerPort": 80}], "volumeMounts": [{"name": "e", "mountPath": "/e"}],
        "securityContext": {"privileged": false, "capabilities": {"drop": ["ALL"]}},
        "readinessProbe": {"httpGet": {"path": "/", "port": 80}},
    });
    for (collection, body) in carriers("ordinary", &spec(extra, main)) {
        if !is_the_operators(&collection) {
            continue;
        }
        let made = send_as(rig(), &operator, "POST", &collection, &body);
        assert_eq!(made.status, 201, "{collection}: {}", made.message());
        let labels = json!({"metadata": {"labels": {"seen": "yes"}}});
        let changed = send_as(rig(), &operator, "PATCH", &format!("{collection}/ordinary"), &labels);
        assert_eq!(changed.status, 200, "{collection}: {}", changed.message());
        away(&collection, "ordinary");
    }
}

/// Everything a workload of the system's kind may have from before.
fn powerful() -> Value {
    spec(
        json!({
            "hostPID": true, "hostNetwork": true, "serviceAccountName": "other", "nodeSelector": {"no": "where"},
            "volumes": [
                {"name": "logs", "hostPath": {"path": "/var/log"}},
                {"name": "cfg", "configMap": {"name": "c", "optional": true}},
                {"name": "vault", "projected": {"sources": [{"serviceAccountToken": {"path": "t", "audience": "vault"}}]}},
            ],
        }),
        json!({
            "ports": [{"containerPort": 8080, "hostPort": 8080}],
            "securityContext": {"privileged": true, "capabilities": {"add": ["NET_ADMIN"]}},
            "volumeMounts": [{"name": "logs", "mountPath": "/logs", "readOnly": true}, {"name": "cfg", "mountPath": "/cfg"}],
        }),
    )
}

#[test]
fn what_a_workload_had_before_it_keeps_and_no_more() {
    if harness::require().is_none() {
        return;
    }
    service_account("other");
    let (operator, _) = token(rig(), "lead", OPERATOR, 300);
    let collection = format!("{APPS}/deployments");
    let (_, body) = carriers("agent", &powerful()).swap_remove(1);
    let made = send(rig(), "admin", "POST", &collection, &body);
    assert_eq!(made.status, 201, "{}", made.message());
    let path = format!("{collection}/agent");
    let patch = |spec: Value| {
        let body = json!({"spec": {"template": {"spec": spec}}}).to_string().into_bytes();
        let patch = Request::new("PATCH", &path).token(&operator);
        let patch = patch.body("application/strategic-merge-patch+json", body);
        rig().send(&patch).expect("the API server answers")
    };
    let main = |extra: Value| {
        let mut container = json!({"name": "main"});
        extend(&mut container, extra);
        json!({"containers": [container]})
    };
    for (what, ok) in [
        ("another image", patch(main(json!({"image": "rig.local/busybox:2"})))),
        (
            "an environment",
            patch(main(json!({"env": [{"name": "A", "value": "b"}]}))),
        ),
        (
            "a container beside it",
            patch(json!({"containers": [{"name": "side", "image": "rig.local/busybox:1"}]})),
        ),
        ("fewer powers", patch(json!({"hostPID": false}))),
    ] {
        assert_eq!(ok.status, 200, "{what}: {}", ok.message());
    }
    for (what, tried) in more_powers(&patch, &main) {
        refused(what, &tried, WORKLOAD);
    }
    let scaled = send_as(
        rig(),
        &operator,
        "PATCH",
        &format!("{path}/scale"),
        &json!({"spec": {"replicas": 0}}),
    );
    assert_eq!(scaled.status, 200, "{}", scaled.message());
    away(&collection, "agent");
}

fn more_powers(patch: &dyn Fn(Value) -> Reply, main: &dyn Fn(Value) -> Value) -> Vec<(&'static str, Reply)> {
    let side = |extra: Value| {
        let mut container = json!({"name": "side"});
        extend(&mut container, extra);
        patch(json!({"containers": [container]}))
    };
    vec![
        ("the power it gave up", patch(json!({"hostPID": true}))),
        (
            "another account",
            patch(json!({"serviceAccountName": "default2", "serviceAccount": "default2"})),
        ),
        ("no more silence", patch(json!({"automountServiceAccountToken": true}))),
        (
            "privileged beside",
            side(json!({"securityContext": {"privileged": true}})),
        ),
        (
            "one more capability",
            patch(main(
                json!({"securityContext": {"capabilities": {"add": ["NET_ADMIN", "SYS_PTRACE"]}}}),
            )),
        ),
        (
            "one more port",
            patch(main(json!({"ports": [{"containerPort": 9090, "hostPort": 9090}]}))),
        ),
        (
            "another path",
            patch(json!({"volumes": [{"name": "logs", "hostPath": {"path": "/"}}]})),
        ),
        (
            "the path under another name",
            patch(json!({"volumes": [{"name": "l2", "hostPath": {"path": "/var/log"}}]})),
        ),
        (
            "writable",
            patch(main(
                json!({"volumeMounts": [{"name": "logs", "mountPath": "/logs", "readOnly": false}]}),
            )),
        ),
        (
            "mounted beside",
            side(json!({"volumeMounts": [{"name": "logs", "mountPath": "/logs"}]})),
        ),
        (
            "the path in the place of a ConfigMap",
            patch(json!({"volumes": [{"name": "cfg", "configMap": null, "hostPath": {"path": "/var/log"}}]})),
        ),
        (
            "another audience",
            patch(
                json!({"volumes": [{"name": "vault", "projected": {"sources": [{"serviceAccountToken": {"path": "t", "audience": "bank"}}]}}]}),
            ),
        ),
    ]
}

#[test]
fn a_debug_container_is_held_as_well() {
    if harness::require().is_none() {
        return;
    }
    let (spare, _) = token(rig(), "oncall", "spare", 120);
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "debugged"}, "spec": spec(json!({}), json!({}))});
    let made = send(rig(), "admin", "POST", &format!("{CORE}/pods"), &pod);
    assert_eq!(made.status, 201, "{}", made.message());
    let path = format!("{CORE}/pods/debugged/ephemeralcontainers");
    let debug = |security: Value| {
        let container = json!({"name": "d", "image": "rig.local/busybox:1", "securityContext": security});
        send_as(
            rig(),
            &spare,
            "PATCH",
            &path,
            &json!({"spec": {"ephemeralContainers": [container]}}),
        )
    };
    refused("privileged", &debug(json!({"privileged": true})), WORKLOAD);
    refused(
        "a capability",
        &debug(json!({"capabilities": {"add": ["SYS_PTRACE"]}})),
        WORKLOAD,
    );
    let ok = debug(json!({}));
    assert_eq!(ok.status, 200, "{}", ok.message());
    away(&format!("{CORE}/pods"), "debugged");
}

#[test]
fn no_service_takes_an_address_that_is_not_its_own() {
    if harness::require().is_none() {
        return;
    }
    let (operator, _) = token(rig(), "lead", OPERATOR, 120);
    let collection = format!("{CORE}/services");
    let service = |name: &str, ips: Value| {
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"ports": [{"port": 80}], "selector": {"app": "w"}, "externalIPs": ips}})
    };
    let taken = send_as(
        rig(),
        &operator,
        "POST",
        &collection,
        &service("taking", json!(["8.8.8.8"])),
    );
    refused("a new one", &taken, WORKLOAD);
    let made = send(
        rig(),
        "admin",
        "POST",
        &collection,
        &service("had", json!(["192.0.2.1"])),
    );
    assert_eq!(made.status, 201, "{}", made.message());
    let path = format!("{collection}/had");
    let patch = |body: Value| send_as(rig(), &operator, "PATCH", &path, &body);
    let more = patch(json!({"spec": {"externalIPs": ["192.0.2.1", "8.8.8.8"]}}));
    refused("one more", &more, WORKLOAD);
    let kept = patch(json!({"spec": {"selector": {"app": "v"}}}));
    assert_eq!(kept.status, 200, "{}", kept.message());
    let fewer = patch(json!({"spec": {"externalIPs": null}}));
    assert_eq!(fewer.status, 200, "{}", fewer.message());
    away(&collection, "had");
    let plain = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "plain"},
        "spec": {"ports": [{"port": 80}], "selector": {"app": "w"}}});
    let ok = send_as(rig(), &operator, "POST", &collection, &plain);
    assert_eq!(ok.status, 201, "{}", ok.message());
    away(&collection, "plain");
}

#[test]
fn nobody_else_is_touched() {
    if harness::require().is_none() {
        return;
    }
    service_account("other");
    for (what, _, extra, main) in powers().into_iter().filter(|(what, ..)| *what != "node") {
        let (collection, body) = carriers("elses", &spec(extra, main)).swap_remove(1);
        let made = send(rig(), "admin", "POST", &collection, &body);
        assert_eq!(made.status, 201, "{what}: {}", made.message());
        away(&collection, "elses");
    }
}
