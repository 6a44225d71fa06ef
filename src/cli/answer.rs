//! How a command ends: 0 good, 1 the answer is no, 2 could not be done, with cause and cure on
//! standard error. Prints to the standard streams, and decides nothing.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use crate::model::term_safe::clean;
use crate::runtime::say_within;

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
            let _ = say_within(PATIENCE, format!("kglass: {}\n", safe(&format!("{error:#}"))));
            ExitCode::from(2)
        }
    }
}

/// Help, or a wrong command line: told as clap does. Only where a terminal would obey what was typed
/// is it told without colours.
pub fn misused(error: &clap::Error) -> ExitCode {
    let is_harmless = |word: OsString| clean(&word.to_string_lossy()) == word.to_string_lossy();
    // Nobody is left to tell if the stream is closed.
    let _ = if std::env::args_os().all(is_harmless) {
        error.print()
    } else {
        say_within(PATIENCE, safe(&error.render().to_string()))
    };
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
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
    Ok(say_within(PATIENCE, format!("kglass: {}\n", safe(text)))?)
}

/// Writes to standard error what is good to know when the screen is gone; waits no longer than that.
pub fn bid_farewell(text: &str) -> anyhow::Result<()> {
    Ok(say_within(PATIENCE, format!("{}\n", safe(text)))?)
}

/// What was typed, or is the name of a file, comes back in messages: line by line, nothing that a
/// terminal would obey.
fn safe(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(clean).collect();
    lines.join("\n")
}
