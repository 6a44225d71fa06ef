//! Applications as they stood before anything went wrong: replica sets and running pods, placed on
//! the nodes with the most room. Put in place and not lived through: half a year of controllers'
//! work would show nothing more.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::clock::rfc3339;
use super::super::controllers::template_hash;
use super::apps::{App, Form};
use super::chance::Chance;
use super::nodes::{self, MACHINES};
use super::{build, template};

const HASH: &str = "pod-template-hash";
/// A pod that carries another one than its set's is replaced at the next rollout.
const MADE_FROM: &str = "controller-revision-hash";
const REVISION: &str = "deployment.kubernetes.io/revision";
/// Its second pod finds no node, which the scheduler shall say itself.
const PLACED_AT_MOST: &[(&str, u32)] = &[("indexer", 1)];

/// Gives out nodes.
pub(super) struct Placing {
    chance: Chance,
    /// MiB taken so far.
    taken: BTreeMap<&'static str, u32>,
}

impl Placing {
    pub fn new(chance: Chance) -> Self {
        Self {
            chance,
            taken: BTreeMap::new(),
        }
    }

    fn choose(&mut self, app: &App) -> &'static str {
        let share = |name: &str, memory: u32| self.taken.get(name).copied().unwrap_or_default() * 1000 / memory;
        let open = MACHINES
            .iter()
            .filter(|m| !m.cordoned && m.memory_mib > app.memory.0 * 3 / 2);
        let best = open.min_by_key(|m| share(m.name, m.memory_mib));
        let node = best.map_or(MACHINES[0].name, |m| m.name);
        *self.taken.entry(node).or_default() += app.memory.0;
        node
    }

    /// Replica sets and pods of `workload`, which is of `app`.
    pub fn pods(&mut self, app: &App, workload: &Value, now_ms: i64) -> Vec<Value> {
        let started = build::rolled_out_ms(app, now_ms);
        match app.form {
            Form::Deployment => self.of_deployment(app, workload, started),
            Form::StatefulSet(_) => {
                let name = |n| format!("{}-{n}", app.name);
                let pods = (0..app.replicas).map(|n| (name(n), n));
                pods.map(|(name, n)| {
                    let node = self.choose(app);
                    self.ordinal(app, workload, &name, node, started + i64::from(n) * 9000)
                })
                .collect()
            }
            Form::DaemonSet => {
                let on = |m: &nodes::Machine| {
                    let name = format!("{}-{}", app.name, self.chance.name(&["pod", app.name, m.name], 5));
                    let mut pod = self.pod(app, workload, &name, m.name, started);
                    pod["metadata"]["labels"][MADE_FROM] = json!(template_hash(&workload["spec"]["template"]));
                    pod
                };
                MACHINES.iter().map(on).collect()
            }
        }
    }

    fn of_deployment(&mut self, app: &App, workload: &Value, started: i64) -> Vec<Value> {
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
            let mut pod = self.pod(app, &set, &pod_name, node, started + i64::from(n) * 4000);
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

    fn ordinal(&self, app: &App, set: &Value, name: &str, node: &str, started: i64) -> Value {
        let mut pod = self.pod(app, set, name, node, started);
        let hash = template_hash(&set["spec"]["template"]);
        pod["metadata"]["labels"][MADE_FROM] = json!(format!("{}-{hash}", app.name));
        pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = json!(name);
        let claim = format!("data-{name}");
        pod["spec"]["volumes"] = json!([{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]);
        pod["spec"]["containers"][0]["volumeMounts"] = json!([{"name": "data", "mountPath": "/data"}]);
        pod
    }

    /// Running and ready since `started`.
    fn pod(&self, app: &App, of: &Value, name: &str, node: &str, started: i64) -> Value {
        let template = &of["spec"]["template"];
        let mut metadata = build::metadata(app, name, started - 3000);
        metadata["labels"] = template["metadata"]["labels"].clone();
        metadata["ownerReferences"] = owner(of);
        let mut spec = template["spec"].clone();
        spec["nodeName"] = json!(node);
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec,
            "status": self.status(app, template, (name, node), started),
        })
    }

    fn status(&self, app: &App, template: &Value, (name, node): (&str, &str), started: i64) -> Value {
        let net = MACHINES.iter().position(|m| m.name == node).unwrap_or_default();
        let address = format!("10.42.{net}.{}", 2 + self.chance.of(&["address", name]) % 250);
        let at = rfc3339(started);
        let condition =
            |kind: &str| json!({"type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": at});
        let conditions = [
            "PodReadyToStartContainers",
            "Initialized",
            "Ready",
            "ContainersReady",
            "PodScheduled",
        ];
        // The oldest have been started again once or twice in their time.
        let restarts = if app.rolled_out_minutes > 8 * 24 * 60 {
            self.chance.of(&["restarts", name]) % 3
        } else {
            0
        };
        json!({
            "phase": "Running", "qosClass": "Burstable", "hostIP": nodes::address(node), "podIP": address,
            "podIPs": [{"ip": address}], "startTime": rfc3339(started - 2000), "conditions": conditions.map(condition),
            "containerStatuses": [{
                "name": app.name, "image": template["spec"]["containers"][0]["image"], "imageID": "", "ready": true,
                "started": true, "restartCount": restarts, "state": {"running": {"startedAt": at}}, "lastState": {},
            }],
        })
    }
}

/// The uid is filled in when it is installed.
fn owner(of: &Value) -> Value {
    json!([{
        "apiVersion": of["apiVersion"], "kind": of["kind"], "name": of["metadata"]["name"],
        "controller": true, "blockOwnerDeletion": true,
    }])
}
