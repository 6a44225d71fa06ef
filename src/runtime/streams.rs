//! The near ends of shells and port-forwards: a task per stream that runs in the gate, and for a
//! shell the keys on their way to it. Ends when the gate ends it; nothing here can keep it open.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::emulator;
use super::happened::{Happened, Mail};
use crate::app::Fact;
use crate::escalation::{Gate, Input, Stream, StreamIo, StreamKind, TerminalSize};

/// Pieces of output that may wait for the emulator; then the remote waits.
const OUTPUT_AHEAD: usize = 16;
/// Keys that may wait for the remote.
const INPUT_AHEAD: usize = 256;

#[derive(Default)]
pub struct Shells {
    lines: HashMap<u64, Line>,
}

struct Line {
    input: mpsc::Sender<Input>,
    size: watch::Sender<TerminalSize>,
}

/// The remote takes no keys at present.
pub struct Deaf;

impl Shells {
    /// Starts the stream; what it tells arrives as facts, its end as the last of them.
    pub fn open(&mut self, gate: Arc<Gate>, stream: Stream, mail: &Mail) {
        self.lines.retain(|_, line| !line.input.is_closed());
        let action = stream.action();
        let (output, shown) = mpsc::channel(OUTPUT_AHEAD);
        let (input, typed) = mpsc::channel(INPUT_AHEAD);
        let size = stream.size().unwrap_or(TerminalSize { columns: 1, rows: 1 });
        let (resize, resized) = watch::channel(size);
        if stream.kind() == StreamKind::Shell {
            self.lines.insert(action, Line { input, size: resize });
        }
        let mail = mail.clone();
        tokio::spawn(async move {
            let io = StreamIo { output, input: typed };
            // A task of its own: whatever the remote does to the emulator, the gate records the end.
            let screen = tokio::spawn(emulator::run(shown, resized, action, mail.clone()));
            let result = gate.stream(stream, io).await;
            if let Err(panic) = screen.await {
                tracing::error!(%panic, "the terminal of a shell broke down");
            }
            let fact = match result {
                Ok(end) => Fact::StreamEnded { action, end },
                Err(error) => Fact::StreamFailed {
                    action,
                    error: error.to_string(),
                },
            };
            mail.send(Happened::Fact(fact)).await;
        });
    }

    /// Never waits: keys for a remote that takes none are lost, and it is said.
    pub fn input(&self, action: u64, input: Input) -> Result<(), Deaf> {
        let Some(line) = self.lines.get(&action) else {
            return Ok(());
        };
        if let Input::Resize(size) = input {
            line.size.send_replace(size);
        }
        match line.input.try_send(input) {
            // A shell that has ended takes its keys with it.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => Err(Deaf),
        }
    }
}
