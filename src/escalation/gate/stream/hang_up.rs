//! The last thing a shell hears. A kubelet does not hang up the terminal when its client has gone:
//! the shell and what it runs would stay in the pod for ever. So they are interrupted and told that
//! the input has ended, for a moment, before the socket is dropped. Never waits longer, and never
//! sends anything after the deadline: streams are cut a little ahead of it.

use std::time::Duration;

use super::frames::{STATUS, STDIN};
use super::socket::{Receiver, Sender};
use crate::escalation::gate::clock::boot_ms;

/// All of it. The cut as a whole has a second, and an end by a signal two for everything.
const LIMIT_MS: u64 = 200;
/// How long before the deadline streams are cut, so that there is time to hang up.
pub(super) const AHEAD_MS: u64 = LIMIT_MS + 50;
const PAUSE: Duration = Duration::from_millis(25);

/// Interrupt the program, end the shell behind it; again for a shell in a shell; quit what ignores
/// an interrupt, and end twice what warns of stopped jobs first. The interrupt goes first because the
/// terminal then drops what was typed and not taken: an end of input alone would hand it over.
/// Typing `exit` was rejected: in an editor it would be text.
const KNOCKS: [&[u8]; 7] = [b"\x03", b"\x04", b"\x03", b"\x04", b"\x1c", b"\x04", b"\x04"];

/// What there is time for.
pub(super) fn time(deadline: u64) -> Duration {
    Duration::from_millis(LIMIT_MS.min(deadline.saturating_sub(boot_ms())))
}

/// Whether the shell said within this time that it has ended. What it had put into the background
/// may go on all the same.
pub(super) async fn hang_up(sender: &mut Sender, receiver: &mut Receiver, time: Duration) -> bool {
    if time.is_zero() {
        return false;
    }
    let knocking = async {
        for knock in KNOCKS {
            // A far end that takes nothing, or is gone, is dropped a moment later.
            if sender.send(STDIN, knock).await.is_err() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        std::future::pending().await
    };
    let hearing = async {
        // What it still writes is nobody's any more.
        while let Some(Ok(frame)) = receiver.next().await {
            if frame.channel == STATUS && !frame.data.is_empty() {
                return true;
            }
        }
        false
    };
    let both = async {
        tokio::select! {
            ended = hearing => ended,
            ended = knocking => ended,
        }
    };
    tokio::time::timeout(time, both).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_deadline_there_is_no_time_to_send_anything() {
        let now = boot_ms();
        assert_eq!(time(now + 60_000), Duration::from_millis(LIMIT_MS));
        assert!(time(now + 20) <= Duration::from_millis(20));
        assert_eq!(time(now.saturating_sub(1)), Duration::ZERO);
        assert_eq!(time(0), Duration::ZERO);
    }

    #[test]
    fn all_knocks_fit_into_the_time() {
        let all = PAUSE * KNOCKS.len() as u32;
        assert!(all < Duration::from_millis(LIMIT_MS) && LIMIT_MS < AHEAD_MS);
    }
}
