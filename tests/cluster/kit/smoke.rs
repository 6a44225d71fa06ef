//! Ordinary acts of a living cluster with a real node, the same with and without the kit. A policy
//! that matched what is in no namespace once stopped all scheduling, and no attack noticed.

use std::time::Duration;

use serde_json::json;

use crate::harness::{self, BUSYBOX, Options, Rig};

const WIDGETS: &str = r#"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.smoke.dev"},"spec":{"group":"smoke.dev","scope":"Cluster","names":{"plural":"widgets","singular":"widget","kind":"Widget"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}"#;
const WIDGET: &str = r#"{"apiVersion":"smoke.dev/v1","kind":"Widget","metadata":{"name":"w"}}"#;
const VOLUME: &str = r#"{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"smoke"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"}}}"#;

/// One act: arguments of kubectl, and what it reads.
struct Act(String, &'static str);

fn acts() -> Vec<Act> {
    let quick = r#"{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"busybox","imagePullPolicy":"Never"}]}}}}"#;
    let lines = [
        "create ns smoke",
        "-n smoke create sa a",
        "-n smoke create token a",
        "-n smoke create cm c --from-literal=a=b",
        "-n smoke create secret generic s --from-literal=a=b",
        "-n smoke create quota q --hard=pods=10",
        "create clusterrole smoke --verb=get --resource=pods",
        "create clusterrolebinding smoke --clusterrole=smoke --serviceaccount=smoke:a",
        "cordon 127.0.0.1",
        "uncordon 127.0.0.1",
        "label node 127.0.0.1 smoke=1",
        "taint node 127.0.0.1 smoke=1:PreferNoSchedule",
        "taint node 127.0.0.1 smoke-",
        "VOLUME",
        "WIDGETS",
        "wait --for=condition=Established crd/widgets.smoke.dev --timeout=20s",
        "WIDGET",
        "create priorityclass smoke --value=1",
        // Pods only once they end at once: one with the usual grace costs half a minute.
        "-n smoke create deploy d --image=IMAGE --replicas=0 -- sleep 1000",
        "PATCH",
        "-n smoke scale deploy d --replicas=1",
        "-n smoke rollout status deploy/d --timeout=60s",
        "-n smoke create job j --image=IMAGE -- true",
        "-n smoke create cronjob cj --image=IMAGE --schedule=0/1 -- true",
        "-n smoke create job --from=cronjob/cj j2",
        "-n smoke expose deploy d --port 80",
        "-n smoke autoscale deploy d --max 2",
        "-n smoke create pdb p --selector app=d --min-available 0",
        "-n smoke exec deploy/d -- true",
        "-n smoke delete pod -l app=d",
        "drain 127.0.0.1 --ignore-daemonsets --force --timeout=60s --pod-selector app=d",
        "uncordon 127.0.0.1",
        "delete widget w",
        "delete crd widgets.smoke.dev",
        "delete pv smoke",
        "delete priorityclass smoke",
        "delete clusterrolebinding smoke",
        "delete clusterrole smoke",
        "label node 127.0.0.1 smoke-",
        "delete ns smoke --timeout=60s",
    ];
    let apply = "apply -f -".to_owned();
    let act = |line: &str| match line {
        "VOLUME" => Act(apply.clone(), VOLUME),
        "WIDGETS" => Act(apply.clone(), WIDGETS),
        "WIDGET" => Act(apply.clone(), WIDGET),
        "PATCH" => Act(format!("-n smoke patch deploy d -p {quick}"), ""),
        other => Act(other.replace("IMAGE", BUSYBOX), ""),
    };
    lines.iter().map(|line| act(line)).collect()
}

/// What each act came to: its words, and whether it succeeded.
fn live(rig: &Rig) -> Vec<(String, bool)> {
    let run = |act: &Act| {
        // A schedule has spaces, and no shell stands between.
        let args: Vec<&str> = act
            .0
            .split(' ')
            .map(|a| {
                if a == "--schedule=0/1" {
                    "--schedule=* * * * *"
                } else {
                    a
                }
            })
            .collect();
        let output = rig.kubectl_with_input("admin", &args, act.1);
        let ok = output.status.success();
        if !ok {
            println!("{}: {}", act.0, String::from_utf8_lossy(&output.stderr));
        }
        (act.0.clone(), ok)
    };
    acts().iter().map(run).collect()
}

#[test]
fn a_living_cluster_does_not_notice_the_kit() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let before = live(&rig);
    super::stage::install(&rig, &super::stage::policy());
    let after = live(&rig);
    let ok = |list: &[(String, bool)]| list.iter().filter(|(_, ok)| *ok).count();
    println!(
        "without the kit {} of {} acts, with it {}",
        ok(&before),
        before.len(),
        ok(&after)
    );
    assert_eq!(before, after);
    assert_eq!(ok(&after), after.len(), "all of them succeed");
    let ready = rig.http("GET", "/api/v1/nodes/127.0.0.1", Some(&rig.token("admin")), None);
    assert_eq!(ready.status, 200);
    let lease = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/127.0.0.1";
    let renewed = || rig.http("GET", lease, Some(&rig.token("admin")), None).json["spec"]["renewTime"].clone();
    let then = renewed();
    rig.wait("the node renews its lease", Duration::from_secs(30), || {
        renewed() != then && renewed() != json!(null)
    });
}
