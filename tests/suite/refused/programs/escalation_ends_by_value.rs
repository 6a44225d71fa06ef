//! Who ends an escalation gives it away: nothing new can be prepared with it.
use kglass::escalation::{EndReason, Escalation, Gate, Mutation};

pub async fn end(gate: &Gate, authority: Escalation) -> Option<Mutation> {
    #[cfg(not(bad))]
    let prepared = Mutation::delete(&authority, 1, Vec::new());
    gate.end(authority, EndReason::Operator).await;
    #[cfg(bad)]
    let prepared = Mutation::delete(&authority, 1, Vec::new()); //~ E0382
    Some(prepared)
}
