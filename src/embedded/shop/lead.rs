//! The colleague: consents to what needs another person, after a moment, by petitions of their own
//! and with a journal of their own. Consents to nothing that the policy does not leave to them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;

use super::opened::Shop;
use super::people;
use crate::credential::TokenRequest;
use crate::escalation::{Gate, GateSettings, KIT_NAMESPACE, Policy};

/// How often they look, and how long they think.
const LOOKS: Duration = Duration::from_millis(400);
const THINKS: Duration = Duration::from_millis(2600);
const REMARK: &str = "I see it too, go ahead";

pub struct Lead {
    shop: Shop,
    gate: Gate,
    policy: Arc<Policy>,
    answered: BTreeSet<String>,
}

impl Lead {
    /// Their journals lie below `state_dir`.
    pub fn new(shop: Shop, policy: Arc<Policy>, state_dir: PathBuf) -> Self {
        let endpoint = Arc::new(shop.endpoint(people::LEAD.0));
        // What the gate tells while it works is for a screen, and nobody looks at theirs.
        let (events, _) = mpsc::unbounded_channel();
        let settings = GateSettings::new(endpoint, policy.clone(), Arc::new(TokenRequest), state_dir, events);
        Self {
            shop,
            gate: Gate::new(settings),
            policy,
            answered: BTreeSet::new(),
        }
    }

    /// Watches for requests until dropped. `told` hears what they could not do.
    pub async fn attend(mut self, told: impl Fn(String)) {
        loop {
            for request in self.new_requests() {
                if let Err(why) = self.answer(&request).await {
                    told(format!("lead could not consent to {request}: {why}"));
                }
            }
            sleep(LOOKS).await;
        }
    }

    fn new_requests(&mut self) -> Vec<String> {
        let names = self.shop.server().names("configmaps", KIT_NAMESPACE);
        let requests = names.into_iter().filter(|name| !name.contains('.'));
        requests.filter(|name| self.answered.insert(name.clone())).collect()
    }

    async fn answer(&self, request: &str) -> Result<(), crate::escalation::GateError> {
        let pending = self.gate.pending(request).await?;
        let role = self.policy.roles.get(&pending.role);
        if role.is_none_or(|role| role.self_approve) {
            return Ok(());
        }
        sleep(THINKS).await;
        self.gate.approve(&pending, REMARK).await.map(drop)
    }
}
