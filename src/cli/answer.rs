//! How a command ends: 0 good, 1 the answer is no, 2 could not be done, with cause and cure on
//! standard error. Prints to the standard streams, and decides nothing.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

/// How long words wait for a terminal that does not read.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a command found.
pub enum Answer {
    Good,
    /// Not intact, check failed: said on standard output.
    No,
}

impl Answer {
    pub fn good_if(good: bool) -> Self {
        if good { Self::Good } else { Self::No }
    }
}

pub fn exit_code(result: anyhow::Result<Answer>) -> ExitCode {
    match result {
        Ok(Answer::Good) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if standard error is closed.
            let _ = say_within(PATIENCE, format!("kglass: {error:#}\n"));
            ExitCode::from(2)
        }
    }
}

/// `kglass audit show | head` is not a failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// Writes text and a closing newline to standard output.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

/// Writes a line to standard error: what is to be known, although the command did what it should.
/// A terminal that does not read is not waited for: nothing must keep a program from leaving.
pub fn complain(text: &str) -> anyhow::Result<()> {
    Ok(say_within(PATIENCE, format!("kglass: {text}\n"))?)
}

/// On a thread that is left behind if it does not come back.
fn say_within(patience: Duration, text: String) -> io::Result<()> {
    let (done, written) = mpsc::channel();
    std::thread::Builder::new().name("kglass-words".into()).spawn(move || {
        // Nobody waits any more if it took too long.
        let _ = done.send(io::stderr().write_all(text.as_bytes()));
    })?;
    written.recv_timeout(patience).unwrap_or(Ok(()))
}
