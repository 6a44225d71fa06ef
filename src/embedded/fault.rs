//! Faults that tests inject: an answer replaced, delayed or lost, a request held until it is
//! released. Each is tied to requests by verb, resource, name and user.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use super::request::Attributes;

/// A request as a hook sees it when it arrives, before anything was done about it.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub attributes: Attributes,
    /// Empty if the credential was refused.
    pub username: String,
    /// The caller's `Audit-ID`.
    pub audit_id: Option<String>,
    pub body: Vec<u8>,
}

pub(super) type Hook = Arc<dyn Fn(&Arrival) + Send + Sync>;

/// Which requests; what is not named matches everything.
#[derive(Clone, Debug, Default)]
pub struct On {
    verb: Option<String>,
    resource: Option<String>,
    name: Option<String>,
    user: Option<String>,
}

impl On {
    pub fn any() -> Self {
        Self::default()
    }

    pub fn verb(mut self, verb: &str) -> Self {
        self.verb = Some(verb.to_owned());
        self
    }

    /// `pods`, or with its subresource: `deployments/scale`.
    pub fn resource(mut self, resource: &str) -> Self {
        self.resource = Some(resource.to_owned());
        self
    }

    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    pub fn user(mut self, username: &str) -> Self {
        self.user = Some(username.to_owned());
        self
    }

    pub(super) fn matches(&self, arrival: &Arrival) -> bool {
        let at = &arrival.attributes;
        let is = |wanted: &Option<String>, got: &str| wanted.as_deref().is_none_or(|w| w == got);
        is(&self.verb, &at.verb)
            && is(&self.resource, &at.resource_path())
            && is(&self.name, at.name.as_deref().unwrap_or_default())
            && is(&self.user, &arrival.username)
    }
}

/// What happens to a request that matches.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Answered with this status; nothing is done.
    Status(u16),
    /// Done and answered, but later.
    Delay(Duration),
    /// The connection breaks before the request is looked at.
    DropRequest,
    /// The request is carried out, and the connection breaks before the answer.
    DropAnswer,
    /// A gateway before the server answers with a page of its own: nothing is done.
    Page(u16, &'static str),
    /// The same after the server has carried it out.
    PageAfter(u16, &'static str),
}

pub(super) struct Planned {
    pub on: On,
    pub fault: Fault,
    /// How often still; None is always.
    pub times: Option<u32>,
}

/// The fault for this request, counted down.
pub(super) fn take(plan: &mut Vec<Planned>, arrival: &Arrival) -> Option<Fault> {
    let at = plan.iter().position(|p| p.on.matches(arrival))?;
    let planned = &mut plan[at];
    let fault = planned.fault.clone();
    if let Some(times) = &mut planned.times {
        *times -= 1;
        if *times == 0 {
            plan.remove(at);
        }
    }
    Some(fault)
}

/// Requests held at the server's door, authenticated but not looked at. Dropping it lets them go.
pub struct Hold(pub(super) Arc<Held>);

pub(super) struct Held {
    pub on: On,
    arrived: watch::Sender<u32>,
    door: Semaphore,
}

impl Held {
    pub fn new(on: On) -> Self {
        Self {
            on,
            arrived: watch::Sender::new(0),
            door: Semaphore::new(0),
        }
    }

    pub async fn wait(&self) {
        self.arrived.send_modify(|n| *n += 1);
        // An error means the door is closed for good, which lets everybody pass.
        drop(self.door.acquire().await);
    }
}

impl Hold {
    /// Returns when `count` requests stand at the door.
    pub async fn arrived(&self, count: u32) {
        let mut seen = self.0.arrived.subscribe();
        seen.wait_for(|n| *n >= count)
            .await
            .expect("the sender lives in this value");
    }

    /// How many came so far.
    pub fn count(&self) -> u32 {
        *self.0.arrived.borrow()
    }

    /// Lets them go, and whoever comes later.
    pub fn release(self) {}
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.door.close();
    }
}
