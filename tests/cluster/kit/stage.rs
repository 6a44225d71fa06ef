//! One control plane with the kit, installed as an administrator would: printed, then install.sh.

use std::process::Command;
use std::sync::OnceLock;

use kglass::escalation::{BUILT_IN, Policy, kit};

use crate::harness::{Options, Rig};

/// Rights that only tests want: a role that somebody bound to cluster-admin behind the policy's back.
const SPARE: &str = r#"
[roles.spare]
about = "bound to cluster-admin by the tests"
scope = "cluster"
max_ttl = "1h"
requesters = { groups = ["oncall"] }
self_approve = true
rules = [{ groups = [""], resources = ["pods"], verbs = ["get"] }]
"#;

pub fn policy() -> Policy {
    Policy::parse(&format!("{BUILT_IN}{SPARE}"), "tests").expect("the policy of the tests is good")
}

/// The rig that the tests of the kit share.
pub fn rig() -> &'static Rig {
    static SHARED: OnceLock<Rig> = OnceLock::new();
    SHARED.get_or_init(|| {
        let rig = Rig::start(Options::default());
        install(&rig, &policy());
        rig.apply("admin", BINDING);
        rig
    })
}

const BINDING: &str = r"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: spare-is-admin}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: spare, namespace: kglass-system}]
";

/// Runs the printed install.sh as the cluster's owner, and gives what it said.
pub fn install(rig: &Rig, policy: &Policy) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    kit::print(policy, "admin", folder.path()).expect("the kit can be printed");
    let kubectl = format!(
        "{} kubectl --kubeconfig {} --cache-dir {}",
        rig.binary().path().display(),
        rig.kubeconfig("admin").display(),
        folder.path().join("cache").display()
    );
    let output = Command::new("sh")
        .arg(folder.path().join("install.sh"))
        .env("KUBECTL", kubectl)
        .output()
        .expect("there is a shell");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{errors}");
    format!("{said}{errors}")
}
