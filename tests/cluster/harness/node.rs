//! containerd and a kubelet: the node on which a rig's pods really run.

use std::{fs, io, path::Path, time::Duration};

use serde_json::{Value, json};

use super::{
    binary::cluster_folder,
    component::Component,
    fixtures::BUSYBOX,
    people,
    rig::Rig,
    slot::{Port, Slot},
};

/// The address is the name: under any other the API server would not be led to loopback.
pub const NODE: &str = "127.0.0.1";

const START: Duration = Duration::from_secs(90);

pub fn start(rig: &Rig) -> io::Result<()> {
    let (folder, slot) = (rig.folder(), rig.slot());
    for part in ["cni", "kubelet", "pods", "plugins"] {
        fs::create_dir_all(folder.join(part))?;
    }
    let snapshotter = snapshotter()?;
    fs::write(folder.join("containerd.toml"), containerd_config(folder, snapshotter))?;
    fs::write(folder.join("cni/10-rig.conflist"), network(folder, slot).to_string())?;
    fs::write(folder.join("kubelet.yaml"), kubelet_config(folder, slot).to_string())?;

    let cgroups = cluster_folder().join("shell/cgroups.sh");
    rig.run("cgroups", &format!("exec sh '{}' {}", cgroups.display(), slot.cgroup()))?;
    rig.launch_command(Component::Containerd, "exec containerd -c containerd.toml -l warn")?;
    rig.run(
        "busybox-image",
        &format!("exec '{}' busybox-image busybox.tar", rig.binary().path().display()),
    )?;
    rig.await_component("containerd answers", Component::Containerd, START, || {
        folder.join("cd.sock").exists()
    });
    let import = format!("ctr -a cd.sock -n k8s.io images import --snapshotter {snapshotter} busybox.tar");
    rig.run("import-image", &format!("exec timeout 60 {import}"))?;

    let kubeconfig = rig.kubeconfig("node");
    rig.launch(
        Component::Kubelet,
        &[
            "--config=kubelet.yaml".to_owned(),
            format!("--kubeconfig={}", kubeconfig.display()),
            format!("--root-dir={}", folder.join("kubelet").display()),
            "--cert-dir=pki".to_owned(),
            format!("--hostname-override={NODE}"),
            "-v=1".to_owned(),
        ],
    )?;
    await_ready(rig);
    Ok(())
}

pub fn await_ready(rig: &Rig) {
    let path = format!("/api/v1/nodes/{NODE}");
    let token = people::token("admin");
    rig.await_component("node ready", Component::Kubelet, START, || {
        let node = rig.http("GET", &path, Some(&token), None).json;
        let conditions = node["status"]["conditions"].as_array();
        let is_ready = |one: &Value| one["type"] == "Ready" && one["status"] == "True";
        conditions.is_some_and(|all| all.iter().any(is_ready))
    });
}

/// An overlay cannot lie on an overlay: inside a container layers are copied.
fn snapshotter() -> io::Result<&'static str> {
    let mounts = fs::read_to_string("/proc/mounts")?;
    let kind_of = |place: &str| {
        let of_place = |line: &str| {
            let mut fields = line.split(' ').skip(1);
            (fields.next()? == place).then(|| fields.next().map(str::to_owned))?
        };
        mounts.lines().filter_map(of_place).next_back()
    };
    let kind = kind_of("/tmp").or_else(|| kind_of("/"));
    Ok(if kind.as_deref() == Some("overlay") {
        "native"
    } else {
        "overlayfs"
    })
}

fn containerd_config(folder: &Path, snapshotter: &str) -> String {
    let folder = folder.display();
    format!(
        r#"version = 2
root = "{folder}/cd/root"
state = "{folder}/cd/state"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs"]
[grpc]
address = "{folder}/cd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{BUSYBOX}"
restrict_oom_score_adj = true
stream_server_address = "127.0.0.1"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "{folder}/cni"
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "{snapshotter}"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"#
    )
}

fn network(folder: &Path, slot: Slot) -> Value {
    json!({"cniVersion": "1.0.0", "name": slot.bridge(), "plugins": [{
        "type": "bridge", "bridge": slot.bridge(), "isGateway": true, "ipMasq": false,
        "ipam": {
            "type": "host-local", "dataDir": folder.join("ipam"),
            "ranges": [[{"subnet": slot.subnet()}]], "routes": [{"dst": "0.0.0.0/0"}],
        },
    }]})
}

fn kubelet_config(folder: &Path, slot: Slot) -> Value {
    json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
        "failCgroupV1": false, "cgroupDriver": "cgroupfs", "cgroupRoot": format!("/{}", slot.cgroup()),
        "address": "127.0.0.1", "port": slot.port(Port::Kubelet), "readOnlyPort": 0, "healthzPort": 0,
        "authentication": {"anonymous": {"enabled": true}, "webhook": {"enabled": false}},
        "authorization": {"mode": "AlwaysAllow"},
        "containerRuntimeEndpoint": format!("unix://{}", folder.join("cd.sock").display()),
        "failSwapOn": false, "enforceNodeAllocatable": [], "cgroupsPerQOS": true,
        // A full disk is the machine's trouble, not a reason to evict a test's pods.
        "evictionHard": {"memory.available": "1Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "podLogsDir": folder.join("pods"), "volumePluginDir": folder.join("plugins"),
        // Nobody answers there; without it every pod comes with a warning event.
        "clusterDNS": ["10.96.0.10"],
        "resolvConf": "", "makeIPTablesUtilChains": false, "registerNode": true,
    })
}
