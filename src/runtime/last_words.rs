//! What is said on standard error when the screen is gone. A terminal that does not read must not keep
//! the program from leaving.

use std::io::{self, Write};
use std::sync::mpsc;
use std::time::Duration;

/// On a thread that is left behind if it does not come back.
pub fn say_within(patience: Duration, text: String) -> io::Result<()> {
    let (done, written) = mpsc::channel();
    std::thread::Builder::new().name("kglass-words".into()).spawn(move || {
        // Nobody waits any more if it took too long.
        let _ = done.send(io::stderr().write_all(text.as_bytes()));
    })?;
    written.recv_timeout(patience).unwrap_or(Ok(()))
}
