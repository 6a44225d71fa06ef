//! The gate hands out neither its endpoint nor a client.
use kglass::escalation::Gate;

pub async fn lift(gate: &Gate) -> bool {
    #[cfg(bad)]
    let _endpoint = &gate.settings; //~ E0616
    gate.offers().await.is_ok()
}
