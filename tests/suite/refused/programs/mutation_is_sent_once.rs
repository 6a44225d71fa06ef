//! A mutation is given to the gate, so a keystroke is one write.
use kglass::escalation::{Gate, GateError, Mutation};

pub async fn run(gate: &Gate, mutation: Mutation) -> Result<(), GateError> {
    gate.execute(mutation).await?;
    #[cfg(bad)]
    gate.execute(mutation).await?; //~ E0382
    Ok(())
}
