//! What the header says: whether the server itself keeps the base identity from writing.

use kglass::cluster::{BaseRights, Query, Reading, ServerAnswer};

use super::{Read, reader};
use crate::harness::{self, Rig};

async fn rights(user: &str) -> BaseRights {
    let reader = reader(Rig::shared(), user).await;
    Read::start(&reader, Query::BaseRights)
        .find("the rights", |reading| match reading {
            Reading::Rights(rights) => Some((**rights).clone()),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_viewer_is_refused_every_write_by_the_server() {
    if harness::require().is_none() {
        return;
    }
    let rights = rights("viewer").await;
    assert_eq!(rights.answer, ServerAnswer::Refuses);
    assert_eq!(rights.user, "viewer");
    assert!(rights.groups.contains(&"viewers".to_owned()));
    assert!(rights.server_version.starts_with("v1."));
}

#[tokio::test]
async fn an_admin_is_kept_from_writing_by_the_client_only() {
    if harness::require().is_none() {
        return;
    }
    let ServerAnswer::ClientOnly { could } = rights("admin").await.answer else {
        panic!("an admin may write");
    };
    assert_eq!(could.first().map(String::as_str), Some("delete pods"));
    assert!(could.contains(&"do anything".to_owned()), "{could:?}");
}
