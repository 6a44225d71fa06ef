//! How the shop came to be as it is. What went wrong is lived through by the same controllers and
//! kubelets that go on with it, so that names, restarts, events and times agree with each other.

use serde_json::{Value, json};

use super::super::clock::rfc3339;
use super::super::server::EmbeddedServer;
use super::super::{defaults, kinds, touch};
use super::apps::{APPS, BEFORE, SICK, TROUBLE_MINUTES};
use super::chance::Chance;
use super::standing::Placing;
use super::{build, extras, nodes};

const MINUTE_MS: i64 = 60_000;
/// When the report failed, when the shop is put in place, and since when jobs run.
const REPORT_MINUTES: i64 = 9 * 60;
const BEFORE_MINUTES: i64 = 25;
const JOBS_MINUTES: i64 = 12;

pub(super) struct Past<'a> {
    pub server: &'a EmbeddedServer,
    pub chance: Chance,
    pub now_ms: i64,
}

impl Past<'_> {
    /// Leaves the clock standing at the present.
    pub fn live_through(&self) {
        let now = self.now_ms;
        let report = now - REPORT_MINUTES * MINUTE_MS;
        self.at(report);
        self.install(&extras::namespaces(now));
        self.install(&nodes::objects(now));
        self.install(&extras::report(now, report));
        self.install(&[extras::by_hand(report)]);
        self.at(now - BEFORE_MINUTES * MINUTE_MS);
        self.install(&extras::objects(now));
        self.install_applications();
        self.at(now - TROUBLE_MINUTES * MINUTE_MS);
        self.roll_out_sick();
        let jobs = now - JOBS_MINUTES * MINUTE_MS;
        self.at(jobs);
        self.install(&[extras::stock_sync(now, jobs)]);
        self.at(now);
        self.tell();
    }

    /// Everything that was due by then is done.
    fn at(&self, ms: i64) {
        self.server.clock().stand_still_at(ms);
        self.server.names("nodes", "");
    }

    fn install(&self, objects: &[Value]) {
        self.server
            .install(objects)
            .expect("the shop is made of kinds that are served");
    }

    /// All of them in order, the sick one in its version before: first a workload, which the server
    /// completes, then the pods made from it. No controller looks before all of it is there.
    fn install_applications(&self) {
        let mut state = self.server.0.lock();
        let mut placing = Placing::new(self.chance);
        let at_ms = self.now_ms - BEFORE_MINUTES * MINUTE_MS;
        let mut put = |object: &Value| {
            touch::place(&mut state.store, object, at_ms).expect("the shop is made of kinds that are served");
        };
        for app in APPS {
            let app = if app.name == SICK { &BEFORE } else { app };
            let mut objects = build::objects(app, self.now_ms);
            for object in &mut objects {
                let kind = kinds::of_manifest("apps/v1", object["kind"].as_str().unwrap_or_default());
                if let Some(kind) = kind {
                    defaults::fill(kind, object);
                }
                put(object);
            }
            let workload = objects.iter().find(|o| o["kind"] == app.kind());
            let workload = workload.expect("an application has its workload");
            placing.pods(app, workload, self.now_ms).iter().for_each(&mut put);
        }
    }

    fn roll_out_sick(&self) {
        let app = APPS.iter().find(|app| app.name == SICK).expect("it is in the table");
        let objects = build::objects(app, self.now_ms);
        let newest = objects
            .iter()
            .find(|o| o["kind"] == app.kind())
            .expect("an application has its workload");
        let present = self.server.object("deployments", app.namespace, app.name);
        let mut object = present.expect("it was installed before it was rolled out");
        object["spec"]["template"] = newest["spec"]["template"].clone();
        object["metadata"]["annotations"]["kubernetes.io/change-cause"] =
            newest["metadata"]["annotations"]["kubernetes.io/change-cause"].clone();
        self.install(&[object]);
    }

    /// What happened to things that no controller here watches over.
    fn tell(&self) {
        for (plural, namespace, name, minutes, reason, from, message) in TOLD {
            let Some(about) = self.server.object(plural, namespace, name) else {
                continue;
            };
            let place = if namespace.is_empty() { "default" } else { namespace };
            let event = json!({
                "apiVersion": "v1", "kind": "Event",
                "metadata": {
                    "name": format!("{name}.{}", self.chance.name(&[reason, name], 16)), "namespace": place,
                    "creationTimestamp": rfc3339(self.now_ms - minutes * MINUTE_MS),
                },
                "involvedObject": {
                    "apiVersion": about["apiVersion"], "kind": about["kind"], "name": name,
                    "namespace": about["metadata"]["namespace"], "uid": about["metadata"]["uid"],
                },
                "type": if *reason == "NodeNotSchedulable" { "Normal" } else { "Warning" },
                "reason": reason, "message": message, "count": 1 + minutes / 5,
                "firstTimestamp": rfc3339(self.now_ms - minutes * MINUTE_MS),
                "lastTimestamp": rfc3339(self.now_ms - minutes % 7 * MINUTE_MS / 2),
                "source": {"component": from}, "reportingComponent": from, "reportingInstance": "",
            });
            self.install(&[event]);
        }
    }
}

/// Kind, namespace, name, minutes since the first time, reason, who tells it, message.
const TOLD: &[(&str, &str, &str, i64, &str, &str, &str)] = &[
    (
        "persistentvolumeclaims",
        "reports",
        "archive",
        58,
        "ProvisioningFailed",
        "persistentvolume-controller",
        "storageclass.storage.k8s.io \"shared-fast\" not found",
    ),
    (
        "persistentvolumeclaims",
        "monitoring",
        "data-prometheus-0",
        41,
        "VolumeConditionAbnormal",
        "kubelet",
        "the volume is 96% full: 48.1 GiB of 50 GiB",
    ),
    (
        "horizontalpodautoscalers",
        "shop",
        "catalog",
        33,
        "ScalingLimited",
        "horizontal-pod-autoscaler",
        "the desired replica count (8) is more than the maximum replica count (6)",
    ),
    (
        "nodes",
        "",
        "node-e",
        45,
        "NodeNotSchedulable",
        "kubelet",
        "Node node-e status is now: NodeNotSchedulable",
    ),
    (
        "pods",
        "shop",
        "ledger-0",
        20,
        "ProbeWarning",
        "kubelet",
        "Liveness probe warning: 100 of 100 connections in use, 90 by clients that are gone",
    ),
];
