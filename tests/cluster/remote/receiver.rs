//! One receiver of either kind, with its land: what a storm does to it is the same.

use std::process::Child;
use std::time::Duration;

use kglass::audit::sinks::{SinkConfig, SinkKind};
use rustix::process::{Pid, Signal, kill_process};

use super::land::Land;
use super::rsyslog::{Rsyslog, Secured};
use super::webhook::Webhook;

pub struct Receiver {
    pub name: &'static str,
    pub land: Land,
    program: Program,
    process: Option<Child>,
}

enum Program {
    Rsyslog(Rsyslog),
    Webhook(Webhook),
}

impl Receiver {
    pub fn rsyslog(name: &'static str, secured: Secured) -> Self {
        let land = Land::new();
        let program = Program::Rsyslog(Rsyslog::new(&land, secured));
        Self::started(name, land, program)
    }

    pub fn webhook(name: &'static str) -> Self {
        let land = Land::new();
        let program = Program::Webhook(Webhook::new(&land));
        Self::started(name, land, program)
    }

    fn started(name: &'static str, land: Land, program: Program) -> Self {
        let mut receiver = Self {
            name,
            land,
            program,
            process: None,
        };
        receiver.start();
        receiver
    }

    pub fn start(&mut self) {
        let mut command = match &self.program {
            Program::Rsyslog(rsyslog) => rsyslog.command(&self.land),
            Program::Webhook(_) => Webhook::command(&self.land),
        };
        self.process = Some(command.spawn().expect("the receiver starts"));
    }

    /// SIGKILL: it gets to do nothing any more.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("it runs");
            process.wait().expect("it is dead");
        }
    }

    /// SIGTERM, as a restart by an administrator; waits until it is gone.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let pid = Pid::from_child(&process);
            kill_process(pid, Signal::TERM).expect("it runs");
            process.wait().expect("it ends");
        }
    }

    pub fn config(&self) -> SinkConfig {
        SinkConfig {
            name: self.name.into(),
            kind: self.kind(),
            required: true,
            patience: Duration::from_secs(2),
        }
    }

    fn kind(&self) -> SinkKind {
        match &self.program {
            Program::Rsyslog(rsyslog) => rsyslog.kind(&self.land),
            Program::Webhook(webhook) => webhook.kind(&self.land),
        }
    }

    /// What it has written, as it is.
    pub fn received(&self) -> String {
        let bytes = std::fs::read(self.land.disk.join("received")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.kill();
    }
}
