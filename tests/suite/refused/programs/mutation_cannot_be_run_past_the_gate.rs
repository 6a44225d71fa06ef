//! What a mutation sends is between it and the gate.
use kglass::escalation::{Gate, GateError, Mutation};

pub async fn run(gate: &Gate, mutation: Mutation) -> Result<(), GateError> {
    #[cfg(bad)]
    let _targets = &mutation.targets; //~ E0616
    gate.execute(mutation).await
}
