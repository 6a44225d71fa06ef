//! The program with a shop in it instead of a cluster. Everything else is as always: the same loop,
//! the same gate, the same journal.

use std::path::PathBuf;
use std::sync::Arc;

use super::world::{Contexts, Parting};
use super::{Launch, run};
use crate::cluster::{ConnectError, Endpoint};
use crate::embedded::shop::{CONTEXT, Lead, Shop};
use crate::escalation::Policy;

/// The one context of the shop.
pub struct ShopContexts(pub Shop);

impl Contexts for ShopContexts {
    fn names(&self) -> Vec<String> {
        vec![CONTEXT.to_owned()]
    }

    fn current(&self) -> Option<String> {
        Some(CONTEXT.to_owned())
    }

    fn open(&self, name: Option<&str>) -> Result<Arc<dyn Endpoint>, ConnectError> {
        match name {
            None | Some(CONTEXT) => Ok(Arc::new(self.0.operator())),
            Some(other) => Err(ConnectError {
                what: other.to_owned(),
                cause: "the demo has one cluster".to_owned(),
                cure: format!("use {CONTEXT}, or leave the demo"),
            }),
        }
    }
}

/// Runs the screen, with the colleague beside it: `lead_dir` is where they keep their own records.
pub async fn demo(
    launch: Launch,
    shop: Shop,
    policy: Arc<Policy>,
    lead_dir: PathBuf,
) -> anyhow::Result<(Parting, anyhow::Result<()>)> {
    let lead = Lead::new(shop, policy, lead_dir);
    let attending = tokio::spawn(lead.attend(|trouble| tracing::warn!("{trouble}")));
    let result = run(launch).await;
    attending.abort();
    result
}
