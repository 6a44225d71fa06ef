//! Machines of the shop's cluster. One is cordoned for maintenance, so that there is something to
//! see there, and so that what asks for much memory finds no place.

use serde_json::{Value, json};

use super::super::clock::rfc3339;

pub(super) struct Machine {
    pub name: &'static str,
    pub zone: &'static str,
    pub cpu: u32,
    pub memory_mib: u32,
    pub cordoned: bool,
}

const fn machine(name: &'static str, zone: &'static str, cpu: u32, memory_mib: u32) -> Machine {
    Machine {
        name,
        zone,
        cpu,
        memory_mib,
        cordoned: false,
    }
}

pub(super) const MACHINES: &[Machine] = &[
    machine("node-a", "eu-1a", 4, 15_800),
    machine("node-b", "eu-1b", 4, 15_800),
    machine("node-c", "eu-1c", 4, 15_800),
    machine("node-d", "eu-1a", 8, 31_900),
    Machine {
        cordoned: true,
        ..machine("node-e", "eu-1b", 8, 31_900)
    },
];

const DAY_MS: i64 = 86_400_000;
/// Machines that were started anew, and before how many days: what runs on them was, too.
const REBOOTS: &[(&str, i64)] = &[("node-b", 38), ("node-b", 6), ("node-d", 13)];
/// How long that takes.
pub(super) const BOOT_MS: i64 = 70_000;

/// When it was started anew, oldest first.
pub(super) fn reboots(name: &str, now_ms: i64) -> impl Iterator<Item = i64> {
    let of_machine = REBOOTS.iter().filter(move |(machine, _)| *machine == name);
    of_machine.map(move |(_, days)| now_ms - days * DAY_MS)
}

/// Its address on the network of the machines.
pub(super) fn address(name: &str) -> String {
    let place = MACHINES.iter().position(|m| m.name == name).unwrap_or_default();
    format!("10.0.0.{}", 11 + place)
}

pub(super) fn objects(now_ms: i64) -> Vec<Value> {
    MACHINES.iter().map(|machine| object(machine, now_ms)).collect()
}

fn object(machine: &Machine, now_ms: i64) -> Value {
    let born_ms = now_ms - 212 * DAY_MS;
    let born = rfc3339(born_ms);
    let up_ms = reboots(machine.name, now_ms).last().map_or(born_ms, |at| at + BOOT_MS);
    let amounts = json!({
        "cpu": machine.cpu.to_string(), "memory": format!("{}Mi", machine.memory_mib),
        "ephemeral-storage": "102394860Ki", "pods": "110",
    });
    let mut spec = json!({"podCIDR": format!("10.42.{}.0/24", place(machine)), "providerID": format!("demo:///{}/{}", machine.zone, machine.name)});
    if machine.cordoned {
        spec["unschedulable"] = json!(true);
        spec["taints"] = json!([{
            "key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": rfc3339(now_ms - 3 * 3_600_000),
        }]);
    }
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": machine.name, "creationTimestamp": born,
            "labels": {
                "kubernetes.io/hostname": machine.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/region": "eu-1", "topology.kubernetes.io/zone": machine.zone,
                "node.kubernetes.io/instance-type": if machine.cpu > 4 { "m8.large" } else { "m4.medium" },
            },
        },
        "spec": spec,
        "status": {
            "capacity": amounts, "allocatable": amounts,
            "conditions": conditions(&rfc3339(up_ms), now_ms),
            "addresses": [
                {"type": "InternalIP", "address": address(machine.name)},
                {"type": "Hostname", "address": machine.name},
            ],
            "nodeInfo": {
                "kubeletVersion": "v1.36.2", "osImage": "Debian GNU/Linux 13 (trixie)", "kernelVersion": "6.12.63",
                "containerRuntimeVersion": "containerd://2.2.1", "operatingSystem": "linux", "architecture": "amd64",
                "bootID": "", "machineID": "", "systemUUID": "", "kubeProxyVersion": "",
            },
        },
    })
}

pub(super) fn place(machine: &Machine) -> usize {
    MACHINES.iter().position(|m| m.name == machine.name).unwrap_or_default()
}

fn conditions(since: &str, now_ms: i64) -> Value {
    let heard = rfc3339(now_ms);
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({
            "type": kind, "status": status, "reason": reason, "message": message,
            "lastHeartbeatTime": heard, "lastTransitionTime": since,
        })
    };
    json!([
        condition(
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available"
        ),
        condition(
            "DiskPressure",
            "False",
            "KubeletHasNoDiskPressure",
            "kubelet has no disk pressure"
        ),
        condition(
            "PIDPressure",
            "False",
            "KubeletHasSufficientPID",
            "kubelet has sufficient PID available"
        ),
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ])
}
