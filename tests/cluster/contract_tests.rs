//! The table of requests on a real API server: it still answers as was recorded, so what the
//! embedded one is compared with is true.

use std::sync::Arc;

use kglass::cluster::{Endpoint, Kubeconfigs};

use crate::contract::{compare, facts_file, recorded, run, steps};
use crate::harness::{self, Options, Rig};

#[tokio::test]
async fn the_real_server_answers_as_was_recorded() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::start(Options::node());
    let endpoint = |user: &str| -> Arc<dyn Endpoint> {
        let files = Kubeconfigs::load(Some(&rig.kubeconfig(user))).expect("the rig's kubeconfig is good");
        files.open(None).expect("the rig's kubeconfig is good")
    };
    let seen = run(&steps(), endpoint).await;
    if std::env::var_os("KGLASS_CONTRACT_RECORD").is_some() {
        let text = serde_json::to_string_pretty(&seen).expect("facts are JSON");
        std::fs::write(facts_file(), text + "\n").expect("the recorded facts are ours to write");
    }
    let found = compare(&recorded(), &seen);
    println!(
        "contract: {} requests asked of a real server, {} differ from the record",
        seen.len(),
        found.len()
    );
    assert!(
        found.is_empty(),
        "the record is out of date (KGLASS_CONTRACT_RECORD=1 writes it anew): {found:#?}"
    );
}
