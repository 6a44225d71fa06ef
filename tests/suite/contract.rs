//! The embedded server's answers beside those that a real one gave.

use std::sync::Arc;

use kglass::cluster::Endpoint;
use kglass::embedded::{EmbeddedServer, Fate, LogLine, Run, World};
use serde_json::{Value, json};

use crate::contract::{Differences, compare, recorded, run, steps};

/// The one container that ends and says something is the table's talker.
struct Talker;

impl World for Talker {
    fn fate(&self, run: &Run<'_>) -> Fate {
        if run.pod["metadata"]["name"] == "talker" {
            let (after_ms, exit_code) = (100, 0);
            return Fate::Ends { after_ms, exit_code };
        }
        Fate::Runs
    }

    fn line_after(&self, run: &Run<'_>, after_ms: i64) -> Option<LogLine> {
        let said = (1..=5).map(|n| LogLine {
            at_ms: run.started_ms + n,
            text: format!("line {n}"),
        });
        said.into_iter().find(|line| line.at_ms > after_ms)
    }
}

/// As the rig is: the same people with the same rights, and one node that runs pods.
fn server() -> EmbeddedServer {
    let server = EmbeddedServer::new();
    server.set_world(Talker);
    for (name, groups) in [
        ("admin", &["system:masters"][..]),
        ("viewer", &["viewers"]),
        ("norights", &[]),
    ] {
        server.add_person(&format!("{name}-token"), name, groups);
    }
    let bind = |role: &str| -> Value {
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
            "metadata": {"name": format!("viewers-{role}")},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "Group", "name": "viewers", "apiGroup": "rbac.authorization.k8s.io"}],
        })
    };
    let nodes = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "nodes"},
        "rules": [{"apiGroups": [""], "resources": ["nodes", "namespaces", "persistentvolumes"],
            "verbs": ["get", "list", "watch"]}],
    });
    let node = json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": "127.0.0.1"},
        "status": {"nodeInfo": {"kubeletVersion": "v1.36.2"}},
    });
    server
        .install(&[bind("view"), nodes, bind("nodes"), node])
        .expect("served");
    server
}

#[tokio::test]
async fn the_embedded_server_answers_as_the_real_one_did_but_for_what_the_guide_lists() {
    let server = server();
    let steps = steps();
    let endpoint = |user: &str| -> Arc<dyn Endpoint> { Arc::new(server.endpoint(&format!("{user}-token"))) };
    let seen = run(&steps, endpoint).await;
    let found = compare(&recorded(), &seen);
    let (unlisted, idle) = Differences::listed().check(&found);
    eprintln!(
        "contract: {} requests compared, {} differences, all but {} listed in docs/embedded.md",
        seen.len(),
        found.len(),
        unlisted.len()
    );
    let told: Vec<String> = unlisted
        .iter()
        .map(|d| format!("| `{}` | `{}` | `{}` | `{}` | ? |", d.step, d.fact, d.real, d.other))
        .collect();
    assert!(
        told.is_empty(),
        "{} differences are not listed:\n{}",
        told.len(),
        told.join("\n")
    );
    assert!(
        idle.is_empty(),
        "listed, but no difference any more:\n{}",
        idle.join("\n")
    );
}
