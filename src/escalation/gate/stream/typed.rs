//! What is typed into a shell, line by line, where the policy asks for it: recorded before it is
//! sent. Without that policy nothing of it is kept, not even for a moment.

use super::job::Job;
use crate::audit::{Event, Typed};
use crate::escalation::GateError;
use crate::escalation::policy::RecordInput;

/// A line is cut here; the rest becomes the next.
const LONGEST: usize = 4096;

pub(super) struct Typing<'j> {
    job: &'j Job<'j>,
    /// None where the policy does not record input.
    line: Option<Vec<u8>>,
}

impl<'j> Typing<'j> {
    pub(super) fn new(job: &'j Job<'j>) -> Self {
        let wanted = job.gate.settings.policy.record_input == RecordInput::Lines;
        Self {
            job,
            line: wanted.then(Vec::new),
        }
    }

    /// To be called before `bytes` are sent: whatever ends a line is durable then.
    pub(super) async fn record(&mut self, bytes: &[u8]) -> Result<(), GateError> {
        let Some(line) = &mut self.line else { return Ok(()) };
        let mut whole = Vec::new();
        for byte in bytes {
            line.push(*byte);
            // Enter, ctrl-c, ctrl-d, ctrl-z.
            if matches!(byte, b'\r' | b'\n' | 3 | 4 | 26) || line.len() >= LONGEST {
                whole.push(std::mem::take(line));
            }
        }
        for line in whole {
            let typed = Typed {
                action: self.job.action,
                line: spelt(&line),
            };
            self.job.record(Event::Typed(typed)).await?;
        }
        Ok(())
    }
}

/// Control keys as people write them: `ls^M`, `^C`.
fn spelt(bytes: &[u8]) -> String {
    let mut text = String::new();
    for c in String::from_utf8_lossy(bytes).chars() {
        match c {
            '\0'..='\u{1f}' => text.extend(['^', char::from(c as u8 ^ 0x40)]),
            '\u{7f}' => text.push_str("^?"),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::spelt;

    #[test]
    fn control_keys_are_spelt_out() {
        assert_eq!(spelt(b"ls -l\r"), "ls -l^M");
        assert_eq!(spelt(b"\x1b[A\x03"), "^[[A^C");
        assert_eq!(spelt("gr\u{fc}n\x7f".as_bytes()), "gr\u{fc}n^?");
    }
}
