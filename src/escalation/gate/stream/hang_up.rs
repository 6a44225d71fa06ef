//! The last thing a cut shell hears. A kubelet does not hang up the terminal when its client has
//! gone: the shell and what it runs would stay in the pod for ever. So they are interrupted and told
//! that the input has ended, for a moment, before the socket is dropped. Never waits longer.

use std::time::Duration;

use super::frames::{Exit, STATUS, STDIN, exit};
use super::socket::{Receiver, Sender};

/// All of it. The cut as a whole has a second.
const LIMIT: Duration = Duration::from_millis(200);
const PAUSE: Duration = Duration::from_millis(25);

/// Interrupt the program, end the shell behind it; again for a shell in a shell; and quit what
/// ignores an interrupt.
const KNOCKS: [&[u8]; 6] = [b"\x03", b"\x04", b"\x03", b"\x04", b"\x1c", b"\x04"];

/// How it ended, if it did so in time.
pub(super) async fn hang_up(sender: &mut Sender, receiver: &mut Receiver) -> Option<Exit> {
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
                return Some(exit(&frame.data));
            }
        }
        None
    };
    let both = async {
        tokio::select! {
            ended = hearing => ended,
            ended = knocking => ended,
        }
    };
    tokio::time::timeout(LIMIT, both).await.unwrap_or_default()
}
