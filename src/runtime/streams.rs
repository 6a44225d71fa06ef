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
    /// It was said that keys are lost, and the remote has not caught up since.
    is_deaf: bool,
}

/// The remote takes no keys from here on.
#[derive(Debug)]
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
            self.lines.insert(action, Line::new(input, resize));
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

    /// Never waits: keys for a remote that takes none are lost. It is said once, not for each key,
    /// and again only after the remote has taken half of what waited for it.
    pub fn input(&mut self, action: u64, input: Input) -> Result<(), Deaf> {
        match self.lines.get_mut(&action) {
            Some(line) => line.input(input),
            None => Ok(()),
        }
    }
}

impl Line {
    fn new(input: mpsc::Sender<Input>, size: watch::Sender<TerminalSize>) -> Self {
        Self {
            input,
            size,
            is_deaf: false,
        }
    }

    fn input(&mut self, input: Input) -> Result<(), Deaf> {
        if let Input::Resize(size) = input {
            self.size.send_replace(size);
        }
        if self.input.capacity() >= INPUT_AHEAD / 2 {
            self.is_deaf = false;
        }
        match self.input.try_send(input) {
            // A shell that has ended takes its keys with it.
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) if std::mem::replace(&mut self.is_deaf, true) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => Err(Deaf),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Input {
        Input::Bytes(b"k".to_vec())
    }

    #[test]
    fn ten_thousand_lost_keys_are_one_notice_until_the_remote_has_caught_up() {
        let mut shells = Shells::default();
        let (input, mut typed) = mpsc::channel(INPUT_AHEAD);
        let (size, _) = watch::channel(TerminalSize { columns: 1, rows: 1 });
        shells.lines.insert(7, Line::new(input, size));
        let mut notices = |keys: usize| (0..keys).filter(|_| shells.input(7, key()).is_err()).count();
        assert_eq!(notices(10_000), 1);
        typed.try_recv().expect("a key waits");
        assert_eq!(notices(10_000), 0, "a remote that takes one key has not caught up");
        while typed.try_recv().is_ok() {}
        assert_eq!(notices(10_000), 1);
    }
}
