//! Signals as values: which of them ask the program to leave, to stop, or to draw anew.

use std::io;

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

pub enum Signal {
    /// SIGTERM, SIGHUP, SIGINT, SIGQUIT.
    Leave(&'static str),
    /// SIGTSTP.
    Suspend,
    /// SIGCONT.
    Resumed,
}

pub struct Signals {
    term: Stream,
    hangup: Stream,
    interrupt: Stream,
    quit: Stream,
    stop: Stream,
    resume: Stream,
}

impl Signals {
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            resume: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    pub async fn next(&mut self) -> Signal {
        // What asks to leave comes first: stopped and told to leave, one goes on and leaves.
        tokio::select! {
            biased;
            _ = self.term.recv() => Signal::Leave("SIGTERM"),
            _ = self.hangup.recv() => Signal::Leave("SIGHUP"),
            _ = self.interrupt.recv() => Signal::Leave("SIGINT"),
            _ = self.quit.recv() => Signal::Leave("SIGQUIT"),
            _ = self.stop.recv() => Signal::Suspend,
            _ = self.resume.recv() => Signal::Resumed,
        }
    }
}
