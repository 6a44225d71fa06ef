//! A stream is given to the gate, so a keystroke opens one.
use kglass::escalation::{Gate, GateError, Stream, StreamIo};

pub async fn run(gate: &Gate, stream: Stream, one: StreamIo, other: StreamIo) -> Result<(), GateError> {
    gate.stream(stream, one).await?;
    #[cfg(bad)]
    gate.stream(stream, other).await?; //~ E0382
    #[cfg(not(bad))]
    drop(other);
    Ok(())
}
