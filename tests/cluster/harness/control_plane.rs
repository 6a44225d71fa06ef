//! etcd, API server, controller manager and scheduler: their files, flags and
//! start order, and the rights of the people who use them.

use std::{fs, io, path::Path, time::Duration};

use serde_json::{Value, json};

use super::{
    component::Component,
    options::Options,
    people,
    request::Request,
    rig::Rig,
    slot::{Port, Slot},
};

/// A cold start on a machine that is busy compiling.
const START: Duration = Duration::from_secs(90);

/// Metadata of everything at every stage; bodies of what is asked and granted in
/// the kit's namespace, but never of a request that is answered with a token.
const AUDIT_POLICY: &str = r#"
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: []
rules:
- level: Metadata
  resources: [{group: "", resources: ["serviceaccounts/token"]}]
- level: Request
  namespaces: ["kglass-system"]
  verbs: ["create", "update", "patch", "delete"]
  resources:
  - {group: "", resources: ["configmaps", "secrets"]}
  - {group: "batch", resources: ["jobs"]}
- level: Metadata
"#;

pub fn write_files(folder: &Path, options: &Options) -> io::Result<()> {
    fs::write(folder.join("tokens.csv"), people::token_file(&options.users))?;
    fs::write(folder.join("audit.yaml"), AUDIT_POLICY)
}

/// The API server's flags; the paths are within the rig's folder.
pub fn apiserver_flags(slot: Slot, options: &Options) -> Vec<String> {
    let mut flags: Vec<String> = [
        "--bind-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--tls-cert-file=pki/apiserver.crt",
        "--tls-private-key-file=pki/apiserver.key",
        "--client-ca-file=pki/ca.crt",
        // What the aggregator wants before it passes anything on to metrics-server.
        "--requestheader-client-ca-file=pki/ca.crt",
        "--requestheader-allowed-names=front-proxy",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--proxy-client-cert-file=pki/front-proxy.crt",
        "--proxy-client-key-file=pki/front-proxy.key",
        "--token-auth-file=tokens.csv",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--service-account-key-file=pki/sa.key",
        "--service-account-signing-key-file=pki/sa.key",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--audit-policy-file=audit.yaml",
        "--audit-log-path=logs/audit.jsonl",
        // Rotating would pull the file away from under its readers.
        "--audit-log-maxsize=4096",
        "--allow-privileged",
        "--kubelet-preferred-address-types=InternalIP",
    ]
    .map(str::to_owned)
    .to_vec();
    flags.extend([
        format!("--advertise-address={}", slot.advertised()),
        format!("--secure-port={}", slot.port(Port::ApiServer)),
        format!("--etcd-servers=http://127.0.0.1:{}", slot.port(Port::Etcd)),
        // No run sees another's objects, should it ever meet another's etcd.
        format!("--etcd-prefix=/kglass-rig-{}", std::process::id()),
        format!("--service-account-issuer={}", options.issuer),
        format!("--api-audiences={}", options.audience),
    ]);
    flags.extend(options.apiserver_flags.iter().cloned());
    flags
}

fn etcd_flags(slot: Slot) -> Vec<String> {
    let client = format!("http://127.0.0.1:{}", slot.port(Port::Etcd));
    let peer = format!("http://127.0.0.1:{}", slot.port(Port::EtcdPeer));
    vec![
        "--data-dir=etcd".to_owned(),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
        "--unsafe-no-fsync".to_owned(),
        "--log-level=error".to_owned(),
    ]
}

/// Flags that controller manager, scheduler and metrics-server share.
pub fn client_flags(kubeconfig: &str, port: u16) -> Vec<String> {
    vec![
        format!("--kubeconfig={kubeconfig}"),
        format!("--authentication-kubeconfig={kubeconfig}"),
        format!("--authorization-kubeconfig={kubeconfig}"),
        format!("--secure-port={port}"),
        "--bind-address=127.0.0.1".to_owned(),
        "--cert-dir=pki".to_owned(),
    ]
}

pub fn start(rig: &Rig) -> io::Result<()> {
    let slot = rig.slot();
    rig.launch(Component::Etcd, &etcd_flags(slot))?;
    rig.await_port("etcd", Component::Etcd, slot.port(Port::Etcd), START);
    rig.launch(Component::ApiServer, &apiserver_flags(slot, rig.options()))?;
    await_apiserver(rig);
    if rig.options().controllers {
        // Only now: without the bootstrap roles they would leave again.
        start_controllers(rig)?;
    }
    grant_rights(rig)
}

/// By the status code: the body of a server that is not ready says "ok" too.
pub fn await_apiserver(rig: &Rig) {
    let readyz = Request::new("GET", "/readyz").token(&people::token("admin"));
    rig.await_component("API server ready", Component::ApiServer, START, || {
        rig.send(&readyz).is_ok_and(|reply| reply.status == 200)
    });
    assert!(
        rig.is_alive(Component::Etcd),
        "the API server runs on somebody else's etcd"
    );
}

fn start_controllers(rig: &Rig) -> io::Result<()> {
    let slot = rig.slot();
    let kubeconfig = |user| rig.kubeconfig(user).display().to_string();
    let mut flags = client_flags(&kubeconfig("controllers"), slot.port(Port::ControllerManager));
    flags.extend(
        [
            "--service-account-private-key-file=pki/sa.key",
            "--use-service-account-credentials",
            "--leader-elect=false",
            "--cluster-signing-cert-file=pki/ca.crt",
            "--cluster-signing-key-file=pki/ca.key",
            "--root-ca-file=pki/ca.crt",
        ]
        .map(str::to_owned),
    );
    rig.launch(Component::ControllerManager, &flags)?;
    let mut flags = client_flags(&kubeconfig("scheduler"), slot.port(Port::Scheduler));
    flags.push("--leader-elect=false".to_owned());
    rig.launch(Component::Scheduler, &flags)
}

/// Viewers see what an operator sees: `view` alone hides whatever is cluster-wide.
fn grant_rights(rig: &Rig) -> io::Result<()> {
    let read = |group: &str, resources: &[&str]| json!({"apiGroups": [group], "resources": resources, "verbs": ["get", "list", "watch"]});
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": "rig-viewers"},
        "rules": [
            read("", &["nodes", "namespaces", "persistentvolumes"]),
            read("apiextensions.k8s.io", &["customresourcedefinitions"]),
            read("storage.k8s.io", &["storageclasses"]),
            read("metrics.k8s.io", &["nodes", "pods"]),
        ],
    });
    create(rig, "clusterroles", &role)?;
    // `view` is filled by the controller manager, a little later or, on a rig
    // without one, never; what fills it can be had at once.
    for role in ["rig-viewers", "system:aggregate-to-view", "view"] {
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
            "metadata": {"name": format!("viewers-{role}")},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "viewers"}],
        });
        create(rig, "clusterrolebindings", &binding)?;
    }
    let can_read = |path| rig.http("GET", path, Some(&people::token("viewer")), None).status == 200;
    rig.await_component("rights of viewers", Component::ApiServer, START, || {
        can_read("/api/v1/pods") && can_read("/api/v1/nodes")
    });
    Ok(())
}

fn create(rig: &Rig, resource: &str, object: &Value) -> io::Result<()> {
    let path = format!("/apis/rbac.authorization.k8s.io/v1/{resource}");
    let reply = rig.send(&Request::new("POST", &path).token(&people::token("admin")).json(object))?;
    if reply.status == 201 {
        Ok(())
    } else {
        Err(io::Error::other(format!("{resource}: {}", reply.message())))
    }
}
