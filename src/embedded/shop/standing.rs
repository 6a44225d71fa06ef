//! Applications as they stood before anything went wrong: replica sets and running pods, placed on
//! the nodes with the most room. Put in place and not lived through: half a year of controllers'
//! work would show nothing more.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::clock::rfc3339;
use super::super::controllers::template_hash;
use super::apps::{App, Form};
use super::chance::Chance;
use super::nodes::{self, MACHINES, Machine};
use super::{build, template};

const HASH: &str = "pod-template-hash";
/// A pod that carries another one than its set's is replaced at the next rollout.
const MADE_FROM: &str = "controller-revision-hash";
const REVISION: &str = "deployment.kubernetes.io/revision";
/// Those below are of pods that came before.
const ADDRESSES_FROM: u32 = 20;
/// Its second pod finds no node, which the scheduler shall say itself.
const PLACED_AT_MOST: &[(&str, u32)] = &[("indexer", 1)];

/// Gives out nodes.
pub(super) struct Placing {
    chance: Chance,
    /// MiB taken so far.
    taken: BTreeMap<&'static str, u32>,
    /// Addresses given out so far.
    addresses: BTreeMap<&'static str, u32>,
}

impl Placing {
    pub fn new(chance: Chance) -> Self {
        Self {
            chance,
            taken: BTreeMap::new(),
            addresses: BTreeMap::new(),
        }
    }

    /// The next address in the node's part of the pod network, or the node's own.
    fn address(&mut self, app: &App, node: &Machine) -> String {
        if app.form == Form::DaemonSet {
            return nodes::address(node.name);
        }
        let given = self.addresses.entry(node.name).or_insert(ADDRESSES_FROM);
        *given += 1;
        format!("10.42.{}.{given}", nodes::place(node))
    }

    fn choose(&mut self, app: &App) -> &'static Machine {
        let share = |name: &str, memory: u32| self.taken.get(name).copied().unwrap_or_default() * 1000 / memory;
        let open = MACHINES
            .iter()
            .filter(|m| !m.cordoned && m.memory_mib > app.memory.0 * 3 / 2);
        let best = open.min_by_key(|m| share(m.name, m.memory_mib));
        let node = best.unwrap_or(&MACHINES[0]);
        *self.taken.entry(node.name).or_default() += app.memory.0;
        node
    }

    /// Replica sets and pods of `workload`, which is of `app`.
    pub fn pods(&mut self, app: &App, workload: &Value, now_ms: i64) -> Vec<Value> {
        let started = build::rolled_out_ms(app, now_ms);
        match app.form {
            Form::Deployment => self.of_deployment(app, workload, (started, now_ms)),
            Form::StatefulSet(_) => {
                let name = |n| format!("{}-{n}", app.name);
                let pods = (0..app.replicas).map(|n| (name(n), n));
                pods.map(|(name, n)| {
                    let node = self.choose(app);
                    self.ordinal(app, workload, &name, node, (started + i64::from(n) * 9000, now_ms))
                })
                .collect()
            }
            Form::DaemonSet => {
                let on = |m: &'static Machine| {
                    let name = format!("{}-{}", app.name, self.chance.name(&["pod", app.name, m.name], 5));
                    let mut pod = self.pod(app, workload, &name, m, (started, now_ms));
                    pod["metadata"]["labels"][MADE_FROM] = json!(template_hash(&workload["spec"]["template"]));
                    pod
                };
                MACHINES.iter().map(on).collect()
            }
        }
    }

    fn of_deployment(&mut self, app: &App, workload: &Value, (started, now_ms): (i64, i64)) -> Vec<Value> {
        let older = self.set(app, workload, "1", 0, build::born_ms(app, started));
        let set = self.set(app, workload, "2", app.replicas, started);
        let most = PLACED_AT_MOST
            .iter()
            .find(|(name, _)| *name == app.name)
            .map_or(app.replicas, |(_, n)| *n);
        let name = set["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let mut all = vec![older, set.clone()];
        for n in 0..most {
            let node = self.choose(app);
            let pod_name = format!("{name}-{}", self.chance.name(&[&name, &n.to_string()], 5));
            let mut pod = self.pod(app, &set, &pod_name, node, (started + i64::from(n) * 4000, now_ms));
            pod["metadata"]["labels"][HASH] = set["metadata"]["labels"][HASH].clone();
            all.push(pod);
        }
        all
    }

    fn set(&self, app: &App, deployment: &Value, revision: &str, replicas: u32, born_ms: i64) -> Value {
        let hash = self.chance.name(&["template", app.namespace, app.name, revision], 10);
        let mut template = deployment["spec"]["template"].clone();
        if revision == "1" {
            let image = template["spec"]["containers"][0]["image"].as_str().unwrap_or_default();
            template["spec"]["containers"][0]["image"] = json!(template::earlier(image));
        }
        template["metadata"]["labels"][HASH] = json!(hash);
        let mut metadata = build::metadata(app, &format!("{}-{hash}", app.name), born_ms);
        metadata["labels"][HASH] = json!(hash);
        metadata["annotations"] = json!({REVISION: revision});
        metadata["ownerReferences"] = owner(deployment);
        json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata,
            "spec": {
                "replicas": replicas, "template": template,
                "selector": {"matchLabels": {"app": app.name, HASH: hash}},
            },
            "status": {"replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas, "fullyLabeledReplicas": replicas},
        })
    }

    fn ordinal(&mut self, app: &App, set: &Value, name: &str, node: &'static Machine, times: (i64, i64)) -> Value {
        let mut pod = self.pod(app, set, name, node, times);
        let hash = template_hash(&set["spec"]["template"]);
        pod["metadata"]["labels"][MADE_FROM] = json!(format!("{}-{hash}", app.name));
        pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = json!(name);
        let claim = format!("data-{name}");
        pod["spec"]["volumes"] = json!([{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]);
        pod
    }

    /// Running and ready since it was started, or since its machine was, before `now_ms`.
    fn pod(&mut self, app: &App, of: &Value, name: &str, node: &'static Machine, times: (i64, i64)) -> Value {
        let (started, _) = times;
        let template = &of["spec"]["template"];
        let mut metadata = build::metadata(app, name, started - 3000);
        metadata["labels"] = template["metadata"]["labels"].clone();
        metadata["ownerReferences"] = owner(of);
        let mut spec = template["spec"].clone();
        spec["nodeName"] = json!(node.name);
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec,
            "status": self.status(app, template, node, times),
        })
    }

    fn status(&mut self, app: &App, template: &Value, node: &'static Machine, (started, now_ms): (i64, i64)) -> Value {
        let (host, address) = (nodes::address(node.name), self.address(app, node));
        let reboots: Vec<i64> = nodes::reboots(node.name, now_ms).filter(|at| *at > started).collect();
        let since = reboots.last().map_or(started, |at| at + nodes::BOOT_MS);
        let at = rfc3339(since);
        let condition =
            |kind: &str| json!({"type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": at});
        let conditions = [
            "PodReadyToStartContainers",
            "Initialized",
            "Ready",
            "ContainersReady",
            "PodScheduled",
        ];
        json!({
            "phase": "Running", "qosClass": "Burstable", "hostIP": host, "hostIPs": [{"ip": host}], "podIP": address,
            "podIPs": [{"ip": address}], "startTime": rfc3339(started - 2000), "conditions": conditions.map(condition),
            "containerStatuses": [{
                "name": app.name, "image": template["spec"]["containers"][0]["image"], "imageID": "", "ready": true,
                "started": true, "restartCount": reboots.len(), "state": {"running": {"startedAt": at}},
                "lastState": last_state(&reboots, started),
            }],
        })
    }
}

/// A kubelet that finds its containers gone does not know how they ended.
fn last_state(reboots: &[i64], started: i64) -> Value {
    let Some((last, earlier)) = reboots.split_last() else {
        return json!({});
    };
    let began = earlier.last().map_or(started, |at| at + nodes::BOOT_MS);
    json!({"terminated": {
        "exitCode": 255, "reason": "Unknown", "startedAt": rfc3339(began), "finishedAt": rfc3339(*last),
    }})
}

/// The uid is filled in when it is installed.
fn owner(of: &Value) -> Value {
    json!([{
        "apiVersion": of["apiVersion"], "kind": of["kind"], "name": of["metadata"]["name"],
        "controller": true, "blockOwnerDeletion": true,
    }])
}
