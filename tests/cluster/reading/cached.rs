//! Discovery kept between two starts: the server's own log says that it sent nothing again.

use std::time::Instant;

use kglass::cluster::Reader;

use super::{catalog, open};
use crate::harness::{self, Rig};

#[tokio::test]
async fn a_second_start_is_answered_without_a_body() {
    if harness::require().is_none() {
        return;
    }
    let rig = Rig::shared();
    let folder = tempfile::tempdir().expect("a folder");
    let endpoint = open(&rig.kubeconfig("viewer")).expect("the rig's kubeconfig is good");
    let start = async || {
        Reader::connect_caching(&*endpoint, folder.path())
            .await
            .expect("a token needs no plugin")
    };
    let cold = Instant::now();
    let told = catalog(&start().await).await;
    let cold = cold.elapsed();
    let mark = rig.audit_mark();
    let warm = Instant::now();
    let again = catalog(&start().await).await;
    println!(
        "{} kinds; cold {cold:?}, warm {:?}",
        told.resources.len(),
        warm.elapsed()
    );
    assert_eq!(again, told);
    let events = rig.audit_since(mark);
    let codes = |path: &str| -> Vec<u64> {
        let of = |e: &&serde_json::Value| {
            e["requestURI"] == path && e["user"]["username"] == "viewer" && e["stage"] == "ResponseComplete"
        };
        events
            .iter()
            .filter(of)
            .filter_map(|e| e["responseStatus"]["code"].as_u64())
            .collect()
    };
    assert_eq!((codes("/api"), codes("/apis")), (vec![304], vec![304]));
}
