//! The shop, opened: a server with its past, its people and the kit of a policy.

use super::super::clock::{ServerClock, machine_ms};
use super::super::endpoint::EmbeddedEndpoint;
use super::super::server::{EmbeddedServer, Metrics};
use super::super::validating::ValidatingPolicies;
use super::apps::TROUBLE_MINUTES;
use super::chance::Chance;
use super::history::Past;
use super::people;
use super::world::ShopWorld;
use crate::app::Guide;
use crate::escalation::Policy;
use crate::escalation::kit;

/// The name of the shop's context.
pub const CONTEXT: &str = "shop-demo";

/// How long ago the cluster was set up.
const AGE_MS: i64 = 212 * 86_400_000;

/// A server in this process with the shop in it.
#[derive(Clone)]
pub struct Shop {
    server: EmbeddedServer,
}

/// How a shop begins.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    pub seed: u64,
    /// Unix milliseconds at which the clock stands still; None: it goes on as the machine's does.
    pub still_at_ms: Option<i64>,
}

impl Default for Opened {
    fn default() -> Self {
        Self {
            seed: 1,
            still_at_ms: None,
        }
    }
}

impl Shop {
    /// With the kit for `policy` installed, as `kglass kit print` prints it.
    pub fn open(policy: &Policy, how: Opened) -> Self {
        let now_ms = how.still_at_ms.unwrap_or_else(machine_ms);
        let server = EmbeddedServer::set_up_at(now_ms - AGE_MS);
        let chance = Chance::new(how.seed);
        server.set_world(ShopWorld::new(chance, now_ms - (TROUBLE_MINUTES - 2) * 60_000));
        server.set_metrics(Metrics::Up);
        furnish(&server, policy);
        let past = Past {
            server: &server,
            chance,
            now_ms,
        };
        past.live_through();
        if how.still_at_ms.is_none() {
            server.clock().skew_ms(0);
        }
        server.set_admission(ValidatingPolicies::new());
        Self { server }
    }

    pub fn server(&self) -> &EmbeddedServer {
        &self.server
    }

    pub fn clock(&self) -> &ServerClock {
        self.server.clock()
    }

    /// The way in for the one on call.
    pub fn operator(&self) -> EmbeddedEndpoint {
        self.endpoint(people::OPERATOR.0)
    }

    /// The card that leads through the story.
    pub fn guide() -> Guide {
        super::story::guide()
    }

    pub(super) fn endpoint(&self, token: &str) -> EmbeddedEndpoint {
        self.server.endpoint(token).with_facts(|facts| {
            CONTEXT.clone_into(&mut facts.context);
            "shop".clone_into(&mut facts.cluster);
            facts.namespace = Some("shop".to_owned());
        })
    }
}

/// People, what they may see, and the kit that binds them.
fn furnish(server: &EmbeddedServer, policy: &Policy) {
    for (token, name, groups) in [people::OPERATOR, people::LEAD] {
        server.add_person(token, name, groups);
    }
    server.install(&people::access()).expect("RBAC is served");
    let kit = kit::generate(policy, CONTEXT);
    for file in [&kit.policies, &kit.access] {
        server.install_yaml(file).expect("the kit's kinds are served");
    }
}
